// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** How gradients are accumulated. May be used for any number of calls. */
public final class AccumulateOptions {
  private boolean means;
  private boolean zeroGrads;

  /** Makes options that ask for nothing. */
  public AccumulateOptions() {}

  /**
   * Says that the gradients are means over the call's samples, as a mean loss gives them, not sums.
   *
   * @param on whether they are
   * @return these options
   */
  public AccumulateOptions means(boolean on) {
    means = on;
    return this;
  }

  /**
   * Zeroes each gradient buffer in the same pass over memory.
   *
   * @param on whether to
   * @return these options
   */
  public AccumulateOptions zeroGrads(boolean on) {
    zeroGrads = on;
    return this;
  }

  long flags() {
    return (means ? NativeConstants.OPT_ACCUMULATE_MEANS : 0)
        | (zeroGrads ? NativeConstants.OPT_ACCUMULATE_ZERO_GRADS : 0);
  }
}
