// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Reference;
import java.nio.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How a step, an accumulation or a zeroing of gradients is made, and the buffers and arrays that are
 * lent to it. May be used for any number of calls; what is lent stays lent, and alive, until {@link
 * #forget()}. If anything is lent, a tensor that is lent no gradient is skipped.
 *
 * <p>Arrays are handed over without a copy as long as they have no more than {@link
 * #pinLimit(long)} elements together: the JVM cannot collect garbage while they are pinned, which is
 * as long as the step takes. Above it, they are copied to native memory and back. Direct buffers are
 * never copied nor pinned.
 */
public final class StepArgs {
  static final int STEP = 0;
  static final int STEP_ACCUMULATED = 1;
  static final int ACCUMULATE = 2;
  static final int ZERO_GRAD = 3;
  static final int GRAD_NORM = 4;
  static final int CLIP_GRADS = 5;
  static final int AVERAGE_SWAP = 6;

  private static final long PIN_LIMIT = 1 << 20;

  private static final class Loan {
    final Tensor tensor;
    final Lent param;
    final Lent grad;

    Loan(Tensor tensor, Lent param, Lent grad) {
      this.tensor = tensor;
      this.param = param;
      this.grad = grad;
    }
  }

  private final StepCall call = new StepCall();
  private final Map<Tensor, Loan> loans = new LinkedHashMap<>();
  private long pinLimit = PIN_LIMIT;
  private boolean zeroGrads;
  private boolean sum;
  private boolean gradsAreMeans;
  private GradWork work = new GradWork();
  private boolean reports;

  /** Makes arguments that lend nothing and set no flag. */
  public StepArgs() {
    Context.CLEANER.register(this, call::close);
  }

  /**
   * Zeroes each gradient buffer in the same pass over memory.
   *
   * @param on whether to
   * @return these arguments
   */
  public synchronized StepArgs zeroGrads(boolean on) {
    zeroGrads = on;
    return this;
  }

  /**
   * Steps with the sum of accumulated gradients, not their mean.
   *
   * @param on whether to
   * @return these arguments
   */
  public synchronized StepArgs sum(boolean on) {
    sum = on;
    return this;
  }

  /**
   * Says that the gradients to accumulate are means over the call's samples, as a mean loss gives
   * them, not sums.
   *
   * @param on whether they are
   * @return these arguments
   */
  public synchronized StepArgs gradsAreMeans(boolean on) {
    gradsAreMeans = on;
    return this;
  }

  /**
   * Has work done on the gradients first.
   *
   * @param work as it is when the call is made; no longer to be changed by another thread then
   * @return these arguments
   */
  public synchronized StepArgs work(GradWork work) {
    this.work = Objects.requireNonNull(work, "work");
    return this;
  }

  /**
   * Makes a step return a report, which computes a norm.
   *
   * @param on whether to
   * @return these arguments
   */
  public synchronized StepArgs reports(boolean on) {
    reports = on;
    return this;
  }

  /**
   * Sets how many elements of lent arrays may be pinned by a call; more are copied.
   *
   * @param elements of all arrays together; 1,048,576 at first; 0: always copy
   * @return these arguments
   */
  public synchronized StepArgs pinLimit(long elements) {
    pinLimit = elements;
    return this;
  }

  /**
   * Lends a tensor's arrays.
   *
   * @param tensor of f32
   * @param param its parameters; null: the retained ones
   * @param grad its gradients; null: none
   * @return these arguments
   * @throws IllegalArgumentException if an array is not of the tensor's length or type
   */
  public StepArgs lend(Tensor tensor, float[] param, float[] grad) {
    return put(tensor, param, grad);
  }

  /**
   * Lends a tensor's arrays.
   *
   * @param tensor of f64
   * @param param its parameters; null: the retained ones
   * @param grad its gradients; null: none
   * @return these arguments
   * @throws IllegalArgumentException if an array is not of the tensor's length or type
   */
  public StepArgs lend(Tensor tensor, double[] param, double[] grad) {
    return put(tensor, param, grad);
  }

  /**
   * Lends a tensor's direct buffers: their elements from position to limit as they are now.
   *
   * @param tensor of any type
   * @param param its parameters; null: the retained ones
   * @param grad its gradients; null: none
   * @return these arguments
   * @throws IllegalArgumentException if a buffer is not of the tensor's length or type, not direct,
   *     read-only, or in the other byte order
   */
  public StepArgs lend(Tensor tensor, Buffer param, Buffer grad) {
    return put(tensor, param, grad);
  }

  /**
   * Forgets what was lent.
   *
   * @return these arguments
   */
  public synchronized StepArgs forget() {
    loans.clear();
    call.forget();
    return this;
  }

  private synchronized StepArgs put(Tensor tensor, Object param, Object grad) {
    Objects.requireNonNull(tensor, "tensor");
    if (param != null && param == grad && tensor.count() > 0) {
      // A copy of each would hide it from the library.
      throw new IllegalArgumentException(
          Region.name(tensor.name(), "lent") + ": the same memory as param and grad");
    }
    loans.put(
        tensor,
        new Loan(tensor, Lent.of(tensor, "param", param), Lent.of(tensor, "grad", grad)));
    return this;
  }

  /** Makes one of the calls above. */
  synchronized GradReport call(Optimizer optimizer, int operation, long samples) {
    long handle = optimizer.handle();
    long elements = 0;
    boolean grads = loans.isEmpty();
    for (Loan loan : loans.values()) {
      loan.tensor.checkOwner(optimizer);
      elements += Lent.arrayLength(loan.param) + Lent.arrayLength(loan.grad);
      grads = grads || loan.grad != null;
    }
    work.setOn(call, reports);
    int made = operation == STEP && !grads ? STEP_ACCUMULATED : operation;
    try {
      if (elements == 0 || elements > pinLimit) {
        callCopied(handle, made, samples, elements > 0);
      } else {
        callPinned(handle, made, samples);
      }
      boolean reported = operation == GRAD_NORM || operation == CLIP_GRADS;
      return reported || (operation == STEP && reports)
          ? new GradReport(call, optimizer.info().groups())
          : null;
    } finally {
      Reference.reachabilityFence(optimizer);
      Reference.reachabilityFence(this);
    }
  }

  private void callCopied(long handle, int operation, long samples, boolean arrays) {
    call.forget();
    for (Loan loan : loans.values()) {
      Lent.copyIn(loan.param);
      Lent.copyIn(loan.grad);
      call.lend(loan.tensor.index(), Lent.address(loan.param), Lent.address(loan.grad));
    }
    Native.opt_call_lent(call, handle, operation, samples, flags(operation));
    if (arrays) {
      for (Loan loan : loans.values()) {
        if (operation == STEP || operation == STEP_ACCUMULATED || operation == AVERAGE_SWAP) {
          Lent.copyOut(loan.param);
        }
        if (zeroGrads || operation == ZERO_GRAD || operation == CLIP_GRADS) {
          Lent.copyOut(loan.grad);
        }
      }
    }
  }

  private void callPinned(long handle, int operation, long samples) {
    long[] table = new long[3 * loans.size()];
    Object[] arrays = new Object[2 * loans.size()];
    int i = 0;
    for (Loan loan : loans.values()) {
      table[3 * i] = loan.tensor.index();
      table[3 * i + 1] = Lent.address(loan.param);
      table[3 * i + 2] = Lent.address(loan.grad);
      arrays[2 * i] = Lent.array(loan.param);
      arrays[2 * i + 1] = Lent.array(loan.grad);
      ++i;
    }
    Native.opt_call_with_arrays(
        call, handle, operation, samples, flags(operation), table, arrays);
  }

  private long flags(int operation) {
    if (operation == GRAD_NORM) {
      return sum ? NativeConstants.OPT_SUM : 0;
    }
    long flags = zeroGrads ? NativeConstants.OPT_ZERO_GRADS : 0;
    if (operation == ACCUMULATE) {
      return gradsAreMeans ? flags | NativeConstants.OPT_GRADS_ARE_MEANS : flags;
    }
    return sum ? flags | NativeConstants.OPT_SUM : flags;
  }
}
