// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A tensor to be attached: its name, element types, shape, group, and the buffers that the optimizer
 * retains, if any. Buffers are direct, writable, in native byte order; their elements from position
 * to limit are the tensor.
 */
public final class TensorSpec {
  final String name;
  final Region param;
  final Region grad;
  final DType paramDType;
  final DType gradDType;
  final long count;
  private long[] shape = {};
  private Group group;

  private TensorSpec(
      String name, Region param, Region grad, DType paramDType, DType gradDType, long count) {
    checkFloat(name, "param", paramDType);
    checkFloat(name, "grad", gradDType);
    this.name = name;
    this.param = param;
    this.grad = grad;
    this.paramDType = paramDType;
    this.gradDType = gradDType;
    this.count = count;
    if (grad != null && grad.count != count) {
      throw new IllegalArgumentException(
          Region.name(name, "grad") + ": " + grad.count + " elements remain, and " + count
              + " parameters");
    }
  }

  /**
   * A tensor with buffers that are retained until it is detached or the optimizer closed.
   *
   * @param name unique among the optimizer's tensors; null: one is made up
   * @param param a FloatBuffer or DoubleBuffer of the parameters
   * @param grad a FloatBuffer or DoubleBuffer of as many gradients; null: none yet
   * @return a new description
   * @throws IllegalArgumentException if a buffer is of another type, not direct, read-only, or in
   *     the other byte order, or their lengths differ
   */
  public static TensorSpec of(String name, Buffer param, Buffer grad) {
    Objects.requireNonNull(param, "param");
    Region params = Region.of(Region.name(name, "param"), param);
    Region grads = Region.of(Region.name(name, "grad"), grad);
    DType gradDType = grads == null ? params.dtype : grads.dtype;
    return new TensorSpec(name, params, grads, params.dtype, gradDType, params.count);
  }

  /**
   * A tensor whose elements are in byte buffers, such as parts of a memory-mapped file.
   *
   * @param name unique among the optimizer's tensors; null: one is made up
   * @param dtype {@link DType#F32} or {@link DType#F64}, of both buffers
   * @param param the parameters
   * @param grad as many gradients; null: none yet
   * @return a new description
   * @throws IllegalArgumentException as {@link #of(String, Buffer, Buffer)}, or if the bytes are no
   *     multiple of an element
   */
  public static TensorSpec of(String name, DType dtype, ByteBuffer param, ByteBuffer grad) {
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(param, "param");
    Region params = Region.of(Region.name(name, "param"), param, dtype);
    Region grads = Region.of(Region.name(name, "grad"), grad, dtype);
    return new TensorSpec(name, params, grads, dtype, dtype, params.count);
  }

  /**
   * A tensor whose buffers or arrays are lent for each call.
   *
   * @param name unique among the optimizer's tensors; null: one is made up
   * @param dtype {@link DType#F32} or {@link DType#F64}, of parameters and gradients
   * @param count number of elements, at least 0
   * @return a new description
   * @throws IllegalArgumentException if it is another type
   */
  public static TensorSpec lent(String name, DType dtype, long count) {
    Objects.requireNonNull(dtype, "dtype");
    return lent(name, dtype, dtype, count);
  }

  /**
   * A tensor whose buffers or arrays are lent for each call.
   *
   * @param name unique among the optimizer's tensors; null: one is made up
   * @param paramDType {@link DType#F32} or {@link DType#F64}
   * @param gradDType {@link DType#F32} or {@link DType#F64}
   * @param count number of elements, at least 0
   * @return a new description
   * @throws IllegalArgumentException if it is another type
   */
  public static TensorSpec lent(String name, DType paramDType, DType gradDType, long count) {
    Objects.requireNonNull(paramDType, "paramDType");
    Objects.requireNonNull(gradDType, "gradDType");
    return new TensorSpec(name, null, null, paramDType, gradDType, count);
  }

  /**
   * Sets the shape; without it the tensor has one dimension.
   *
   * @param extents whose product is the number of elements
   * @return this description
   */
  public TensorSpec shape(long... extents) {
    shape = Objects.requireNonNull(extents, "extents").clone();
    return this;
  }

  /**
   * Sets the parameter group; without it the tensor belongs to the first.
   *
   * @param group of the optimizer that the tensor is attached to; not its {@link
   *     Optimizer#allGroups()}
   * @return this description
   */
  public TensorSpec group(Group group) {
    this.group = Objects.requireNonNull(group, "group");
    return this;
  }

  private static void checkFloat(String name, String role, DType dtype) {
    if (dtype != DType.F32 && dtype != DType.F64) {
      throw new IllegalArgumentException(
          Region.name(name, role) + ": " + dtype + ", where only DType.F32 and DType.F64 can be");
    }
  }

  /** Appends this description to a call. */
  void addTo(TensorList list, Optimizer optimizer) {
    if (group != null) {
      group.checkOwner(optimizer, name);
    }
    list.add(
        name,
        group == null ? 0 : group.index(),
        paramDType.code(),
        gradDType.code(),
        count,
        Region.address(param),
        Region.address(grad));
    for (long extent : shape) {
      list.extend(extent);
    }
  }

  @Override
  public String toString() {
    return "tensor '" + name + "', " + paramDType + " [" + count + "]";
  }
}
