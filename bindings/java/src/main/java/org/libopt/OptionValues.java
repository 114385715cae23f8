// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.util.LinkedHashMap;
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
    Map<String, Double> before = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Double> option : options.entrySet()) {
        double old = get(option.getKey());
        set(option.getKey(), option.getValue());
        before.put(option.getKey(), old);
      }
    } catch (RuntimeException | Error e) {
      before.forEach(this::set);
      throw e;
    }
    return self();
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
}
