// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/** The elements of a direct buffer from its position to its limit, as native code sees them. */
final class Region {
  /** Keeps the memory alive, and is what the caller gave, later moves of its position aside. */
  final Buffer buffer;

  final long address;
  final DType dtype;
  final long count;

  private Region(Buffer buffer, DType dtype, long count) {
    this.buffer = buffer;
    this.address = Native.opt_buffer_address(buffer);
    this.dtype = dtype;
    this.count = count;
  }

  /** How messages call a buffer: tensor 'fc1.weight', param. */
  static String name(String tensor, String role) {
    return (tensor == null ? "a tensor" : "tensor '" + tensor + "'") + ", " + role;
  }

  static long address(Region region) {
    return region == null ? 0 : region.address;
  }

  /** Checks a FloatBuffer or DoubleBuffer; null is null. */
  static Region of(String what, Buffer buffer) {
    if (buffer == null) {
      return null;
    }
    if (buffer instanceof FloatBuffer) {
      check(what, buffer, ((FloatBuffer) buffer).order());
      return new Region(buffer.slice(), DType.F32, buffer.remaining());
    }
    if (buffer instanceof DoubleBuffer) {
      check(what, buffer, ((DoubleBuffer) buffer).order());
      return new Region(buffer.slice(), DType.F64, buffer.remaining());
    }
    throw new IllegalArgumentException(
        what + ": " + buffer.getClass().getSimpleName()
            + " is neither a FloatBuffer nor a DoubleBuffer; for a ByteBuffer give the DType too");
  }

  /** Checks a ByteBuffer that holds elements of a type; null is null. */
  static Region of(String what, ByteBuffer buffer, DType dtype) {
    if (buffer == null) {
      return null;
    }
    check(what, buffer, buffer.order());
    if (buffer.remaining() % dtype.bytes() != 0) {
      throw new IllegalArgumentException(
          what + ": " + buffer.remaining() + " bytes remain, which is no multiple of the "
              + dtype.bytes() + " of " + dtype);
    }
    return new Region(buffer.slice(), dtype, buffer.remaining() / dtype.bytes());
  }

  private static void check(String what, Buffer buffer, ByteOrder order) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          what + ": a buffer on the heap, which the garbage collector moves; use a direct one"
              + " (Buffers.floats), or lend an array for each call (Lent.of)");
    }
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException(
          what + ": a read-only buffer, and the library writes to parameters and zeroes gradients");
    }
    checkOrder(what, order);
  }

  static void checkOrder(String what, ByteOrder order) {
    if (order != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          what + ": byte order " + order + ", and this machine's is " + ByteOrder.nativeOrder()
              + "; use ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())");
    }
  }
}
