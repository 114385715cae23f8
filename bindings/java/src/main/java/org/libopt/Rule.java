// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** An update rule, or an alias of one with other defaults, described. */
public final class Rule {
  /** A state slot: an array with its own shape and type. */
  public static final class Slot {
    private final String name;
    private final String doc;
    private final String whenOption;
    private final SlotShape shape;
    private final DType dtype;
    private final String initialOption;

    private Slot(opt_slot_info info) {
      name = info.getName();
      doc = info.getDoc();
      whenOption = info.getWhen_option();
      shape = SlotShape.of(info.getShape());
      dtype = DType.of(info.getDtype());
      initialOption = info.getInitial_option();
    }

    /**
     * Names the slot.
     *
     * @return PyTorch's name for it, such as "exp_avg"
     */
    public String name() {
      return name;
    }

    /**
     * Returns the meaning.
     *
     * @return one line
     */
    public String doc() {
      return doc;
    }

    /**
     * Returns when the slot exists.
     *
     * @return the option that must not be 0; null: always
     */
    public String whenOption() {
      return whenOption;
    }

    /**
     * Returns the shape.
     *
     * @return {@link SlotShape#PARAM} for that of the parameters
     */
    public SlotShape shape() {
      return shape;
    }

    /**
     * Returns the element type.
     *
     * @return null: that of the parameters ({@link Tensor#paramDType})
     */
    public DType dtype() {
      return dtype;
    }

    /**
     * Returns where the slot starts.
     *
     * @return the option at whose value it starts; "param": it starts as a copy of the parameter,
     *     which is made in the tensor's first step; null: at a constant
     */
    public String initialOption() {
      return initialOption;
    }

    @Override
    public String toString() {
      return name + ": " + doc;
    }
  }

  /** A named set of values for all options. */
  public static final class Preset {
    private final String name;
    private final String doc;

    private Preset(opt_preset_info info) {
      name = info.getName();
      doc = info.getDoc();
    }

    /**
     * Names the preset.
     *
     * @return such as "pytorch"
     */
    public String name() {
      return name;
    }

    /**
     * Returns the description.
     *
     * @return one line
     */
    public String doc() {
      return doc;
    }

    @Override
    public String toString() {
      return name + ": " + doc;
    }
  }

  private final String name;
  private final String summary;
  private final String formula;
  private final String reference;
  private final String rule;
  private final List<Option> options = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final List<Preset> presets = new ArrayList<>();

  private Rule(String name, String summary, opt_rule_info info) {
    this.name = name;
    this.summary = summary != null ? summary : info.getSummary();
    formula = info.getFormula();
    reference = info.getReference();
    rule = info.getName();
    for (int i = 0; i < info.getOption_count(); ++i) {
      try (opt_option_info option = new opt_option_info()) {
        Native.opt_option_at(name, i, option);
        options.add(new Option(option));
      }
    }
    for (int i = 0; i < info.getSlot_count(); ++i) {
      try (opt_slot_info slot = new opt_slot_info()) {
        Native.opt_slot_at(name, i, slot);
        slots.add(new Slot(slot));
      }
    }
    for (int i = 0; i < info.getPreset_count(); ++i) {
      try (opt_preset_info preset = new opt_preset_info()) {
        Native.opt_preset_at(name, i, preset);
        presets.add(new Preset(preset));
      }
    }
  }

  static Rule at(int index) {
    try (opt_rule_info info = new opt_rule_info()) {
      Native.opt_rule_at(index, info);
      return new Rule(info.getName(), null, info);
    }
  }

  static Rule aliasAt(int index) {
    try (opt_alias_info alias = new opt_alias_info();
        opt_rule_info info = new opt_rule_info()) {
      Native.opt_alias_at(index, alias);
      Native.opt_rule_find(alias.getName(), info);
      return new Rule(alias.getName(), alias.getDoc(), info);
    }
  }

  static Rule find(String name) {
    try (opt_rule_info info = new opt_rule_info()) {
      Native.opt_rule_find(name, info);
      return new Rule(info.getName(), null, info);
    }
  }

  /**
   * Names the rule.
   *
   * @return such as "adamw"
   */
  public String name() {
    return name;
  }

  /**
   * Summarizes the rule, or how an alias' defaults differ.
   *
   * @return one sentence
   */
  public String summary() {
    return summary;
  }

  /**
   * Prints the formula.
   *
   * @return plain text, one assignment a line
   */
  public String formula() {
    return formula;
  }

  /**
   * Names the publication.
   *
   * @return authors and year
   */
  public String reference() {
    return reference;
  }

  /**
   * Names the rule itself.
   *
   * @return of an alias the rule that it stands for, else {@link #name()}
   */
  public String rule() {
    return rule;
  }

  /**
   * Lists the options.
   *
   * @return an unmodifiable list
   */
  public List<Option> options() {
    return Collections.unmodifiableList(options);
  }

  /**
   * Lists the state slots.
   *
   * @return an unmodifiable list
   */
  public List<Slot> slots() {
    return Collections.unmodifiableList(slots);
  }

  /**
   * Lists the presets.
   *
   * @return an unmodifiable list; the first is what a new optimizer has
   */
  public List<Preset> presets() {
    return Collections.unmodifiableList(presets);
  }

  /**
   * Returns the value that a preset gives to an option.
   *
   * @param preset a name of {@link #presets()}
   * @param option a name of {@link #options()}
   * @return the value
   * @throws OptException {@link Status#NAME}
   */
  public double presetValue(String preset, String option) {
    double[] value = new double[1];
    Native.opt_preset_value(
        name,
        Objects.requireNonNull(preset, "preset"),
        Objects.requireNonNull(option, "option"),
        value);
    return value[0];
  }

  @Override
  public String toString() {
    return name + ": " + summary;
  }
}
