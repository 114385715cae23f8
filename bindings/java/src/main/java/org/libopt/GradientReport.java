// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Arrays;

/** Norms of the gradients of a call, and its effect on them. */
public final class GradientReport {
  private final boolean skipped;
  private final double norm;
  private final double factor;
  private final Tensor nonfiniteTensor;
  private final double[] groupNorms;

  GradientReport(StepCall call, Optimizer optimizer) {
    skipped = call.skipped();
    norm = call.norm();
    factor = call.factor();
    nonfiniteTensor = optimizer.tensorAt(call.nonfinite_tensor());
    groupNorms = new double[optimizer.info().groupCount()];
    for (int i = 0; i < groupNorms.length; ++i) {
      groupNorms[i] = call.group_norm(i);
    }
  }

  /**
   * Returns whether the step was skipped because of Inf or NaN.
   *
   * @return true if it was
   */
  public boolean isSkipped() {
    return skipped;
  }

  /**
   * Returns the norm over all tensors before it was clipped.
   *
   * @return what torch's clip_grad_norm_ returns
   */
  public double norm() {
    return norm;
  }

  /**
   * Returns what the gradients were multiplied by to clip their norm.
   *
   * @return 1: nothing; per group the smallest
   */
  public double factor() {
    return factor;
  }

  /**
   * Finds Inf and NaN.
   *
   * @return the first tensor that has some; null: every gradient is finite
   */
  public Tensor nonfiniteTensor() {
    return nonfiniteTensor;
  }

  /**
   * Returns the norm of each group.
   *
   * @return norms by group index
   */
  public double[] groupNorms() {
    return groupNorms.clone();
  }

  @Override
  public String toString() {
    return "norm " + norm + ", factor " + factor + ", norms of groups "
        + Arrays.toString(groupNorms)
        + (nonfiniteTensor == null ? "" : ", Inf or NaN in '" + nonfiniteTensor.name() + "'")
        + (skipped ? ", skipped" : "");
  }
}
