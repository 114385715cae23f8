// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** An optimizer, described as it was when {@link Optimizer#info()} was called. */
public final class OptimizerInfo {
  private final String rule;
  private final int groups;
  private final long tensors;
  private final long params;
  private final long stateBytes;
  private final long steps;
  private final long pendingSamples;
  private final long skipped;

  OptimizerInfo(opt_info info) {
    rule = info.getRule();
    groups = info.getGroup_count();
    tensors = info.getTensor_count();
    params = info.getParam_count();
    stateBytes = info.getState_bytes();
    steps = info.getSteps();
    pendingSamples = info.getPending_samples();
    skipped = info.getSkipped();
  }

  /**
   * Names the update rule.
   *
   * @return the rule's own name, also if it was created by an alias
   */
  public String rule() {
    return rule;
  }

  /**
   * Counts the groups.
   *
   * @return at least 1
   */
  public int groups() {
    return groups;
  }

  /**
   * Counts the attached tensors.
   *
   * @return at least 0
   */
  public long tensors() {
    return tensors;
  }

  /**
   * Counts the elements of all attached tensors.
   *
   * @return at least 0
   */
  public long params() {
    return params;
  }

  /**
   * Measures the state.
   *
   * @return bytes, accumulators included
   */
  public long stateBytes() {
    return stateBytes;
  }

  /**
   * Counts the successful steps.
   *
   * @return at least 0
   */
  public long steps() {
    return steps;
  }

  /**
   * Counts the samples accumulated since the last step.
   *
   * @return at least 0
   */
  public long pendingSamples() {
    return pendingSamples;
  }

  /**
   * Counts the steps that were skipped because of Inf or NaN.
   *
   * @return at least 0
   */
  public long skipped() {
    return skipped;
  }

  @Override
  public String toString() {
    return rule
        + (": groups " + groups + ", tensors " + tensors + ", parameters " + params)
        + (", state " + stateBytes + " bytes, steps " + steps + ", skipped " + skipped)
        + (", pending samples " + pendingSamples);
  }
}
