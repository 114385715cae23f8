// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps in slices. */
class SliceTest {
  private static List<Tensor> attach(Optimizer optimizer) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 3; ++i) {
      tensors.add(
          optimizer.attach(
              TensorSpec.of("t" + i, Buffers.of(i, 1f), Buffers.of(3f, i + 1f))));
    }
    return tensors;
  }

  @Test
  void slices_give_the_bytes_of_one_step() {
    StepOptions options = new StepOptions().work(new GradientWork().maxNorm(1)).reports(true);
    SaveOptions params = new SaveOptions().params(true);
    try (Optimizer sliced = AdamW.builder().build();
        Optimizer whole = AdamW.builder().build()) {
      List<Tensor> tensors = attach(sliced);
      attach(whole);
      for (int step = 0; step < 3; ++step) {
        assertNotNull(sliced.beginStep(options));
        assertEquals(3, sliced.info().remaining());
        assertEquals(2, sliced.stepSlice(Arrays.asList(tensors.get(2))));
        sliced.stepRemaining();
        assertEquals(0, sliced.info().remaining());
        whole.step(options);
      }
      assertArrayEquals(whole.saveToBytes(params), sliced.saveToBytes(params));
    }
  }

  @Test
  void an_open_step_refuses_what_would_disturb_it() {
    try (Optimizer optimizer = AdamW.builder().build()) {
      List<Tensor> tensors = attach(optimizer);
      optimizer.beginStep(new StepOptions());
      optimizer.stepSlice(tensors.subList(0, 1));
      OptException e = assertThrows(OptException.class, optimizer::step);
      assertEquals(Status.STATE, e.status());
      assertTrue(e.getMessage().contains("'t1' (index 1) and 1 other have"), e.getMessage());
      assertTrue(e.getMessage().contains("Optimizer.abandonStep"), e.getMessage());
      e = assertThrows(OptException.class, () -> optimizer.stepSlice(tensors));
      assertEquals(Status.ARGUMENT, e.status());
      optimizer.abandonStep();
      assertEquals(1, optimizer.info().steps());
      assertEquals(0, tensors.get(1).step());
    }
  }

  @Test
  void arrays_are_lent_to_each_slice() {
    float[] a = {0};
    float[] b = {0};
    try (Optimizer optimizer = Gd.builder().lr(1).build()) {
      Tensor first = optimizer.attach(TensorSpec.lent("a", DType.F32, 1));
      Tensor second = optimizer.attach(TensorSpec.lent("b", DType.F32, 1));
      float[] grad = {2};
      float[] other = {3};
      optimizer.beginStep(
          new StepOptions().zeroGrads(true), Lent.of(first, a, grad), Lent.of(second, b, other));
      assertEquals(1, optimizer.stepSlice(Arrays.asList(first), Lent.of(first, a, grad)));
      assertEquals(0, optimizer.stepSlice(Arrays.asList(second), Lent.of(second, b, other)));
      assertArrayEquals(new float[] {-2, -3}, new float[] {a[0], b[0]});
      assertArrayEquals(new float[] {0, 0}, new float[] {grad[0], other[0]});
    }
  }
}
