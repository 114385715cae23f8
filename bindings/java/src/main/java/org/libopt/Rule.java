// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** An update rule, or an alias of one with other defaults, described. */
public final class Rule {
  private final String name;
  private final String summary;
  private final String formula;
  private final String reference;
  private final String rule;
  private final List<Option> options = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, String> presets = new LinkedHashMap<>();

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
        presets.put(preset.getName(), preset.getDoc());
      }
    }
  }

  /**
   * Lists the rules.
   *
   * @return all, aliases not included
   */
  public static List<Rule> all() {
    int[] count = new int[1];
    Native.opt_rule_count(count);
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < count[0]; ++i) {
      try (opt_rule_info info = new opt_rule_info()) {
        Native.opt_rule_at(i, info);
        rules.add(new Rule(info.getName(), null, info));
      }
    }
    return rules;
  }

  /**
   * Lists the aliases.
   *
   * @return other names of rules, with other defaults
   */
  public static List<Rule> aliases() {
    int[] count = new int[1];
    Native.opt_alias_count(count);
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < count[0]; ++i) {
      try (opt_alias_info alias = new opt_alias_info();
          opt_rule_info info = new opt_rule_info()) {
        Native.opt_alias_at(i, alias);
        Native.opt_rule_find(alias.getName(), info);
        rules.add(new Rule(alias.getName(), alias.getDoc(), info));
      }
    }
    return rules;
  }

  /**
   * Finds a rule.
   *
   * @param name of a rule or an alias
   * @return its description
   * @throws OptException {@link Status#NAME}
   */
  public static Rule find(String name) {
    Objects.requireNonNull(name, "name");
    for (Rule alias : aliases()) {
      if (alias.name.equals(name)) {
        return alias;
      }
    }
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
   * @return what each reproduces, by its name
   */
  public Map<String, String> presets() {
    return Collections.unmodifiableMap(presets);
  }

  /**
   * Tells the value that a preset gives to an option.
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
