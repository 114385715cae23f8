// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Objects;

/**
 * Work on the gradients before the update rule sees them, in this order: divide by a loss scale,
 * clip each element, clip each tensor, clip all. What is not set is not done.
 */
public final class GradientWork {
  /** How a call treats Inf and NaN among the gradients. */
  public enum Nonfinite {
    /** Nothing, at no cost. */
    PROPAGATE,
    /** Throws {@link Status#NONFINITE}; nothing has changed. */
    ERROR,
    /** Skips the step; {@link OptimizerInfo#skipped()} counts it. */
    SKIP
  }

  /** Which norm. */
  public enum Norm {
    /** Square root of the sum of squares. */
    TWO,
    /** Largest absolute value. */
    INF
  }

  private static final GradientWork NONE = new GradientWork();

  private double lossScale;
  private double maxValue;
  private double maxTensorNorm;
  private double maxNorm;
  private boolean perGroup;
  private Norm norm = Norm.TWO;
  private Nonfinite nonfinite = Nonfinite.PROPAGATE;

  /** Makes work that does nothing. */
  public GradientWork() {}

  /**
   * Divides the gradients, which are those of the scaled loss.
   *
   * @param scale finite, more than 0; 0: not at all
   * @return this work
   */
  public GradientWork lossScale(double scale) {
    lossScale = scale;
    return this;
  }

  /**
   * Clips each element to [-max, max], as torch's clip_grad_value_.
   *
   * @param max more than 0; 0: not at all
   * @return this work
   */
  public GradientWork maxValue(double max) {
    maxValue = max;
    return this;
  }

  /**
   * Clips each tensor by its own norm.
   *
   * @param max more than 0; 0: not at all
   * @return this work
   */
  public GradientWork maxTensorNorm(double max) {
    maxTensorNorm = max;
    return this;
  }

  /**
   * Clips by the norm over all tensors, as torch's clip_grad_norm_.
   *
   * @param max more than 0; 0: not at all
   * @return this work
   */
  public GradientWork maxNorm(double max) {
    maxNorm = max;
    return this;
  }

  /**
   * Lets {@link #maxNorm} bound the norm of each group by itself.
   *
   * @param on whether to
   * @return this work
   */
  public GradientWork perGroup(boolean on) {
    perGroup = on;
    return this;
  }

  /**
   * Chooses the norm of both clips and of the report.
   *
   * @param norm at first {@link Norm#TWO}
   * @return this work
   */
  public GradientWork norm(Norm norm) {
    this.norm = Objects.requireNonNull(norm, "norm");
    return this;
  }

  /**
   * Chooses what to do about Inf and NaN.
   *
   * @param nonfinite at first {@link Nonfinite#PROPAGATE}
   * @return this work
   */
  public GradientWork nonfinite(Nonfinite nonfinite) {
    this.nonfinite = Objects.requireNonNull(nonfinite, "nonfinite");
    return this;
  }

  /** Passes the work to do to a call; null: none. */
  static void setOn(StepCall call, GradientWork work, boolean reports) {
    GradientWork done = work != null ? work : NONE;
    call.set_work(
        done.perGroup ? NativeConstants.OPT_GRAD_WORK_CLIP_PER_GROUP : 0,
        done.lossScale,
        done.maxValue,
        done.maxTensorNorm,
        done.maxNorm,
        done.norm.ordinal(),
        done.nonfinite.ordinal(),
        reports);
  }
}
