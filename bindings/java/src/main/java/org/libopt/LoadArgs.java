// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a load takes from a checkpoint. One object serves one thread at a time. */
public final class LoadArgs {
  /** Makes the call with what these arguments gathered. */
  interface Call {
    void make(LoadCall call, long handle);
  }

  private final Map<Tensor, Lent> loans = new LinkedHashMap<>();
  private final List<String> names = new ArrayList<>();
  private int flags;

  /** Makes arguments that load state, options and counters, and allow no difference. */
  public LoadArgs() {}

  /**
   * Copies the checkpoint's parameters into the lent or retained ones, when all else has succeeded.
   *
   * @return these arguments
   */
  public LoadArgs params() {
    flags |= NativeConstants.OPT_LOAD_PARAMS;
    return this;
  }

  /**
   * Keeps the optimizer's own option values.
   *
   * @return these arguments
   */
  public LoadArgs keepOptions() {
    flags |= NativeConstants.OPT_LOAD_KEEP_OPTIONS;
    return this;
  }

  /**
   * Lets a tensor that the checkpoint lacks keep its state.
   *
   * @return these arguments
   */
  public LoadArgs allowMissing() {
    flags |= NativeConstants.OPT_LOAD_ALLOW_MISSING;
    return this;
  }

  /**
   * Passes over tensors of the checkpoint that are not attached.
   *
   * @return these arguments
   */
  public LoadArgs allowUnexpected() {
    flags |= NativeConstants.OPT_LOAD_ALLOW_UNEXPECTED;
    return this;
  }

  /**
   * Loads some tensors alone, as if there were no others; options and counters are left alone.
   *
   * @param tensors names of attached tensors
   * @return these arguments
   */
  public LoadArgs only(String... tensors) {
    names.addAll(Arrays.asList(tensors));
    return this;
  }

  /**
   * Lends the parameters of a tensor that retains none, to be overwritten.
   *
   * @param tensor of f32
   * @param param its parameters
   * @return these arguments
   */
  public LoadArgs lend(Tensor tensor, float[] param) {
    return put(tensor, param);
  }

  /**
   * Lends the parameters of a tensor that retains none, to be overwritten.
   *
   * @param tensor of f64
   * @param param its parameters
   * @return these arguments
   */
  public LoadArgs lend(Tensor tensor, double[] param) {
    return put(tensor, param);
  }

  /**
   * Lends the parameters of a tensor that retains none, to be overwritten.
   *
   * @param tensor of any type
   * @param param its parameters, in a direct buffer
   * @return these arguments
   */
  public LoadArgs lend(Tensor tensor, Buffer param) {
    return put(tensor, param);
  }

  private LoadArgs put(Tensor tensor, Object param) {
    Objects.requireNonNull(param, "param");
    loans.put(tensor, Lent.of(tensor, "param", param));
    return params();
  }

  LoadReport call(Optimizer optimizer, Call made) {
    // The load frees memory that Tensor.state() may be reading.
    synchronized (optimizer.session()) {
      try (LoadCall call = new LoadCall(flags)) {
        loans.forEach(
            (tensor, param) -> {
              tensor.checkOwner(optimizer);
              Lent.copyIn(param);
              call.lend(tensor.index(), Lent.address(param));
            });
        for (String name : names) {
          call.select(Objects.requireNonNull(name, "name"));
        }
        try {
          made.make(call, optimizer.handle());
        } catch (OptException e) {
          if (e.status() == Status.MISMATCH) {
            throw new LoadException(e.getMessage(), new LoadReport(call));
          }
          throw e;
        }
        loans.values().forEach(Lent::copyOut);
        return new LoadReport(call);
      } finally {
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(optimizer);
      }
    }
  }
}
