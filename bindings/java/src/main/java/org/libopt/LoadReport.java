// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Every name that did not fit when a checkpoint was loaded. */
public final class LoadReport {
  /** Why a name did not fit. */
  public enum Kind {
    /** Attached, but not in the checkpoint. */
    MISSING(NativeConstants.OPT_REPORT_MISSING),
    /** In the checkpoint, but not attached. */
    UNEXPECTED(NativeConstants.OPT_REPORT_UNEXPECTED),
    /** In both, of another shape or element type. */
    MISMATCHED(NativeConstants.OPT_REPORT_MISMATCHED);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  /** One name. */
  public static final class Finding {
    private final Kind kind;
    private final String name;
    private final String detail;

    private Finding(Kind kind, String name, String detail) {
      this.kind = kind;
      this.name = name;
      this.detail = detail;
    }

    /**
     * Returns why the name did not fit.
     *
     * @return the kind
     */
    public Kind kind() {
      return kind;
    }

    /**
     * Names the tensor.
     *
     * @return the name
     */
    public String name() {
      return name;
    }

    /**
     * Explains the finding.
     *
     * @return a sentence
     */
    public String detail() {
      return detail;
    }

    @Override
    public String toString() {
      return kind + " " + name + ": " + detail;
    }
  }

  static final LoadReport EMPTY = new LoadReport();

  private final List<Finding> findings;

  private LoadReport() {
    findings = Collections.emptyList();
  }

  LoadReport(LoadCall call) {
    List<Finding> found = new ArrayList<>();
    for (long i = 0; i < call.report_count(); ++i) {
      for (Kind kind : Kind.values()) {
        if (kind.code == call.report_kind(i)) {
          found.add(new Finding(kind, call.report_name(i), call.report_detail(i)));
        }
      }
    }
    findings = Collections.unmodifiableList(found);
  }

  /**
   * Lists all that did not fit.
   *
   * @return an unmodifiable list, empty if all fitted
   */
  public List<Finding> findings() {
    return findings;
  }

  /**
   * Lists what did not fit for one reason.
   *
   * @param kind the reason
   * @return names
   */
  public List<String> names(Kind kind) {
    List<String> names = new ArrayList<>();
    for (Finding finding : findings) {
      if (finding.kind == kind) {
        names.add(finding.name);
      }
    }
    return names;
  }

  @Override
  public String toString() {
    return findings.toString();
  }
}
