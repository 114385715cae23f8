// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Objects;

/** Makes buffers that can be attached: direct, in the machine's byte order, all zero. */
public final class Buffers {
  private Buffers() {}

  /**
   * Allocates a buffer of floats.
   *
   * @param count number of elements, up to 536,870,911
   * @return a direct buffer in native byte order, filled with 0
   */
  public static FloatBuffer floats(int count) {
    return bytes(count, Float.BYTES).asFloatBuffer();
  }

  /**
   * Allocates a buffer of doubles.
   *
   * @param count number of elements, up to 268,435,455
   * @return a direct buffer in native byte order, filled with 0
   */
  public static DoubleBuffer doubles(int count) {
    return bytes(count, Double.BYTES).asDoubleBuffer();
  }

  /**
   * Copies an array to a new buffer.
   *
   * @param values what the buffer is to hold
   * @return a direct buffer in native byte order, at position 0
   */
  public static FloatBuffer of(float... values) {
    FloatBuffer buffer = floats(Objects.requireNonNull(values, "values").length);
    buffer.duplicate().put(values);
    return buffer;
  }

  /**
   * Copies an array to a new buffer.
   *
   * @param values what the buffer is to hold
   * @return a direct buffer in native byte order, at position 0
   */
  public static DoubleBuffer of(double... values) {
    DoubleBuffer buffer = doubles(Objects.requireNonNull(values, "values").length);
    buffer.duplicate().put(values);
    return buffer;
  }

  static ByteBuffer bytes(long count, int size) {
    if (count < 0 || count > Integer.MAX_VALUE / size) {
      throw new IllegalArgumentException(
          count + " elements of " + size + " bytes: a buffer has 0 to " + Integer.MAX_VALUE
              + " bytes");
    }
    return ByteBuffer.allocateDirect((int) count * size).order(ByteOrder.nativeOrder());
  }
}
