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
   * @return what the gradients were like; null if {@link StepArgs#reports} is not set
   * @throws OptException {@link Status#STATE} (a gradient but no parameters, or lent gradients while
   *     accumulated ones wait), {@link Status#OVERLAP}, {@link Status#BUSY}
   */
  public GradReport step(StepArgs args) {
    return args.call(self(), StepArgs.STEP, 0);
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

  /**
   * Measures the gradients that a step would use; changes nothing.
   *
   * @param args what is lent, and the work that comes before
   * @return norms, and whether there is Inf or NaN
   * @throws OptException {@link Status#NONFINITE}, {@link Status#STATE}
   */
  public GradReport gradNorm(StepArgs args) {
    return args.call(self(), StepArgs.GRAD_NORM, 0);
  }

  /**
   * Does the work on the gradients themselves, in place.
   *
   * @param args what is lent, and the work
   * @return what they were like
   * @throws OptException {@link Status#NONFINITE}, {@link Status#STATE} (accumulated gradients wait,
   *     or a loss scaler is active)
   */
  public GradReport clipGrads(StepArgs args) {
    return args.call(self(), StepArgs.CLIP_GRADS, 0);
  }

  /** Starts dynamic loss scaling with the defaults of torch.cuda.amp.GradScaler. */
  public void startScaler() {
    startScaler(0, 0, 0, 0);
  }

  /**
   * Starts dynamic loss scaling: each step divides by the scale, is skipped if there is Inf or NaN,
   * and updates the scale.
   *
   * @param initialScale more than 0; 0: 65536
   * @param growthFactor more than 1; 0: 2
   * @param backoffFactor between 0 and 1; 0: 0.5
   * @param growthInterval steps, at least 1; 0: 2000
   * @throws OptException {@link Status#ARGUMENT}
   */
  public void startScaler(
      double initialScale, double growthFactor, double backoffFactor, long growthInterval) {
    try {
      Native.opt_scaler_start_with(
          handle(), initialScale, growthFactor, backoffFactor, growthInterval);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Ends loss scaling; without a scaler it does nothing. */
  public void stopScaler() {
    try {
      Native.opt_scaler_stop(handle());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Describes the loss scaler as it is now.
   *
   * @return its scale and counts
   */
  public ScalerInfo scaler() {
    try (opt_scaler_info info = new opt_scaler_info()) {
      Native.opt_scaler_get(handle(), info);
      return new ScalerInfo(info);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
