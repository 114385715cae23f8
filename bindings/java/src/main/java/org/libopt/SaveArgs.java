// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a save writes beside the state: parameters, and entries of the caller's own, which {@link
 * Checkpoint} reads. One object serves one thread at a time.
 */
public final class SaveArgs {
  /** Makes the call with what these arguments gathered. */
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

  private final Map<Tensor, Lent> loans = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private boolean params;

  /** Makes arguments that add nothing to the state. */
  public SaveArgs() {}

  /**
   * Saves the parameters too: the lent ones, else the retained ones.
   *
   * @return these arguments
   */
  public SaveArgs params() {
    params = true;
    return this;
  }

  /**
   * Lends the parameters of a tensor that retains none.
   *
   * @param tensor of f32
   * @param param its parameters; they are copied by the save
   * @return these arguments
   */
  public SaveArgs lend(Tensor tensor, float[] param) {
    return put(tensor, param);
  }

  /**
   * Lends the parameters of a tensor that retains none.
   *
   * @param tensor of f64
   * @param param its parameters; they are copied by the save
   * @return these arguments
   */
  public SaveArgs lend(Tensor tensor, double[] param) {
    return put(tensor, param);
  }

  /**
   * Lends the parameters of a tensor that retains none.
   *
   * @param tensor of any type
   * @param param its parameters, in a direct buffer
   * @return these arguments
   */
  public SaveArgs lend(Tensor tensor, Buffer param) {
    return put(tensor, param);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these arguments
   */
  public SaveArgs entry(String name, long... values) {
    ByteBuffer data = Buffers.bytes(values.length, Long.BYTES);
    data.asLongBuffer().put(values);
    return put(name, DType.I64, data);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these arguments
   */
  public SaveArgs entry(String name, float[] values) {
    ByteBuffer data = Buffers.bytes(values.length, Float.BYTES);
    data.asFloatBuffer().put(values);
    return put(name, DType.F32, data);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these arguments
   */
  public SaveArgs entry(String name, double... values) {
    ByteBuffer data = Buffers.bytes(values.length, Double.BYTES);
    data.asDoubleBuffer().put(values);
    return put(name, DType.F64, data);
  }

  /**
   * Adds an entry.
   *
   * @param name unique among the entries
   * @param values copied
   * @return these arguments
   */
  public SaveArgs entry(String name, byte[] values) {
    return put(name, DType.U8, Buffers.bytes(values.length, 1).put(values).rewind());
  }

  private SaveArgs put(String name, DType dtype, ByteBuffer data) {
    entries.put(Objects.requireNonNull(name, "name"), new Entry(dtype, data));
    return this;
  }

  private SaveArgs put(Tensor tensor, Object param) {
    Objects.requireNonNull(param, "param");
    loans.put(tensor, Lent.of(tensor, "param", param));
    return params();
  }

  void call(Optimizer optimizer, Call made) {
    try (SaveCall call = new SaveCall(params ? NativeConstants.OPT_SAVE_PARAMS : 0)) {
      loans.forEach(
          (tensor, param) -> {
            tensor.checkOwner(optimizer);
            Lent.copyIn(param);
            call.lend(tensor.index(), Lent.address(param));
          });
      entries.forEach(
          (name, entry) ->
              call.add(
                  name,
                  entry.dtype.code(),
                  entry.data.capacity() / entry.dtype.bytes(),
                  Native.opt_buffer_address(entry.data)));
      made.make(call, optimizer.handle());
    } finally {
      Reference.reachabilityFence(this);
      Reference.reachabilityFence(optimizer);
    }
  }
}
