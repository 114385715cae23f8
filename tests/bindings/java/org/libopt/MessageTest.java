// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Messages name what Java calls a thing, not what C does. */
class MessageTest {
  private static Optimizer make() {
    Optimizer optimizer = Adam.builder().build();
    optimizer.attach(TensorSpec.of("w", Buffers.floats(1), Buffers.floats(1)));
    return optimizer;
  }

  private static String messageOf(Executable call) {
    return assertThrows(OptException.class, call).getMessage();
  }

  private static void assertSays(String words, Executable call) {
    String message = messageOf(call);
    assertTrue(message.contains(words), message);
    assertFalse(message.contains("opt_") || message.contains("OPT_"), message);
  }

  @Test
  void unknown_names_tell_where_the_known_are_listed() {
    try (Optimizer optimizer = make();
        Schedule cosine = Schedule.create("cosine");
        Checkpoint checkpoint = Checkpoint.open(optimizer.saveToBuffer())) {
      Tensor tensor = optimizer.findTensor("w");
      assertSays("Checkpoint.entries", () -> checkpoint.find("nope"));
      assertSays("Library.rules", () -> Optimizer.create("adamv"));
      assertSays("Rule.options", () -> optimizer.allGroups().set("lrr", 1));
      assertSays("Rule.presets", () -> optimizer.allGroups().setPreset("jax"));
      assertSays("Rule.slots", () -> tensor.state("exp"));
      assertSays("Library.attributes", () -> tensor.set("frozzen", 1));
      assertSays("Library.scheduleKinds", () -> Schedule.create("cosin"));
      assertSays("ScheduleKind.options", () -> cosine.set("t_mx", 1));
    }
  }

  @Test
  void wrong_values_are_named_as_they_were_given() {
    try (Optimizer optimizer = make();
        Schedule schedule = Schedule.create("constant")) {
      assertSays("Context.Builder.threads is -7", () -> Context.builder().threads(-7).build());
      assertSays("Context.ALL_CORES", () -> Context.builder().threads(-7).build());
      assertSays("samples is 0", () -> optimizer.accumulate(0));
      assertSays(
          "AverageOptions.decay", () -> optimizer.startAverage(new AverageOptions().decay(2)));
      assertSays(
          "AverageOptions.start", () -> optimizer.startAverage(new AverageOptions().start(-1)));
      assertSays(
          "AverageOptions.warmup",
          () ->
              optimizer.startAverage(
                  new AverageOptions().kind(AverageOptions.Kind.SWA).warmup(true)));
      assertSays(
          "GradientWork.maxNorm", () -> optimizer.clipGrads(new GradientWork().maxNorm(-1)));
      assertSays(
          "GradientWork.lossScale", () -> optimizer.clipGrads(new GradientWork().lossScale(-1)));
      assertSays(
          "ScalerOptions.growthFactor is 0.5", () -> optimizer.startScaler(new ScalerOptions().growthFactor(0.5)));
      assertSays("Tensor.setStep", () -> optimizer.findTensor("w").setStep(-1));
      assertSays("Schedule.then", () -> schedule.then(-1, schedule));
      assertSays("Schedule.value", () -> schedule.value(1, -1));
      assertSays(
          "ScalerOptions.initialScale is -1",
          () -> optimizer.startScaler(new ScalerOptions().initialScale(-1)));
    }
  }

  @Test
  void numbers_and_null_are_written_as_java_writes_them() {
    double negativeNan = Double.longBitsToDouble(Double.doubleToRawLongBits(Double.NaN) | 1L << 63);
    try (Optimizer optimizer = make()) {
      Group all = optimizer.allGroups();
      assertSays("cannot be NaN: it must be in [0, Infinity)", () -> all.set(Names.LR, negativeNan));
      assertSays(" NaN:", () -> all.set(Names.LR, Double.NaN));
      assertSays(" Infinity:", () -> all.set(Names.LR, Double.POSITIVE_INFINITY));
      assertSays(" -Infinity:", () -> all.set(Names.LR, Double.NEGATIVE_INFINITY));
      assertSays("or none", () -> optimizer.attach(TensorSpec.lent("", DType.F32, 1)));
      assertTrue(messageOf(() -> all.set("nan", 1)).contains("'nan'"));
      assertTrue(messageOf(() -> all.set("is inf or NULL", 1)).contains("'is inf or NULL'"));
    }
  }

