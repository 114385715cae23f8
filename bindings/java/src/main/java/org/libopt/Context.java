// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * Where optimizers get threads and SIMD instructions from. Results do not depend on either.
 *
 * <p>Without a context of their own, optimizers share the default one, which uses every core. Threads start at the
 * first step that is large enough to need them.
 */
public final class Context implements AutoCloseable {
  /** Number of threads that means: every core this process may run on. */
  public static final int ALL_CORES = NativeConstants.OPT_ALL_CORES;

  static final Cleaner CLEANER = Cleaner.create();

  private static Context common; // the default one; guarded by the class

  private static final class Handle implements Runnable {
    private long bits;

    Handle(long bits) {
      this.bits = bits;
    }

    @Override
    public synchronized void run() {
      long destroyed = bits;
      bits = 0;
      if (destroyed != 0) {
        Native.opt_context_destroy(destroyed);
      }
    }

    synchronized boolean isClosed() {
      return bits == 0;
    }

    synchronized long get() {
      if (bits == 0) {
        throw new IllegalStateException("the context is closed");
      }
      return bits;
    }
  }

  private final Handle handle;
  private final Cleaner.Cleanable cleanable;

  private Context(long bits) {
    handle = new Handle(bits);
    cleanable = CLEANER.register(this, handle);
  }

  /**
   * Starts the description of a context.
   *
   * @return a builder with all cores and the best SIMD target
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the context of optimizers that are given none.
   *
   * @return a context with all cores, which {@link Library#shutdown} alone closes
   */
  public static synchronized Context getDefault() {
    if (common == null) {
      common = builder().build();
    }
    return common;
  }

  /** Closes the default context; whoever needs one afterwards gets another. */
  static synchronized void closeDefault() {
    if (common != null) {
      common.cleanable.clean();
      common = null;
    }
  }

  private static synchronized boolean isDefault(Context context) {
    return context == common;
  }

  /**
   * Returns how many threads may compute.
   *
   * @return at least 1, the calling thread included
   */
  public int threads() {
    try (opt_context_info info = new opt_context_info()) {
      Native.opt_context_get_info(handle.get(), info);
      return info.getThreads();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns how long its threads spin, waiting for more work, before they sleep.
   *
   * @return microseconds; 0: a short time
   */
  public int spinMicroseconds() {
    try (opt_context_info info = new opt_context_info()) {
      Native.opt_context_get_info(handle.get(), info);
      return info.getSpin_microseconds();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns which SIMD instructions are used.
   *
   * @return a name of {@link Library#targets()}
   */
  public String target() {
    try (opt_context_info info = new opt_context_info()) {
      Native.opt_context_get_info(handle.get(), info);
      return info.getTarget();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Closes the context; optimizers that use it go on, and its threads end with the last of them.
   *
   * @throws IllegalStateException if this is the default context
   */
  @Override
  public void close() {
    if (isDefault(this)) {
      throw new IllegalStateException("the default context stays open: others may use it");
    }
    cleanable.clean();
  }

  long handle() {
    return handle.get();
  }

  @Override
  public String toString() {
    return handle.isClosed() ? "context, closed" : "context: " + threads() + " threads, " + target();
  }

  /** Describes a context. */
  public static final class Builder {
    private int threads = ALL_CORES;
    private int spinMicroseconds;
    private String target;

    private Builder() {}

    /**
     * Sets the number of threads that may compute.
     *
     * @param threads 0 (the calling thread alone) to 1024, that thread included, or {@link
     *     #ALL_CORES}
     * @return this builder
     */
    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    /**
     * Sets how long each thread spins, waiting for more work, after a step before it sleeps. Waking
     * a thread that sleeps takes long enough for a short step not to be worth it; so if little
     * happens between two steps, a time longer than those pauses makes them faster.
     *
     * @param spinMicroseconds 0 (a short time) to 1,000,000
     * @return this builder
     */
    public Builder spinMicroseconds(int spinMicroseconds) {
      this.spinMicroseconds = spinMicroseconds;
      return this;
    }

    /**
     * Sets the SIMD target.
     *
     * @param target a name of {@link Library#targets()}; null: the best of this CPU
     * @return this builder
     */
    public Builder target(String target) {
      this.target = target;
      return this;
    }

    /**
     * Makes the context.
     *
     * @return a new context
     * @throws OptException {@link Status#VALUE} (threads, spinMicroseconds), {@link Status#NAME}
     *     (target)
     */
    public Context build() {
      long[] made = new long[1];
      Native.opt_context_create_with(threads, spinMicroseconds, target, made);
      return new Context(made[0]);
    }
  }
}
