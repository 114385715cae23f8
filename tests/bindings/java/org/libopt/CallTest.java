// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Options, errors, accumulation, checkpoints and introspection. */
class CallTest {
  @Test
  void the_message_of_c_arrives_with_its_status() {
    try (Optimizer optimizer = AdamW.builder().build()) {
      OptException e = assertThrows(OptException.class, () -> optimizer.allGroups().set("wieght_decay", 0));
      assertEquals(Status.NAME, e.status());
      assertTrue(e.getMessage().contains("weight_decay"), e.getMessage());
    }
    assertEquals(
        Status.VALUE,
        assertThrows(OptException.class, () -> AdamW.builder().lr(-1).build()).status());
  }

  @Test
  void names_beyond_the_basic_plane_survive_and_half_pairs_are_refused() {
    try (Optimizer optimizer = Gd.builder().build()) {
      String name = "\ud83d\ude00.größe";
      optimizer.attach(TensorSpec.lent(name, DType.F32, 1));
      assertEquals(name, optimizer.findTensor(name).name());
      assertThrows(IllegalArgumentException.class, () -> optimizer.findTensor("\ud83d"));
      assertThrows(IllegalArgumentException.class, () -> optimizer.findTensor("a\0b"));
    }
  }

  @Test
  void groups_copy_and_then_differ() {
    try (Optimizer optimizer = AdamW.builder().lr(0.25).build()) {
      Group group = optimizer.addGroup(Collections.singletonMap(Names.WEIGHT_DECAY, 0.0));
      assertEquals(0.25, group.get(Names.LR));
      assertEquals(0.0, group.get(Names.WEIGHT_DECAY));
      assertEquals(0.01, optimizer.groups().get(0).get(Names.WEIGHT_DECAY));
      assertThrows(
          OptException.class, () -> optimizer.addGroup(Collections.singletonMap("lr", -1.0)));
      assertEquals(2, optimizer.info().groupCount());
    }
  }

  @Test
  void options_that_fail_together_leave_every_group_as_it_was() {
    Map<String, Double> options = new LinkedHashMap<>();
    options.put(Names.LR, 0.5);
    options.put(Names.WEIGHT_DECAY, -1.0);
    try (Optimizer optimizer = AdamW.builder().lr(0.25).build()) {
      Group group = optimizer.addGroup().set(Names.LR, 0.125);
      assertThrows(OptException.class, () -> optimizer.allGroups().set(options));
      assertEquals(0.25, optimizer.allGroups().get(Names.LR));
      assertEquals(0.25, optimizer.groups().get(0).get(Names.LR));
      assertEquals(0.125, group.get(Names.LR));
      assertThrows(OptException.class, () -> group.set(options));
      assertEquals(0.125, group.get(Names.LR));
    }
  }

  @Test
  void a_groups_options_are_those_of_the_optimizers_rule() {
    try (Optimizer optimizer = AdamW.builder().lr(0.25).build()) {
      Group group = optimizer.addGroup(AdamW.builder().beta1(0.5).weightDecay(0));
      assertEquals(0.5, group.get(Names.BETA1));
      assertEquals(0.25, group.get(Names.LR));
      group.set(AdamW.builder().preset(Names.PRESET_PYTORCH).beta2(0.75));
      assertEquals(0.75, group.get(Names.BETA2));
      assertEquals(0.9, group.get(Names.BETA1));
      assertThrows(IllegalArgumentException.class, () -> group.set(Sgd.builder().momentum(0.9)));
      assertThrows(IllegalArgumentException.class, () -> optimizer.addGroup(Sgd.builder()));
      assertThrows(OptException.class, () -> optimizer.addGroup(AdamW.builder().eps(-1)));
      assertThrows(
          OptException.class, () -> group.set(AdamW.builder().preset("textbook").eps(-1)));
      assertEquals(1.0, group.get(Names.EPS_PLACEMENT));
      assertEquals(2, optimizer.info().groupCount());
    }
  }

