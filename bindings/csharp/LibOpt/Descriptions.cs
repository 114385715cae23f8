// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;

namespace LibOpt
{
    /// <summary>An update rule.</summary>
    public sealed class RuleInfo
    {
        /// <summary>Its name, such as "adamw".</summary>
        public string Name { get; internal set; }

        /// <summary>One sentence.</summary>
        public string Summary { get; internal set; }

        /// <summary>Plain text, one assignment a line.</summary>
        public string Formula { get; internal set; }

        /// <summary>The publication.</summary>
        public string Reference { get; internal set; }

        /// <summary>Its options.</summary>
        public IReadOnlyList<OptionInfo> Options { get; internal set; }

        /// <summary>Its state slots.</summary>
        public IReadOnlyList<SlotInfo> Slots { get; internal set; }

        /// <summary>Its presets; the first is what a new optimizer has.</summary>
        public IReadOnlyList<PresetInfo> Presets { get; internal set; }

        /// <summary>Name and summary.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Summary;
    }

    /// <summary>An option of a rule.</summary>
    public sealed class OptionInfo
    {
        /// <summary>Its name, such as "lr".</summary>
        public string Name { get; internal set; }

        /// <summary>Another accepted name, or null.</summary>
        public string Alias { get; internal set; }

        /// <summary>Its meaning, one line.</summary>
        public string Doc { get; internal set; }

        /// <summary>The value that a new optimizer has.</summary>
        public double Default { get; internal set; }

        /// <summary>The least value.</summary>
        public double Min { get; internal set; }

        /// <summary>The greatest value; may be infinite.</summary>
        public double Max { get; internal set; }

        /// <summary>Whether it is 0 or 1.</summary>
        public bool IsBool { get; internal set; }

        /// <summary>Whether the least value itself is not allowed.</summary>
        public bool IsMinOpen { get; internal set; }

        /// <summary>Whether the greatest value itself is not allowed.</summary>
        public bool IsMaxOpen { get; internal set; }

        /// <summary>Whether zero or not decides which state slots exist: that is
        /// fixed while tensors are attached.</summary>
        public bool IsLayout { get; internal set; }

        /// <summary>Names of the values 0, 1, ... if it is a choice, else
        /// none.</summary>
        public IReadOnlyList<string> Choices { get; internal set; }

        /// <summary>Name and meaning.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Doc;
    }

    /// <summary>A state slot: as long as the tensor, of the parameters' element
    /// type.</summary>
    public sealed class SlotInfo
    {
        /// <summary>PyTorch's name for it, such as "exp_avg".</summary>
        public string Name { get; internal set; }

        /// <summary>Its meaning, one line.</summary>
        public string Doc { get; internal set; }

        /// <summary>It exists when this option is not 0; null: always.</summary>
        public string WhenOption { get; internal set; }

        /// <summary>Name and meaning.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Doc;
    }

    /// <summary>A preset: a named set of values for all options of a
    /// rule.</summary>
    public sealed class PresetInfo
    {
        /// <summary>Its name, such as "pytorch".</summary>
        public string Name { get; internal set; }

        /// <summary>What it reproduces, one line.</summary>
        public string Doc { get; internal set; }

        /// <summary>Name and meaning.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Doc;
    }

    /// <summary>Another name for a rule, with other defaults.</summary>
    public sealed class AliasInfo
    {
        /// <summary>The name, such as "momentum".</summary>
        public string Name { get; internal set; }

        /// <summary>The rule, such as "sgd".</summary>
        public string Rule { get; internal set; }

        /// <summary>How the defaults differ.</summary>
        public string Doc { get; internal set; }

        /// <summary>Name and rule.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Rule + ", " + Doc;
    }

    /// <summary>A kind of schedule.</summary>
    public sealed class ScheduleKindInfo
    {
        /// <summary>Its name, such as "cosine".</summary>
        public string Name { get; internal set; }

        /// <summary>One line.</summary>
        public string Summary { get; internal set; }

        /// <summary>Plain text; t is the tick.</summary>
        public string Formula { get; internal set; }

        /// <summary>The publication.</summary>
        public string Reference { get; internal set; }

        /// <summary>PyTorch's class of the kind, or null.</summary>
        public string Pytorch { get; internal set; }

        /// <summary>Whether it takes milestones.</summary>
        public bool HasMilestones { get; internal set; }

        /// <summary>Whether it depends on reported metrics.</summary>
        public bool HasMetric { get; internal set; }

        /// <summary>Name and summary.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name + ": " + Summary;

        /// <summary>Its options.</summary>
        public IReadOnlyList<OptionInfo> Options { get; internal set; }
    }

    /// <summary>A SIMD target that was compiled in.</summary>
    public sealed class TargetInfo
    {
        /// <summary>Its name, such as "AVX2".</summary>
        public string Name { get; internal set; }

        /// <summary>Whether this CPU can run it.</summary>
        public bool IsSupported { get; internal set; }

        /// <summary>The name.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name;
    }
}
