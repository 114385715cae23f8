// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How long optimizers and buffers live. */
class LifetimeTest {
  private static final int COUNT = 4096;

  /** Attaches buffers that nobody else knows; returns a weak reference to the memory. */
  private static WeakReference<Object> attachUnreachable(Optimizer optimizer) {
    ByteBuffer memory = Buffers.bytes(COUNT, Float.BYTES);
    for (int i = 0; i < COUNT; ++i) {
      memory.putFloat(i * Float.BYTES, 1f);
    }
    FloatBuffer grad = Buffers.floats(COUNT);
    for (int i = 0; i < COUNT; ++i) {
      grad.put(i, 1f);
    }
    optimizer.attach(TensorSpec.of("w", memory.asFloatBuffer(), grad));
    return new WeakReference<>(memory);
  }

  private static boolean isCollected(WeakReference<?> reference) {
    for (int i = 0; i < 1000 && reference.get() != null; ++i) {
      System.gc();
      Thread.yield();
    }
    return reference.get() == null;
  }

  @Test
  void attached_buffers_outlive_any_number_of_collections_until_closed() {
    Optimizer optimizer = Gd.builder().lr(0.5).build();
    WeakReference<Object> memory = attachUnreachable(optimizer);
    for (int i = 0; i < 20; ++i) {
      System.gc();
      Buffers.floats(COUNT);
      optimizer.step();
    }
    assertTrue(memory.get() != null);
    float last = ((ByteBuffer) memory.get()).getFloat((COUNT - 1) * Float.BYTES);
    assertEquals(-9f, last);
    optimizer.close();
    assertTrue(isCollected(memory));
  }

  @Test
  void detaching_lets_go_of_the_buffers() {
    try (Optimizer optimizer = Gd.builder().build()) {
      WeakReference<Object> memory = attachUnreachable(optimizer);
      optimizer.findTensor("w").detach();
      assertTrue(isCollected(memory));
    }
  }

  @Test
  void an_optimizer_that_was_never_closed_is_destroyed_with_its_buffers() {
    long[] handle = new long[1];
    WeakReference<Object> memory = forget(handle);
    assertTrue(isCollected(memory));
    assertThrows(IllegalStateException.class, () -> Native.opt_step_retained(handle[0]));
  }

  private static WeakReference<Object> forget(long[] handle) {
    Optimizer optimizer = Gd.builder().build();
    handle[0] = optimizer.handle().get();
    return attachUnreachable(optimizer);
  }

  @Test
  void bound_buffers_are_kept_and_those_before_let_go() {
    try (Optimizer optimizer = Gd.builder().lr(0.5).build()) {
      WeakReference<Object> before = attachUnreachable(optimizer);
      WeakReference<Object> bound = bindUnreachable(optimizer.findTensor("w"));
      assertTrue(isCollected(before));
      assertTrue(bound.get() != null);
      optimizer.findTensor("w").bind(null, null);
      assertTrue(isCollected(bound));
    }
  }

  private static WeakReference<Object> bindUnreachable(Tensor tensor) {
    ByteBuffer memory = Buffers.bytes(COUNT, Float.BYTES);
    tensor.bind(memory.asFloatBuffer(), null);
    return new WeakReference<>(memory);
  }

  @Test
  void bytes_of_a_checkpoint_outlive_collections_until_it_is_closed() {
    try (Optimizer optimizer = Gd.builder().build()) {
      ByteBuffer[] saved = {optimizer.saveToBuffer(new SaveOptions().entry("epoch", 7))};
      WeakReference<Object> memory = new WeakReference<>(saved[0]);
      Checkpoint checkpoint = Checkpoint.open(saved[0]);
      saved[0] = null;
      for (int i = 0; i < 20; ++i) {
        System.gc();
      }
      assertTrue(memory.get() != null);
      assertEquals(7, checkpoint.readLongs("epoch")[0]);
      checkpoint.close();
      assertTrue(isCollected(memory));
    }
  }

  /** Copying state reads the library's memory under the handle's lock. */
  @Test
  void calls_that_free_state_wait_for_those_that_copy_it() throws Exception {
    try (Optimizer optimizer = Adam.builder().build()) {
      Tensor tensor = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
      ByteBuffer saved = optimizer.saveToBuffer();
      assertWaits(optimizer, () -> tensor.state(Names.SLOT_EXP_AVG));
      assertWaits(optimizer, () -> optimizer.load(saved, new LoadOptions()));
      assertWaits(optimizer, () -> optimizer.clone().close());
      assertWaits(optimizer, () -> optimizer.startAverage());
      assertWaits(optimizer, optimizer::stopAverage);
      assertWaits(optimizer, tensor::detach);
      assertWaits(optimizer, optimizer::close);
    }
  }

