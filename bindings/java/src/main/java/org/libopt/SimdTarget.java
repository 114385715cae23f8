// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** A set of SIMD instructions that the library was compiled for. */
public final class SimdTarget {
  private final String name;
  private final boolean supported;

  private SimdTarget(String name, boolean supported) {
    this.name = name;
    this.supported = supported;
  }

  static SimdTarget at(int index) {
    try (opt_target_info info = new opt_target_info()) {
      Native.opt_target_at(index, info);
      return new SimdTarget(info.getName(), info.getSupported() != 0);
    }
  }

  /**
   * Names the target.
   *
   * @return such as "AVX2", as {@link Context.Builder#target} takes it
   */
  public String name() {
    return name;
  }

  /**
   * Returns whether this CPU can run it.
   *
   * @return true if it can
   */
  public boolean isSupported() {
    return supported;
  }

  @Override
  public String toString() {
    return name;
  }
}