  @Test
  void the_right_call_at_another_time_is_named() {
    try (Optimizer optimizer = make()) {
      Tensor lent = optimizer.attach(TensorSpec.lent("lent", DType.F32, 1));
      Tensor tensor = optimizer.findTensor("w");
      Lent grad = Lent.grad(lent, new float[1]);
      assertSays("Optimizer.attach", () -> optimizer.allGroups().set("amsgrad", 1));
      assertSays("Optimizer.accumulate", () -> tensor.state(Names.SLOT_GRAD_ACCUMULATOR));
      assertSays("Optimizer.startAverage", () -> tensor.state(Names.SLOT_PARAM_AVERAGE));
      assertSays("Optimizer.startAverage", () -> optimizer.swapEvalWeights());
      assertSays("Tensor.bind", () -> optimizer.step(grad));
      assertSays("Lent.of", () -> optimizer.step(grad));
      assertSays(
          "SaveOptions.lent", () -> optimizer.saveToBuffer(new SaveOptions().params(true)));
      assertSays("Optimizer.startScaler", () -> optimizer.setScale(2));
      Group larger = optimizer.addGroup(Adam.builder().amsgrad(Adam.Amsgrad.RAW));
      assertSays("Tensor.setGroup", () -> tensor.setGroup(larger));
      optimizer.accumulate(1);
      assertSays(
          "Optimizer.discard",
          () -> optimizer.step(Lent.of(tensor, new float[1], new float[1])));
      assertSays("StepOptions.work", () -> optimizer.clipGrads(new GradientWork().maxNorm(1)));
      optimizer.discard();
      optimizer.startScaler();
      optimizer.accumulate(1);
      assertSays("Optimizer.setScale", () -> optimizer.setScale(2));
      optimizer.discard();
      assertSays(
          "Optimizer.stopScaler",
          () -> optimizer.step(new StepOptions().work(new GradientWork().lossScale(2))));
      optimizer.stopScaler();
      lent.detach();
      optimizer.startAverage();
      optimizer.step();
      optimizer.swapEvalWeights();
      assertSays("Optimizer.swapEvalWeights", optimizer::step);
      assertSays("Optimizer.swapEvalWeights", optimizer::stopAverage);
      assertSays("Optimizer.clone", () -> optimizer.clone());
    }
  }

  @Test
  void what_does_not_fit_a_checkpoint_is_named() {
    ByteBuffer alone;
    ByteBuffer two;
    try (Optimizer optimizer = make()) {
      alone = optimizer.saveToBuffer();
      optimizer.addGroup();
      two = optimizer.saveToBuffer();
    }
    LoadOptions plain = new LoadOptions();
    LoadOptions params = new LoadOptions().params(true);
    try (Optimizer optimizer = make()) {
      assertSays("SaveOptions.params", () -> optimizer.load(alone, params));
      assertSays("LoadOptions.keepOptions", () -> optimizer.load(two, plain));
      assertSays("Optimizer.addGroup", () -> optimizer.load(two, plain));
      Tensor tensor = optimizer.attach(TensorSpec.lent("v", DType.F32, 1));
      assertSays(
          "OptException.Checkpoint.report lists them all", () -> optimizer.load(alone, plain));
      ByteBuffer saved =
          optimizer.saveToBuffer(
              new SaveOptions().params(true).lent(Lent.param(tensor, new float[1])));
      assertSays("LoadOptions.lent", () -> optimizer.load(saved, params));
    }
  }

  @Test
  void names_of_the_users_own_stay_as_they_are(@TempDir Path folder) {
    Path file = folder.resolve("opt_step").resolve("x");
    try (Optimizer optimizer = make()) {
      assertTrue(messageOf(() -> optimizer.findTensor("opt_attach")).contains("'opt_attach'"));
      assertTrue(
          messageOf(() -> optimizer.allGroups().set("a's opt_step", 1)).contains("a's opt_step'"));
      assertTrue(
          messageOf(() -> optimizer.save(file)).contains(file.getParent().toString()));
    }
  }
}