  @Test
  void a_group_is_added_with_a_preset_and_all_its_values_or_not_at_all() {
    try (Optimizer optimizer = Adam.builder().lr(0.25).beta1(0.5).build()) {
      Group plain = optimizer.addGroup(Adam.builder().beta2(0.75));
      assertEquals(0.5, plain.get(Names.BETA1));
      assertEquals(0.75, plain.get(Names.BETA2));
      Group preset = optimizer.addGroup(Adam.builder().preset(Names.PRESET_PYTORCH).lr(0.125));
      assertEquals(0.125, preset.get(Names.LR));
      assertEquals(0.9, preset.get(Names.BETA1));
      assertEquals(1.0, preset.get(Names.EPS_PLACEMENT));
      assertThrows(
          OptException.class, () -> optimizer.addGroup(Adam.builder().preset("jax").lr(1)));
      assertThrows(
          NullPointerException.class,
          () -> optimizer.addGroup(Collections.singletonMap(Names.LR, null)));
      assertEquals(3, optimizer.groups().size());
    }
  }

  @Test
  void options_that_would_change_the_state_of_a_tensor_leave_the_others_unset() {
    try (Optimizer optimizer = Adam.builder().lr(0.25).build()) {
      optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
      OptException e =
          assertThrows(
              OptException.class,
              () -> optimizer.allGroups().set(Adam.builder().lr(0.5).amsgrad(Adam.Amsgrad.RAW)));
      assertEquals(Status.STATE, e.status());
      assertEquals(0.25, optimizer.allGroups().get(Names.LR));
      assertEquals(0.25, optimizer.groups().get(0).get(Names.LR));
    }
  }

