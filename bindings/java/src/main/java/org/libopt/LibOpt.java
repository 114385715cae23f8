// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

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
   * Gives back what the library holds for itself. Nothing has to call it.
   *
   * @throws OptException {@link Status#STATE} if optimizers or contexts are still alive
   */
  public static void shutdown() {
    Native.opt_shutdown();
  }
}
