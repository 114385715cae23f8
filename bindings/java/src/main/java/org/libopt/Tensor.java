// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A tensor that is attached to an optimizer. After {@link #detach()} its methods throw {@link
 * IllegalStateException}, as they do when the optimizer is closed.
 */
public final class Tensor {
  private final Optimizer optimizer;
  private final long index;
  private final String name;
  private final long count;
  private final DType paramDType;
  private final DType gradDType;
  private volatile boolean detached;
  private long turn; // the last call that it was lent to; that call's alone

  /** The handle's lock is held. */
  Tensor(Optimizer optimizer, long index) {
    this.optimizer = optimizer;
    this.index = index;
    try (opt_tensor_info info = info()) {
      count = info.getCount();
      paramDType = DType.of(info.getParam_dtype());
      gradDType = DType.of(info.getGrad_dtype());
      name = info.getName();
    }
  }

  /**
   * Returns the tensor's number, the lowest that was free.
   *
   * @return 0 for the first
   */
  public long index() {
    return index;
  }

  /**
   * Returns the tensor's name.
   *
   * @return as it was attached, or made up
   */
  public String name() {
    return name;
  }

  /**
   * Returns the number of elements.
   *
   * @return at least 0
   */
  public long count() {
    return count;
  }

  /**
   * Returns the element type of the parameters, and of the state slots that have no type of their
   * own ({@link Rule.Slot#dtype}).
   *
   * @return {@link DType#F32} or {@link DType#F64}
   */
  public DType paramDType() {
    return paramDType;
  }

  /**
   * Returns the element type of the gradients.
   *
   * @return {@link DType#F32} or {@link DType#F64}
   */
  public DType gradDType() {
    return gradDType;
  }

  /**
   * Returns the shape.
   *
   * @return the extents, at least one
   */
  public long[] shape() {
    synchronized (optimizer.handle()) {
      try (opt_tensor_info info = info()) {
        long[] shape = new long[info.getRank()];
        for (int i = 0; i < shape.length; ++i) {
          shape[i] = Native.opt_shape_at(info, i);
        }
        return shape;
      }
    }
  }

  /**
   * Returns the group that the tensor belongs to.
   *
   * @return the group
   */
  public Group group() {
    try (opt_tensor_info info = info()) {
      return new Group(optimizer, info.getGroup());
    }
  }

  /**
   * Moves the tensor to another group; its state and step stay.
   *
   * @param group of the tensor's optimizer
   * @throws IllegalArgumentException if it is another optimizer's, or {@link
   *     Optimizer#allGroups()}
   * @throws OptException {@link Status#STATE} if the options of the groups ask for different state
   */
  public void setGroup(Group group) {
    Objects.requireNonNull(group, "group").checkOwner(optimizer, name);
    synchronized (optimizer.handle()) {
      Native.opt_tensor_set_group(handle(), index, group.index());
    }
  }

  /**
   * Returns how many steps the tensor has taken, the formulas' t.
   *
   * @return at least 0
   */
  public long step() {
    try (opt_tensor_info info = info()) {
      return info.getStep();
    }
  }

  /**
   * Sets how many steps the tensor has taken, to continue a run from another library.
   *
   * @param step at least 0; the next step is step + 1
   * @throws OptException {@link Status#ARGUMENT} if it is out of range
   */
  public void setStep(long step) {
    synchronized (optimizer.handle()) {
      Native.opt_tensor_set_step(handle(), index, step);
    }
  }

  /**
   * Sets an attribute; it acts from the next step on.
   *
   * @param attribute a name such as {@link Names#TENSOR_FROZEN}
   * @param value within the attribute's range
   * @throws OptException {@link Status#NAME}, {@link Status#VALUE}
   */
  public void set(String attribute, double value) {
    synchronized (optimizer.handle()) {
      Native.opt_set_attribute(
          handle(), index, Objects.requireNonNull(attribute, "attribute"), value);
    }
  }

  /**
   * Reads an attribute.
   *
   * @param attribute a name such as {@link Names#TENSOR_FROZEN}
   * @return its value
   * @throws OptException {@link Status#NAME}
   */
  public double get(String attribute) {
    double[] value = new double[1];
    synchronized (optimizer.handle()) {
      Native.opt_get_attribute(
          handle(), index, Objects.requireNonNull(attribute, "attribute"), value);
    }
    return value[0];
  }

  /**
   * Gives the tensor other retained buffers; its state and step stay.
   *
   * @param param a direct buffer of {@link #count()} elements of {@link #paramDType()}; null: lent
   *     for each call
   * @param grad a direct buffer of {@link #count()} elements of {@link #gradDType()}; null: none
   * @throws IllegalArgumentException if a buffer does not fit
   * @throws OptException {@link Status#OVERLAP}, {@link Status#ARGUMENT} (misaligned)
   */
  public void bind(Buffer param, Buffer grad) {
    Region params = region(param, "param", paramDType());
    Region grads = region(grad, "grad", gradDType());
    synchronized (optimizer.handle()) {
      Native.opt_bind(handle(), index, Region.address(params), Region.address(grads));
      optimizer.handle().retain(index, params, grads);
    }
  }

  /** Detaches the tensor, frees its state, and lets go of its buffers. */
  public void detach() {
    synchronized (optimizer.handle()) {
      Native.opt_detach(handle(), index);
      detached = true;
      optimizer.forget(this);
    }
  }

