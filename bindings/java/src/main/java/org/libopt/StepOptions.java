// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** How a step is made. May be used for any number of steps. */
public final class StepOptions {
  boolean zeroGrads;
  boolean sum;
  GradientWork work;
  boolean reports;

  /** Makes options that ask for nothing. */
  public StepOptions() {}

  /**
   * Zeroes each gradient buffer in the same pass over memory.
   *
   * @param on whether to
   * @return these options
   */
  public StepOptions zeroGrads(boolean on) {
    zeroGrads = on;
    return this;
  }

  /**
   * Steps with the sum of accumulated gradients, not their mean.
   *
   * @param on whether to
   * @return these options
   */
  public StepOptions sum(boolean on) {
    sum = on;
    return this;
  }

  /**
   * Has work done on the gradients first.
   *
   * @param work as it is when the step is made; null: none
   * @return these options
   */
  public StepOptions work(GradientWork work) {
    this.work = work;
    return this;
  }

  /**
   * Makes a step return a report, which costs a norm.
   *
   * @param on whether to
   * @return these options
   */
  public StepOptions reports(boolean on) {
    reports = on;
    return this;
  }

  long flags() {
    return (zeroGrads ? NativeConstants.OPT_STEP_ZERO_GRADS : 0) | (sum ? NativeConstants.OPT_STEP_SUM : 0);
  }
}
