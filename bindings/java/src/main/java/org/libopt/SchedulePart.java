// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of a schedule, described as it was when {@link Schedule#parts()} was called. The parts act
 * in their order: each whose turn it is takes what those before it give, at first the option's own
 * value, as its base.
 */
public final class SchedulePart {
  private final String kind;
  private final long begin;
  private final long end;
  private final Map<String, Double> options = new LinkedHashMap<>();
  private final long[] milestones;

  SchedulePart(opt_schedule_part_info info) {
    kind = info.getKind();
    begin = info.getBegin();
    end = info.getEnd();
    List<Option> described = Library.findScheduleKind(kind).options();
    for (int i = 0; i < info.getOption_count(); ++i) {
      options.put(described.get(i).name(), Native.opt_part_option_at(info, i));
    }
    milestones = new long[(int) info.getMilestone_count()];
    for (int i = 0; i < milestones.length; ++i) {
      milestones[i] = Native.opt_part_milestone_at(info, i);
    }
  }

  /**
   * Names the kind.
   *
   * @return such as {@link Names#SCHEDULE_COSINE}
   */
  public String kind() {
    return kind;
  }

  /**
   * Returns the first step of its turn, from which it counts.
   *
   * @return a number of steps of the optimizer; 0 is its first step
   */
  public long begin() {
    return begin;
  }

  /**
   * Returns the step after its turn.
   *
   * @return {@link Long#MAX_VALUE} if its turn does not end
   */
  public long end() {
    return end;
  }

  /**
   * Lists the options.
   *
   * @return an unmodifiable map of values by name, in the order of {@link ScheduleKind#options()}
   */
  public Map<String, Double> options() {
    return Collections.unmodifiableMap(options);
  }

  /**
   * Lists the milestones.
   *
   * @return a copy of the ticks; none for a kind without milestones
   */
  public long[] milestones() {
    return milestones.clone();
  }

  @Override
  public String toString() {
    String turn = "steps " + begin + (end == Long.MAX_VALUE ? " on" : " to " + (end - 1));
    return kind + ", " + turn + ", " + options;
  }
}
