// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** A checkpoint that does not fit the optimizer; nothing was loaded. */
public final class LoadException extends OptException {
  private static final long serialVersionUID = 1;

  /** What did not fit. */
  private final transient LoadReport report;

  LoadException(String message, LoadReport report) {
    super(Status.MISMATCH, message);
    this.report = report;
  }

  /**
   * Lists every name that does not fit.
   *
   * @return the report; null if this exception was deserialized
   */
  public LoadReport report() {
    return report;
  }
}
