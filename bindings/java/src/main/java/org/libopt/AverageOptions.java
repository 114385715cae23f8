// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Objects;

/** How the parameters are averaged. */
public final class AverageOptions {
  /** Which average. */
  public enum Kind {
    /** An exponential moving average. */
    EMA(NativeConstants.OPT_AVERAGE_EMA),
    /** The mean of the parameters at the updates: stochastic weight averaging. */
    SWA(NativeConstants.OPT_AVERAGE_SWA);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    static Kind of(int code) {
      return code == SWA.code ? SWA : EMA;
    }
  }

  private Kind kind = Kind.EMA;
  private double decay = 0.999;
  private long start;
  private long period = 1;
  private boolean warmup;

  /** Makes options of an exponential moving average with decay 0.999. */
  public AverageOptions() {}

  /**
   * Chooses the average.
   *
   * @param kind at first {@link Kind#EMA}
   * @return these options
   */
  public AverageOptions kind(Kind kind) {
    this.kind = Objects.requireNonNull(kind, "kind");
    return this;
  }

  /**
   * Sets the decay of a moving average: an update adds (1 - decay) * (parameter - average).
   *
   * @param decay between 0 and 1; at first 0.999
   * @return these options
   */
  public AverageOptions decay(double decay) {
    this.decay = decay;
    return this;
  }

  /**
   * Sets how many steps are made before the first update.
   *
   * @param steps at least 0
   * @return these options
   */
  public AverageOptions start(long steps) {
    start = steps;
    return this;
  }

  /**
   * Sets how many steps are made from one update to the next.
   *
   * @param steps at least 1
   * @return these options
   */
  public AverageOptions period(long steps) {
    period = steps;
    return this;
  }

  /**
   * Lets the decay of a moving average grow at first, to leave the first parameters behind sooner.
   *
   * @param on whether to
   * @return these options
   */
  public AverageOptions warmup(boolean on) {
    warmup = on;
    return this;
  }

  void start(Optimizer.Handle handle) {
    Native.opt_average_start_with(
        handle.get(),
        kind.code,
        decay,
        start,
        period,
        warmup ? NativeConstants.OPT_AVERAGE_WARMUP : 0);
  }
}
