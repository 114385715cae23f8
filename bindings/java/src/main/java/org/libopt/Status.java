// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** Why a call failed: the statuses of the C API. */
public enum Status {
  /** A missing, negative, misaligned or ill-shaped argument. */
  ARGUMENT(NativeConstants.OPT_ERR_ARGUMENT),
  /** The native object is gone. */
  HANDLE(NativeConstants.OPT_ERR_HANDLE),
  /** Another thread is using this optimizer right now. */
  BUSY(NativeConstants.OPT_ERR_BUSY),
  /** An unknown, duplicate or malformed name. */
  NAME(NativeConstants.OPT_ERR_NAME),
  /** An option's value outside its range. */
  VALUE(NativeConstants.OPT_ERR_VALUE),
  /** An index past the end, or of a detached tensor. */
  RANGE(NativeConstants.OPT_ERR_RANGE),
  /** The right call at the wrong time. */
  STATE(NativeConstants.OPT_ERR_STATE),
  /** An element type that does not exist or does not fit. */
  DTYPE(NativeConstants.OPT_ERR_DTYPE),
  /** Two buffers share memory that is written. */
  OVERLAP(NativeConstants.OPT_ERR_OVERLAP),
  /** The binding and its native library do not fit together. */
  STRUCT(NativeConstants.OPT_ERR_STRUCT),
  /** Native memory ran out. */
  MEMORY(NativeConstants.OPT_ERR_MEMORY),
  /** A fixed limit of the library is reached. */
  LIMIT(NativeConstants.OPT_ERR_LIMIT),
  /** A fault of the library itself. */
  INTERNAL(NativeConstants.OPT_ERR_INTERNAL),
  /** Reading or writing a file failed. */
  IO(NativeConstants.OPT_ERR_IO),
  /** Not a checkpoint, or a damaged one. */
  FORMAT(NativeConstants.OPT_ERR_FORMAT),
  /** Checkpoint and optimizer do not fit together. */
  MISMATCH(NativeConstants.OPT_ERR_MISMATCH),
  /** Inf or NaN among the gradients. */
  NONFINITE(NativeConstants.OPT_ERR_NONFINITE);

  private final int code;

  Status(int code) {
    this.code = code;
  }

  /**
   * Returns the number that the C API has for this status.
   *
   * @return a value of {@code opt_status}
   */
  public int code() {
    return code;
  }

  static Status of(int code) {
    for (Status status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return INTERNAL;
  }
}
