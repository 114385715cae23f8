// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** A loss scaler, described as it was when {@link Optimizer#scaler()} was called. */
public final class ScalerInfo {
  private final double scale;
  private final double growthFactor;
  private final double backoffFactor;
  private final long growthInterval;
  private final long goodSteps;
  private final long skipped;

  ScalerInfo(opt_scaler_info info) {
    scale = info.getScale();
    growthFactor = info.getGrowth_factor();
    backoffFactor = info.getBackoff_factor();
    growthInterval = info.getGrowth_interval();
    goodSteps = info.getGood_steps();
    skipped = info.getSkipped();
  }

  /**
   * Returns the factor for the next loss.
   *
   * @return the scale
   */
  public double scale() {
    return scale;
  }

  /**
   * Returns the factor of the scale after enough good steps.
   *
   * @return more than 1
   */
  public double growthFactor() {
    return growthFactor;
  }

  /**
   * Returns the factor of the scale after a step with Inf or NaN.
   *
   * @return less than 1
   */
  public double backoffFactor() {
    return backoffFactor;
  }

  /**
   * Returns the number of good steps in a row after which the scale grows.
   *
   * @return at least 1
   */
  public long growthInterval() {
    return growthInterval;
  }

  /**
   * Counts the good steps in a row.
   *
   * @return since the scale last changed
   */
  public long goodSteps() {
    return goodSteps;
  }

  /**
   * Counts the steps that were skipped.
   *
   * @return at least 0
   */
  public long skipped() {
    return skipped;
  }

  @Override
  public String toString() {
    return "scale " + scale + ", growth " + growthFactor + " every " + growthInterval
        + ", backoff " + backoffFactor + ", good steps " + goodSteps + ", skipped " + skipped;
  }
}
