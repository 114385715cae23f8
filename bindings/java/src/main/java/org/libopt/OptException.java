// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Objects;

/**
 * A call that the library refused or could not do; it has changed nothing. The message names the
 * culprit, the bound and the remedy.
 *
 * <p>What Java itself can tell is thrown as Java does: {@link IllegalStateException} by a closed
 * object, {@link IllegalArgumentException} for a buffer that the library cannot use, {@link
 * NullPointerException} for a missing argument.
 */
public class OptException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The library's status. */
  private final Status status;

  /**
   * Makes an exception.
   *
   * @param status what the call came to
   * @param message what was wrong and what to do about it
   */
  public OptException(Status status, String message) {
    super(message);
    this.status = Objects.requireNonNull(status, "status");
  }

  /**
   * Tells the kind of failure.
   *
   * @return the library's status, never null
   */
  public Status status() {
    return status;
  }

  /** Makes what is thrown for a failed call; called by native code. */
  static RuntimeException of(int code, byte[] message) {
    Status status = Status.of(code);
    String text = Utf8.text(message);
    if (status == Status.HANDLE) {
      return new IllegalStateException("closed: " + text);
    }
    return new OptException(status, text.isEmpty() ? status.name() : text);
  }
}
