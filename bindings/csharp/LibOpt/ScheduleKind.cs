// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A kind of schedule, described.</summary>
    public sealed class ScheduleKind
    {
        private ScheduleKind(opt_schedule_kind_info info)
        {
            string name = info.name;
            Name = name;
            Summary = info.summary;
            Formula = info.formula;
            Reference = info.reference;
            Pytorch = info.pytorch;
            HasMilestones = (info.flags & Native.OPT_SCHEDULE_HAS_MILESTONES) != 0;
            HasMetric = (info.flags & Native.OPT_SCHEDULE_HAS_METRIC) != 0;
            Options = Described.All(info.option_count, i => Option.OfSchedule(name, i));
        }

        /// <summary>Its name, such as "cosine".</summary>
        public string Name { get; }

        /// <summary>One line.</summary>
        public string Summary { get; }

        /// <summary>Plain text; t is the tick.</summary>
        public string Formula { get; }

        /// <summary>The publication, or null.</summary>
        [MaybeNull]
        public string Reference { get; }

        /// <summary>PyTorch's class of the kind, or null.</summary>
        [MaybeNull]
        public string Pytorch { get; }

        /// <summary>Whether it takes milestones.</summary>
        public bool HasMilestones { get; }

        /// <summary>Whether it depends on reported metrics.</summary>
        public bool HasMetric { get; }

        /// <summary>Its options.</summary>
        public IReadOnlyList<Option> Options { get; }

        /// <summary>Name and summary.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Summary;

        internal static ScheduleKind At(int index)
        {
            using (opt_schedule_kind_info info = new opt_schedule_kind_info())
            {
                Native.opt_schedule_kind_at(index, info);
                return new ScheduleKind(info);
            }
        }

        internal static ScheduleKind Find(string name)
        {
            using (opt_schedule_kind_info info = new opt_schedule_kind_info())
            {
                Native.opt_schedule_kind_find(name, info);
                return new ScheduleKind(info);
            }
        }
    }
}
