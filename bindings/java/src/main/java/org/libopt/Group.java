// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.util.Map;
import java.util.Objects;

/**
 * Tensors of an optimizer that have their own option values; or {@link Optimizer#allGroups()},
 * where what is set is set in every group and in those to come. A value acts from the next step on.
 */
public final class Group {
  private final Optimizer optimizer;
  private final int index;

  Group(Optimizer optimizer, int index) {
    this.optimizer = optimizer;
    this.index = index;
  }

  /**
   * Returns the optimizer that it belongs to.
   *
   * @return the optimizer
   */
  public Optimizer optimizer() {
    return optimizer;
  }

  /**
   * Returns the group's number.
   *
   * @return 0 for the first; -1 for {@link Optimizer#allGroups()}
   */
  public int index() {
    return index;
  }

  /**
   * Sets an option.
   *
   * @param option a name such as {@link Names#LR}
   * @param value within the option's range
   * @return this group
   * @throws OptException {@link Status#NAME}, {@link Status#VALUE}, or {@link Status#STATE} (it
   *     would change the state layout of attached tensors)
   */
  public Group set(String option, double value) {
    Objects.requireNonNull(option, "option");
    try {
      Native.opt_set(handle(), index, option, value);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
    return this;
  }

  /**
   * Sets several options, or none if one of them cannot be.
   *
   * @param options values by name
   * @return this group
   * @throws OptException as {@link #set(String, double)}
   */
  public Group set(Map<String, Double> options) {
    return set(null, options);
  }

  /**
   * Sets the options that are set in a rule's builder, and first its preset if it has one: all or
   * none.
   *
   * @param options of the optimizer's rule, such as {@code AdamW.builder().beta1(0.8)}
   * @return this group
   * @throws IllegalArgumentException if it is another rule's
   * @throws OptException as {@link #set(String, double)}
   */
  public Group set(RuleBuilder<?> options) {
    optimizer.checkRule(options);
    return set(options.preset(), options.options());
  }

  Group set(String preset, Map<String, Double> options) {
    Objects.requireNonNull(options, "options");
    try (OptionList list = RuleBuilder.list(preset, options)) {
      list.set(handle(), index);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
    return this;
  }

  /**
   * Reads an option.
   *
   * @param option a name such as {@link Names#LR}
   * @return its own value, which a schedule leaves; of {@link Optimizer#allGroups()} the value that
   *     new groups copy
   * @throws OptException {@link Status#NAME}
   */
  public double get(String option) {
    Objects.requireNonNull(option, "option");
    double[] value = new double[1];
    try {
      Native.opt_get(handle(), index, option, value);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
    return value[0];
  }

  /**
   * Sets every option to the values of a preset.
   *
   * @param preset a name such as {@link Names#PRESET_PYTORCH}
   * @return this group
   * @throws OptException as {@link #set(String, double)}
   */
  public Group setPreset(String preset) {
    Objects.requireNonNull(preset, "preset");
    try {
      Native.opt_set_preset(handle(), index, preset);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
    return this;
  }

  /**
   * Schedules an option from the next step on; its own value stays the base, and {@link
   * #getScheduled} tells the value that moves.
   *
   * @param option a name such as {@link Names#LR}, of a number
   * @param schedule copied; null: none any more
   * @return this group
   * @throws OptException {@link Status#NAME}, {@link Status#ARGUMENT} (cannot be scheduled), {@link
   *     Status#STATE} (a required option of the schedule is not set)
   */
  public Group setSchedule(String option, Schedule schedule) {
    Objects.requireNonNull(option, "option");
    try {
      if (schedule == null) {
        Native.opt_remove_schedule(handle(), index, option);
      } else {
        Native.opt_set_schedule(handle(), index, option, schedule.copied());
      }
    } finally {
      Reference.reachabilityFence(schedule);
      Reference.reachabilityFence(optimizer);
    }
    return this;
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
      Native.opt_copy_schedule(handle(), index, option, made);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
    return made[0] == 0 ? null : new Schedule(made[0]);
  }

  /**
   * Returns the value of an option that the next step uses.
   *
   * @param option a name such as {@link Names#LR}
   * @return the schedule's value, or the option's own if it has none
   * @throws OptException {@link Status#NAME}, {@link Status#VALUE} (out of the option's range)
   */
  public double getScheduled(String option) {
    Objects.requireNonNull(option, "option");
    double[] value = new double[1];
    try {
      Native.opt_get_scheduled(handle(), index, option, value);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
    return value[0];
  }

  /**
   * Feeds a metric, such as an epoch's validation loss, to every plateau schedule of the group.
   *
   * @param metric NaN is no better than anything
   */
  public void reportMetric(double metric) {
    try {
      Native.opt_report_metric(handle(), index, metric);
    } finally {
      Reference.reachabilityFence(optimizer);
    }
  }

  /** Refuses to be a tensor's group: of another optimizer, or {@link Optimizer#allGroups()}. */
  void checkOwner(Optimizer user, String tensor) {
    if (user != optimizer) {
      throw new IllegalArgumentException(
          Region.name(tensor, "group") + ": the group of another optimizer");
    }
    if (index < 0) {
      throw new IllegalArgumentException(
          Region.name(tensor, "group")
              + ": Optimizer.allGroups is not one group; use one of Optimizer.groups, or add one"
              + " with Optimizer.addGroup");
    }
  }

  private long handle() {
    return optimizer.handle().get();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Group
        && ((Group) other).optimizer == optimizer
        && ((Group) other).index == index;
  }

  @Override
  public int hashCode() {
    return 31 * System.identityHashCode(optimizer) + index;
  }

  @Override
  public String toString() {
    return (index < 0 ? "all groups" : "group " + index) + " of rule " + optimizer.ruleName();
  }
}
