// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** An option of a rule. */
public final class Option {
  private final String name;
  private final List<String> aliases;
  private final String doc;
  private final double defaultValue;
  private final double min;
  private final double max;
  private final List<String> choices;
  private final long flags;

  Option(opt_option_info info) {
    name = info.getName();
    aliases = listed(info.getAliases());
    doc = info.getDoc();
    defaultValue = info.getDefault_value();
    min = info.getMin();
    max = info.getMax();
    choices = listed(info.getChoices());
    flags = info.getFlags();
  }

  /** The names in a list with commas, or none of null. */
  private static List<String> listed(String names) {
    return names == null
        ? Collections.emptyList()
        : Collections.unmodifiableList(Arrays.asList(names.split(",")));
  }

  /**
   * Names the option.
   *
   * @return such as "lr"
   */
  public String name() {
    return name;
  }

  /**
   * Returns the other names that are accepted in place of its name.
   *
   * @return the names, which may be none
   */
  public List<String> aliases() {
    return aliases;
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
   * Returns the value of a new optimizer.
   *
   * @return the default
   */
  public double defaultValue() {
    return defaultValue;
  }

  /**
   * Returns the lower bound.
   *
   * @return the bound; see {@link #isMinOpen()}
   */
  public double min() {
    return min;
  }

  /**
   * Returns the upper bound.
   *
   * @return the bound, which may be infinite; see {@link #isMaxOpen()}
   */
  public double max() {
    return max;
  }

  /**
   * Names the values of an option that is a choice.
   *
   * @return the names of 0, 1, ...; empty if it is none
   */
  public List<String> choices() {
    return choices;
  }

  /**
   * Returns whether the option is 0 or 1.
   *
   * @return true if it is
   */
  public boolean isBoolean() {
    return has(NativeConstants.OPT_OPTION_BOOL);
  }

  /**
   * Returns whether the minimum itself is not allowed.
   *
   * @return true if it is not
   */
  public boolean isMinOpen() {
    return has(NativeConstants.OPT_OPTION_MIN_OPEN);
  }

  /**
   * Returns whether the maximum itself is not allowed.
   *
   * @return true if it is not
   */
  public boolean isMaxOpen() {
    return has(NativeConstants.OPT_OPTION_MAX_OPEN);
  }

  /**
   * Returns whether zero or not decides which state slots exist: that is fixed while tensors are
   * attached. The whole value is fixed then if it is min_dim_factored of adafactor.
   *
   * @return true if it does
   */
  public boolean decidesLayout() {
    return has(NativeConstants.OPT_OPTION_LAYOUT);
  }

  /**
   * Returns whether the value is a whole number.
   *
   * @return true if it is
   */
  public boolean isInteger() {
    return has(NativeConstants.OPT_OPTION_INTEGER);
  }

  /**
   * Returns whether there is no default, so that a value has to be set.
   *
   * @return true if there is none
   */
  public boolean isRequired() {
    return has(NativeConstants.OPT_OPTION_REQUIRED);
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  @Override
  public String toString() {
    return name + ": " + doc;
  }
}
