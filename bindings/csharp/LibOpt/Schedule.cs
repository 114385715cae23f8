// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
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

            set => Native.opt_schedule_set(
                Handle, option ?? throw new ArgumentNullException(nameof(option)), value);
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

                milestones.set(Handle);
                return this;
            }
        }

        /// <summary>Puts a copy of another schedule behind this one: that many
        /// steps after the last part of this one began it takes over, and counts
        /// from 0.</summary>
        /// <param name="steps">Steps of the optimizer, 0 or more.</param>
        /// <param name="next">What takes over.</param>
        /// <returns>This schedule.</returns>
        /// <exception cref="OptStateException">A required option is not
        /// set.</exception>
        public Schedule Then(long steps, Schedule next)
        {
            Native.opt_schedule_then(
                Handle, steps, (next ?? throw new ArgumentNullException(nameof(next))).Handle);
            return this;
        }

        /// <summary>Puts a copy of another schedule on top: what this one gives is
        /// its base, both counted from the beginning.</summary>
        /// <param name="other">The other.</param>
        /// <returns>This schedule.</returns>
        /// <exception cref="OptStateException">A required option is not
        /// set.</exception>
        public Schedule Chain(Schedule other)
        {
            Native.opt_schedule_chain(
                Handle, (other ?? throw new ArgumentNullException(nameof(other))).Handle);
            return this;
        }

        /// <summary>Tells the value at a step, for plots and tests.</summary>
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
        public void Dispose() => handle.Dispose();

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
}
