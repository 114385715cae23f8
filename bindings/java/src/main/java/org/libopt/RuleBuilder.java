// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Describes an optimizer: what the builder of each rule, such as {@link AdamW.Builder}, inherits.
 *
 * @param <B> the builder's own class
 */
public abstract class RuleBuilder<B extends RuleBuilder<B>> {
  private final String rule;
  private final Map<String, Double> options = new LinkedHashMap<>();
  private Context context;
  private String preset;

  RuleBuilder(String rule) {
    this.rule = rule;
  }

  abstract B self();

  String rule() {
    return rule;
  }

  String preset() {
    return preset;
  }

  /**
   * Starts from the values of a preset; options that are set, before or after, are kept.
   *
   * @param preset a name such as {@link Names#PRESET_PYTORCH}
   * @return this builder
   */
  public B preset(String preset) {
    this.preset = Objects.requireNonNull(preset, "preset");
    return self();
  }

  /**
   * Sets an option by its name.
   *
   * @param option a name such as {@link Names#LR}
   * @param value within the option's range, which {@link #build} checks
   * @return this builder
   */
  public B set(String option, double value) {
    options.put(Objects.requireNonNull(option, "option"), value);
    return self();
  }

  B choose(String option, Enum<?> choice) {
    return set(option, Objects.requireNonNull(choice, option).ordinal());
  }

  /**
   * Sets options by their names.
   *
   * @param values values by name
   * @return this builder
   */
  public B set(Map<String, Double> values) {
    Objects.requireNonNull(values, "values").forEach(this::set);
    return self();
  }

  /**
   * Takes threads and SIMD instructions from a context, not the default one.
   *
   * @param context an open context
   * @return this builder
   */
  public B context(Context context) {
    this.context = Objects.requireNonNull(context, "context");
    return self();
  }

  /**
   * Returns the options that were set.
   *
   * @return values by name
   */
  public Map<String, Double> options() {
    return new LinkedHashMap<>(options);
  }

  /**
   * Creates the optimizer.
   *
   * @return a new optimizer with one group and no tensors
   * @throws OptException {@link Status#VALUE} or {@link Status#NAME}, of an option or preset
   */
  public Optimizer build() {
    return build(context != null ? context : Context.getDefault(), rule, preset, options);
  }

  @Override
  public String toString() {
    return rule + (preset == null ? " " : " of preset " + preset + " ") + options;
  }

  static Optimizer build(
      Context context, String rule, String preset, Map<String, Double> options) {
    Optimizer optimizer = Optimizer.create(context, rule);
    try {
      optimizer.allGroups().set(preset, options);
      return optimizer;
    } catch (RuntimeException | Error e) {
      optimizer.close();
      throw e;
    }
  }

  /** The arguments of a call that sets options all at once; the preset may be null. */
  static OptionList list(String preset, Map<String, Double> options) {
    OptionList list = new OptionList();
    try {
      if (preset != null) {
        list.set_preset(preset);
      }
      options.forEach(
          (option, value) ->
              list.add(
                  Objects.requireNonNull(option, "option"),
                  Objects.requireNonNull(value, () -> "value of '" + option + "'")));
      return list;
    } catch (RuntimeException | Error e) {
      list.close();
      throw e;
    }
  }
}
