// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

/** Which buffers and arrays can be attached and lent, and what a step does to them. */
class BufferTest {
  private static String refused(Buffer param) {
    return assertThrows(
            IllegalArgumentException.class, () -> TensorSpec.of("w", param, null))
        .getMessage();
  }

  @Test
  void a_step_changes_attached_buffers_in_place() {
    FloatBuffer param = Buffers.of(1f, 2f);
    DoubleBuffer wide = Buffers.of(1.0);
    try (Optimizer optimizer = Gd.builder().lr(0.5).build()) {
      optimizer.attach(TensorSpec.of("f", param, Buffers.of(1f, -1f)));
      optimizer.attach(TensorSpec.of("d", wide, Buffers.of(1.0)));
      optimizer.step();
    }
    assertEquals(0.5f, param.get(0));
    assertEquals(2.5f, param.get(1));
    assertEquals(0.5, wide.get(0));
  }

  @Test
  void a_tensor_reaches_from_position_to_limit() {
    FloatBuffer param = Buffers.of(1f, 2f, 3f, 4f);
    param.position(1).limit(3);
    try (Optimizer optimizer = Gd.builder().lr(1).build()) {
      optimizer.attach(TensorSpec.of("w", param, Buffers.of(1f, 1f)));
      param.clear();
      optimizer.step();
    }
    float[] all = new float[4];
    param.get(all);
    assertArrayEquals(new float[] {1, 1, 2, 4}, all);
  }

  @Test
  void heap_buffers_are_refused_with_what_to_do() {
    assertTrue(refused(FloatBuffer.allocate(2)).contains("Lent.of"));
  }

  @Test
  void read_only_buffers_are_refused() {
    assertTrue(refused(Buffers.floats(2).asReadOnlyBuffer()).contains("read-only"));
  }

  @Test
  void the_other_byte_order_is_refused() {
    ByteOrder other =
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    assertTrue(
        refused(ByteBuffer.allocateDirect(8).order(other).asFloatBuffer())
            .contains("nativeOrder"));
  }

  @Test
  void buffers_of_other_types_are_refused() {
    IntBuffer ints = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder()).asIntBuffer();
    assertTrue(refused(ints).contains("FloatBuffer"));
  }

  @Test
  void lengths_that_differ_are_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> TensorSpec.of("w", Buffers.floats(2), Buffers.floats(3)));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            TensorSpec.of(
                "w", DType.F32, ByteBuffer.allocateDirect(7).order(ByteOrder.nativeOrder()), null));
  }

  @Test
  void lent_arrays_give_the_same_result_pinned_and_copied() {
    for (long limit : new long[] {0, 1 << 20}) {
      float[] param = {1, 2, 3};
      float[] grad = {1, 1, 1};
      try (Optimizer optimizer = AdamW.builder().lr(0.1).build()) {
        Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 3));
        optimizer.pinLimit(limit);
        optimizer.step(new StepOptions().zeroGrads(true), Lent.of(w, param, grad));
      }
      FloatBuffer direct = Buffers.of(1f, 2f, 3f);
      try (Optimizer optimizer = AdamW.builder().lr(0.1).build()) {
        optimizer.attach(TensorSpec.of("w", direct, Buffers.of(1f, 1f, 1f)));
        optimizer.step();
      }
      float[] expected = new float[3];
      direct.get(expected);
      assertArrayEquals(expected, param);
      assertArrayEquals(new float[3], grad);
    }
  }

  @Test
  void arrays_of_another_length_or_type_are_refused() {
    try (Optimizer optimizer = Optimizer.create(Names.RULE_SGD)) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 3));
      assertThrows(
          IllegalArgumentException.class, () -> Lent.of(w, new float[2], new float[3]));
      assertThrows(
          IllegalArgumentException.class, () -> Lent.of(w, new double[3], new double[3]));
    }
  }

  @Test
  void one_array_cannot_be_both_parameters_and_gradients() {
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor tensor = optimizer.attach(TensorSpec.lent("w", DType.F32, 2));
      float[] both = {1, 2};
      assertThrows(IllegalArgumentException.class, () -> Lent.of(tensor, both, both));
    }
  }
}
