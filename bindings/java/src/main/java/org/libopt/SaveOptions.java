// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The contents of a checkpoint beside the state: parameters, and the caller's own entries, which
 * {@link Checkpoint} reads. One object serves one thread at a time.
 */
public final class SaveOptions {
  /** Makes the call with what these options gathered. */
  interface Call {
    void make(SaveCall call, long handle);
  }

  private static final class Entry {
    final DType dtype;
    final ByteBuffer data;

    Entry(DType dtype, ByteBuffer data) {
      this.dtype = dtype;
      this.data = data;
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private Lent[] lent = {};
  private boolean params;

  /** Makes options that add nothing to the state. */
  public SaveOptions() {}

  /**
   * Saves the parameters too: the lent ones, else the retained ones.
   *
   * @param on whether to
   * @return these options
   */
  public SaveOptions params(boolean on) {
    params = on;
    return this;
  }

  /**
   * Lends the parameters of tensors that retain none.
   *
   * @param lent at most one for each tensor
   * @return these options
   */
  public SaveOptions lent(Lent... lent) {
    this.lent = Objects.requireNonNull(lent, "lent").clone();
    return this;
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these options
   */
  public SaveOptions entry(String name, long... values) {
    ByteBuffer data = Buffers.bytes(Objects.requireNonNull(values, "values").length, Long.BYTES);
    data.asLongBuffer().put(values);
    return put(name, DType.I64, data);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these options
   */
  public SaveOptions entry(String name, float[] values) {
    ByteBuffer data = Buffers.bytes(Objects.requireNonNull(values, "values").length, Float.BYTES);
    data.asFloatBuffer().put(values);
    return put(name, DType.F32, data);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these options
   */
  public SaveOptions entry(String name, double... values) {
    ByteBuffer data = Buffers.bytes(Objects.requireNonNull(values, "values").length, Double.BYTES);
    data.asDoubleBuffer().put(values);
    return put(name, DType.F64, data);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these options
   */
  public SaveOptions entry(String name, byte[] values) {
    ByteBuffer data = Buffers.bytes(Objects.requireNonNull(values, "values").length, 1);
    return put(name, DType.U8, data.put(values).rewind());
  }

  private SaveOptions put(String name, DType dtype, ByteBuffer data) {
    entries.put(Objects.requireNonNull(name, "name"), new Entry(dtype, data));
    return this;
  }

  void call(Optimizer optimizer, Call made) {
    Collection<Lent.Copied> copies = Collections.emptyList();
    try (SaveCall call = new SaveCall(params ? NativeConstants.OPT_SAVE_PARAMS : 0)) {
      copies = Lent.lendParams(lent, optimizer, call::lend);
      entries.forEach(
          (name, entry) ->
              call.add(
                  name,
                  entry.dtype.code(),
                  entry.data.capacity() / entry.dtype.bytes(),
                  Native.opt_buffer_address(entry.data)));
      made.make(call, optimizer.handle().get());
    } finally {
      Reference.reachabilityFence(copies);
      Reference.reachabilityFence(this);
      Reference.reachabilityFence(optimizer);
    }
  }

  @Override
  public String toString() {
    return "parameters " + params + ", lent " + Arrays.toString(lent) + ", entries "
        + entries.keySet();
  }
}
