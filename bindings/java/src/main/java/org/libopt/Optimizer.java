// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An optimizer: parameter groups with option values, attached tensors, and their state.
 *
 * <pre>{@code
 * try (Optimizer optimizer = AdamW.builder().lr(3e-4).weightDecay(0.01).build()) {
 *   optimizer.attach(TensorSpec.of("fc1.weight", weight, gradient).shape(784, 128));
 *   for (int i = 0; i < steps; ++i) {
 *     computeGradients();
 *     optimizer.step();
 *   }
 * }
 * }</pre>
 *
 * <p>Attached buffers stay alive until they are detached or the optimizer is closed. One optimizer
 * serves one call at a time: an overlapping call of another thread throws an {@link OptException}
 * with {@link Status#BUSY}. {@link #close()} alone waits for a call that is under way. An optimizer
 * that was never closed is destroyed some time after it has become unreachable.
 *
 * <p>Every method throws {@link IllegalStateException} if the optimizer is closed. A call that
 * throws has changed nothing.
 */
public final class Optimizer extends Averaging implements AutoCloseable {
  private final Session session;
  private final Cleaner.Cleanable cleanable;
  private final Map<Long, Tensor> tensors = new TreeMap<>(); // guarded by the session
  private final Group firstGroup = new Group(this, 0);

  private Optimizer(long handle) {
    session = new Session(handle);
    cleanable = Context.CLEANER.register(this, session);
  }

  /**
   * Creates an optimizer with one group and no tensors, in the shared context.
   *
   * @param rule name or alias of an update rule, such as {@link Names#RULE_ADAMW}
   * @return a new optimizer
   * @throws OptException {@link Status#NAME} if there is no such rule
   */
  public static Optimizer create(String rule) {
    return create(Context.shared(), rule);
  }

  /**
   * Creates an optimizer with one group and no tensors.
   *
   * @param context where threads and SIMD instructions come from
   * @param rule name or alias of an update rule, such as {@link Names#RULE_ADAMW}
   * @return a new optimizer
   * @throws OptException {@link Status#NAME} if there is no such rule
   */
  public static Optimizer create(Context context, String rule) {
    Objects.requireNonNull(rule, "rule");
    long[] made = new long[1];
    Native.opt_create(context.handle(), rule, made);
    Reference.reachabilityFence(context);
    return new Optimizer(made[0]);
  }

  /**
   * Creates an optimizer with option values, in the shared context.
   *
   * @param rule name or alias of an update rule, such as {@link Names#RULE_ADAMW}
   * @param options values by name
   * @return a new optimizer
   * @throws OptException {@link Status#NAME} or {@link Status#VALUE}
   */
  public static Optimizer create(String rule, Map<String, Double> options) {
    return RuleBuilder.build(Context.shared(), rule, null, options);
  }

  /**
   * Returns the group that an optimizer begins with.
   *
   * @return group 0
   */
  public Group group() {
    return firstGroup;
  }

  /**
   * Adds a group with a copy of the optimizer-wide option values.
   *
   * @return the new group
   */
  public Group addGroup() {
    int[] index = new int[1];
    try {
      Native.opt_add_group(handle(), index);
    } finally {
      Reference.reachabilityFence(this);
    }
    return new Group(this, index[0]);
  }

  /**
   * Adds a group with the optimizer-wide option values, but for some.
   *
   * @param options values by name that differ
   * @return the new group
   * @throws OptException {@link Status#NAME} or {@link Status#VALUE}; then there is no new group
   */
  public Group addGroup(Map<String, Double> options) {
    create(info().rule(), options).close(); // refuses what the group would
    return addGroup().set(options);
  }

  /**
   * Returns the groups.
   *
   * @return a list in the order of their indices, at least one
   */
  public List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    for (int count = info().groups(); groups.size() < count; ) {
      groups.add(groups.isEmpty() ? firstGroup : new Group(this, groups.size()));
    }
    return groups;
  }

  /**
   * Attaches a tensor and allocates its state.
   *
   * @param spec what it is, and its buffers
   * @return the tensor
   * @throws OptException {@link Status#NAME} (duplicate or reserved), {@link Status#DTYPE}, {@link
   *     Status#OVERLAP} (buffers share memory), {@link Status#ARGUMENT} (shape, misaligned buffer)
   */
  public Tensor attach(TensorSpec spec) {
    return attachAll(Collections.singletonList(spec)).get(0);
  }

  /**
   * Attaches several tensors, or none if one of them cannot be.
   *
   * @param specs what they are, and their buffers
   * @return the tensors, in the same order
   * @throws OptException as {@link #attach(TensorSpec)}
   */
  public List<Tensor> attachAll(List<TensorSpec> specs) {
    List<Tensor> attached = new ArrayList<>(specs.size());
    try (TensorList list = new TensorList()) {
      synchronized (session) {
        for (TensorSpec spec : specs) {
          spec.addTo(list, this);
        }
        list.attach(handle());
        for (int i = 0; i < specs.size(); ++i) {
          TensorSpec spec = specs.get(i);
          Tensor tensor = new Tensor(this, list.index(i), spec);
          session.retain(tensor.index(), spec.param, spec.grad);
          tensors.put(tensor.index(), tensor);
          attached.add(tensor);
        }
      }
    } finally {
      Reference.reachabilityFence(specs);
      Reference.reachabilityFence(this);
    }
    return attached;
  }

  /**
   * Finds an attached tensor by its name.
   *
   * @param name as it was attached, or made up
   * @return the tensor
   * @throws OptException {@link Status#NAME}
   */
  public Tensor tensor(String name) {
    Objects.requireNonNull(name, "name");
    long[] index = new long[1];
    synchronized (session) {
      Native.opt_find_tensor(handle(), name, index);
      return tensors.get(index[0]);
    }
  }

  /**
   * Returns the attached tensors.
   *
   * @return a list in the order of their indices
   */
  public List<Tensor> tensors() {
    synchronized (session) {
      handle();
      return new ArrayList<>(tensors.values());
    }
  }

  /**
   * Describes the optimizer as it is now.
   *
   * @return its rule, counts and memory
   */
  public OptimizerInfo info() {
    try (opt_info info = new opt_info()) {
      Native.opt_get_info(handle(), info);
      return new OptimizerInfo(info);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Destroys the optimizer and its state, and lets go of the buffers, whose contents stay. Waits for
   * a call that another thread is making. Closing again does nothing.
   */
  @Override
  public void close() {
    session.run();
    cleanable.clean();
  }

  /** Forgets a tensor that was detached. */
  void forget(Tensor tensor) {
    tensors.remove(tensor.index());
    session.release(tensor.index());
  }

  Session session() {
    return session;
  }

  /** What is set here is set in every group. */
  @Override
  Runnable restorer(String option) {
    Runnable all = super.restorer(option);
    List<Runnable> each = new ArrayList<>();
    groups().forEach(group -> each.add(group.restorer(option)));
    return () -> {
      all.run();
      each.forEach(Runnable::run);
    };
  }

  @Override
  public String toString() {
    return session.isClosed() ? "optimizer, closed" : "optimizer of rule " + info().rule();
  }

  @Override
  long handle() {
    return session.handle();
  }

  @Override
  int scope() {
    return NativeConstants.OPT_ALL_GROUPS;
  }

  @Override
  Optimizer self() {
    return this;
  }
}
