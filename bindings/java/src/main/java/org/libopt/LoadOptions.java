// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.util.Collection;
import java.util.Collections;
import java.util.Objects;

/** The part of a checkpoint that a load takes. One object serves one thread at a time. */
public final class LoadOptions {
  /** Makes the call with what these options gathered. */
  interface Call {
    void make(LoadCall call, long handle);
  }

  private Lent[] lent = {};
  private String[] names = {};
  private int flags;

  /** Makes options that load state, options and counters, and allow no difference. */
  public LoadOptions() {}

  /**
   * Copies the checkpoint's parameters into the lent or retained ones, when all else has succeeded.
   *
   * @param on whether to
   * @return these options
   */
  public LoadOptions params(boolean on) {
    return set(NativeConstants.OPT_LOAD_PARAMS, on);
  }

  /**
   * Keeps the optimizer's own option values, schedules, attributes of tensors and way of averaging,
   * and the groups that its tensors are in.
   *
   * @param on whether to
   * @return these options
   */
  public LoadOptions keepOptions(boolean on) {
    return set(NativeConstants.OPT_LOAD_KEEP_OPTIONS, on);
  }

  /**
   * Lets a tensor that the checkpoint lacks keep its state.
   *
   * @param on whether to
   * @return these options
   */
  public LoadOptions allowMissing(boolean on) {
    return set(NativeConstants.OPT_LOAD_ALLOW_MISSING, on);
  }

  /**
   * Ignores tensors of the checkpoint that are not attached.
   *
   * @param on whether to
   * @return these options
   */
  public LoadOptions allowUnexpected(boolean on) {
    return set(NativeConstants.OPT_LOAD_ALLOW_UNEXPECTED, on);
  }

  /**
   * Loads some tensors alone, as if there were no others; options and counters are left alone.
   *
   * @param tensors names of attached tensors; none: all
   * @return these options
   */
  public LoadOptions names(String... tensors) {
    names = Objects.requireNonNull(tensors, "tensors").clone();
    return this;
  }

  /**
   * Lends the parameters of tensors that retain none, to be overwritten.
   *
   * @param lent at most one for each tensor
   * @return these options
   */
  public LoadOptions lent(Lent... lent) {
    this.lent = Objects.requireNonNull(lent, "lent").clone();
    return this;
  }

  private LoadOptions set(int flag, boolean on) {
    flags = on ? flags | flag : flags & ~flag;
    return this;
  }

  LoadReport call(Optimizer optimizer, Call made) {
    Collection<Lent.Copied> copies = Collections.emptyList();
    // The load frees memory that Tensor.state() may be reading.
    synchronized (optimizer.handle()) {
      try (LoadCall call = new LoadCall(flags)) {
        copies = Lent.lendParams(lent, optimizer, call::lend);
        for (String name : names) {
          call.select(Objects.requireNonNull(name, "name"));
        }
        try {
          made.make(call, optimizer.handle().get());
        } catch (OptException.Checkpoint e) {
          throw new OptException.Checkpoint(e.status(), e.getMessage(), new LoadReport(call));
        }
        for (Lent.Copied copy : copies) {
          copy.copyBack();
        }
        return new LoadReport(call);
      } finally {
        Reference.reachabilityFence(copies);
        Reference.reachabilityFence(lent);
        Reference.reachabilityFence(optimizer);
      }
    }
  }
}
