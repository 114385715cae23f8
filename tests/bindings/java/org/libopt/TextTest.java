// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What objects say of themselves, for logs. */
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
      optimizer.startAverage(0.5);
      assertText("none", optimizer.scaler());
      optimizer.startScaler(0.5, 0, 0, 0);
      assertText("context: 3 threads, " + context.target(), context);
      assertText("optimizer of rule adam", optimizer);
      assertText("group 0", optimizer.group());
      assertText("tensor 'w', F32 [2]", tensor);
      assertText("tensor 'v', F64 [7]", TensorSpec.lent("v", DType.F64, 7));
      assertText(
          "adam: groups 1, tensors 1, parameters 2, state 24 bytes, steps 0, skipped 0,"
              + " pending samples 0",
          optimizer.info());
      assertText(
          "EMA: decay 0.5, start 0, period 1, warmup false, updates 0, swapped false",
          optimizer.average());
      assertText(
          "scale 0.5, growth 2.0 every 2000, backoff 0.5, good steps 0, skipped 0",
          optimizer.scaler());
      assertText(
          "norm 10.0, factor 1.0, skipped false, tensor that is not finite -1,"
              + " norms of groups [10.0]",
          optimizer.gradNorm(new StepArgs()));
      try (Checkpoint checkpoint = Checkpoint.open(optimizer.saveToBuffer())) {
        assertText("'w/exp_avg', F32 [2]", checkpoint.find("w/exp_avg"));
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void descriptions_have_a_name_and_a_meaning() {
    Rule adam = Rule.find("adam");
    assertText("adam: " + adam.summary(), adam);
    assertText("lr: " + adam.options().get(0).doc(), adam.options().get(0));
    assertText("exp_avg: " + adam.slots().get(0).doc(), adam.slots().get(0));
    assertText("cosine: " + ScheduleKind.find("cosine").summary(), ScheduleKind.find("cosine"));
    assertText(SimdTarget.all().get(0).name(), SimdTarget.all().get(0));
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
    assertText("optimizer, closed", optimizer);
    assertText("tensor 'w', F32 [1], detached", tensor);
    assertText("context, closed", context);
  }
}
