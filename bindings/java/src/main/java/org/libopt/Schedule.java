// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The value of an option as a function of the number of steps. An optimizer keeps its own copy. A
 * warm-up of 500 steps, then a cosine:
 *
 * <pre>{@code
 * try (Schedule warmup = new LinearSchedule().totalIters(500);
 *     Schedule cosine = new CosineSchedule().tMax(9500)) {
 *   optimizer.allGroups().setSchedule(Names.LR, warmup.then(500, cosine));
 * }
 * }</pre>
 *
 * <p>Safe to use from any thread. Every method throws {@link IllegalStateException} after {@link
 * #close()}.
 */
public class Schedule implements AutoCloseable {
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
        Native.opt_schedule_destroy(destroyed);
      }
    }
  }

  private final Handle handle;
  private final Cleaner.Cleanable cleanable;

  Schedule(long bits) {
    handle = new Handle(bits);
    cleanable = Context.CLEANER.register(this, handle);
  }

  Schedule(String kind) {
    this(make(kind));
  }

  /**
   * Creates a schedule of one part by the name of its kind; each kind has a class too, such as
   * {@link CosineSchedule}.
   *
   * @param kind a name such as {@link Names#SCHEDULE_COSINE}
   * @return a new schedule
   * @throws OptException {@link Status#NAME}
   */
  public static Schedule create(String kind) {
    return new Schedule(kind);
  }

  private static long make(String kind) {
    long[] made = new long[1];
    Native.opt_schedule_create(0, Objects.requireNonNull(kind, "kind"), made);
    return made[0];
  }

  /**
   * Sets an option of a schedule of one part.
   *
   * @param option a name such as {@link Names#T_MAX}
   * @param value within the option's range
   * @return this schedule
   * @throws OptException {@link Status#NAME}, {@link Status#VALUE}, {@link Status#STATE} (it has
   *     several parts)
   */
  public Schedule set(String option, double value) {
    synchronized (handle) {
      Native.opt_schedule_set(handle(), Objects.requireNonNull(option, "option"), value);
    }
    return this;
  }

  void choose(String option, Enum<?> choice) {
    set(option, Objects.requireNonNull(choice, option).ordinal());
  }

  /**
   * Reads an option of a schedule of one part.
   *
   * @param option a name such as {@link Names#T_MAX}
   * @return its value; 0 if it is required and was not set
   * @throws OptException {@link Status#NAME}, {@link Status#STATE}
   */
  public double get(String option) {
    double[] value = new double[1];
    synchronized (handle) {
      Native.opt_schedule_get(handle(), Objects.requireNonNull(option, "option"), value);
    }
    return value[0];
  }

  /**
   * Sets the milestones of a schedule of one part and of a kind that has some.
   *
   * @param ticks 0 or more, in ascending order
   * @return this schedule
   * @throws OptException {@link Status#VALUE}, {@link Status#STATE}
   */
  public Schedule setMilestones(long... ticks) {
    try (Milestones list = new Milestones()) {
      for (long tick : Objects.requireNonNull(ticks, "ticks")) {
        list.add(tick);
      }
      synchronized (handle) {
        list.set(handle());
      }
    }
    return this;
  }

  /**
   * Lets a copy of another schedule take over (PyTorch's SequentialLR).
   *
   * @param steps of the optimizer, after the last part of this schedule began
   * @param next what takes over, counting from 0
   * @return this schedule
   * @throws OptException {@link Status#STATE} (a required option is not set)
   */
  public Schedule then(long steps, Schedule next) {
    long copied = Objects.requireNonNull(next, "next").copied();
    synchronized (handle) {
      Native.opt_schedule_then(handle(), steps, copied);
    }
    Reference.reachabilityFence(next);
    return this;
  }

  /**
   * Stacks a copy of another schedule on this one, whose value becomes its base (PyTorch's
   * ChainedScheduler).
   *
   * @param other both are counted from the beginning
   * @return this schedule
   * @throws OptException {@link Status#STATE} (a required option is not set)
   */
  public Schedule chain(Schedule other) {
    long copied = Objects.requireNonNull(other, "other").copied();
    synchronized (handle) {
      Native.opt_schedule_chain(handle(), copied);
    }
    Reference.reachabilityFence(other);
    return this;
  }

  /**
   * Returns the value at a step.
   *
   * @param base the option's own value
   * @param step 0 for the first
   * @return the scheduled value
   * @throws OptException {@link Status#STATE} (a required option is not set)
   */
  public double value(double base, long step) {
    double[] value = new double[1];
    synchronized (handle) {
      Native.opt_schedule_value(handle(), base, step, value);
    }
    return value[0];
  }

  /**
   * Describes the parts: one, and one for each part of every schedule that was appended to this one
   * or stacked on it.
   *
   * @return the parts in the order in which they act
   */
  public List<SchedulePart> parts() {
    List<SchedulePart> parts = new ArrayList<>();
    synchronized (handle) {
      int[] count = new int[1];
      Native.opt_schedule_part_count(handle(), count);
      while (parts.size() < count[0]) {
        try (opt_schedule_part_info info = new opt_schedule_part_info()) {
          Native.opt_schedule_part_at(handle(), parts.size(), info);
          parts.add(new SchedulePart(info));
        }
      }
    }
    Reference.reachabilityFence(this);
    return parts;
  }

  /** Destroys the schedule; closing again does nothing. */
  @Override
  public void close() {
    cleanable.clean();
  }

  /** The handle, for a call that copies it. */
  long copied() {
    synchronized (handle) {
      return handle();
    }
  }

  private long handle() {
    if (handle.bits == 0) {
      throw new IllegalStateException("the schedule is closed");
    }
    return handle.bits;
  }
}
