// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.HashMap;
import java.util.Map;

/**
 * An optimizer's handle, and the buffers that it retains: they are let go only when the library has
 * forgotten them. Whatever changes what is retained, or looks at native memory that such a change
 * frees, holds this object's lock; a step does not.
 */
final class Session implements Runnable {
  private volatile long handle;
  private final Map<Long, Region[]> retained = new HashMap<>();

  Session(long handle) {
    this.handle = handle;
  }

  long handle() {
    long open = handle;
    if (open == 0) {
      throw new IllegalStateException("the optimizer is closed");
    }
    return open;
  }

  boolean isClosed() {
    return handle == 0;
  }

  /** Keeps a tensor's buffers in place of those that it had. */
  synchronized void retain(long index, Region... buffers) {
    retained.put(index, buffers);
  }

  synchronized void release(long index) {
    retained.remove(index);
  }

  /** Destroys the optimizer, once; waits for a call that another thread is making with it. */
  @Override
  public synchronized void run() {
    long destroyed = handle;
    handle = 0;
    if (destroyed != 0) {
      Native.opt_destroy(destroyed);
      retained.clear();
    }
  }
}
