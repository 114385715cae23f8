// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/**
 * A direct buffer, or an array of Java's, that is lent for calls. An array is either pinned by the
 * native side, or copied to and from a buffer that this object keeps.
 */
final class Lent {
  private final Region region;
  private final Object array;
  private final DType dtype;
  private final int length;
  private ByteBuffer copy;
  private long copyAddress;

  private Lent(Region region, Object array, DType dtype, int length) {
    this.region = region;
    this.array = array;
    this.dtype = dtype;
    this.length = length;
  }

  /** Checks what is lent as a tensor's param or grad; null is null. */
  static Lent of(Tensor tensor, String role, Object lent) {
    DType expected = role.equals("param") ? tensor.paramType() : tensor.gradType();
    if (lent == null) {
      return null;
    }
    if (lent instanceof Buffer) {
      return new Lent(tensor.region((Buffer) lent, role, expected), null, expected, 0);
    }
    boolean floats = lent instanceof float[];
    int length = floats ? ((float[]) lent).length : ((double[]) lent).length;
    tensor.check(role, floats ? DType.F32 : DType.F64, length, expected);
    return new Lent(null, lent, expected, length);
  }

  /** Null for a buffer. */
  static Object array(Lent lent) {
    return lent == null ? null : lent.array;
  }

  /** Elements that would have to be pinned or copied. */
  static long arrayLength(Lent lent) {
    return lent == null ? 0 : lent.length;
  }

  /** Of the buffer, or of the copy that copyIn() made; 0 for nothing. */
  static long address(Lent lent) {
    if (lent == null) {
      return 0;
    }
    return lent.region != null ? lent.region.address : lent.copyAddress;
  }

  /** Copies an array to native memory; does nothing for a buffer. */
  static void copyIn(Lent lent) {
    if (lent == null || lent.array == null) {
      return;
    }
    if (lent.copy == null) {
      lent.copy = Buffers.bytes(lent.length, lent.dtype.bytes());
      lent.copyAddress = Native.opt_buffer_address(lent.copy);
    }
    if (lent.dtype == DType.F32) {
      lent.floats().put((float[]) lent.array);
    } else {
      lent.doubles().put((double[]) lent.array);
    }
  }

  /** Copies an array back. */
  static void copyOut(Lent lent) {
    if (lent == null || lent.array == null) {
      return;
    }
    if (lent.dtype == DType.F32) {
      lent.floats().get((float[]) lent.array);
    } else {
      lent.doubles().get((double[]) lent.array);
    }
  }

  private FloatBuffer floats() {
    return copy.asFloatBuffer();
  }

  private DoubleBuffer doubles() {
    return copy.asDoubleBuffer();
  }
}
