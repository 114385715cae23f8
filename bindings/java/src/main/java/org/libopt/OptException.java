// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A call that the library refused or could not do; it has changed nothing. The message names the
 * culprit, the bound and the remedy. What a program may want to catch by itself has a class of its
 * own below; {@link #status()} tells all else.
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
   * @param status why the call failed
   * @param message what was wrong and what to do about it
   */
  public OptException(Status status, String message) {
    super(message);
    this.status = Objects.requireNonNull(status, "status");
  }

  /**
   * Returns the kind of failure.
   *
   * @return the library's status, never null
   */
  public Status status() {
    return status;
  }

  /** Makes what is thrown for a failed call; called by native code. */
  static RuntimeException of(int code, byte[] message) {
    Status status = Status.of(code);
    String text = message.length == 0 ? status.name() : Utf8.text(message);
    switch (status) {
      case HANDLE:
        return new IllegalStateException("closed: " + text);
      case BUSY:
        return new Busy(text);
      case NONFINITE:
        return new Nonfinite(text);
      case IO:
        return new Io(text, new IOException(text));
      case FORMAT:
      case MISMATCH:
        return new Checkpoint(status, text, LoadReport.EMPTY);
      default:
        return new OptException(status, text);
    }
  }

  /** {@link Status#BUSY}: another thread is using this optimizer right now. */
  public static final class Busy extends OptException {
    private static final long serialVersionUID = 1;

    Busy(String message) {
      super(Status.BUSY, message);
    }
  }

  /** {@link Status#NONFINITE}: Inf or NaN among the gradients; the message names the tensor. */
  public static final class Nonfinite extends OptException {
    private static final long serialVersionUID = 1;

    Nonfinite(String message) {
      super(Status.NONFINITE, message);
    }
  }

  /**
   * {@link Status#FORMAT} or {@link Status#MISMATCH}: a checkpoint is damaged, or does not fit the
   * optimizer; nothing was loaded.
   */
  public static final class Checkpoint extends OptException {
    private static final long serialVersionUID = 1;

    /** The names that do not fit. */
    private final transient LoadReport report;

    Checkpoint(Status status, String message, LoadReport report) {
      super(status, message);
      this.report = report;
    }

    /**
     * Lists every name that does not fit.
     *
     * @return the report, empty if no name is at fault: the checkpoint is damaged, or of another rule
     */
    public LoadReport report() {
      return report != null ? report : LoadReport.EMPTY; // null if it was deserialized
    }
  }

  /**
   * {@link Status#IO}: a file could not be read or written. The cause is what Java's own file calls
   * throw: a {@link NoSuchFileException}, an {@link AccessDeniedException}, or another {@link
   * IOException}.
   */
  public static final class Io extends OptException {
    private static final long serialVersionUID = 1;

    Io(String message, IOException cause) {
      super(Status.IO, message);
      initCause(cause);
    }

    /**
     * Returns what Java's own file calls throw.
     *
     * @return the cause, never null
     */
    @Override
    public synchronized IOException getCause() {
      return (IOException) super.getCause();
    }

    /** Makes a call that reads a file. */
    static <T> T reading(Path file, Supplier<T> call) {
      try {
        return call.get();
      } catch (Io e) {
        throw new Io(
            e.getMessage(), cause(file, Files.notExists(file), Files.isReadable(file), e));
      }
    }

    /** Makes a call that replaces a file. */
    static void writing(Path file, Runnable call) {
      Path folder = file.toAbsolutePath().getParent();
      try {
        call.run();
      } catch (Io e) {
        boolean missing = folder != null && Files.notExists(folder);
        boolean allowed = folder == null || Files.isWritable(folder);
        throw new Io(e.getMessage(), cause(file, missing, allowed, e));
      }
    }

    private static IOException cause(Path file, boolean missing, boolean allowed, Io e) {
      if (missing) {
        return new NoSuchFileException(file.toString());
      }
      return allowed
          ? new FileSystemException(file.toString(), null, e.getMessage())
          : new AccessDeniedException(file.toString());
    }
  }
}
