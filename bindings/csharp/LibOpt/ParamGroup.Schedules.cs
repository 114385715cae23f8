// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Schedules of options.</content>
    public sealed partial class ParamGroup
    {
        /// <summary>Schedules an option from the next step on. Its own value stays
        /// the base.</summary>
        /// <param name="option">An option of the rule that is a number.</param>
        /// <param name="schedule">Copied; null: none any more.</param>
        /// <exception cref="OptArgumentException">No such option, or one that
        /// cannot be scheduled.</exception>
        /// <exception cref="OptStateException">A required option of the schedule
        /// is not set.</exception>
        public void SetSchedule(string option, Schedule schedule)
        {
            if (option == null)
            {
                throw new ArgumentNullException(nameof(option));
            }

            if (schedule == null)
            {
                Native.opt_remove_schedule(Optimizer.Handle, Index, option);
            }
            else
            {
                Native.opt_set_schedule(Optimizer.Handle, Index, option, schedule.Handle);
            }
        }

        /// <summary>Copies the schedule of an option.</summary>
        /// <param name="option">An option of the rule.</param>
        /// <returns>To be disposed; null: there is none.</returns>
        /// <exception cref="OptArgumentException">No such option.</exception>
        public Schedule CopySchedule(string option)
        {
            Native.opt_copy_schedule(
                Optimizer.Handle,
                Index,
                option ?? throw new ArgumentNullException(nameof(option)),
                out IntPtr copy);
            return copy == IntPtr.Zero ? null : new Schedule(new ScheduleHandle(copy));
        }

        /// <summary>The value of an option that the next step uses: the schedule's,
        /// or the option's own.</summary>
        /// <param name="option">An option of the rule.</param>
        /// <returns>The value.</returns>
        /// <exception cref="OptArgumentException">No such option; the value is
        /// outside its range.</exception>
        public double Scheduled(string option)
        {
            Native.opt_get_scheduled(
                Optimizer.Handle,
                Index,
                option ?? throw new ArgumentNullException(nameof(option)),
                out double value);
            return value;
        }

        /// <summary>Feeds a metric, such as the validation loss of an epoch, to the
        /// plateau schedules of the group.</summary>
        /// <param name="metric">NaN is no better than anything.</param>
        public void ReportMetric(double metric) =>
            Native.opt_report_metric(Optimizer.Handle, Index, metric);
    }
}
