// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A parameter group: tensors with option values of their own. A
    /// value acts from the next step on.</summary>
    public sealed partial class ParamGroup
    {
        internal ParamGroup(Optimizer optimizer, int index)
        {
            Optimizer = optimizer;
            Index = index;
        }

        /// <summary>The optimizer that it belongs to.</summary>
        public Optimizer Optimizer { get; }

        /// <summary>Its number: 0, 1, ...; -1 of
        /// <see cref="Optimizer.AllGroups"/>.</summary>
        public int Index { get; }

        /// <summary>An option by its name, as <see cref="OptionNames"/> and
        /// <see cref="RuleInfo.Options"/> have them.</summary>
        /// <param name="option">Name of an option of the rule.</param>
        /// <returns>The value; of a truth value 0 or 1.</returns>
        /// <exception cref="OptArgumentException">The rule has no such option, or
        /// the value is outside its range.</exception>
        /// <exception cref="OptStateException">It would change which state slots
        /// exist, and the group has tensors.</exception>
        public double this[string option]
        {
            get
            {
                Native.opt_get(
                    Optimizer.Handle, Index, option ?? throw new ArgumentNullException(nameof(option)),
                    out double value);
                return value;
            }

            set => Native.opt_set(
                Optimizer.Handle, Index, option ?? throw new ArgumentNullException(nameof(option)), value);
        }

        /// <summary>Sets every option to the values of a preset.</summary>
        /// <param name="preset">A preset of the rule: see
        /// <see cref="Presets"/>.</param>
        /// <exception cref="OptArgumentException">The rule has no such
        /// preset.</exception>
        /// <exception cref="OptStateException">It would change which state slots
        /// exist, and the group has tensors.</exception>
        public void SetPreset(string preset) =>
            Native.opt_set_preset(
                Optimizer.Handle, Index, preset ?? throw new ArgumentNullException(nameof(preset)));

        /// <summary>The number and the rule.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            (Index < 0 ? "All groups" : Text.Of($"Group {Index}")) + " of '" + Optimizer.RuleName + "'";
    }
}
