// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * A checkpoint that is looked into without an optimizer, and may then be loaded: {@link
 * Optimizer#load(Checkpoint, LoadOptions)}. Every method throws {@link IllegalStateException} after
 * {@link #close()}. Safe to use from any thread.
 */
public final class Checkpoint implements AutoCloseable {
  private static final class Handle implements Runnable {
    long bits;
    ByteBuffer memory; // stays in place until the checkpoint is closed

    @Override
    public synchronized void run() {
      long closed = bits;
      bits = 0;
      if (closed != 0) {
        Native.opt_checkpoint_close(closed);
      }
      memory = null;
    }

    long get() {
      if (bits == 0) {
        throw new IllegalStateException("the checkpoint is closed");
      }
      return bits;
    }
  }

  private final Handle handle = new Handle();
  private final Cleaner.Cleanable cleanable = Context.CLEANER.register(this, handle);

  private Checkpoint() {}

  /**
   * Opens a file.
   *
   * @param file a checkpoint, or any safetensors file
   * @return the checkpoint; the file stays open until it is closed
   * @throws OptException {@link Status#IO}, {@link Status#FORMAT}
   */
  public static Checkpoint open(Path file) {
    String path = path(file);
    return OptException.Io.reading(
        file,
        () -> {
          long[] made = new long[1];
          Native.opt_checkpoint_open_file(0, path, made);
          Checkpoint checkpoint = new Checkpoint();
          checkpoint.handle.bits = made[0];
          return checkpoint;
        });
  }

  /**
   * Opens a checkpoint in memory.
   *
   * @param bytes from position to limit; a direct buffer is not copied, and must not change until
   *     the checkpoint is closed
   * @return the checkpoint
   * @throws OptException {@link Status#FORMAT}
   */
  public static Checkpoint open(ByteBuffer bytes) {
    ByteBuffer memory = direct(Objects.requireNonNull(bytes, "bytes"));
    long[] made = new long[1];
    Native.opt_checkpoint_open_memory(
        0, Native.opt_buffer_address(memory), memory.remaining(), made);
    Checkpoint checkpoint = new Checkpoint();
    checkpoint.handle.memory = memory;
    checkpoint.handle.bits = made[0];
    return checkpoint;
  }

  /**
   * Lists what is in the checkpoint: state, options, parameters, and the caller's own entries.
   *
   * @return the entries in their order
   */
  public List<CheckpointEntry> entries() {
    synchronized (handle) {
      long[] count = new long[1];
      Native.opt_checkpoint_count(handle.get(), count);
      List<CheckpointEntry> entries = new ArrayList<>();
      for (long i = 0; i < count[0]; ++i) {
        entries.add(at(i));
      }
      return entries;
    }
  }

  /**
   * Finds an entry.
   *
   * @param name of one of the caller's own entries, or the whole name of another
   * @return the entry
   * @throws OptException {@link Status#NAME}
   */
  public CheckpointEntry find(String name) {
    Objects.requireNonNull(name, "name");
    synchronized (handle) {
      long[] index = new long[1];
      Native.opt_checkpoint_find(handle.get(), name, index);
      return at(index[0]);
    }
  }

  /**
   * Reads an entry and verifies it.
   *
   * @param name as {@link #find} takes it
   * @return its data in a new direct buffer, in native byte order
   * @throws OptException {@link Status#NAME}, {@link Status#IO}, {@link Status#FORMAT} (damaged)
   */
  public ByteBuffer read(String name) {
    synchronized (handle) {
      CheckpointEntry entry = find(name);
      ByteBuffer data = Buffers.bytes(entry.bytes(), 1);
      Native.opt_checkpoint_read(
          handle.get(), entry.index(), Native.opt_buffer_address(data), entry.bytes());
      return data;
    }
  }

  /**
   * Reads an entry of longs.
   *
   * @param name as {@link #find} takes it
   * @return its elements
   * @throws OptException as {@link #read}, or {@link Status#DTYPE}
   */
  public long[] readLongs(String name) {
    check(name, DType.I64);
    ByteBuffer data = read(name);
    long[] values = new long[data.remaining() / Long.BYTES];
    data.asLongBuffer().get(values);
    return values;
  }

  /**
   * Reads an entry of floats.
   *
   * @param name as {@link #find} takes it
   * @return its elements
   * @throws OptException as {@link #read}, or {@link Status#DTYPE}
   */
  public float[] readFloats(String name) {
    check(name, DType.F32);
    ByteBuffer data = read(name);
    float[] values = new float[data.remaining() / Float.BYTES];
    data.asFloatBuffer().get(values);
    return values;
  }

  /**
   * Reads an entry of doubles.
   *
   * @param name as {@link #find} takes it
   * @return its elements
   * @throws OptException as {@link #read}, or {@link Status#DTYPE}
   */
  public double[] readDoubles(String name) {
    check(name, DType.F64);
    ByteBuffer data = read(name);
    double[] values = new double[data.remaining() / Double.BYTES];
    data.asDoubleBuffer().get(values);
    return values;
  }

  /** Closes the checkpoint; closing again does nothing. */
  @Override
  public void close() {
    cleanable.clean();
  }

  /** Makes a call with the handle; {@link #close()} waits for it. */
  void use(LongConsumer call) {
    synchronized (handle) {
      call.accept(handle.get());
    }
    Reference.reachabilityFence(this);
  }

  /** A path as C takes it. */
  static String path(Path file) {
    if (Objects.requireNonNull(file, "file").getFileSystem() != FileSystems.getDefault()) {
      throw new IllegalArgumentException(
          file + ": not of the default file system; save to or load from a stream instead");
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

  private void check(String name, DType expected) {
    DType dtype = find(name).dtype();
    if (dtype != expected) {
      throw new OptException(
          Status.DTYPE,
          "entry '" + name + "' is " + dtype + ", not " + expected + ": read it with "
              + readerOf(dtype));
    }
  }

  private static String readerOf(DType dtype) {
    switch (dtype) {
      case F32:
        return "readFloats";
      case F64:
        return "readDoubles";
      case I64:
        return "readLongs";
      default:
        return "read";
    }
  }

  private CheckpointEntry at(long index) {
    try (opt_entry_info info = new opt_entry_info()) {
      Native.opt_checkpoint_at(handle.get(), index, info);
      return new CheckpointEntry(index, info);
    }
  }
}
