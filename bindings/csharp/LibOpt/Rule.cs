// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

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

    /// <summary>A state slot: an array with a shape and an element type of its
    /// own.</summary>
    public sealed class Slot
    {
        private Slot(opt_slot_info info)
        {
            Name = info.name;
            Doc = info.doc;
            WhenOption = info.when_option;
            Shape = (SlotShape)info.shape;
            DType = info.dtype == Native.OPT_DTYPE_PARAM ? (DType?)null : (DType)info.dtype;
            InitialOption = info.initial_option;
        }

        /// <summary>PyTorch's name for it, such as "exp_avg".</summary>
        public string Name { get; }

        /// <summary>Its meaning, one line.</summary>
        public string Doc { get; }

        /// <summary>It exists when this option is not 0; null: always.</summary>
        [MaybeNull]
        public string WhenOption { get; }

        /// <summary>Its shape.</summary>
        public SlotShape Shape { get; }

        /// <summary>Its element type; null: that of the parameters.</summary>
        public DType? DType { get; }

        /// <summary>The option at whose value it starts; "param": it starts as a
        /// copy of the parameter, which is made in the tensor's first step; null:
        /// it starts at a constant.</summary>
        [MaybeNull]
        public string InitialOption { get; }

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
}