  private static void assertWaits(Optimizer optimizer, Runnable call) throws Exception {
    Thread thread = new Thread(call);
    synchronized (optimizer.handle()) {
      thread.start();
      while (thread.getState() != Thread.State.BLOCKED && thread.isAlive()) {
        Thread.yield();
      }
      assertTrue(thread.isAlive());
    }
    thread.join();
  }

  @Test
  void a_closed_optimizer_says_so() {
    Optimizer optimizer = Gd.builder().build();
    Tensor w = optimizer.attach(TensorSpec.lent("w", DType.F32, 1));
    optimizer.close();
    assertDoesNotThrow(optimizer::close);
    assertThrows(IllegalStateException.class, optimizer::step);
    assertThrows(IllegalStateException.class, optimizer::info);
    assertThrows(IllegalStateException.class, w::step);
    assertThrows(IllegalStateException.class, () -> optimizer.allGroups().set(Names.LR, 1));
  }

  @Test
  void a_detached_tensor_is_not_the_one_that_took_its_index() {
    try (Optimizer optimizer = Gd.builder().build()) {
      Tensor old = optimizer.attach(TensorSpec.lent("old", DType.F32, 1));
      old.detach();
      optimizer.attach(TensorSpec.lent("new", DType.F32, 1));
      assertThrows(IllegalStateException.class, old::step);
    }
  }

  @Test
  void closing_while_another_thread_steps_waits_and_the_thread_is_told() throws Exception {
    for (int round = 0; round < 20; ++round) {
      Optimizer optimizer = AdamW.builder().build();
      optimizer.attach(TensorSpec.of("w", Buffers.floats(100_000), Buffers.floats(100_000)));
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      CountDownLatch started = new CountDownLatch(1);
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (; ; ) {
                    optimizer.step();
                    started.countDown();
                  }
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
      thread.start();
      started.await();
      optimizer.close();
      thread.join();
      assertEquals(IllegalStateException.class, thrown.get().getClass());
    }
  }

  /** No step writes to buffers that nobody retains any more. */
  @Test
  void closing_lets_go_of_the_buffers_when_the_optimizer_is_no_more() throws Exception {
    Field field = Optimizer.Handle.class.getDeclaredField("retained");
    field.setAccessible(true);
    for (int round = 0; round < 10; ++round) {
      Optimizer optimizer = AdamW.builder().build();
      optimizer.attach(TensorSpec.of("w", Buffers.floats(1_000_000), Buffers.floats(1_000_000)));
      long handle = optimizer.handle().get();
      Map<?, ?> retained = (Map<?, ?>) field.get(optimizer.handle());
      CountDownLatch started = new CountDownLatch(1);
      Thread stepping =
          new Thread(
              () ->
                  assertThrows(
                      RuntimeException.class,
                      () -> {
                        for (; ; started.countDown()) {
                          optimizer.step();
                        }
                      }));
      Thread closing = new Thread(optimizer::close);
      stepping.start();
      started.await();
      closing.start();
      while (!retained.isEmpty()) {
        Thread.yield();
      }
      assertThrows(IllegalStateException.class, () -> Native.opt_discard(handle));
      closing.join();
      stepping.join();
    }
  }

  @Test
  void overlapping_calls_are_busy_and_never_crash() throws Exception {
    try (Optimizer optimizer = AdamW.builder().build()) {
      optimizer.attach(TensorSpec.of("w", Buffers.floats(1_000_000), Buffers.floats(1_000_000)));
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Runnable steps =
          () -> {
            for (int i = 0; i < 50; ++i) {
              try {
                optimizer.step();
              } catch (OptException.Busy e) {
                assertEquals(Status.BUSY, e.status());
              } catch (OptException e) {
                thrown.set(e);
              }
            }
          };
      Thread thread = new Thread(steps);
      thread.start();
      steps.run();
      thread.join();
      assertEquals(null, thrown.get());
      assertFalse(optimizer.info().steps() == 0);
    }
  }
}
