// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Work on gradients, loss scaling, schedules and attributes of tensors. */
class GradientTest {
  @Test
  void a_step_clips_by_the_global_norm_and_reports_it() {
    FloatBuffer param = Buffers.of(0f, 0f);
    try (Optimizer optimizer = Gd.builder().lr(1).build()) {
      optimizer.attach(TensorSpec.of("w", param, Buffers.of(3f, 4f)));
      StepOptions options =
          new StepOptions().work(new GradientWork().maxNorm(1)).reports(true);
      GradientReport report = optimizer.step(options);
      assertEquals(5.0, report.norm());
      assertArrayEquals(new double[] {5.0}, report.groupNorms());
      assertFalse(report.isSkipped());
      assertNull(report.nonfiniteTensor());
      assertEquals(-0.6, param.get(0), 1e-5);
      assertNull(optimizer.step(new StepOptions()));
    }
  }

  @Test
  void a_report_tells_what_it_found_and_nothing_else() {
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.of("w", Buffers.floats(1), Buffers.of(3f)));
      assertEquals("norm 3.0, factor 1.0, norms of groups [3.0]", optimizer.gradNorm().toString());
      Tensor bad = optimizer.attach(TensorSpec.lent("bad", DType.F32, 1));
      StepOptions options =
          new StepOptions()
              .work(new GradientWork().nonfinite(GradientWork.Nonfinite.SKIP))
              .reports(true);
      GradientReport report =
          optimizer.step(
              options, Lent.grad(w, new float[] {1}), nan(bad));
      assertEquals(bad, report.nonfiniteTensor());
      assertTrue(
          report.toString().endsWith(", Inf or NaN in 'bad', skipped"), report.toString());
    }
  }

  private static Lent nan(Tensor tensor) {
    return Lent.of(tensor, new float[1], new float[] {Float.NaN});
  }

  @Test
  void gradients_are_measured_and_clipped_in_lent_arrays_pinned_and_copied() {
    for (long limit : new long[] {0, 1 << 20}) {
      float[] grad = {3, 4};
      try (Optimizer optimizer = Gd.builder().build()) {
        Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 2));
        Lent lent = Lent.of(w, new float[2], grad);
        optimizer.pinLimit(limit);
        assertEquals(5.0, optimizer.gradNorm(lent).norm());
        optimizer.clipGrads(new GradientWork().maxValue(2), lent);
        assertArrayEquals(new float[] {2, 2}, grad);
      }
    }
  }

  @Test
  void lent_arrays_are_zeroed_by_the_calls_that_are_asked_to_pinned_and_copied() {
    for (long limit : new long[] {0, 1 << 20}) {
      float[] param = {1};
      float[] grad = {2};
      try (Optimizer optimizer = Gd.builder().lr(1).build()) {
        Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
        optimizer.pinLimit(limit);
        optimizer.accumulate(2, new AccumulateOptions().means(true), Lent.grad(w, grad));
        assertEquals(2f, grad[0]);
        optimizer.accumulate(2, new AccumulateOptions().zeroGrads(true), Lent.grad(w, grad));
        assertEquals(0f, grad[0]);
        optimizer.step(new StepOptions().sum(true), Lent.param(w, param));
        assertEquals(-5f, param[0]);
        grad[0] = 3;
        optimizer.gradNorm(new StepOptions().zeroGrads(true).sum(true), Lent.grad(w, grad));
        optimizer.step(Lent.of(w, param, grad));
        assertEquals(3f, grad[0]);
        assertEquals(-8f, param[0]);
        optimizer.step(new StepOptions().zeroGrads(true), Lent.of(w, param, grad));
        assertEquals(0f, grad[0]);
        grad[0] = 4;
        optimizer.zeroGrads(Lent.grad(w, grad));
        assertEquals(0f, grad[0]);
      }
    }
  }

  @Test
  void infinite_gradients_are_refused_or_skipped_as_asked() {
    FloatBuffer param = Buffers.of(1f);
    try (Optimizer optimizer = Gd.builder().build()) {
      optimizer.attach(TensorSpec.of("w", param, Buffers.of(Float.POSITIVE_INFINITY)));
      GradientWork work = new GradientWork().nonfinite(GradientWork.Nonfinite.ERROR);
      StepOptions options = new StepOptions().work(work);
      OptException e =
          assertThrows(OptException.Nonfinite.class, () -> optimizer.step(options));
      assertEquals(Status.NONFINITE, e.status());
      work.nonfinite(GradientWork.Nonfinite.SKIP);
      optimizer.step(options);
      assertEquals(1, optimizer.info().skipped());
      assertEquals(1f, param.get(0));
    }
  }

  @Test
  void the_loss_scaler_backs_off_and_stops() {
    try (Optimizer optimizer = Gd.builder().build()) {
      optimizer.attach(TensorSpec.of("w", Buffers.of(1f), Buffers.of(Float.NaN)));
      optimizer.startScaler(new ScalerOptions().initialScale(8));
      optimizer.step();
      assertEquals(4.0, optimizer.scaler().scale());
      optimizer.stopScaler();
      assertNull(optimizer.scaler());
    }
  }

  @Test
  void the_scale_is_set_and_good_steps_are_counted_anew() {
    try (Optimizer optimizer = Gd.builder().build()) {
      optimizer.attach(TensorSpec.of("w", Buffers.of(1f), Buffers.of(1f)));
      assertEquals(
          Status.STATE, assertThrows(OptException.class, () -> optimizer.setScale(8)).status());
      optimizer.startScaler();
      optimizer.step();
      assertEquals(1, optimizer.scaler().goodSteps());
      optimizer.setScale(8);
      assertEquals(8.0, optimizer.scaler().scale());
      assertEquals(0, optimizer.scaler().goodSteps());
      assertEquals(
          Status.ARGUMENT, assertThrows(OptException.class, () -> optimizer.setScale(0)).status());
    }
  }

  @Test
  void a_schedule_tells_its_parts() {
    try (Schedule warmup = new LinearSchedule().totalIters(500);
        Schedule cosine = new CosineSchedule().tMax(9500);
        Schedule drops = new MultiStepSchedule(100, 200).gamma(0.5);
        Optimizer optimizer = Gd.builder().build()) {
      warmup.then(500, cosine).chain(drops);
      optimizer.allGroups().setSchedule(Names.LR, warmup);
      List<SchedulePart> parts;
      try (Schedule copy = optimizer.groups().get(0).copySchedule(Names.LR)) {
        parts = copy.parts();
      }
      assertEquals(
          List.of("linear", "cosine", "multi_step"),
          parts.stream().map(SchedulePart::kind).collect(toList()));
      assertEquals(0, parts.get(0).begin());
      assertEquals(500, parts.get(0).end());
      assertEquals(500, parts.get(1).begin());
      assertEquals(Long.MAX_VALUE, parts.get(1).end());
      assertEquals(500.0, parts.get(0).options().get(Names.TOTAL_ITERS));
      assertEquals(9500.0, parts.get(1).options().get(Names.T_MAX));
      assertEquals(0.5, parts.get(2).options().get(Names.GAMMA));
      assertArrayEquals(new long[] {100, 200}, parts.get(2).milestones());
      assertArrayEquals(new long[] {}, parts.get(0).milestones());
      assertTrue(parts.get(0).toString().startsWith("linear, steps 0 to 499, {"));
      for (SchedulePart part : parts) {
        assertEquals(
            Library.findScheduleKind(part.kind()).options().stream()
                .map(Option::name)
                .collect(toList()),
            List.copyOf(part.options().keySet()));
      }
    }
  }

  @Test
  void a_schedule_sets_what_the_next_step_uses() {
    try (Optimizer optimizer = Gd.builder().lr(0.8).build();
        Schedule step = Schedule.create(Names.SCHEDULE_MULTI_STEP).setMilestones(1, 2);
        Schedule constant = Schedule.create(Names.SCHEDULE_CONSTANT)) {
      step.set(Names.GAMMA, 0.5);
      assertEquals(0.5, step.get(Names.GAMMA));
      assertEquals(0.2, step.value(0.8, 2), 1e-12);
      step.then(10, constant);
      Group group = optimizer.allGroups().setSchedule(Names.LR, step);
      optimizer.step();
      assertEquals(0.4, group.getScheduled(Names.LR), 1e-12);
      assertEquals(0.4, optimizer.groups().get(0).getScheduled(Names.LR), 1e-12);
      assertEquals(0.8, group.get(Names.LR));
      group.reportMetric(1);
      try (Schedule copy = group.copySchedule(Names.LR)) {
        assertEquals(0.4, copy.value(0.8, 1), 1e-12);
      }
      group.setSchedule(Names.LR, null);
      assertNull(group.copySchedule(Names.LR));
    }
    Schedule closed = Schedule.create(Names.SCHEDULE_CONSTANT);
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.value(1, 0));
    assertThrows(IllegalStateException.class, closed::parts);
    assertTrue(Library.findScheduleKind(Names.SCHEDULE_MULTI_STEP).hasMilestones());
    assertTrue(Library.scheduleKinds().size() > 5);
  }

  @Test
  void every_kind_of_schedule_has_a_class_with_every_option() throws Exception {
    for (ScheduleKind kind : Library.scheduleKinds()) {
      String camel = camel(kind.name());
      Class<?> type =
          Class.forName(
              "org.libopt." + Character.toUpperCase(camel.charAt(0)) + camel.substring(1)
                  + "Schedule");
      List<String> methods =
          Arrays.stream(type.getDeclaredMethods()).map(Method::getName).collect(toList());
      for (Option option : kind.options()) {
        assertTrue(methods.contains(camel(option.name())), type + " lacks " + option.name());
      }
    }
  }

  private static String camel(String name) {
    StringBuilder camel = new StringBuilder();
    for (String word : name.split("_")) {
      camel
          .append(camel.length() == 0 ? word.charAt(0) : Character.toUpperCase(word.charAt(0)))
          .append(word.substring(1));
    }
    return camel.toString();
  }

  @Test
  void a_typed_schedule_is_the_one_of_its_name() {
    try (Schedule typed =
            new OneCycleSchedule()
                .totalSteps(10)
                .pctStart(0.5)
                .anneal(OneCycleSchedule.Anneal.LINEAR)
                .threePhase(true);
        Schedule named =
            Schedule.create("one_cycle")
                .set("total_steps", 10)
                .set("pct_start", 0.5)
                .set("anneal", 1)
                .set("three_phase", 1);
        Schedule steps = new MultiStepSchedule(1, 3).gamma(0.5)) {
      for (int step = 0; step < 12; ++step) {
        assertEquals(named.value(1, step), typed.value(1, step));
      }
      assertEquals(0.25, steps.value(1, 3));
      assertThrows(OptException.class, () -> new OneCycleSchedule().pctStart(2));
    }
  }

  @Test
  void parameters_are_exchanged_with_their_average_and_back() {
    FloatBuffer param = Buffers.of(1f);
    try (Optimizer optimizer = Gd.builder().lr(1).build()) {
      optimizer.attach(TensorSpec.of("w", param, Buffers.of(1f)));
      optimizer.startAverage(new AverageOptions().kind(AverageOptions.Kind.SWA));
      optimizer.step();
      optimizer.step();
      assertEquals(2, optimizer.average().updates());
      assertEquals(AverageOptions.Kind.SWA, optimizer.average().kind());
      optimizer.swapEvalWeights();
      assertEquals(-0.5f, param.get(0));
      assertTrue(optimizer.isSwapped());
      optimizer.swapEvalWeights();
      assertEquals(-1f, param.get(0));
      optimizer.stopAverage();
      assertNull(optimizer.average());
    }
  }

  @Test
  void what_is_saved_meanwhile_is_loaded_with_the_weights_in_place() {
    FloatBuffer param = Buffers.of(2f, 0f);
    FloatBuffer other = Buffers.of(0f, 0f);
    try (Optimizer optimizer = ScheduleFreeAdamW.builder().lr(0.1).build();
        Optimizer loaded = ScheduleFreeAdamW.builder().lr(0.1).build()) {
      optimizer.attach(TensorSpec.of("w", param, Buffers.of(1f, -1f)));
      loaded.attach(TensorSpec.of("w", other, Buffers.of(1f, -1f)));
      for (int i = 0; i < 3; ++i) {
        optimizer.step();
      }
      float[] trained = {param.get(0), param.get(1)};
      optimizer.swapEvalWeights();
      assertTrue(optimizer.isSwapped());
      assertFalse(loaded.isSwapped());
      loaded.load(
          optimizer.saveToBytes(new SaveOptions().params(true)), new LoadOptions().params(true));
      assertTrue(loaded.isSwapped());
      assertEquals(param, other);
      assertEquals(Status.STATE, assertThrows(OptException.class, loaded::step).status());
      loaded.swapEvalWeights();
      assertFalse(loaded.isSwapped());
      assertEquals(Buffers.of(trained), other);
    }
  }

  @Test
  void a_rules_own_weights_are_read_as_a_swap_puts_them_in() {
    FloatBuffer param = Buffers.of(2f, 0f);
    try (Optimizer optimizer = ScheduleFreeAdamW.builder().lr(0.1).build()) {
      Tensor tensor = optimizer.attach(TensorSpec.of("w", param, Buffers.of(1f, -1f)));
      for (int i = 0; i < 3; ++i) {
        optimizer.step();
      }
      float[] trained = {param.get(0), param.get(1)};
      FloatBuffer read = tensor.readEvalWeights().asFloatBuffer();
      FloatBuffer lent = tensor.readEvalWeights(Lent.param(tensor, trained.clone())).asFloatBuffer();
      assertEquals(Buffers.of(trained), param);
      assertNotEquals(read, param);
      optimizer.swapEvalWeights();
      assertEquals(read, param);
      assertEquals(read, lent);
      assertEquals(
          Status.STATE,
          assertThrows(OptException.class, () -> tensor.readEvalWeights()).status());
      optimizer.swapEvalWeights();
      assertEquals(Buffers.of(trained), param);
    }
  }

  @Test
  void a_frozen_tensor_keeps_its_parameters() {
    FloatBuffer param = Buffers.of(1f);
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.of("w", param, Buffers.of(1f)));
      w.set("frozen", 1);
      assertEquals(1.0, w.get("frozen"));
      optimizer.step();
      assertEquals(1f, param.get(0));
    }
    assertTrue(Library.attributes().stream().anyMatch(o -> o.name().equals("lr_factor")));
  }
}
