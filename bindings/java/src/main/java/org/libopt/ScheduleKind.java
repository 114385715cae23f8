// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A kind of schedule, described. */
public final class ScheduleKind {
  private final String name;
  private final String summary;
  private final String formula;
  private final String reference;
  private final String pytorch;
  private final long flags;
  private final List<Option> options = new ArrayList<>();

  private ScheduleKind(opt_schedule_kind_info info) {
    name = info.getName();
    summary = info.getSummary();
    formula = info.getFormula();
    reference = info.getReference();
    pytorch = info.getPytorch();
    flags = info.getFlags();
    for (int i = 0; i < info.getOption_count(); ++i) {
      try (opt_option_info option = new opt_option_info()) {
        Native.opt_schedule_option_at(name, i, option);
        options.add(new Option(option));
      }
    }
  }

  static ScheduleKind at(int index) {
    try (opt_schedule_kind_info info = new opt_schedule_kind_info()) {
      Native.opt_schedule_kind_at(index, info);
      return new ScheduleKind(info);
    }
  }

  static ScheduleKind find(String name) {
    try (opt_schedule_kind_info info = new opt_schedule_kind_info()) {
      Native.opt_schedule_kind_find(name, info);
      return new ScheduleKind(info);
    }
  }

  /**
   * Names the kind.
   *
   * @return such as "cosine"
   */
  public String name() {
    return name;
  }

  /**
   * Summarizes the kind.
   *
   * @return one line
   */
  public String summary() {
    return summary;
  }

  /**
   * Prints the formula.
   *
   * @return plain text
   */
  public String formula() {
    return formula;
  }

  /**
   * Names the publication.
   *
   * @return authors and year, or null
   */
  public String reference() {
    return reference;
  }

  /**
   * Names PyTorch's class.
   *
   * @return such as "CosineAnnealingLR", or null
   */
  public String pytorch() {
    return pytorch;
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
   * Returns whether it takes milestones.
   *
   * @return true if it does
   */
  public boolean hasMilestones() {
    return (flags & NativeConstants.OPT_SCHEDULE_HAS_MILESTONES) != 0;
  }

  /**
   * Returns whether it depends on {@link Group#reportMetric}.
   *
   * @return true if it does
   */
  public boolean hasMetric() {
    return (flags & NativeConstants.OPT_SCHEDULE_HAS_METRIC) != 0;
  }

  @Override
  public String toString() {
    return name + ": " + summary;
  }
}
