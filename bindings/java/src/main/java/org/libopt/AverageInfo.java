// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** How parameters are averaged, as it was when {@link Optimizer#average()} was called. */
public final class AverageInfo {
  private final AverageOptions.Kind kind;
  private final double decay;
  private final long start;
  private final long period;
  private final boolean warmup;
  private final long updates;

  AverageInfo(opt_average_info info) {
    kind = AverageOptions.Kind.of(info.getKind());
    decay = info.getDecay();
    start = info.getStart();
    period = info.getPeriod();
    warmup = (info.getFlags() & NativeConstants.OPT_AVERAGE_WARMUP) != 0;
    updates = info.getUpdates();
  }

  /**
   * Returns which average is kept.
   *
   * @return the kind
   */
  public AverageOptions.Kind kind() {
    return kind;
  }

  /**
   * Returns the decay of a moving average.
   *
   * @return between 0 and 1
   */
  public double decay() {
    return decay;
  }

  /**
   * Counts the steps before the first update.
   *
   * @return at least 0
   */
  public long start() {
    return start;
  }

  /**
   * Counts the steps from one update to the next.
   *
   * @return at least 0
   */
  public long period() {
    return period;
  }

  /**
   * Returns whether the decay of a moving average warms up.
   *
   * @return true if it does
   */
  public boolean isWarmup() {
    return warmup;
  }

  /**
   * Counts the steps that updated the average.
   *
   * @return at least 0
   */
  public long updates() {
    return updates;
  }

  @Override
  public String toString() {
    return kind + ": decay " + decay + ", start " + start + ", period " + period + ", warmup "
        + warmup + ", updates " + updates;
  }
}
