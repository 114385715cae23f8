// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An optimizer: parameter groups with option values, attached tensors, and their state.
 *
 * <pre>{@code
 * try (Optimizer optimizer = AdamW.builder().lr(3e-4).weightDecay(0.01).build()) {
 *   optimizer.attach(TensorSpec.of("fc1.weight", weight, gradient).shape(784, 128));
 *   for (int i = 0; i < steps; ++i) {
 *     computeGradients();
 *     optimizer.step();
 *   }
 * }
 * }</pre>
 *
 * <p>Attached buffers stay alive until they are detached or the optimizer is closed. One optimizer
 * serves one call at a time: an overlapping call of another thread throws {@link OptException.Busy}.
 * {@link #close()} alone waits for a call that is under way. An optimizer that was never closed is
 * destroyed some time after it has become unreachable.
 *
 * <p>Every method throws {@link IllegalStateException} if the optimizer is closed. A call that
 * throws has changed nothing.
 */
public final class Optimizer implements AutoCloseable {
  /**
   * The native optimizer, and the buffers that it retains: they are let go only when the library has
   * forgotten them. Whatever changes what is retained, or looks at native memory that such a change
   * frees, holds this object's lock; a step does not.
   */
  static final class Handle implements Runnable {
    private volatile long bits;
    private final Map<Long, Region[]> retained = new HashMap<>();

    Handle(long bits) {
      this.bits = bits;
    }

    long get() {
      long open = bits;
      if (open == 0) {
        throw new IllegalStateException("the optimizer is closed");
      }
      return open;
    }

    boolean isClosed() {
      return bits == 0;
    }

    /** Keeps a tensor's buffers in place of those that it had. */
    synchronized void retain(long index, Region... buffers) {
      retained.put(index, buffers);
    }

    synchronized void release(long index) {
      retained.remove(index);
    }

    /** Destroys the optimizer, once; waits for a call that another thread is making with it. */
    @Override
    public synchronized void run() {
      long destroyed = bits;
      bits = 0;
      if (destroyed != 0) {
        Native.opt_destroy(destroyed);
        retained.clear();
      }
    }
  }

  private final String ruleName;
  private final Handle handle;
  private final Cleaner.Cleanable cleanable;
  private final Lent.Call lentCall;
  private final Map<Long, Tensor> tensors = new TreeMap<>(); // guarded by the handle
  private final Group allGroups = new Group(this, NativeConstants.OPT_ALL_GROUPS);

  private Optimizer(String ruleName, long bits) {
    this.ruleName = ruleName;
    handle = new Handle(bits);
    cleanable = Context.CLEANER.register(this, handle);
    lentCall = new Lent.Call(this);
  }

  /**
   * Creates an optimizer with one group and no tensors, in the default context.
   *
   * @param rule name or alias of an update rule, such as {@link Names#RULE_ADAMW}
   * @return a new optimizer
   * @throws OptException {@link Status#NAME} if there is no such rule
   */
  public static Optimizer create(String rule) {
    return create(Context.getDefault(), rule);
  }

  /**
   * Creates an optimizer with one group and no tensors.
   *
   * @param context where threads and SIMD instructions come from
   * @param rule name or alias of an update rule, such as {@link Names#RULE_ADAMW}
   * @return a new optimizer
   * @throws OptException {@link Status#NAME} if there is no such rule
   */
  public static Optimizer create(Context context, String rule) {
    Objects.requireNonNull(context, "context");
    Objects.requireNonNull(rule, "rule");
    long[] made = new long[1];
    Native.opt_create(context.handle(), rule, made);
    Reference.reachabilityFence(context);
    return new Optimizer(rule, made[0]);
  }

  /**
   * Creates an optimizer with option values, in the default context.
   *
   * @param rule name or alias of an update rule, such as {@link Names#RULE_ADAMW}
   * @param options values by name
   * @return a new optimizer
   * @throws OptException {@link Status#NAME} or {@link Status#VALUE}
   */
  public static Optimizer create(String rule, Map<String, Double> options) {
    Objects.requireNonNull(options, "options");
    return RuleBuilder.build(Context.getDefault(), rule, null, options);
  }

  /**
   * Creates a copy in the default context.
   *
   * @return as {@link #clone(Context)}
   */
  @Override
  public Optimizer clone() {
    return clone(Context.getDefault());
  }

  /**
   * Creates a copy that continues exactly as this optimizer would: its groups, options, schedules,
   * loss scaler and average, its tensors with their state, attributes and step counts, and what was
   * accumulated for the next step.
   *
   * <p>The copy's tensors have the same names and indices, and no buffers, as if all were lent:
   * {@link Tensor#bind} some, or lend them to each call. A step throws {@link Status#STATE} until
   * every tensor has been bound, if only to null, or is lent.
   *
   * @param context where threads and SIMD instructions of the copy come from
   * @return a new optimizer, to be closed
   * @throws OptException {@link Status#STATE} while {@link #swapEvalWeights} has exchanged the
   *     parameters
   */
  public Optimizer clone(Context context) {
    Objects.requireNonNull(context, "context");
    long[] made = new long[1];
    synchronized (handle) {
      Native.opt_clone(handle.get(), context.handle(), made);
      Reference.reachabilityFence(context);
      Optimizer clone = new Optimizer(ruleName, made[0]);
      clone.pinLimit(lentCall.pinLimit);
      for (long index : tensors.keySet()) {
        clone.tensors.put(index, new Tensor(clone, index));
      }
      return clone;
    }
  }

  /**
   * Returns the name of the update rule.
   *
   * @return the name or alias, as it was asked for
   */
  public String ruleName() {
    return ruleName;
  }

  /**
   * Returns the option values of all groups: what is set here is set in each of them and in those to
   * come.
   *
   * @return all groups
   */
  public Group allGroups() {
    return allGroups;
  }

  /**
   * Returns the groups.
   *
   * @return a list in the order of their indices, at least one
   */
  public List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    for (int count = info().groupCount(); groups.size() < count; ) {
      groups.add(new Group(this, groups.size()));
    }
    return groups;
  }

  /**
   * Adds a group with a copy of the option values of {@link #allGroups()}.
   *
   * @return the new group
   */
  public Group addGroup() {
    return addGroup(null, Collections.emptyMap());
  }

  /**
   * Adds a group with the option values of {@link #allGroups()}, but for some.
   *
   * @param options values by name that differ
   * @return the new group
   * @throws OptException {@link Status#NAME} or {@link Status#VALUE}; then there is no new group
   */
  public Group addGroup(Map<String, Double> options) {
    return addGroup(null, options);
  }

  /**
   * Adds a group with the option values of {@link #allGroups()}, but for some.
   *
   * @param options the values that differ, such as {@code AdamW.builder().weightDecay(0)}
   * @return the new group
   * @throws IllegalArgumentException if they are another rule's
   * @throws OptException {@link Status#NAME} or {@link Status#VALUE}; then there is no new group
   */
  public Group addGroup(RuleBuilder<?> options) {
    checkRule(options);
    return addGroup(options.preset(), options.options());
  }

  private Group addGroup(String preset, Map<String, Double> options) {
    Objects.requireNonNull(options, "options");
    int[] index = new int[1];
    try (OptionList list = RuleBuilder.list(preset, options)) {
      list.add_group(handle.get(), index);
    } finally {
      Reference.reachabilityFence(this);
    }
    return new Group(this, index[0]);
  }

  /**
   * Attaches a tensor and allocates its state.
   *
   * @param spec its name, shape and buffers
   * @return the tensor
   * @throws IllegalArgumentException if its group is not one of this optimizer's {@link #groups()}
   * @throws OptException {@link Status#NAME} (duplicate or reserved), {@link Status#OVERLAP} (buffers
   *     share memory), {@link Status#ARGUMENT} (shape, misaligned buffer)
   */
  public Tensor attach(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return attach(Collections.singletonList(spec)).get(0);
  }

  /**
   * Attaches several tensors, or none if one of them cannot be.
   *
   * @param specs their names, shapes and buffers
   * @return the tensors, in the same order
   * @throws OptException as {@link #attach(TensorSpec)}
   */
  public List<Tensor> attach(List<TensorSpec> specs) {
    Objects.requireNonNull(specs, "specs");
    List<Tensor> attached = new ArrayList<>(specs.size());
    try (TensorList list = new TensorList()) {
      synchronized (handle) {
        for (TensorSpec spec : specs) {
          Objects.requireNonNull(spec, "spec").addTo(list, this);
        }
        list.attach(handle.get());
        for (int i = 0; i < specs.size(); ++i) {
          TensorSpec spec = specs.get(i);
          Tensor tensor = new Tensor(this, list.index(i));
          handle.retain(tensor.index(), spec.param, spec.grad);
          tensors.put(tensor.index(), tensor);
          attached.add(tensor);
        }
      }
    } finally {
      Reference.reachabilityFence(specs);
      Reference.reachabilityFence(this);
    }
    return attached;
  }

  /**
   * Computes how many bytes of state a tensor would have, with the options as they are now; nothing
   * is attached.
   *
   * @param spec its shape, element types and group
   * @return bytes of state, of averages and accumulators too where the optimizer keeps them
   * @throws IllegalArgumentException if its group is not one of this optimizer's {@link #groups()}
   * @throws OptException {@link Status#ARGUMENT} (shape)
   */
  public long stateBytes(TensorSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return stateBytes(Collections.singletonList(spec));
  }

  /**
   * Computes how many bytes of state tensors would have together.
   *
   * @param specs their shapes, element types and groups
   * @return as {@link #stateBytes(TensorSpec)}
   * @throws OptException as {@link #stateBytes(TensorSpec)}
   */
  public long stateBytes(List<TensorSpec> specs) {
    Objects.requireNonNull(specs, "specs");
    long[] bytes = new long[1];
    try (TensorList list = new TensorList()) {
      for (TensorSpec spec : specs) {
        Objects.requireNonNull(spec, "spec").addTo(list, this);
      }
      list.state_bytes(handle.get(), bytes);
    } finally {
      Reference.reachabilityFence(this);
    }
    return bytes[0];
  }

  /**
   * Finds an attached tensor by its name.
   *
   * @param name as it was attached, or made up
   * @return the tensor
   * @throws OptException {@link Status#NAME}
   */
  public Tensor findTensor(String name) {
    Objects.requireNonNull(name, "name");
    long[] index = new long[1];
    synchronized (handle) {
      Native.opt_tensor_find(handle.get(), name, index);
      return tensors.get(index[0]);
    }
  }

  /**
   * Returns the attached tensors.
   *
   * @return a list in the order of their indices
   */
  public List<Tensor> tensors() {
    synchronized (handle) {
      handle.get();
      return new ArrayList<>(tensors.values());
    }
  }

  /**
   * Describes the optimizer as it is now.
   *
   * @return its rule, counts and memory
   */
  public OptimizerInfo info() {
    try (opt_info info = new opt_info()) {
      Native.opt_get_info(handle.get(), info);
      return new OptimizerInfo(info);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Makes one step over every tensor that has a gradient, with the retained buffers; the others stay
   * as they are. A step in which no tensor has a gradient counts like any other: {@link
   * OptimizerInfo#steps} and the schedules go on.
   *
   * @throws OptException as {@link #step(StepOptions, Lent...)}
   */
  public void step() {
    try {
      Native.opt_step_retained(handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Makes one step with lent buffers; a tensor that is lent no gradient stays as it is.
   *
   * @param lent at most one for each tensor; none at all: the retained buffers
   * @throws IllegalArgumentException as {@link #step(StepOptions, Lent...)}
   * @throws OptException as {@link #step(StepOptions, Lent...)}
   */
  public void step(Lent... lent) {
    step(new StepOptions(), lent);
  }

  /**
   * Makes one step over every tensor that has a gradient; the others stay as they are. A step in
   * which no tensor has a gradient counts like any other: {@link OptimizerInfo#steps} and the
   * schedules go on.
   *
   * @param options how it is made
   * @param lent at most one for each tensor; none at all: the retained buffers
   * @return what the gradients were like; null if {@link StepOptions#reports} is not set
   * @throws IllegalArgumentException if a tensor is lent twice, or is another optimizer's
   * @throws OptException {@link Status#STATE} (a gradient but no parameters, or lent gradients while
   *     accumulated ones wait), {@link Status#OVERLAP}, {@link Status#BUSY}
   */
  public GradientReport step(StepOptions options, Lent... lent) {
    Objects.requireNonNull(options, "options");
    return lentCall.make(
        this, Lent.Call.STEP, 0, options.flags(), options.work, options.reports, lent);
  }

  /**
   * Begins a step in slices, for a program that must go on after a few milliseconds. It decides
   * everything that concerns all tensors: norms, clipping, scheduled values. {@link #stepSlice} then
   * gives some tensors their turn, until none is {@link OptimizerInfo#remaining}; all slices together
   * give the bytes of one step. Until then whatever would disturb the step is refused.
   *
   * @param options how it is made
   * @param lent as for {@link #step(StepOptions, Lent...)}; each slice is lent its own once more
   * @return what the gradients were like; null if {@link StepOptions#reports} is not set
   * @throws IllegalArgumentException as {@link #step(StepOptions, Lent...)}
   * @throws OptException as {@link #step(StepOptions, Lent...)}; {@link Status#STATE} while another
   *     step is open
   */
  public GradientReport beginStep(StepOptions options, Lent... lent) {
    Objects.requireNonNull(options, "options");
    return lentCall.beginStep(this, options, lent);
  }

  /**
   * Gives some tensors their turn in the open step.
   *
   * @param tensors each once
   * @param lent what was lent to {@link #beginStep} for these tensors
   * @return the number of tensors that have not had their turn; 0: the step has ended
   * @throws IllegalArgumentException if a tensor is another optimizer's
   * @throws OptException {@link Status#ARGUMENT} (a tensor has had its turn), {@link Status#STATE} (no
   *     step is open)
   */
  public long stepSlice(List<Tensor> tensors, Lent... lent) {
    Objects.requireNonNull(tensors, "tensors");
    return lentCall.slice(this, tensors, lent);
  }

  /**
   * Gives all tensors that remain their turn, which ends the step.
   *
   * @param lent what was lent to {@link #beginStep} for these tensors
   * @throws OptException {@link Status#STATE} (no step is open)
   */
  public void stepRemaining(Lent... lent) {
    lentCall.slice(this, null, lent);
  }

  /**
   * Ends the open step early: the tensors that remain are left out of it. If none has had its turn,
   * nothing has changed.
   */
  public void abandonStep() {
    try {
      Native.opt_step_abandon(handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Adds gradients to accumulators, for a later step with their mean. The mean divides by the samples
   * of all calls.
   *
   * @param samples number of samples in this micro-batch, at least 1
   * @param lent gradients, at most one for each tensor; none at all: the retained ones
   * @throws OptException {@link Status#ARGUMENT} (samples)
   */
  public void accumulate(long samples, Lent... lent) {
    accumulate(samples, new AccumulateOptions(), lent);
  }

  /**
   * Adds gradients to accumulators, for a later step with their mean, or sum.
   *
   * @param samples number of samples in this micro-batch, at least 1
   * @param options whether the gradients are means themselves, and are zeroed
   * @param lent gradients, at most one for each tensor; none at all: the retained ones
   * @throws OptException {@link Status#ARGUMENT} (samples)
   */
  public void accumulate(long samples, AccumulateOptions options, Lent... lent) {
    Objects.requireNonNull(options, "options");
    lentCall.make(this, Lent.Call.ACCUMULATE, samples, options.flags(), null, false, lent);
  }

  /** Forgets what was accumulated since the last step. */
  public void discard() {
    try {
      Native.opt_discard(handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Sets gradients to zero.
   *
   * @param lent gradients; none at all: the retained ones
   */
  public void zeroGrads(Lent... lent) {
    lentCall.make(this, Lent.Call.ZERO_GRADS, 0, 0, null, false, lent);
  }

  /**
   * Measures the gradients that a step would use; changes nothing.
   *
   * @param lent gradients; none at all: the retained ones
   * @return norms, and whether there is Inf or NaN
   * @throws OptException as {@link #gradNorm(StepOptions, Lent...)}
   */
  public GradientReport gradNorm(Lent... lent) {
    return gradNorm(new StepOptions(), lent);
  }

  /**
   * Measures the gradients that a step would use, as its work leaves them before the norm is
   * clipped; changes nothing.
   *
   * @param options how the step would be made
   * @param lent gradients; none at all: the retained ones
   * @return norms, and whether there is Inf or NaN
   * @throws OptException {@link Status#NONFINITE}, {@link Status#STATE}
   */
  public GradientReport gradNorm(StepOptions options, Lent... lent) {
    Objects.requireNonNull(options, "options");
    long flags = options.sum ? NativeConstants.OPT_GRAD_SUM : 0;
    return lentCall.make(this, Lent.Call.GRAD_NORM, 0, flags, options.work, true, lent);
  }

  /**
   * Does the work on the gradients themselves, in place.
   *
   * @param work the work
   * @param lent gradients; none at all: the retained ones
   * @return what they were like
   * @throws OptException {@link Status#NONFINITE}, {@link Status#STATE} (accumulated gradients wait,
   *     or a loss scaler is active)
   */
  public GradientReport clipGrads(GradientWork work, Lent... lent) {
    Objects.requireNonNull(work, "work");
    return lentCall.make(this, Lent.Call.CLIP_GRADS, 0, 0, work, true, lent);
  }

  /**
   * Sets how many elements of lent arrays may be pinned by a call; more are copied.
   *
   * @param elements of all arrays together; 1,048,576 at first; 0: always copy
   * @throws IllegalArgumentException if it is negative
   */
  public void pinLimit(long elements) {
    if (elements < 0) {
      throw new IllegalArgumentException(
          "elements is " + elements + ": it must be 0 (always copy) or more");
    }
    lentCall.pinLimit = elements;
  }

  /** Starts dynamic loss scaling with the defaults of torch.cuda.amp.GradScaler. */
  public void startScaler() {
    startScaler(new ScalerOptions());
  }

  /**
   * Starts dynamic loss scaling: each step divides by the scale, is skipped if there is Inf or NaN,
   * and updates the scale.
   *
   * @param options scale and factors
   * @throws OptException {@link Status#ARGUMENT}
   */
  public void startScaler(ScalerOptions options) {
    Objects.requireNonNull(options, "options");
    try {
      options.start(handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Sets the scale of the loss scaler, as when a run is continued from another library; its count
   * of good steps starts over.
   *
   * @param scale more than 0
   * @throws OptException {@link Status#ARGUMENT} (scale), {@link Status#STATE} (there is no scaler,
   *     or accumulated gradients of the present scale wait)
   */
  public void setScale(double scale) {
    try {
      Native.opt_scaler_set_scale(handle.get(), scale);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Ends loss scaling; without a scaler it does nothing. */
  public void stopScaler() {
    try {
      Native.opt_scaler_stop(handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Describes the loss scaler as it is now.
   *
   * @return its scale and counts; null if there is none
   */
  public ScalerInfo scaler() {
    try (opt_scaler_info info = new opt_scaler_info()) {
      Native.opt_scaler_get_info(handle.get(), info);
      return info.getActive() == 0 ? null : new ScalerInfo(info);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Keeps an exponential moving average of the parameters from now on, with decay 0.999. */
  public void startAverage() {
    startAverage(new AverageOptions());
  }

  /**
   * Keeps an average of the parameters from now on, in the same pass over memory as the step; {@link
   * Tensor#state} reads it, as {@link Names#SLOT_PARAM_AVERAGE}.
   *
   * @param options which average, and when
   * @throws OptException {@link Status#ARGUMENT}, {@link Status#VALUE}, {@link Status#STATE} (while
   *     swapped)
   */
  public void startAverage(AverageOptions options) {
    Objects.requireNonNull(options, "options");
    // The call may free averages that Tensor.state() reads.
    synchronized (handle) {
      options.start(handle);
    }
    Reference.reachabilityFence(this);
  }

  /**
   * Stops averaging and frees the averages.
   *
   * @throws OptException {@link Status#STATE} while swapped
   */
  public void stopAverage() {
    synchronized (handle) {
      Native.opt_average_stop(handle.get());
    }
    Reference.reachabilityFence(this);
  }

  /**
   * Describes the average as it is now.
   *
   * @return its kind and counts; null if none is kept
   */
  public AverageInfo average() {
    try (opt_average_info info = new opt_average_info()) {
      Native.opt_average_get_info(handle.get(), info);
      return info.getKind() == 0 ? null : new AverageInfo(info);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Exchanges the parameters with the evaluation weights: the averages, if an average is kept, else
   * the rule's own, or else the slow weights of lookahead. The next call puts the parameters back;
   * meanwhile steps and loads throw {@link Status#STATE}. A checkpoint that is saved meanwhile
   * holds the parameters as state, and after its load they are put back by such a call. {@link
   * Tensor#readEvalWeights} copies the weights.
   *
   * @param lent parameters, the same at both calls; none at all: the retained ones
   * @throws OptException {@link Status#STATE} (no average is kept, and neither the rule nor
   *     lookahead has such weights, or parameters are missing)
   */
  public void swapEvalWeights(Lent... lent) {
    lentCall.make(this, Lent.Call.SWAP_EVAL_WEIGHTS, 0, 0, null, false, lent);
  }

  /**
   * Returns whether the evaluation weights are in the parameters' buffers, where {@link
   * #swapEvalWeights} has put them.
   *
   * @return true if they are
   */
  public boolean isSwapped() {
    try (opt_average_info info = new opt_average_info()) {
      Native.opt_average_get_info(handle.get(), info);
      return info.getSwapped() != 0;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  void readEvalWeights(long index, long address, Lent[] lent) {
    lentCall.readEvalWeights(this, index, address, lent);
  }

  /**
   * Saves the state to a file, which is replaced as a whole or not at all.
   *
   * @param file its directory must be writable
   * @throws OptException as {@link #save(Path, SaveOptions)}
   */
  public void save(Path file) {
    save(file, new SaveOptions());
  }

  /**
   * Saves the state to a file, which is replaced as a whole or not at all.
   *
   * @param file its directory must be writable
   * @param options what to save beside the state
   * @throws OptException {@link Status#IO}, which is an {@link OptException.Io}, {@link Status#NAME}
   *     (of an entry), {@link Status#STATE} (no parameters to save)
   */
  public void save(Path file, SaveOptions options) {
    Objects.requireNonNull(options, "options");
    String path = Checkpoint.path(file);
    OptException.Io.writing(
        file, () -> options.call(this, (call, bits) -> call.to_file(bits, path)));
  }

  /**
   * Saves the state to a stream, which is not closed.
   *
   * @param stream receives the whole checkpoint
   * @param options what to save beside the state
   * @throws IOException by the stream
   * @throws OptException as {@link #save(Path, SaveOptions)}
   */
  public void save(OutputStream stream, SaveOptions options) throws IOException {
    Objects.requireNonNull(stream, "stream");
    ByteBuffer saved = saveToBuffer(options);
    WritableByteChannel channel = Channels.newChannel(stream);
    while (saved.hasRemaining()) {
      channel.write(saved);
    }
  }

  /**
   * Saves the state to memory.
   *
   * @return a checkpoint from position 0 to the limit of a new direct buffer
   */
  public ByteBuffer saveToBuffer() {
    return saveToBuffer(new SaveOptions());
  }

  /**
   * Saves the state to memory.
   *
   * @param options what to save beside the state
   * @return a checkpoint from position 0 to the limit of a new direct buffer
   * @throws OptException as {@link #save(Path, SaveOptions)}
   */
  public ByteBuffer saveToBuffer(SaveOptions options) {
    Objects.requireNonNull(options, "options");
    ByteBuffer[] saved = new ByteBuffer[1];
    options.call(
        this,
        (call, bits) -> {
          long[] size = new long[1];
          call.measure(bits, size);
          saved[0] = Buffers.bytes(size[0], 1);
          call.to_memory(bits, Native.opt_buffer_address(saved[0]), size[0]);
        });
    return saved[0];
  }

  /**
   * Saves the state to memory.
   *
   * @param options what to save beside the state
   * @return a checkpoint
   * @throws OptException as {@link #save(Path, SaveOptions)}
   */
  public byte[] saveToBytes(SaveOptions options) {
    ByteBuffer saved = saveToBuffer(options);
    byte[] bytes = new byte[saved.remaining()];
    saved.get(bytes);
    return bytes;
  }

  /**
   * Loads a checkpoint's state, options, schedules and counters into this optimizer, which is of the
   * same rule, and has as many groups and the same tensors in them; tensors are matched by name.
   *
   * @param file the checkpoint
   * @return what did not fit and was allowed not to
   * @throws OptException as {@link #load(Path, LoadOptions)}
   */
  public LoadReport load(Path file) {
    return load(file, new LoadOptions());
  }

  /**
   * Loads a checkpoint into this optimizer, which is of the same rule, and has as many groups and the
   * same tensors in them. Tensors are matched by name, shape and element type, and all is verified
   * before anything changes.
   *
   * @param file the checkpoint
   * @param options what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException {@link Status#IO}, which is an {@link OptException.Io}; {@link
   *     Status#FORMAT} or {@link Status#MISMATCH}, which is an {@link OptException.Checkpoint}
   */
  public LoadReport load(Path file, LoadOptions options) {
    Objects.requireNonNull(options, "options");
    String path = Checkpoint.path(file);
    return OptException.Io.reading(
        file, () -> options.call(this, (call, bits) -> call.from_file(bits, path)));
  }

  /**
   * Loads a checkpoint from memory.
   *
   * @param checkpoint from position to limit; a direct buffer is not copied
   * @param options what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException as {@link #load(Path, LoadOptions)}
   */
  public LoadReport load(ByteBuffer checkpoint, LoadOptions options) {
    Objects.requireNonNull(options, "options");
    ByteBuffer bytes = Checkpoint.direct(checkpoint);
    return options.call(
        this,
        (call, bits) -> call.from_memory(bits, Native.opt_buffer_address(bytes), bytes.remaining()));
  }

  /**
   * Loads a checkpoint from memory.
   *
   * @param checkpoint its bytes
   * @param options what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException as {@link #load(Path, LoadOptions)}
   */
  public LoadReport load(byte[] checkpoint, LoadOptions options) {
    return load(ByteBuffer.wrap(Objects.requireNonNull(checkpoint, "checkpoint")), options);
  }

  /**
   * Loads a checkpoint from a stream, which is read to its end and not closed.
   *
   * @param stream the checkpoint
   * @param options what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws IOException by the stream
   * @throws OptException as {@link #load(Path, LoadOptions)}
   */
  public LoadReport load(InputStream stream, LoadOptions options) throws IOException {
    Objects.requireNonNull(options, "options");
    return load(Objects.requireNonNull(stream, "stream").readAllBytes(), options);
  }

  /**
   * Loads a checkpoint that has been opened, and perhaps looked into; it stays open.
   *
   * @param checkpoint an open checkpoint
   * @param options what to load, and what may be missing
   * @return what did not fit and was allowed not to
   * @throws OptException as {@link #load(Path, LoadOptions)}
   */
  public LoadReport load(Checkpoint checkpoint, LoadOptions options) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(options, "options");
    return options.call(
        this, (call, bits) -> checkpoint.use(opened -> call.from_checkpoint(bits, opened)));
  }

  /**
   * Destroys the optimizer and its state, and lets go of the buffers, whose contents stay. Waits for
   * a call that another thread is making. Closing again does nothing.
   */
  @Override
  public void close() {
    handle.run();
    cleanable.clean();
  }

  @Override
  public String toString() {
    return "optimizer of rule " + ruleName + (handle.isClosed() ? ", closed" : "");
  }

  Handle handle() {
    return handle;
  }

  /** The tensor of an index; null if it has none. */
  Tensor tensorAt(long index) {
    synchronized (handle) {
      return tensors.get(index);
    }
  }

  /** Forgets a tensor that was detached. */
  void forget(Tensor tensor) {
    tensors.remove(tensor.index());
    handle.release(tensor.index());
  }

  /** Refuses options of another rule; an alias has defaults of its own, and so is another rule. */
  void checkRule(RuleBuilder<?> options) {
    Objects.requireNonNull(options, "options");
    if (!options.rule().equals(ruleName)) {
      throw new IllegalArgumentException(
          "a group of an optimizer of rule '" + ruleName + "' cannot have options of rule '"
              + options.rule() + "'");
    }
  }
}
