// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>The value of an option as a function of the number of steps:
    /// <c>new CosineSchedule { TMax = 9500 }</c>, or by names
    /// <c>new Schedule(ScheduleKinds.Cosine) { ["t_max"] = 9500 }</c>. A pure
    /// function, with the same bits everywhere; an optimizer keeps a copy of its
    /// own, and saves it with its state.</summary>
    public class Schedule : IDisposable
    {
        private readonly ScheduleHandle handle;

        /// <summary>Makes a schedule of one part.</summary>
        /// <param name="kind">One of <see cref="ScheduleKinds"/>.</param>
        /// <exception cref="OptArgumentException">No such kind.</exception>
        public Schedule(string kind)
        {
            Library.Load();
            Native.opt_schedule_create(
                Context.Default.Handle, kind ?? throw new ArgumentNullException(nameof(kind)), out IntPtr created);
            handle = new ScheduleHandle(created);
        }

        internal Schedule(IntPtr owned)
        {
            handle = new ScheduleHandle(owned);
        }

        internal SafeHandle Handle =>
            handle.IsClosed ? throw new ObjectDisposedException(nameof(Schedule)) : handle;

        /// <summary>The parts, in the order in which they act: one, and one for
        /// each part of every schedule that was appended to this one or stacked
        /// on it.</summary>
        public IReadOnlyList<SchedulePart> Parts
        {
            get
            {
                lock (handle)
                {
                    Native.opt_schedule_part_count(Handle, out int count);
                    return Described.All(count, Part);
                }
            }
        }

        /// <summary>An option of a schedule of one part.</summary>
        /// <param name="option">One of the kind's, as
        /// <see cref="ScheduleOptionNames"/> has them.</param>
        /// <returns>The value; of a truth value 0 or 1.</returns>
        /// <exception cref="OptArgumentException">No such option; a value outside
        /// its range.</exception>
        /// <exception cref="OptStateException">It has several parts.</exception>
        public double this[string option]
        {
            get
            {
                Native.opt_schedule_get(
                    Handle, option ?? throw new ArgumentNullException(nameof(option)), out double value);
                return value;
            }

            set
            {
                lock (handle)
                {
                    Native.opt_schedule_set(
                        Handle, option ?? throw new ArgumentNullException(nameof(option)), value);
                }
            }
        }

        /// <summary>Sets the milestones of a schedule that has some.</summary>
        /// <param name="ticks">0 or more each, in ascending order.</param>
        /// <returns>This schedule.</returns>
        /// <exception cref="OptArgumentException">They are not
        /// ascending.</exception>
        /// <exception cref="OptStateException">It has several parts, or no
        /// milestones.</exception>
        public Schedule SetMilestones(params long[] ticks)
        {
            using (Milestones milestones = new Milestones())
            {
                foreach (long tick in ticks ?? throw new ArgumentNullException(nameof(ticks)))
                {
                    milestones.add(tick);
                }

                lock (handle)
                {
                    milestones.set(Handle);
                }

                return this;
            }
        }

        /// <summary>Appends a copy of another schedule to this one: that many
        /// steps after the last part of this one began it takes over, and
        /// counts from 0.</summary>
        /// <param name="steps">Steps of the optimizer, 0 or more.</param>
        /// <param name="next">What takes over.</param>
        /// <returns>This schedule.</returns>
        /// <exception cref="OptStateException">A required option is not
        /// set.</exception>
        public Schedule Then(long steps, Schedule next)
        {
            SafeHandle copied = (next ?? throw new ArgumentNullException(nameof(next))).Handle;
            lock (handle)
            {
                Native.opt_schedule_then(Handle, steps, copied);
            }

            return this;
        }

        /// <summary>Stacks a copy of another schedule on this one: what this
        /// one gives is its base, both counted from the beginning.</summary>
        /// <param name="other">The other.</param>
        /// <returns>This schedule.</returns>
        /// <exception cref="OptStateException">A required option is not
        /// set.</exception>
        public Schedule Chain(Schedule other)
        {
            SafeHandle copied = (other ?? throw new ArgumentNullException(nameof(other))).Handle;
            lock (handle)
            {
                Native.opt_schedule_chain(Handle, copied);
            }

            return this;
        }

        /// <summary>Returns the value at a step, for plots and tests.</summary>
        /// <param name="baseValue">The option's own value.</param>
        /// <param name="step">0 for the first step.</param>
        /// <returns>The value.</returns>
        /// <exception cref="OptStateException">A required option is not
        /// set.</exception>
        public double Value(double baseValue, long step)
        {
            Native.opt_schedule_value(Handle, baseValue, step, out double value);
            return value;
        }

        /// <summary>Closes it. Optimizers keep their copies.</summary>
        public void Dispose()
        {
            lock (handle)
            {
                handle.Dispose();
            }
        }

        // Reads memory that a change of the schedule frees; the handle is locked.
        private SchedulePart Part(int index)
        {
            using (opt_schedule_part_info info = new opt_schedule_part_info())
            {
                Native.opt_schedule_part_at(Handle, index, info);
                SchedulePart part = new SchedulePart(info);
                GC.KeepAlive(handle);
                return part;
            }
        }

        private sealed class ScheduleHandle : SafeHandle
        {
            internal ScheduleHandle(IntPtr value)
                : base(IntPtr.Zero, true)
            {
                SetHandle(value);
            }

            public override bool IsInvalid => handle == IntPtr.Zero;

            protected override bool ReleaseHandle() => Native.opt_release_schedule(handle) == 0;
        }
    }

    /// <summary>A part of a schedule, described. The parts act in their order: each
    /// whose turn it is takes what those before it give, at first the option's own
    /// value, as its base.</summary>
    public sealed class SchedulePart
    {
        internal SchedulePart(opt_schedule_part_info info)
        {
            Kind = info.kind;
            Begin = info.begin;
            End = info.end;
            Dictionary<string, double> options = new Dictionary<string, double>();
            foreach (Option option in ScheduleKind.Find(Kind).Options)
            {
                options[option.Name] = Native.opt_part_option_at(info, options.Count);
            }

            Options = options;
            Milestones = Described.All((int)info.milestone_count, i => Native.opt_part_milestone_at(info, i));
        }

        /// <summary>Name of its kind: one of <see cref="ScheduleKinds"/>.</summary>
        public string Kind { get; }

        /// <summary>The first step of its turn, from which it counts.</summary>
        public long Begin { get; }

        /// <summary>The step after its turn; <see cref="long.MaxValue"/>: its turn
        /// does not end.</summary>
        public long End { get; }

        /// <summary>The values of its options by name.</summary>
        public IReadOnlyDictionary<string, double> Options { get; }

        /// <summary>Its milestones; none for a kind without.</summary>
        public IReadOnlyList<long> Milestones { get; }

        /// <summary>The kind and its turn.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"{Kind}, steps {Begin} ") + (End == long.MaxValue ? "on" : Text.Of($"to {End - 1}"));
    }
}
