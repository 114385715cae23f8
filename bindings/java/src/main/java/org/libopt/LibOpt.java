// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.ArrayList;
import java.util.List;

/** The native library as a whole. */
public final class LibOpt {
  private LibOpt() {}

  /**
   * Returns the library's version.
   *
   * @return "MAJOR.MINOR.PATCH"
   */
  public static String version() {
    return Native.opt_version();
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
   * Describes the attributes that a tensor has; see {@link Tensor#set}.
   *
   * @return their names, ranges and meanings
   */
  public static List<Option> attributes() {
    int[] count = new int[1];
    Native.opt_attribute_count(count);
    List<Option> attributes = new ArrayList<>();
    for (int i = 0; i < count[0]; ++i) {
      try (opt_option_info info = new opt_option_info()) {
        Native.opt_attribute_at(i, info);
        attributes.add(new Option(info));
      }
    }
    return attributes;
  }

  /**
   * Closes the shared context and gives back what the library holds for itself. It can be used again
   * afterwards. Only who wants the class loader of this class to be collected, as when a web
   * application is deployed anew, has to call it, after closing everything.
   *
   * @throws OptException {@link Status#STATE} if optimizers or contexts are still alive
   */
  public static void shutdown() {
    Context.closeShared();
    Native.opt_shutdown();
  }
}
