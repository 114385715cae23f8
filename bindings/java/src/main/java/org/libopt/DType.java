// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** Element types. */
public enum DType {
  /** IEEE-754 binary32, Java's {@code float}. */
  F32(NativeConstants.OPT_F32, Float.BYTES),
  /** IEEE-754 binary64, Java's {@code double}. */
  F64(NativeConstants.OPT_F64, Double.BYTES),
  /** Bytes; entries of a checkpoint only. */
  U8(NativeConstants.OPT_U8, Byte.BYTES),
  /** Java's {@code long}; entries of a checkpoint only. */
  I64(NativeConstants.OPT_I64, Long.BYTES);

  private final int code;
  private final int bytes;

  DType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /**
   * Returns the size of an element.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  int code() {
    return code;
  }

  /** Null for one that the library does not compute with. */
  static DType of(int code) {
    for (DType dtype : values()) {
      if (dtype.code == code) {
        return dtype;
      }
    }
    return null;
  }
}
