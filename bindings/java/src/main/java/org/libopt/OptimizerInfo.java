// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** An optimizer, described as it was when {@link Optimizer#info()} was called. */
public final class OptimizerInfo {
  private final String rule;
  private final int groupCount;
  private final long tensorCount;
  private final long paramCount;
  private final long stateBytes;
  private final long steps;
  private final long pendingSamples;
  private final long skipped;
  private final long remaining;

  OptimizerInfo(opt_info info) {
    rule = info.getRule();
    groupCount = info.getGroup_count();
    tensorCount = info.getTensor_count();
    paramCount = info.getParam_count();
    stateBytes = info.getState_bytes();
    steps = info.getSteps();
    pendingSamples = info.getPending_samples();
    skipped = info.getSkipped();
    remaining = info.getRemaining();
  }

  /**
   * Names the update rule.
   *
   * @return the rule's own name, even if it was created by an alias
   */
  public String rule() {
    return rule;
  }

  /**
   * Counts the groups.
   *
   * @return at least 1
   */
  public int groupCount() {
    return groupCount;
  }

  /**
   * Counts the attached tensors.
   *
   * @return at least 0
   */
  public long tensorCount() {
    return tensorCount;
  }

  /**
   * Counts the elements of all attached tensors.
   *
   * @return at least 0
   */
  public long paramCount() {
    return paramCount;
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

  /**
   * Counts the tensors that have not had their turn in the open step in slices.
   *
   * @return 0 if no step is open
   */
  public long remaining() {
    return remaining;
  }

  @Override
  public String toString() {
    return rule
        + (": groups " + groupCount + ", tensors " + tensorCount + ", parameters " + paramCount)
        + (", state " + stateBytes + " bytes, steps " + steps + ", skipped " + skipped)
        + (", pending samples " + pendingSamples);
  }
}
