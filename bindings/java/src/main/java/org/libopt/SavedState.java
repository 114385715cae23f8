// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Objects;

/** Saving and loading of an optimizer, for its class to inherit. */
abstract class SavedState extends OptionValues<Optimizer> {
  SavedState() {}

  /**
   * Saves the state to a file, which is replaced as a whole or not at all.
   *
   * @param file its directory must be writable
   * @throws OptException {@link Status#IO}
   */
  public void save(Path file) {
    save(file, new SaveArgs());
  }

  /**
   * Saves the state to a file, which is replaced as a whole or not at all.
   *
   * @param file its directory must be writable
   * @param args what to save beside the state
   * @throws OptException {@link Status#IO}, {@link Status#NAME} (of an entry), {@link Status#STATE}
   *     (no parameters to save)
   */
  public void save(Path file, SaveArgs args) {
    String path = path(file);
    args.call(self(), (call, handle) -> call.to_file(handle, path));
  }

  /**
   * Saves the state to memory.
   *
   * @return a checkpoint from position 0 to the limit of a new direct buffer
   */
  public ByteBuffer saveToBuffer() {
    return saveToBuffer(new SaveArgs());
  }

  /**
   * Saves the state to memory.
   *
   * @param args what to save beside the state
   * @return a checkpoint from position 0 to the limit of a new direct buffer
   * @throws OptException as {@link #save(Path, SaveArgs)}
   */
  public ByteBuffer saveToBuffer(SaveArgs args) {
    ByteBuffer[] saved = new ByteBuffer[1];
    args.call(
        self(),
        (call, handle) -> {
          long[] size = new long[1];
          call.measure(handle, size);
          saved[0] = Buffers.bytes(size[0], 1);
          call.to_memory(handle, Native.opt_buffer_address(saved[0]), size[0]);
        });
    return saved[0];
  }

  /**
   * Saves the state to memory.
   *
   * @param args what to save beside the state
   * @return a checkpoint
   * @throws OptException as {@link #save(Path, SaveArgs)}
   */
  public byte[] saveToBytes(SaveArgs args) {
    ByteBuffer saved = saveToBuffer(args);
    byte[] bytes = new byte[saved.remaining()];
    saved.get(bytes);
    return bytes;
  }

  /**
   * Loads a checkpoint's state, options and counters; tensors are matched by name.
   *
   * @param file the checkpoint
   * @return what did not fit and was allowed not to
   * @throws OptException {@link Status#IO}, {@link Status#FORMAT}
   * @throws LoadException if checkpoint and optimizer do not fit together
   */
  public LoadReport load(Path file) {
    return load(file, new LoadArgs());
  }

  /**
   * Loads a checkpoint; tensors are matched by name.
   *
   * @param file the checkpoint
   * @param args what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException {@link Status#IO}, {@link Status#FORMAT}
   * @throws LoadException if checkpoint and optimizer do not fit together
   */
  public LoadReport load(Path file, LoadArgs args) {
    String path = path(file);
    return args.call(self(), (call, handle) -> call.from_file(handle, path));
  }

  /**
   * Loads a checkpoint from memory; tensors are matched by name.
   *
   * @param checkpoint from position to limit; a direct buffer is not copied
   * @param args what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException {@link Status#FORMAT}
   * @throws LoadException if checkpoint and optimizer do not fit together
   */
  public LoadReport load(ByteBuffer checkpoint, LoadArgs args) {
    ByteBuffer bytes = direct(checkpoint);
    return args.call(
        self(),
        (call, handle) ->
            call.from_memory(handle, Native.opt_buffer_address(bytes), bytes.remaining()));
  }

  /**
   * Loads a checkpoint from memory; tensors are matched by name.
   *
   * @param checkpoint its bytes
   * @param args what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException {@link Status#FORMAT}
   * @throws LoadException if checkpoint and optimizer do not fit together
   */
  public LoadReport load(byte[] checkpoint, LoadArgs args) {
    return load(ByteBuffer.wrap(checkpoint), args);
  }

  /** A path as C takes it. */
  static String path(Path file) {
    if (file.getFileSystem() != FileSystems.getDefault()) {
      throw new IllegalArgumentException(
          file + ": not of the default file system; save to or load from memory instead");
    }
    return file.toAbsolutePath().toString();
  }

  /** The bytes from position to limit in native memory, at position 0. */
  static ByteBuffer direct(ByteBuffer bytes) {
    Objects.requireNonNull(bytes, "checkpoint");
    if (bytes.isDirect()) {
      return bytes.slice();
    }
    return Buffers.bytes(bytes.remaining(), 1).put(bytes.duplicate()).rewind();
  }
}