  @Test
  void a_tensor_moves_to_another_group_with_its_state_and_step() {
    FloatBuffer param = Buffers.of(1f);
    try (Optimizer optimizer = Adam.builder().build();
        Optimizer other = Adam.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.of("w", param, Buffers.of(1f)));
      Group frozen = optimizer.addGroup(Adam.builder().frozen(true));
      Group larger = optimizer.addGroup(Adam.builder().amsgrad(Adam.Amsgrad.RAW));
      optimizer.step();
      ByteBuffer moment = w.state(Names.SLOT_EXP_AVG);
      w.setGroup(frozen);
      assertEquals(frozen, w.group());
      assertEquals(moment, w.state(Names.SLOT_EXP_AVG));
      float stepped = param.get(0);
      optimizer.step();
      assertEquals(stepped, param.get(0));
      assertEquals(1, w.step());
      OptException e = assertThrows(OptException.class, () -> w.setGroup(larger));
      assertEquals(Status.STATE, e.status());
      assertTrue(e.getMessage().contains("'amsgrad'"), e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> w.setGroup(optimizer.allGroups()));
      assertThrows(IllegalArgumentException.class, () -> w.setGroup(other.groups().get(0)));
      assertEquals(frozen, w.group());
    }
  }

  @Test
  void bytes_of_state_are_told_before_tensors_are_attached() {
    try (Optimizer optimizer = Adam.builder().build();
        Optimizer other = Adam.builder().build()) {
      Group larger = optimizer.addGroup(Adam.builder().amsgrad(Adam.Amsgrad.RAW));
      TensorSpec w = TensorSpec.of("w", Buffers.floats(6), null).shape(2, 3);
      TensorSpec v = TensorSpec.lent("v", DType.F64, 5).group(larger);
      assertEquals(6 * 2 * 4, optimizer.stateBytes(w));
      assertEquals(6 * 2 * 4 + 5 * 3 * 8, optimizer.stateBytes(List.of(w, v)));
      assertEquals(List.of(), optimizer.tensors());
      optimizer.attach(List.of(w, v));
      assertEquals(6 * 2 * 4 + 5 * 3 * 8, optimizer.info().stateBytes());
      TensorSpec wrong = TensorSpec.lent("u", DType.F32, 6).shape(4);
      assertThrows(OptException.class, () -> optimizer.stateBytes(wrong));
      assertThrows(IllegalArgumentException.class, () -> other.stateBytes(v));
    }
  }

  @Test
  void files_fail_with_the_cause_that_javas_own_calls_have(@TempDir Path folder)
      throws IOException {
    Path nowhere = folder.resolve("none").resolve("x");
    Path text = Files.write(folder.resolve("text"), new byte[] {1, 2, 3});
    try (Optimizer optimizer = AdamW.builder().build()) {
      for (Executable call :
          List.<Executable>of(
              () -> optimizer.load(nowhere),
              () -> Checkpoint.open(nowhere),
              () -> optimizer.save(nowhere))) {
        OptException.Io e = assertThrows(OptException.Io.class, call);
        assertEquals(Status.IO, e.status());
        assertEquals(NoSuchFileException.class, e.getCause().getClass());
        assertTrue(e.getCause().getMessage().contains(nowhere.toString()));
      }
      OptException.Io e = assertThrows(OptException.Io.class, () -> optimizer.load(folder));
      assertEquals(FileSystemException.class, e.getCause().getClass());
      OptException.Checkpoint damaged =
          assertThrows(OptException.Checkpoint.class, () -> optimizer.load(text));
      assertEquals(Status.FORMAT, damaged.status());
      assertEquals(List.of(), damaged.report().findings());
    }
  }

  @Test
  void streams_hold_what_files_hold(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("x");
    try (Optimizer optimizer = AdamW.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.of("w", Buffers.of(1f), Buffers.of(1f)));
      optimizer.step();
      ByteArrayOutputStream stream = new ByteArrayOutputStream();
      optimizer.save(file);
      optimizer.save(stream, new SaveOptions());
      assertArrayEquals(Files.readAllBytes(file), stream.toByteArray());
      optimizer.step();
      optimizer.load(new ByteArrayInputStream(stream.toByteArray()), new LoadOptions());
      assertEquals(1, w.step());
    }
  }

  @Test
  void groups_are_listed_and_equal_those_that_were_added() {
    try (Optimizer optimizer = Gd.builder().build();
        Optimizer other = Gd.builder().build()) {
      Group group = optimizer.addGroup();
      assertEquals(List.of(optimizer.groups().get(0), group), optimizer.groups());
      assertEquals(group.hashCode(), optimizer.groups().get(1).hashCode());
      assertNotEquals(optimizer.groups().get(0), group);
      assertNotEquals(optimizer.allGroups(), optimizer.groups().get(0));
      assertNotEquals(optimizer.groups().get(0), other.groups().get(0));
      Tensor tensor = optimizer.attach(TensorSpec.lent("w", DType.F32, 1).group(group));
      assertEquals(group, tensor.group());
    }
  }

  @Test
  void a_step_in_which_no_tensor_has_a_gradient_counts_like_any_other() {
    try (Optimizer optimizer = Gd.builder().lr(1).build();
        Schedule linear = new LinearSchedule().startFactor(0.5).totalIters(2)) {
      Tensor w = optimizer.attach(TensorSpec.of("w", Buffers.floats(1), null));
      optimizer.allGroups().setSchedule(Names.LR, linear);
      optimizer.step();
      assertEquals(1, optimizer.info().steps());
      assertEquals(0.75, optimizer.allGroups().getScheduled(Names.LR));
      assertEquals(0, w.step());
    }
  }

  @Test
  void accumulation_steps_with_the_mean() {
    FloatBuffer param = Buffers.of(0f);
    FloatBuffer grad = Buffers.of(2f);
    try (Optimizer optimizer = Gd.builder().lr(1).build()) {
      optimizer.attach(TensorSpec.of("w", param, grad));
      optimizer.accumulate(1);
      grad.put(0, 4f);
      optimizer.accumulate(1);
      assertEquals(2, optimizer.info().pendingSamples());
      optimizer.step();
      assertEquals(-3f, param.get(0));
      optimizer.accumulate(1);
      optimizer.discard();
      assertEquals(0, optimizer.info().pendingSamples());
      optimizer.zeroGrads();
      assertEquals(0f, grad.get(0));
    }
  }

  @Test
  void a_training_goes_on_from_a_checkpoint_as_if_it_had_never_stopped(@TempDir Path folder) {
    Path file = folder.resolve("größe.safetensors");
    float[] expected = new float[2];
    float[] resumed = new float[2];
    FloatBuffer param = Buffers.of(1f, 2f);
    ByteBuffer memory;
    try (Optimizer optimizer = AdamW.builder().lr(0.1).build()) {
      optimizer.attach(TensorSpec.of("w", param, Buffers.of(0.5f, -0.5f)));
      optimizer.step();
      SaveOptions options = new SaveOptions().params(true).entry("epoch", 7).entry("rng", new byte[] {1, 2});
      optimizer.save(file, options);
      memory = optimizer.saveToBuffer(options);
      optimizer.step();
      param.duplicate().get(expected);
    }
    for (boolean fromFile : new boolean[] {true, false}) {
      FloatBuffer other = Buffers.floats(2);
      try (Optimizer optimizer = AdamW.builder().build()) {
        optimizer.attach(TensorSpec.of("w", other, Buffers.of(0.5f, -0.5f)));
        LoadOptions options = new LoadOptions().params(true);
        LoadReport report =
            fromFile ? optimizer.load(file, options) : optimizer.load(memory, options);
        assertEquals(List.of(), report.findings());
        optimizer.step();
        other.get(resumed);
        assertArrayEquals(expected, resumed);
      }
    }
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertArrayEquals(new long[] {7}, checkpoint.readLongs("epoch"));
      assertEquals(2, checkpoint.read("rng").get(1));
      assertTrue(checkpoint.entries().stream().anyMatch(e -> e.name().equals("w/exp_avg")));
    }
  }

  @Test
  void parameters_of_some_tensors_may_be_lent_and_those_of_others_retained() {
    ByteBuffer saved;
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor lent = optimizer.attach(TensorSpec.lent("lent", DType.F32, 1));
      optimizer.attach(TensorSpec.of("retained", Buffers.of(2f), null));
      saved =
          optimizer.saveToBuffer(
              new SaveOptions().params(true).lent(Lent.param(lent, new float[] {1})));
    }
    float[] param = new float[1];
    FloatBuffer retained = Buffers.floats(1);
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor lent = optimizer.attach(TensorSpec.lent("lent", DType.F32, 1));
      optimizer.attach(TensorSpec.of("retained", retained, null));
      optimizer.load(saved, new LoadOptions().params(true).lent(Lent.param(lent, param)));
      assertEquals(1f, param[0]);
      assertEquals(2f, retained.get(0));
    }
  }

  @Test
  void an_opened_checkpoint_is_looked_into_and_loaded() {
    ByteBuffer saved;
    try (Optimizer optimizer = AdamW.builder().build()) {
      optimizer.attach(TensorSpec.of("w", Buffers.of(5f), Buffers.of(0f)));
      optimizer.step();
      saved = optimizer.saveToBuffer(new SaveOptions().params(true).entry("epoch", 7));
    }
    FloatBuffer param = Buffers.floats(1);
    LoadOptions options = new LoadOptions().params(true);
    try (Optimizer optimizer = AdamW.builder().build();
        Optimizer another = AdamW.builder().build();
        Checkpoint checkpoint = Checkpoint.open(saved)) {
      Tensor w = optimizer.attach(TensorSpec.of("w", param, null));
      assertEquals(7, checkpoint.readLongs("epoch")[0]);
      assertEquals(List.of(), optimizer.load(checkpoint, options).findings());
      assertEquals(1, w.step());
      OptException.Checkpoint e =
          assertThrows(
              OptException.Checkpoint.class, () -> another.load(checkpoint, new LoadOptions()));
      assertTrue(e.report().names(LoadReport.Kind.UNEXPECTED).contains("w/exp_avg"));
      assertEquals(param.get(0), checkpoint.readFloats("w")[0]);
      Checkpoint closed = Checkpoint.open(saved);
      closed.close();
      assertThrows(IllegalStateException.class, () -> optimizer.load(closed, options));
    }
  }

  @Test
  void a_checkpoint_that_does_not_fit_reports_every_name() {
    ByteBuffer saved;
    try (Optimizer optimizer = AdamW.builder().build()) {
      optimizer.attach(TensorSpec.lent("a", DType.F32, 1));
      saved = optimizer.saveToBuffer();
    }
    try (Optimizer optimizer = AdamW.builder().build()) {
      optimizer.attach(TensorSpec.lent("b", DType.F32, 1));
      OptException.Checkpoint e =
          assertThrows(
              OptException.Checkpoint.class, () -> optimizer.load(saved, new LoadOptions()));
      assertTrue(e.report().names(LoadReport.Kind.MISSING).contains("b/exp_avg"));
      assertTrue(e.report().names(LoadReport.Kind.UNEXPECTED).contains("a/exp_avg"));
    }
  }

  @Test
  void state_and_step_are_read_and_written() {
    try (Optimizer optimizer = AdamW.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 2));
      ByteBuffer state = w.state(Names.SLOT_EXP_AVG);
      state.putFloat(4, 0.5f);
      w.setState(Names.SLOT_EXP_AVG, state);
      w.setStep(9);
      assertEquals(0.5f, w.state(Names.SLOT_EXP_AVG).getFloat(4));
      assertEquals(9, w.step());
      assertArrayEquals(new long[] {2}, w.shape());
    }
  }

  @Test
  void a_number_of_a_float_tensor_is_one_double() {
    try (Optimizer optimizer = NAdam.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.of("w", Buffers.of(1f, 2f), Buffers.of(3f, 4f)));
      ByteBuffer product = w.state(Names.SLOT_MU_PRODUCT);
      assertEquals(Double.BYTES, product.remaining());
      assertEquals(1, product.getDouble(0));
      optimizer.step();
      product = w.state(Names.SLOT_MU_PRODUCT);
      assertEquals(0.9 * (1 - 0.5 * Math.pow(0.96, 0.004)), product.getDouble(0), 1e-15);
      product.putDouble(0, 0.5);
      w.setState(Names.SLOT_MU_PRODUCT, product);
      assertEquals(0.5, w.state(Names.SLOT_MU_PRODUCT).getDouble(0));
      assertEquals(2 * Float.BYTES, w.state(Names.SLOT_EXP_AVG).remaining());
    }
  }

  @Test
  void slots_tell_their_shapes_types_and_starts() {
    List<Rule.Slot> nadam = Library.findRule(Names.RULE_NADAM).slots();
    assertEquals(SlotShape.PARAM, nadam.get(0).shape());
    assertEquals(null, nadam.get(0).dtype());
    assertEquals(null, nadam.get(0).initialOption());
    assertEquals(SlotShape.NUMBER, nadam.get(2).shape());
    assertEquals(DType.F64, nadam.get(2).dtype());
    Rule.Slot sum = Library.findRule(Names.RULE_ADAGRAD).slots().get(0);
    assertEquals(Names.INITIAL_ACCUMULATOR, sum.initialOption());
    List<Rule.Slot> free = Library.findRule(Names.RULE_SCHEDULE_FREE_ADAMW).slots();
    assertEquals("param", free.get(0).initialOption());
    assertEquals(SlotShape.GROUP_NUMBER, free.get(3).shape());
  }

  @Test
  void the_numbers_of_a_group_go_on_in_mid_run() {
    FloatBuffer straight = Buffers.of(1f, 2f);
    FloatBuffer later = Buffers.of(0f, 0f);
    try (Optimizer one = ScheduleFreeAdamW.builder().lr(0.1).warmupSteps(3).r(1).build();
        Optimizer other = ScheduleFreeAdamW.builder().lr(0.1).warmupSteps(3).r(1).build()) {
      one.attach(TensorSpec.of("w", straight, Buffers.of(3f, 4f)));
      Tensor w = other.attach(TensorSpec.of("w", later, Buffers.of(3f, 4f)));
      one.step();
      one.step();
      other.load(one.saveToBytes(new SaveOptions().params(true)), new LoadOptions().params(true));
      assertEquals(2, w.state(Names.SLOT_K).getDouble(0));
      for (int i = 0; i < 2; ++i) {
        one.step();
        other.step();
      }
      assertEquals(straight, later);
      assertArrayEquals(
          one.saveToBytes(new SaveOptions()), other.saveToBytes(new SaveOptions()));
    }
  }

  @Test
  void rules_describe_themselves() {
    Rule momentum = Library.findRule(Names.RULE_MOMENTUM);
    assertEquals(Names.RULE_SGD, momentum.rule());
    Option option =
        momentum.options().stream().filter(o -> o.name().equals("momentum")).findAny().get();
    assertEquals(0.9, option.defaultValue());
    assertEquals(1e-10, Library.findRule("adagrad").presetValue(Names.PRESET_PYTORCH, Names.EPS));
    assertTrue(Library.buildInfo().contains(Library.version()));
    String[] version = Library.version().split("\\.");
    assertEquals(
        Integer.parseInt(version[0]) * 10000
            + Integer.parseInt(version[1]) * 100
            + Integer.parseInt(version[2]),
        Library.versionNumber());
    assertTrue(Library.catalog().startsWith("{\"version\":\"" + Library.version()));
  }

  @Test
  void contexts_choose_threads_and_targets() {
    for (SimdTarget target : Library.targets()) {
      if (target.isSupported()) {
        try (Context context = Context.builder().threads(3).target(target.name()).build();
            Optimizer optimizer = AdamW.builder().context(context).build()) {
          assertEquals(3, context.threads());
          assertEquals(target.name(), context.target());
          optimizer.step();
        }
      }
    }
    assertThrows(IllegalStateException.class, () -> Context.getDefault().close());
  }
}
