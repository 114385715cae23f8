// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Copies of optimizers. */
class CloneTest {
  private static final float[] START = {0.3f, -0.7f};
  private static final float[] GRAD = {0.5f, -2f};

  private static void run(Optimizer optimizer) {
    for (int i = 0; i < 3; ++i) {
      optimizer.step();
    }
  }

  private static List<String> tensors(Optimizer optimizer) {
    return optimizer.tensors().stream()
        .map(t -> t.index() + " " + t + " " + t.gradDType() + " of " + t.group())
        .collect(toList());
  }

  private static float[] contents(FloatBuffer buffer) {
    float[] contents = new float[buffer.remaining()];
    buffer.duplicate().get(contents);
    return contents;
  }

  @Test
  void a_clone_continues_to_the_same_bytes() {
    FloatBuffer straight = Buffers.of(START);
    try (Context context = Context.builder().threads(1).build();
        Schedule schedule = new ExponentialSchedule().gamma(0.5);
        Optimizer optimizer = AdamW.builder().lr(0.1).build()) {
      optimizer.attach(TensorSpec.of("w", straight, Buffers.of(GRAD)));
      optimizer.attach(TensorSpec.lent("gone", DType.F32, 1)).detach();
      Group group = optimizer.addGroup(AdamW.builder().lr(0.3));
      optimizer.attach(TensorSpec.lent("lent", DType.F64, DType.F32, 2).group(group));
      optimizer.allGroups().setSchedule(Names.LR, schedule);
      optimizer.startScaler();
      optimizer.startAverage();
      run(optimizer);
      optimizer.accumulate(4);
      try (Optimizer clone = optimizer.clone(context)) {
        assertEquals(optimizer.info().toString(), clone.info().toString());
        assertEquals(4, clone.info().pendingSamples());
        assertEquals(optimizer.scaler().toString(), clone.scaler().toString());
        assertEquals(tensors(optimizer), tensors(clone));
        assertEquals(clone.groups().get(1), clone.findTensor("lent").group());
        assertEquals(
            Status.STATE, assertThrows(OptException.class, () -> clone.step()).status());
        FloatBuffer copied = Buffers.of(contents(straight));
        clone.findTensor("w").bind(copied, Buffers.of(GRAD));
        clone.findTensor("lent").bind(null, null); // as in the original
        run(clone);
        clone.allGroups().set(Names.LR, 7);
        run(optimizer);
        assertArrayEquals(contents(straight), contents(copied));
      }
      assertEquals(0.3, group.get(Names.LR));
      optimizer.swapEvalWeights();
      assertEquals(
          Status.STATE, assertThrows(OptException.class, () -> optimizer.clone()).status());
    }
  }

  @Test
  void a_clone_outlives_its_original_and_keeps_the_name_of_its_rule() {
    Optimizer optimizer = Momentum.builder().build();
    optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
    Optimizer made = optimizer.clone();
    optimizer.close();
    assertThrows(IllegalStateException.class, () -> optimizer.clone());
    try (Optimizer clone = made) {
      assertEquals(Names.RULE_MOMENTUM, clone.ruleName());
      Tensor w = clone.findTensor("w");
      clone.step(Lent.of(w, new float[1], new float[1]));
      assertEquals(1, w.step());
      clone.addGroup(Momentum.builder().lr(1));
      assertEquals(2, clone.groups().size());
    }
  }
}
