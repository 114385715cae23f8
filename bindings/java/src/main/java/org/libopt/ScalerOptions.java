// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** How a loss scaler is set up; what is not set is as in torch.cuda.amp.GradScaler. */
public final class ScalerOptions {
  private double initialScale;
  private double growthFactor;
  private double backoffFactor;
  private long growthInterval;

  /** Makes options with the defaults. */
  public ScalerOptions() {}

  /**
   * Sets the scale at first.
   *
   * @param scale more than 0; 0: 65536
   * @return these options
   */
  public ScalerOptions initialScale(double scale) {
    initialScale = scale;
    return this;
  }

  /**
   * Sets the factor of the scale after {@link #growthInterval} good steps.
   *
   * @param factor more than 1; 0: 2
   * @return these options
   */
  public ScalerOptions growthFactor(double factor) {
    growthFactor = factor;
    return this;
  }

  /**
   * Sets the factor of the scale after a step with Inf or NaN.
   *
   * @param factor between 0 and 1; 0: 0.5
   * @return these options
   */
  public ScalerOptions backoffFactor(double factor) {
    backoffFactor = factor;
    return this;
  }

  /**
   * Sets the good steps in a row until the scale grows.
   *
   * @param steps at least 1; 0: 2000
   * @return these options
   */
  public ScalerOptions growthInterval(long steps) {
    growthInterval = steps;
    return this;
  }

  void start(long handle) {
    Native.opt_scaler_start_with(
        handle, initialScale, growthFactor, backoffFactor, growthInterval);
  }
}
