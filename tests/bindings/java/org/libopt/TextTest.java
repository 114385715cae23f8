// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Texts of objects, for logs. */
class TextTest {
  private static void assertText(String expected, Object object) {
    assertEquals(expected, object.toString());
  }

  @Test
  void objects_describe_themselves_the_same_in_every_locale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try (Context context = Context.builder().threads(3).build();
        Optimizer optimizer = Adam.builder().context(context).build()) {
      Tensor tensor = optimizer.attach(TensorSpec.of("w", Buffers.floats(2), Buffers.of(3f, 4f)));
      optimizer.startAverage(new AverageOptions().decay(0.5));
      optimizer.startScaler(new ScalerOptions().initialScale(0.5));
      assertText("context: 3 threads, " + context.target(), context);
      assertText("optimizer of rule adam", optimizer);
      assertText("group 0 of rule adam", optimizer.groups().get(0));
      assertText("all groups of rule adam", optimizer.allGroups());
      assertText(
          "tensor 'w', F32 [2]: parameters none, gradients F32 [2]",
          Lent.grad(tensor, new float[2]));
      assertText("tensor 'w', F32 [2]", tensor);
      assertText("tensor 'v', F64 [7]", TensorSpec.lent("v", DType.F64, 7));
      assertText(
          "adam: groups 1, tensors 1, parameters 2, state 24 bytes, steps 0, skipped 0,"
              + " pending samples 0",
          optimizer.info());
      assertText(
          "EMA: decay 0.5, start 0, period 1, warmup false, updates 0",
          optimizer.average());
      assertText(
          "scale 0.5, growth 2.0 every 2000, backoff 0.5, good steps 0, skipped 0",
          optimizer.scaler());
      assertText("norm 10.0, factor 1.0, norms of groups [10.0]", optimizer.gradNorm());
      try (Checkpoint checkpoint = Checkpoint.open(optimizer.saveToBuffer())) {
        assertText("'w/exp_avg', F32 [2]", checkpoint.find("w/exp_avg"));
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void descriptions_have_a_name_and_a_meaning() {
    Rule adam = Library.findRule("adam");
    assertText("adam: " + adam.summary(), adam);
    assertText("lr: " + adam.options().get(0).doc(), adam.options().get(0));
    assertText("exp_avg: " + adam.slots().get(0).doc(), adam.slots().get(0));
    assertText("cosine: " + Library.findScheduleKind("cosine").summary(), Library.findScheduleKind("cosine"));
    assertText(Library.targets().get(0).name(), Library.targets().get(0));
    assertText("adam of preset pytorch {lr=0.5}", Adam.builder().preset("pytorch").lr(0.5));
  }

  @Test
  void what_is_closed_or_detached_says_so() {
    Context context = Context.builder().threads(1).build();
    Optimizer optimizer = Optimizer.create(context, "sgd");
    Tensor tensor = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
    tensor.detach();
    optimizer.close();
    context.close();
    assertText("optimizer of rule sgd, closed", optimizer);
    assertText("tensor 'w', F32 [1], detached", tensor);
    assertText("context, closed", context);
  }
}
