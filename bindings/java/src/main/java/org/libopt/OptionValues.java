// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;

/** The options of one group or of all, for their owner's class to inherit. */
abstract class OptionValues<T extends OptionValues<T>> {
  OptionValues() {}

  /** The optimizer's handle, if it is open. */
  abstract long handle();

  /** The group's index. */
  abstract int scope();

  abstract T self();

  /**
   * Sets an option; it acts from the next step on. An optimizer sets it in every group, and in those
   * to come.
   *
   * @param option a name such as {@link Names#LR}
   * @param value within the option's range
   * @return this object
   * @throws OptException {@link Status#NAME}, {@link Status#VALUE}, or {@link Status#STATE} (it
   *     would change the state layout of attached tensors)
   */
  public T set(String option, double value) {
    Objects.requireNonNull(option, "option");
    try {
      Native.opt_set(handle(), scope(), option, value);
    } finally {
      Reference.reachabilityFence(this);
    }
    return self();
  }

  /**
   * Sets several options, or none if one of them cannot be.
   *
   * @param options values by name
   * @return this object
   * @throws OptException as {@link #set(String, double)}
   */
  public T set(Map<String, Double> options) {
    Deque<Runnable> undo = new ArrayDeque<>(); // the latest first
    try {
      for (Map.Entry<String, Double> option : options.entrySet()) {
        Runnable before = restorer(option.getKey());
        set(option.getKey(), option.getValue());
        undo.push(before);
      }
    } catch (RuntimeException | Error e) {
      undo.forEach(Runnable::run);
      throw e;
    }
    return self();
  }

  /** Gives an option the values that it has now. */
  Runnable restorer(String option) {
    double old = get(option);
    return () -> set(option, old);
  }

  /**
   * Reads an option; of an optimizer the value that new groups copy.
   *
   * @param option a name such as {@link Names#LR}
   * @return its value
   * @throws OptException {@link Status#NAME}
   */
  public double get(String option) {
    Objects.requireNonNull(option, "option");
    double[] value = new double[1];
    try {
      Native.opt_get(handle(), scope(), option, value);
    } finally {
      Reference.reachabilityFence(this);
    }
    return value[0];
  }

  /**
   * Sets every option to the values of a preset.
   *
   * @param preset a name such as {@link Names#PRESET_PYTORCH}
   * @return this object
   * @throws OptException as {@link #set(String, double)}
   */
  public T preset(String preset) {
    Objects.requireNonNull(preset, "preset");
    try {
      Native.opt_set_preset(handle(), scope(), preset);
    } finally {
      Reference.reachabilityFence(this);
    }
    return self();
  }

  /**
   * Schedules an option from the next step on; its own value stays the base. An optimizer schedules
   * it in every group, and in those to come.
   *
   * @param option a name such as {@link Names#LR}, of a number
   * @param schedule copied; null: none any more
   * @return this object
   * @throws OptException {@link Status#NAME}, {@link Status#ARGUMENT} (cannot be scheduled), {@link
   *     Status#STATE} (a required option of the schedule is not set)
   */
  public T schedule(String option, Schedule schedule) {
    Objects.requireNonNull(option, "option");
    try {
      if (schedule == null) {
        Native.opt_remove_schedule(handle(), scope(), option);
      } else {
        Native.opt_set_schedule(handle(), scope(), option, schedule.copied());
      }
    } finally {
      Reference.reachabilityFence(schedule);
      Reference.reachabilityFence(this);
    }
    return self();
  }

  /**
   * Copies the schedule of an option.
   *
   * @param option a name such as {@link Names#LR}
   * @return a schedule to be closed, or null if there is none
   * @throws OptException {@link Status#NAME}
   */
  public Schedule copySchedule(String option) {
    Objects.requireNonNull(option, "option");
    long[] made = new long[1];
    try {
      Native.opt_copy_schedule(handle(), scope(), option, made);
    } finally {
      Reference.reachabilityFence(this);
    }
    return made[0] == 0 ? null : new Schedule(made[0]);
  }

  /**
   * Tells the value of an option that the next step uses.
   *
   * @param option a name such as {@link Names#LR}
   * @return the schedule's value, or the option's own if it has none
   * @throws OptException {@link Status#NAME}, {@link Status#VALUE} (out of the option's range)
   */
  public double scheduled(String option) {
    Objects.requireNonNull(option, "option");
    double[] value = new double[1];
    try {
      Native.opt_get_scheduled(handle(), scope(), option, value);
    } finally {
      Reference.reachabilityFence(this);
    }
    return value[0];
  }

  /**
   * Feeds a metric, such as an epoch's validation loss, to every plateau schedule.
   *
   * @param metric NaN is no better than anything
   * @return this object
   */
  public T reportMetric(double metric) {
    try {
      Native.opt_report_metric(handle(), scope(), metric);
    } finally {
      Reference.reachabilityFence(this);
    }
    return self();
  }
}
