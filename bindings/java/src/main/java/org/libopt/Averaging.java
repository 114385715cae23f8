// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;

/** Weight averages of an optimizer, for its class to inherit. */
abstract class Averaging extends Stepping {
  Averaging() {}

  /**
   * Keeps an exponential moving average of the parameters from now on; {@link Tensor#state} reads
   * it, as {@link Names#SLOT_PARAM_AVERAGE}.
   *
   * @param decay between 0 and 1, such as 0.999
   * @throws OptException {@link Status#VALUE}, {@link Status#STATE} (while swapped)
   */
  public void startAverage(double decay) {
    startAverage(AverageInfo.Kind.EMA, decay, 0, 1, false);
  }

  /**
   * Keeps an average of the parameters from now on.
   *
   * @param kind which average, not {@link AverageInfo.Kind#NONE}
   * @param decay of a moving average: between 0 and 1
   * @param start steps before the first update
   * @param period steps from one update to the next; 0: 1
   * @param warmup of a moving average: leave the first parameters behind sooner
   * @throws OptException {@link Status#ARGUMENT}, {@link Status#VALUE}, {@link Status#STATE}
   */
  public void startAverage(
      AverageInfo.Kind kind, double decay, long start, long period, boolean warmup) {
    // The call may free averages that Tensor.state() reads.
    synchronized (self().session()) {
      Native.opt_average_start_with(
          handle(),
          kind.ordinal(),
          decay,
          start,
          period,
          warmup ? NativeConstants.OPT_AVERAGE_WARMUP : 0);
    }
    Reference.reachabilityFence(this);
  }

  /**
   * Stops averaging and frees the averages.
   *
   * @throws OptException {@link Status#STATE} while swapped
   */
  public void stopAverage() {
    synchronized (self().session()) {
      Native.opt_average_stop(handle());
    }
    Reference.reachabilityFence(this);
  }

  /**
   * Describes the average as it is now.
   *
   * @return its kind and counts
   */
  public AverageInfo average() {
    try (opt_average_info info = new opt_average_info()) {
      Native.opt_average_get(handle(), info);
      return new AverageInfo(info);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Exchanges the retained parameters with their averages; the next call puts them back. */
  public void swapAverage() {
    swapAverage(new StepArgs());
  }

  /**
   * Exchanges the parameters with their averages; the next call puts them back. Meanwhile steps,
   * saves and loads throw {@link Status#STATE}.
   *
   * @param args lent parameters, the same at both calls
   * @throws OptException {@link Status#STATE} (no average is kept, or parameters are missing)
   */
  public void swapAverage(StepArgs args) {
    args.call(self(), StepArgs.AVERAGE_SWAP, 0);
  }
}
