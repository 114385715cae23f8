// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Arrays or direct buffers of a tensor that are lent to calls of its optimizer: each forgets them
 * when it returns. One object may be lent to any number of calls.
 *
 * <p>Arrays are handed over without a copy as long as those of a call have no more than {@link
 * Optimizer#pinLimit} elements together: the JVM cannot collect garbage while they are pinned, which
 * is as long as the call takes. Above it they are copied to native memory and back. Direct buffers
 * are never copied nor pinned: their elements are those from position to limit when the object was
 * made.
 */
public final class Lent {
  private final Tensor tensor;
  private final Memory param;
  private final Memory grad;

  private Lent(Tensor tensor, Object param, Object grad) {
    this.tensor = Objects.requireNonNull(tensor, "tensor");
    if (param != null && param == grad && tensor.count() > 0) {
      // A copy of each would hide it from the library.
      throw new IllegalArgumentException(
          Region.name(tensor.name(), "lent") + ": the same memory as param and grad");
    }
    this.param = Memory.of(tensor, "param", tensor.paramDType(), param);
    this.grad = Memory.of(tensor, "grad", tensor.gradDType(), grad);
  }

  /**
   * Lends parameters and gradients.
   *
   * @param tensor whose they are, of f32
   * @param param the parameters; null: the retained ones
   * @param grad the gradients; null: none, a step leaves the tensor alone
   * @return what calls take
   * @throws IllegalArgumentException if an array is not of the tensor's length or type
   */
  public static Lent of(Tensor tensor, float[] param, float[] grad) {
    return new Lent(tensor, param, grad);
  }

  /**
   * Lends parameters and gradients.
   *
   * @param tensor whose they are, of f64
   * @param param the parameters; null: the retained ones
   * @param grad the gradients; null: none, a step leaves the tensor alone
   * @return what calls take
   * @throws IllegalArgumentException if an array is not of the tensor's length or type
   */
  public static Lent of(Tensor tensor, double[] param, double[] grad) {
    return new Lent(tensor, param, grad);
  }

  /**
   * Lends parameters and gradients in direct buffers.
   *
   * @param tensor whose they are
   * @param param the parameters; null: the retained ones
   * @param grad the gradients; null: none, a step leaves the tensor alone
   * @return what calls take
   * @throws IllegalArgumentException if a buffer is not of the tensor's length or type, not direct,
   *     read-only, or in the other byte order
   */
  public static Lent of(Tensor tensor, Buffer param, Buffer grad) {
    return new Lent(tensor, param, grad);
  }

  /**
   * Lends parameters alone, as a save and a load take them.
   *
   * @param tensor whose they are, of f32
   * @param param the parameters
   * @return what calls take
   * @throws IllegalArgumentException if the array is not of the tensor's length or type
   */
  public static Lent param(Tensor tensor, float[] param) {
    return new Lent(tensor, Objects.requireNonNull(param, "param"), null);
  }

  /**
   * Lends parameters alone, as a save and a load take them.
   *
   * @param tensor whose they are, of f64
   * @param param the parameters
   * @return what calls take
   * @throws IllegalArgumentException if the array is not of the tensor's length or type
   */
  public static Lent param(Tensor tensor, double[] param) {
    return new Lent(tensor, Objects.requireNonNull(param, "param"), null);
  }

  /**
   * Lends parameters alone, as a save and a load take them.
   *
   * @param tensor whose they are
   * @param param the parameters, in a direct buffer
   * @return what calls take
   * @throws IllegalArgumentException if the buffer cannot be used
   */
  public static Lent param(Tensor tensor, Buffer param) {
    return new Lent(tensor, Objects.requireNonNull(param, "param"), null);
  }

  /**
   * Lends gradients alone.
   *
   * @param tensor whose they are, of f32 gradients
   * @param grad the gradients
   * @return what calls take
   * @throws IllegalArgumentException if the array is not of the tensor's length or type
   */
  public static Lent grad(Tensor tensor, float[] grad) {
    return new Lent(tensor, null, Objects.requireNonNull(grad, "grad"));
  }

  /**
   * Lends gradients alone.
   *
   * @param tensor whose they are, of f64 gradients
   * @param grad the gradients
   * @return what calls take
   * @throws IllegalArgumentException if the array is not of the tensor's length or type
   */
  public static Lent grad(Tensor tensor, double[] grad) {
    return new Lent(tensor, null, Objects.requireNonNull(grad, "grad"));
  }

  /**
   * Lends gradients alone.
   *
   * @param tensor whose they are
   * @param grad the gradients, in a direct buffer
   * @return what calls take
   * @throws IllegalArgumentException if the buffer cannot be used
   */
  public static Lent grad(Tensor tensor, Buffer grad) {
    return new Lent(tensor, null, Objects.requireNonNull(grad, "grad"));
  }

  /**
   * Returns whose buffers they are.
   *
   * @return the tensor
   */
  public Tensor tensor() {
    return tensor;
  }

  @Override
  public String toString() {
    return tensor + ": parameters " + text(param) + ", gradients " + text(grad);
  }

  private static String text(Memory memory) {
    return memory == null ? "none" : memory.dtype + " [" + memory.length + "]";
  }

  /** Passes the address of the parameters of a tensor to a save or a load. */
  interface Lend {
    void lend(long index, long address);
  }

  /** Lends the parameters of all to a save or a load, in native memory of their own. */
  static Collection<Copied> lendParams(Lent[] all, Optimizer optimizer, Lend lend) {
    Map<Object, Copied> copies = new IdentityHashMap<>(); // one of each array
    Set<Tensor> tensors = new HashSet<>();
    for (Lent lent : all) {
      Tensor tensor = Objects.requireNonNull(lent, "lent").tensor;
      tensor.checkOwner(optimizer);
      if (lent.param == null) {
        throw new IllegalArgumentException(
            Region.name(tensor.name(), "param") + ": none, where parameters are to be lent");
      }
      if (!tensors.add(tensor)) {
        throw tensor.lentTwice();
      }
      Object memory = lent.param.array != null ? lent.param.array : lent.param;
      Copied copy = copies.computeIfAbsent(memory, same -> new Copied(lent.param));
      lend.lend(tensor.index(), copy.address());
    }
    return copies.values();
  }

  /** One call's use of parameters: a direct buffer itself, an array by a copy. */
  static final class Copied {
    private final Memory memory;
    private final ByteBuffer copy;

    private Copied(Memory memory) {
      this.memory = memory;
      copy = memory.array == null ? null : memory.newCopy();
      if (copy != null) {
        memory.copyTo(copy);
      }
    }

    long address() {
      return copy == null ? memory.region.address : Native.opt_buffer_address(copy);
    }

    void copyBack() {
      if (copy != null) {
        memory.copyFrom(copy);
      }
    }
  }

  /** A direct buffer or an array, checked; an array's copy stays for the next call. */
  private static final class Memory {
    final DType dtype;
    final long length;
    final Region region;
    final Object array;
    private ByteBuffer copy;
    private long copyAddress;

    private Memory(DType dtype, long length, Region region, Object array) {
      this.dtype = dtype;
      this.length = length;
      this.region = region;
      this.array = array;
    }

    /** Null for nothing. */
    static Memory of(Tensor tensor, String role, DType expected, Object lent) {
      if (lent == null) {
        return null;
      }
      if (lent instanceof Buffer) {
        Region region = tensor.region((Buffer) lent, role, expected);
        return new Memory(expected, region.count, region, null);
      }
      boolean floats = lent instanceof float[];
      int length = floats ? ((float[]) lent).length : ((double[]) lent).length;
      tensor.check(role, floats ? DType.F32 : DType.F64, length, expected);
      return new Memory(expected, length, null, lent);
    }

    static Object array(Memory memory) {
      return memory == null ? null : memory.array;
    }

    /** Elements that would have to be pinned or copied. */
    static long arrayLength(Memory memory) {
      return memory == null || memory.array == null ? 0 : memory.length;
    }

    /** Of the buffer, or of the copy that copyIn() made; 0 for nothing and for an array. */
    static long address(Memory memory) {
      if (memory == null) {
        return 0;
      }
      return memory.region != null ? memory.region.address : memory.copyAddress;
    }

    /**
     * Makes the copy of an array, one for all that have the same array: otherwise the library could
     * not see that they share memory.
     *
     * @param copies of the call, by their arrays
     */
    static void copyIn(Memory memory, Map<Object, ByteBuffer> copies) {
      if (memory == null || memory.array == null) {
        return;
      }
      ByteBuffer shared = copies.get(memory.array);
      if (shared == null) {
        shared = memory.copy != null ? memory.copy : memory.newCopy();
        memory.copyTo(shared);
        copies.put(memory.array, shared);
      }
      memory.copy = shared;
      memory.copyAddress = Native.opt_buffer_address(shared);
    }

    static void copyOut(Memory memory) {
      if (memory != null && memory.array != null) {
        memory.copyFrom(memory.copy);
      }
    }

    ByteBuffer newCopy() {
      return Buffers.bytes(length, dtype.bytes());
    }

    void copyTo(ByteBuffer to) {
      if (dtype == DType.F32) {
        FloatBuffer floats = to.asFloatBuffer();
        floats.put((float[]) array);
      } else {
        DoubleBuffer doubles = to.asDoubleBuffer();
        doubles.put((double[]) array);
      }
    }

    void copyFrom(ByteBuffer from) {
      if (dtype == DType.F32) {
        from.asFloatBuffer().get((float[]) array);
      } else {
        from.asDoubleBuffer().get((double[]) array);
      }
    }
  }

  /** The calls of an optimizer that take lent buffers, one at a time. */
  static final class Call {
    // The operations of lent_arrays.h.
    static final int STEP = 0;
    static final int STEP_ACCUMULATED = 1;
    static final int ACCUMULATE = 2;
    static final int ZERO_GRADS = 3;
    static final int GRAD_NORM = 4;
    static final int CLIP_GRADS = 5;
    static final int SWAP_EVAL_WEIGHTS = 6;
    static final int BEGIN_STEP = 7;
    static final int BEGIN_STEP_ACCUMULATED = 8;
    static final int STEP_SLICE = 9;
    static final int STEP_REMAINING = 10;

    private final StepCall call = new StepCall();
    private final AtomicBoolean calling = new AtomicBoolean();
    private boolean hasWork;
    private long sliceFlags; // of the open step in slices
    private long turn; // the number of the call
    volatile long pinLimit = 1 << 20;

    /** The owner's end frees the native side: another thread may be in a call until then. */
    Call(Optimizer owner) {
      Context.CLEANER.register(owner, call::close);
    }

    /** Makes a call; `reports`: whether it returns a report. */
    GradientReport make(
        Optimizer optimizer,
        int operation,
        long samples,
        long flags,
        GradientWork work,
        boolean reports,
        Lent[] lent) {
      Objects.requireNonNull(lent, "lent");
      long handle = optimizer.handle().get();
      begin();
      try {
        if (work != null || reports || hasWork) {
          GradientWork.setOn(call, work, reports);
          hasWork = work != null || reports;
        }
        run(optimizer, handle, operation, samples, flags, lent);
        return reports ? new GradientReport(call, optimizer) : null;
      } finally {
        end(optimizer, lent);
      }
    }

    /** Begins a step in slices, as make(). */
    GradientReport beginStep(Optimizer optimizer, StepOptions options, Lent[] lent) {
      long flags = options.flags();
      GradientReport report =
          make(optimizer, BEGIN_STEP, 0, flags, options.work, options.reports, lent);
      sliceFlags = flags;
      return report;
    }

    /** Makes a slice of tensors, or of all that remain if there are none given. */
    long slice(Optimizer optimizer, List<Tensor> tensors, Lent[] lent) {
      Objects.requireNonNull(lent, "lent");
      long handle = optimizer.handle().get();
      begin();
      try {
        call.clear_slice();
        if (tensors != null) {
          for (Tensor tensor : tensors) {
            Objects.requireNonNull(tensor, "tensor").checkOwner(optimizer);
            call.add_to_slice(tensor.index());
          }
        }
        int operation = tensors == null ? STEP_REMAINING : STEP_SLICE;
        run(optimizer, handle, operation, 0, sliceFlags, lent);
        return call.remaining();
      } finally {
        end(optimizer, lent);
      }
    }

    /** Copies the evaluation weights of a tensor to an address. */
    void readEvalWeights(Optimizer optimizer, long index, long address, Lent[] lent) {
      long handle = optimizer.handle().get();
      begin();
      try {
        Map<Object, ByteBuffer> copies = new IdentityHashMap<>();
        for (Lent one : lent) {
          Objects.requireNonNull(one, "lent").tensor.checkOwner(optimizer);
          Memory.copyIn(one.param, copies);
          call.lend(one.tensor.index(), Memory.address(one.param), 0);
        }
        call.read_eval_weights(handle, index, address);
      } finally {
        end(optimizer, lent);
      }
    }

    private void begin() {
      if (!calling.compareAndSet(false, true)) {
        throw new OptException.Busy(
            "another thread is using this optimizer: one optimizer serves one call at a time");
      }
    }

    private void end(Optimizer optimizer, Lent[] lent) {
      call.forget();
      calling.set(false);
      Reference.reachabilityFence(lent);
      Reference.reachabilityFence(optimizer);
    }

    private void run(
        Optimizer optimizer, long handle, int operation, long samples, long flags, Lent[] lent) {
      ++turn;
      long elements = 0;
      boolean grads = lent.length == 0;
      for (Lent one : lent) {
        Objects.requireNonNull(one, "lent").tensor.checkOwner(optimizer);
        one.tensor.lendOnce(turn);
        elements += Memory.arrayLength(one.param) + Memory.arrayLength(one.grad);
        grads = grads || one.grad != null;
      }
      // Parameters without gradients are for accumulated ones.
      int made = operation;
      if (!grads && operation == STEP) {
        made = STEP_ACCUMULATED;
      } else if (!grads && operation == BEGIN_STEP) {
        made = BEGIN_STEP_ACCUMULATED;
      }
      if (elements == 0 || elements > pinLimit) {
        runCopied(handle, made, samples, flags, lent, elements > 0);
      } else {
        runPinned(handle, made, samples, flags, lent);
      }
    }

    private void runCopied(
        long handle, int operation, long samples, long flags, Lent[] lent, boolean arrays) {
      Map<Object, ByteBuffer> copies = arrays ? new IdentityHashMap<>() : Collections.emptyMap();
      for (Lent one : lent) {
        Memory.copyIn(one.param, copies);
        Memory.copyIn(one.grad, copies);
        call.lend(one.tensor.index(), Memory.address(one.param), Memory.address(one.grad));
      }
      Native.opt_call_lent(call, handle, operation, samples, flags);
      if (!arrays) {
        return;
      }
      for (Lent one : lent) {
        if (writesParams(operation)) {
          Memory.copyOut(one.param);
        }
        if (writesGrads(operation, flags)) {
          Memory.copyOut(one.grad);
        }
      }
    }

    private static boolean writesParams(int operation) {
      switch (operation) {
        case STEP:
        case STEP_ACCUMULATED:
        case STEP_SLICE:
        case STEP_REMAINING:
        case SWAP_EVAL_WEIGHTS:
          return true;
        default:
          return false;
      }
    }

    /** Each operation has flags of its own. */
    private static boolean writesGrads(int operation, long flags) {
      switch (operation) {
        case STEP:
        case STEP_ACCUMULATED:
        case BEGIN_STEP: // if it is skipped
        case BEGIN_STEP_ACCUMULATED:
        case STEP_SLICE:
        case STEP_REMAINING:
          return (flags & NativeConstants.OPT_STEP_ZERO_GRADS) != 0;
        case ACCUMULATE:
          return (flags & NativeConstants.OPT_ACCUMULATE_ZERO_GRADS) != 0;
        default:
          return operation == ZERO_GRADS || operation == CLIP_GRADS;
      }
    }

    private void runPinned(long handle, int operation, long samples, long flags, Lent[] lent) {
      long[] table = new long[3 * lent.length];
      Object[] arrays = new Object[2 * lent.length];
      for (int i = 0; i < lent.length; ++i) {
        table[3 * i] = lent[i].tensor.index();
        table[3 * i + 1] = Memory.address(lent[i].param);
        table[3 * i + 2] = Memory.address(lent[i].grad);
        arrays[2 * i] = Memory.array(lent[i].param);
        arrays[2 * i + 1] = Memory.array(lent[i].grad);
      }
      Native.opt_call_with_arrays(call, handle, operation, samples, flags, table, arrays);
    }
  }
}
