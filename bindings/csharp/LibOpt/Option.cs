// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>An option of a rule or of a kind of schedule, or an attribute of a
    /// tensor.</summary>
    public sealed class Option
    {
        private readonly uint flags;

        private Option(opt_option_info info)
        {
            Name = info.name;
            Aliases = Listed(info.aliases);
            Doc = info.doc;
            Default = info.default_value;
            Min = info.min;
            Max = info.max;
            Choices = Listed(info.choices);
            flags = info.flags;
        }

        /// <summary>Its name, such as "lr".</summary>
        public string Name { get; }

        /// <summary>Other names that are accepted in the place of its
        /// name.</summary>
        public IReadOnlyList<string> Aliases { get; }

        /// <summary>Its meaning, one line.</summary>
        public string Doc { get; }

        /// <summary>The value that a new optimizer has.</summary>
        public double Default { get; }

        /// <summary>The least value.</summary>
        public double Min { get; }

        /// <summary>The greatest value; may be infinite.</summary>
        public double Max { get; }

        /// <summary>Names of the values 0, 1, ... if it is a choice, else
        /// none.</summary>
        public IReadOnlyList<string> Choices { get; }

        /// <summary>Whether it is 0 or 1.</summary>
        public bool IsBool => Has(Native.OPT_OPTION_BOOL);

        /// <summary>Whether it is a whole number.</summary>
        public bool IsInteger => Has(Native.OPT_OPTION_INTEGER);

        /// <summary>Whether there is no default, so that a value has to be
        /// set.</summary>
        public bool IsRequired => Has(Native.OPT_OPTION_REQUIRED);

        /// <summary>Whether the least value itself is not allowed.</summary>
        public bool IsMinOpen => Has(Native.OPT_OPTION_MIN_OPEN);

        /// <summary>Whether the greatest value itself is not allowed.</summary>
        public bool IsMaxOpen => Has(Native.OPT_OPTION_MAX_OPEN);

        /// <summary>Whether zero or not decides which state slots exist: that is
        /// fixed while tensors are attached. The whole value is fixed then if it is
        /// min_dim_factored of adafactor.</summary>
        public bool IsLayout => Has(Native.OPT_OPTION_LAYOUT);

        /// <summary>Name and meaning.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Doc;

        internal static Option OfRule(string rule, int index) =>
            Read(info => Native.opt_option_at(rule, index, info));

        internal static Option OfSchedule(string kind, int index) =>
            Read(info => Native.opt_schedule_option_at(kind, index, info));

        internal static Option OfTensor(int index) =>
            Read(info => Native.opt_attribute_at(index, info));

        private static Option Read(Action<opt_option_info> read)
        {
            using (opt_option_info info = new opt_option_info())
            {
                read(info);
                return new Option(info);
            }
        }

        // The names in a list with commas, or none of null.
        private static string[] Listed(string names) =>
            names?.Split(',') ?? Array.Empty<string>();

        private bool Has(int flag) => (flags & (uint)flag) != 0;
    }
}
