// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>An update rule, described.</summary>
    public sealed class Rule
    {
        private Rule(string name, opt_rule_info info)
        {
            Name = info.name;
            Summary = info.summary;
            Formula = info.formula;
            Reference = info.reference;
            Options = Described.All(info.option_count, i => Option.OfRule(name, i));
            Slots = Described.All(info.slot_count, i => Slot.OfRule(name, i));
            Presets = Described.All(info.preset_count, i => Preset.OfRule(name, i));
        }

        /// <summary>Its name, such as "adamw".</summary>
        public string Name { get; }

        /// <summary>One sentence.</summary>
        public string Summary { get; }

        /// <summary>Plain text, one assignment a line.</summary>
        public string Formula { get; }

        /// <summary>The publication.</summary>
        public string Reference { get; }

        /// <summary>Its options.</summary>
        public IReadOnlyList<Option> Options { get; }

        /// <summary>Its state slots.</summary>
        public IReadOnlyList<Slot> Slots { get; }

        /// <summary>Its presets; the first is what a new optimizer has.</summary>
        public IReadOnlyList<Preset> Presets { get; }

        /// <summary>Name and summary.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Summary;

        internal static Rule At(int index)
        {
            using (opt_rule_info info = new opt_rule_info())
            {
                Native.opt_rule_at(index, info);
                return new Rule(info.name, info);
            }
        }

        internal static Rule Find(string name)
        {
            using (opt_rule_info info = new opt_rule_info())
            {
                Native.opt_rule_find(name, info);
                return new Rule(name, info);
            }
        }
    }

    /// <summary>An option of a rule or of a kind of schedule, or an attribute of a
    /// tensor.</summary>
    public sealed class Option
    {
        private readonly uint flags;

        private Option(opt_option_info info)
        {
            Name = info.name;
            Alias = info.alias;
            Doc = info.doc;
            Default = info.default_value;
            Min = info.min;
            Max = info.max;
            Choices = info.choices?.Split(',') ?? Array.Empty<string>();
            flags = info.flags;
        }

        /// <summary>Its name, such as "lr".</summary>
        public string Name { get; }

        /// <summary>Another accepted name, or null.</summary>
        [MaybeNull]
        public string Alias { get; }

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
        /// fixed while tensors are attached.</summary>
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

        private bool Has(int flag) => (flags & (uint)flag) != 0;
    }

    /// <summary>A state slot: as long as the tensor, of the parameters' element
    /// type.</summary>
    public sealed class Slot
    {
        private Slot(opt_slot_info info)
        {
            Name = info.name;
            Doc = info.doc;
            WhenOption = info.when_option;
        }

        /// <summary>PyTorch's name for it, such as "exp_avg".</summary>
        public string Name { get; }

        /// <summary>Its meaning, one line.</summary>
        public string Doc { get; }

        /// <summary>It exists when this option is not 0; null: always.</summary>
        [MaybeNull]
        public string WhenOption { get; }

        /// <summary>Name and meaning.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Doc;

        internal static Slot OfRule(string rule, int index)
        {
            using (opt_slot_info info = new opt_slot_info())
            {
                Native.opt_slot_at(rule, index, info);
                return new Slot(info);
            }
        }
    }

    /// <summary>A preset: a named set of values for all options of a
    /// rule.</summary>
    public sealed class Preset
    {
        private Preset(opt_preset_info info)
        {
            Name = info.name;
            Doc = info.doc;
        }

        /// <summary>Its name, such as "pytorch".</summary>
        public string Name { get; }

        /// <summary>Whose values they are, one line.</summary>
        public string Doc { get; }

        /// <summary>Name and meaning.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Doc;

        internal static Preset OfRule(string rule, int index)
        {
            using (opt_preset_info info = new opt_preset_info())
            {
                Native.opt_preset_at(rule, index, info);
                return new Preset(info);
            }
        }
    }

    /// <summary>Another name for a rule, with other defaults.</summary>
    public sealed class Alias
    {
        private Alias(opt_alias_info info)
        {
            Name = info.name;
            Rule = info.rule;
            Doc = info.doc;
        }

        /// <summary>The name, such as "momentum".</summary>
        public string Name { get; }

        /// <summary>The rule, such as "sgd".</summary>
        public string Rule { get; }

        /// <summary>How the defaults differ.</summary>
        public string Doc { get; }

        /// <summary>Name and rule.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Rule + ", " + Doc;

        internal static Alias At(int index)
        {
            using (opt_alias_info info = new opt_alias_info())
            {
                Native.opt_alias_at(index, info);
                return new Alias(info);
            }
        }
    }

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

    /// <summary>A set of SIMD instructions that the library was compiled
    /// for.</summary>
    public sealed class SimdTarget
    {
        private SimdTarget(opt_target_info info)
        {
            Name = info.name;
            IsSupported = info.supported != 0;
        }

        /// <summary>Its name, such as "AVX2".</summary>
        public string Name { get; }

        /// <summary>Whether this CPU can run it.</summary>
        public bool IsSupported { get; }

        /// <summary>The name.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name;

        internal static SimdTarget At(int index)
        {
            using (opt_target_info info = new opt_target_info())
            {
                Native.opt_target_at(index, info);
                return new SimdTarget(info);
            }
        }
    }

    internal static class Described
    {
        internal static T[] All<T>(int count, Func<int, T> read)
        {
            T[] all = new T[count];
            for (int i = 0; i < count; ++i)
            {
                all[i] = read(i);
            }

            return all;
        }
    }
}
