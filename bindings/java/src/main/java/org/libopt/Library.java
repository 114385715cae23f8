// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/** The native library as a whole. */
public final class Library {
  private Library() {}

  /**
   * Returns the library's version.
   *
   * @return "MAJOR.MINOR.PATCH"
   */
  public static String version() {
    return Native.opt_version();
  }

  /**
   * Returns the library's version as a number that grows from release to release.
   *
   * @return 10203 for version 1.2.3
   */
  public static int versionNumber() {
    return Native.opt_version_number();
  }

  /**
   * Returns one line for bug reports.
   *
   * @return version, compiler, Highway's version, and the SIMD targets that were compiled in
   */
  public static String buildInfo() {
    return Native.opt_build_info();
  }

  /**
   * Describes all rules, options, slots, presets, schedules and SIMD targets in one piece.
   *
   * @return a JSON object; opt_describe.h of the C library tells its members
   */
  public static String catalog() {
    return Native.opt_catalog();
  }

  /**
   * Describes the update rules.
   *
   * @return all, aliases not included
   */
  public static List<Rule> rules() {
    int[] count = new int[1];
    Native.opt_rule_count(count);
    return all(count[0], Rule::at);
  }

  /**
   * Describes other names of rules, with other defaults.
   *
   * @return as rules, with the defaults of the alias
   */
  public static List<Rule> aliases() {
    int[] count = new int[1];
    Native.opt_alias_count(count);
    return all(count[0], Rule::aliasAt);
  }

  /**
   * Describes a rule.
   *
   * @param name of a rule or an alias
   * @return its description
   * @throws OptException {@link Status#NAME}
   */
  public static Rule findRule(String name) {
    Objects.requireNonNull(name, "name");
    for (Rule alias : aliases()) {
      if (alias.name().equals(name)) {
        return alias;
      }
    }
    return Rule.find(name);
  }

  /**
   * Describes the kinds of schedules.
   *
   * @return all
   */
  public static List<ScheduleKind> scheduleKinds() {
    int[] count = new int[1];
    Native.opt_schedule_kind_count(count);
    return all(count[0], ScheduleKind::at);
  }

  /**
   * Describes a kind of schedule.
   *
   * @param name such as {@link Names#SCHEDULE_COSINE}
   * @return its description
   * @throws OptException {@link Status#NAME}
   */
  public static ScheduleKind findScheduleKind(String name) {
    return ScheduleKind.find(Objects.requireNonNull(name, "name"));
  }

  /**
   * Describes the attributes that a tensor has; see {@link Tensor#set}.
   *
   * @return their names, ranges and meanings
   */
  public static List<Option> attributes() {
    int[] count = new int[1];
    Native.opt_attribute_count(count);
    return all(
        count[0],
        i -> {
          try (opt_option_info info = new opt_option_info()) {
            Native.opt_attribute_at(i, info);
            return new Option(info);
          }
        });
  }

  /**
   * Describes the SIMD targets that were compiled in.
   *
   * @return the best first
   */
  public static List<SimdTarget> targets() {
    int[] count = new int[1];
    Native.opt_target_count(count);
    return all(count[0], SimdTarget::at);
  }

  /**
   * Closes the default context and gives back what the library holds for itself. It can be used
   * again afterwards. Only an application that wants the class loader of this class to be
   * collected, as when a web application is deployed again, has to call it, after closing
   * everything.
   *
   * @throws OptException {@link Status#STATE} if optimizers or contexts are still alive
   */
  public static void shutdown() {
    Context.closeDefault();
    Native.opt_shutdown();
  }

  private static <T> List<T> all(int count, IntFunction<T> read) {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < count; ++i) {
      all.add(read.apply(i));
    }
    return all;
  }
}
