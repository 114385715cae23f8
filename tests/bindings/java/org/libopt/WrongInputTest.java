// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Arguments that Java itself can tell to be wrong, and what it says about them. */
class WrongInputTest {
  private static void assertRefused(String words, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(words), message);
  }

  private static void assertNulls(Map<String, Executable> calls) {
    calls.forEach(
        (name, call) ->
            assertEquals(
                name.split("/")[0],
                assertThrows(NullPointerException.class, call, name).getMessage()));
  }

  @Test
  void a_tensor_that_is_lent_twice_is_refused_and_nothing_changes() {
    float[] param = {1};
    try (Optimizer optimizer = Gd.builder().lr(1).build()) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
      Lent both = Lent.of(w, param, new float[] {1});
      Lent grad = Lent.grad(w, new float[] {2});
      assertRefused("'w', lent: twice", () -> optimizer.step(both, grad));
      assertRefused("'w', lent: twice", () -> optimizer.step(both, both));
      assertRefused("'w', lent: twice", () -> optimizer.accumulate(1, grad, grad));
      assertRefused("'w', lent: twice", () -> optimizer.zeroGrads(grad, grad));
      SaveOptions saved = new SaveOptions().params(true).lent(both, both);
      assertRefused("'w', lent: twice", () -> optimizer.saveToBuffer(saved));
      ByteBuffer checkpoint = optimizer.saveToBuffer();
      LoadOptions loaded = new LoadOptions().lent(both, both);
      assertRefused("'w', lent: twice", () -> optimizer.load(checkpoint, loaded));
      assertEquals(0, optimizer.info().steps());
      optimizer.step(both);
      optimizer.step(both);
      assertArrayEquals(new float[] {-1}, param);
    }
  }

  @Test
  void an_array_that_two_tensors_share_is_refused_whether_it_is_pinned_or_copied() {
    float[] shared = {1};
    // A JVM that checks native calls pins copies, which share no memory.
    boolean copies =
        ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-Xcheck:jni");
    for (long limit : copies ? new long[] {0} : new long[] {1000, 0}) {
      try (Optimizer optimizer = Gd.builder().lr(1).build()) {
        optimizer.pinLimit(limit);
        Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
        Tensor v = optimizer.attach(TensorSpec.lent("v", DType.F32, 1));
        Lent one = Lent.of(w, shared, new float[] {1});
        Lent other = Lent.of(v, shared, new float[] {2});
        OptException e = assertThrows(OptException.class, () -> optimizer.step(one, other));
        assertEquals(Status.OVERLAP, e.status());
        assertArrayEquals(new float[] {1}, shared);
      }
    }
  }

  @Test
  void all_groups_are_no_group_of_a_tensor() {
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
      TensorSpec spec = TensorSpec.lent("v", DType.F32, 1).group(optimizer.allGroups());
      assertRefused("'v', group: Optimizer.allGroups", () -> optimizer.attach(spec));
      assertRefused("Optimizer.addGroup", () -> optimizer.stateBytes(spec));
      assertRefused("Optimizer.groups", () -> w.setGroup(optimizer.allGroups()));
    }
  }

  @Test
  void tensors_are_of_f32_or_f64() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    assertRefused("'w', param: U8", () -> TensorSpec.lent("w", DType.U8, 1));
    assertRefused("'w', grad: I64", () -> TensorSpec.lent("w", DType.F32, DType.I64, 1));
    assertRefused("DType.F32 and DType.F64", () -> TensorSpec.of("w", DType.I64, bytes, null));
  }

  @Test
  void lengths_and_byte_orders_are_told_as_they_are_and_as_they_must_be() {
    try (Optimizer optimizer = Adam.builder().build()) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 4));
      ByteBuffer order = ByteBuffer.allocateDirect(16).order(ByteOrder.BIG_ENDIAN);
      ByteBuffer part = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
      String slot = Names.SLOT_EXP_AVG;
      assertRefused("3 elements, not the 4", () -> Lent.grad(w, new float[3]));
      assertRefused("8 bytes remain, but the slot has 16", () -> w.setState(slot, part));
      assertRefused("byte order BIG_ENDIAN", () -> w.setState(slot, order));
      assertRefused("elements is -1", () -> optimizer.pinLimit(-1));
    }
  }

  @Test
  void a_null_of_an_optimizers_call_is_named() {
    Map<String, Executable> calls = new LinkedHashMap<>();
    try (Optimizer optimizer = Adam.builder().build()) {
      Path file = Paths.get("unused");
      calls.put("rule", () -> Optimizer.create((String) null));
      calls.put("context", () -> Optimizer.create(null, "adam"));
      calls.put("context/clone", () -> optimizer.clone(null));
      calls.put("options/create", () -> Optimizer.create("adam", null));
      calls.put("spec", () -> optimizer.attach((TensorSpec) null));
      calls.put("spec/list", () -> optimizer.attach(Collections.singletonList(null)));
      calls.put("specs", () -> optimizer.attach((List<TensorSpec>) null));
      calls.put("specs/bytes", () -> optimizer.stateBytes((List<TensorSpec>) null));
      calls.put("options/group", () -> optimizer.addGroup((RuleBuilder<?>) null));
      calls.put("options/map", () -> optimizer.addGroup((Map<String, Double>) null));
      calls.put("options/set", () -> optimizer.allGroups().set((RuleBuilder<?>) null));
      calls.put("name", () -> optimizer.findTensor(null));
      calls.put("lent", () -> optimizer.step((Lent) null));
      calls.put("lent/array", () -> optimizer.step((Lent[]) null));
      calls.put("options", () -> optimizer.step((StepOptions) null));
      calls.put("options/accumulate", () -> optimizer.accumulate(1, (AccumulateOptions) null));
      calls.put("options/norm", () -> optimizer.gradNorm((StepOptions) null));
      calls.put("work", () -> optimizer.clipGrads(null));
      calls.put("options/scaler", () -> optimizer.startScaler(null));
      calls.put("options/average", () -> optimizer.startAverage(null));
      calls.put("file", () -> optimizer.save((Path) null));
      calls.put("options/save", () -> optimizer.save(file, null));
      calls.put("stream", () -> optimizer.save((OutputStream) null, new SaveOptions()));
      calls.put("file/load", () -> optimizer.load((Path) null));
      calls.put("options/load", () -> optimizer.load(file, null));
      calls.put("stream/load", () -> optimizer.load((InputStream) null, new LoadOptions()));
      calls.put("checkpoint", () -> optimizer.load((byte[]) null, new LoadOptions()));
      assertNulls(calls);
    }
  }

  @Test
  void a_null_of_any_other_call_is_named() {
    Map<String, Executable> calls = new LinkedHashMap<>();
    try (Optimizer optimizer = Adam.builder().build();
        Schedule schedule = Schedule.create("constant")) {
      Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
      calls.put("group", () -> w.setGroup(null));
      calls.put("values", () -> w.setState(Names.SLOT_EXP_AVG, null));
      calls.put("param", () -> TensorSpec.of("v", null, null));
      calls.put("dtype", () -> TensorSpec.lent("v", null, 1));
      calls.put("extents", () -> TensorSpec.lent("v", DType.F32, 1).shape((long[]) null));
      calls.put("tensor", () -> Lent.of(null, new float[1], null));
      calls.put("norm", () -> new GradientWork().norm(null));
      calls.put("nonfinite", () -> new GradientWork().nonfinite(null));
      calls.put("lent", () -> new SaveOptions().lent((Lent[]) null));
      calls.put("values/entry", () -> new SaveOptions().entry("e", (float[]) null));
      calls.put("tensors", () -> new LoadOptions().names((String[]) null));
      calls.put("file", () -> Checkpoint.open((Path) null));
      calls.put("bytes", () -> Checkpoint.open((ByteBuffer) null));
      calls.put("ticks", () -> new MultiStepSchedule((long[]) null));
      calls.put("next", () -> schedule.then(1, null));
      calls.put("other", () -> schedule.chain(null));
      calls.put("anneal", () -> new OneCycleSchedule().anneal(null));
      calls.put("eps_placement", () -> Adam.builder().epsPlacement(null));
      calls.put("values/builder", () -> Adam.builder().set((Map<String, Double>) null));
      calls.put("values/buffer", () -> Buffers.of((float[]) null));
      assertNulls(calls);
    }
  }

  @Test
  void a_disk_that_is_full_is_told_by_the_stream() throws Exception {
    Path full = Paths.get("/dev/full");
    Assumptions.assumeTrue(Files.exists(full));
    try (Optimizer optimizer = Adam.builder().build();
        OutputStream stream = Files.newOutputStream(full)) {
      assertThrows(
          java.io.IOException.class, () -> optimizer.save(stream, new SaveOptions()));
      OptException.Io e = assertThrows(OptException.Io.class, () -> optimizer.save(full));
      assertTrue(e.getMessage().contains("'/dev/full'"), e.getMessage());
    }
  }

  @Test
  void a_file_that_was_cut_short_is_told_as_such() {
    try (Optimizer optimizer = Adam.builder().build()) {
      byte[] saved = optimizer.saveToBytes(new SaveOptions());
      for (int size : new int[] {0, 3, saved.length - 1}) {
        OptException.Checkpoint e =
            assertThrows(
                OptException.Checkpoint.class,
                () -> optimizer.load(Arrays.copyOf(saved, size), new LoadOptions()));
        assertTrue(e.getMessage().contains(" ends"), e.getMessage());
        assertEquals(List.of(), e.report().findings());
      }
    }
  }
}
