// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;

/** The calls of an optimizer that take gradients, for its class to inherit. */
abstract class Stepping extends SavedState {
  Stepping() {}

  /** Makes one step over every tensor that has a gradient, with the retained buffers. */
  public void step() {
    try {
      Native.opt_step_retained(handle());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Makes one step.
   *
   * @param args what is lent to it, and how it is made
   * @throws OptException {@link Status#STATE} (a gradient but no parameters, or lent gradients while
   *     accumulated ones wait), {@link Status#OVERLAP}, {@link Status#BUSY}
   */
  public void step(StepArgs args) {
    args.call(self(), StepArgs.STEP, 0);
  }

  /**
   * Adds the retained gradients to accumulators, for a later step with their mean.
   *
   * @param samples number of samples in this micro-batch, at least 1
   */
  public void accumulate(long samples) {
    accumulate(samples, new StepArgs());
  }

  /**
   * Adds gradients to accumulators, for a later step with their mean, or sum. The mean divides by the
   * samples of all calls.
   *
   * @param samples number of samples in this micro-batch, at least 1
   * @param args what is lent, and whether the gradients are zeroed or are means themselves
   * @throws OptException {@link Status#ARGUMENT} (samples)
   */
  public void accumulate(long samples, StepArgs args) {
    args.call(self(), StepArgs.ACCUMULATE, samples);
  }

  /** Forgets what was accumulated since the last step. */
  public void discard() {
    try {
      Native.opt_discard(handle());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Sets the retained gradients to zero. */
  public void zeroGrad() {
    zeroGrad(new StepArgs());
  }

  /**
   * Sets the lent gradients to zero.
   *
   * @param args what is lent; nothing: the retained gradients
   */
  public void zeroGrad(StepArgs args) {
    args.call(self(), StepArgs.ZERO_GRAD, 0);
  }
}
