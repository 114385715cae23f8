// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

/** Contexts, and the end of the library. */
class ContextTest {
  /** Uses a copy of the library that has a class loader of its own, up to its shutdown. */
  private static WeakReference<ClassLoader> useAndShutDown() throws Exception {
    URL jar = Library.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = loader.loadClass("org.libopt.Optimizer");
      Class<?> library = loader.loadClass("org.libopt.Library");
      for (int i = 0; i < 2; ++i) { // it can be used again
        Object optimizer = type.getMethod("create", String.class).invoke(null, "sgd");
        ((AutoCloseable) optimizer).close();
        library.getMethod("shutdown").invoke(null);
      }
      return new WeakReference<>(loader);
    }
  }

  @Test
  void after_shutdown_the_class_loader_can_be_collected() throws Exception {
    WeakReference<ClassLoader> loader = useAndShutDown();
    for (int i = 0; i < 1000 && loader.get() != null; ++i) {
      System.gc();
      Thread.yield();
    }
    assertNull(loader.get());
  }

  @Test
  void the_default_context_is_one_and_stays_open() {
    Context shared = Context.getDefault();
    assertThrows(IllegalStateException.class, shared::close);
    assertSame(shared, Context.getDefault());
    assertTrue(shared.threads() >= 1);
  }

  @Test
  void how_long_threads_wait_actively_is_the_hosts_choice() {
    try (Context context = Context.builder().threads(2).spinMicroseconds(200).build();
        Context usual = Context.builder().build()) {
      assertEquals(200, context.spinMicroseconds());
      assertEquals(0, usual.spinMicroseconds());
    }
    Context.Builder wrong = Context.builder().spinMicroseconds(-1);
    OptException refused = assertThrows(OptException.class, wrong::build);
    assertTrue(refused.getMessage().contains("Context.Builder.spinMicroseconds"));
  }

  @Test
  void a_closed_context_says_so_and_its_optimizers_go_on() {
    Context context = Context.builder().threads(2).build();
    assertEquals(2, context.threads());
    try (Optimizer optimizer = Optimizer.create(context, "sgd")) {
      context.close();
      assertThrows(IllegalStateException.class, context::threads);
      assertThrows(IllegalStateException.class, () -> Optimizer.create(context, "sgd"));
      optimizer.step();
    }
  }
}