  /**
   * Copies a slot of the state out.
   *
   * @param slot a name such as {@link Names#SLOT_EXP_AVG}
   * @return the slot's elements in a new direct buffer in native order: {@link #count()} of {@link
   *     #paramDType()} unless {@link Rule.Slot} tells another shape or type; a number is one {@link
   *     DType#F64}
   * @throws OptException {@link Status#NAME} if there is no such slot, or not with these options
   */
  public ByteBuffer state(String slot) {
    synchronized (optimizer.handle()) {
      ByteBuffer from = view(slot);
      return Buffers.bytes(from.remaining(), 1).put(from).rewind();
    }
  }

  /**
   * Copies a slot of the state in, to continue a run from another library; see {@link #setStep}.
   * Numbers that a group shares are set for all its tensors.
   *
   * @param slot a name such as {@link Names#SLOT_EXP_AVG}
   * @param values as many elements as {@link #state} returns, of the same type, in native order,
   *     from position to limit
   * @throws IllegalArgumentException if the length or the byte order is another
   * @throws OptException {@link Status#NAME} if there is no such slot, or not with these options
   */
  public void setState(String slot, ByteBuffer values) {
    Objects.requireNonNull(values, "values");
    synchronized (optimizer.handle()) {
      ByteBuffer to = view(slot);
      Region.checkOrder(Region.name(name, slot), values.order());
      if (values.remaining() != to.remaining()) {
        throw new IllegalArgumentException(
            Region.name(name, slot) + ": " + values.remaining() + " bytes remain, but the slot has "
                + to.remaining());
      }
      to.put(values.duplicate());
    }
  }

  /**
   * Copies the evaluation weights, which {@link Optimizer#swapEvalWeights} would put into the
   * parameters, and changes nothing else.
   *
   * @param lent parameters, which all weights but averages need; none at all: the retained ones
   * @return {@link #count()} elements of {@link #paramDType()} in a new direct buffer in native order
   * @throws OptException {@link Status#STATE} (no average is kept, and neither the rule nor
   *     lookahead has such weights, they are in the parameters' buffers now, or parameters are
   *     missing)
   */
  public ByteBuffer readEvalWeights(Lent... lent) {
    checkOwner(optimizer);
    ByteBuffer weights = Buffers.bytes(count, paramDType.bytes());
    optimizer.readEvalWeights(index, Native.opt_buffer_address(weights), lent);
    Reference.reachabilityFence(weights);
    return weights;
  }

  /** The library's own memory; the handle's lock keeps it there. */
  private ByteBuffer view(String slot) {
    Objects.requireNonNull(slot, "slot");
    try (opt_view view = new opt_view()) {
      Native.opt_state_view(handle(), index, slot, view);
      long bytes = view.getCount() * DType.of(view.getDtype()).bytes();
      if (bytes > Integer.MAX_VALUE) {
        throw new IllegalStateException(
            Region.name(name, slot) + ": " + bytes + " bytes are too many for a buffer; save the"
                + " optimizer to a file");
      }
      return Native.opt_memory(view.getData(), bytes).order(ByteOrder.nativeOrder());
    }
  }

  private opt_tensor_info info() {
    opt_tensor_info info = new opt_tensor_info();
    try {
      Native.opt_tensor_at(handle(), index, info);
      return info;
    } catch (RuntimeException | Error e) {
      info.close();
      throw e;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Checks a buffer that is to be this tensor's. */
  Region region(Buffer buffer, String role, DType dtype) {
    String what = Region.name(name, role);
    Region region =
        buffer instanceof ByteBuffer
            ? Region.of(what, (ByteBuffer) buffer, dtype)
            : Region.of(what, buffer);
    if (region != null) {
      check(role, region.dtype, region.count, dtype);
    }
    return region;
  }

  /** Checks the type and length of what is to be this tensor's. */
  void check(String role, DType dtype, long length, DType expected) {
    if (dtype != expected) {
      throw new IllegalArgumentException(
          Region.name(name, role) + ": " + dtype + ", and the tensor was attached as " + expected);
    }
    if (length != count()) {
      throw new IllegalArgumentException(
          Region.name(name, role) + ": " + length + " elements, not the " + count()
              + " of the tensor");
    }
  }

  void checkOwner(Optimizer user) {
    if (user != optimizer) {
      throw new IllegalArgumentException(Region.name(name, "lent") + ": of another optimizer");
    }
    if (detached) {
      throw new IllegalStateException("tensor '" + name + "' is detached: attach it again");
    }
  }

  /** Refuses what is lent to a call, each of which has a turn of its own, for a second time. */
  void lendOnce(long turn) {
    if (turn == this.turn) {
      throw lentTwice();
    }
    this.turn = turn;
  }

  IllegalArgumentException lentTwice() {
    return new IllegalArgumentException(
        Region.name(name, "lent") + ": twice in one call; lend its parameters and gradients"
            + " together (Lent.of)");
  }

  private long handle() {
    checkOwner(optimizer);
    return optimizer.handle().get();
  }

  @Override
  public String toString() {
    return "tensor '" + name + "', " + paramDType + " [" + count + "]" + (detached ? ", detached" : "");
  }
}
