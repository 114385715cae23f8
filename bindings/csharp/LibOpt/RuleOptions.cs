// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>An update rule with option values. Each rule has a class of its
    /// own, such as <see cref="AdamW"/>; options that are left alone have their
    /// defaults, or the preset's values.</summary>
    public abstract class RuleOptions
    {
        private readonly Dictionary<string, double> values = new Dictionary<string, double>();

        internal RuleOptions(string name)
        {
            Name = name;
        }

        /// <summary>The rule's name, such as "adamw".</summary>
        public string Name { get; }

        /// <summary>Values for every option: a name of <see cref="Presets"/>;
        /// null: the textbook's. Options that are set here count, whatever the
        /// preset says.</summary>
        [AllowNull]
        [MaybeNull]
        public string Preset { get; set; }

        /// <summary>The name, and what is set.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString()
        {
            string text = Name + (Preset == null ? string.Empty : " of preset '" + Preset + "'");
            foreach (KeyValuePair<string, double> entry in values)
            {
                text += Text.Of($", {entry.Key} {entry.Value}");
            }

            return text;
        }

        internal double? Get(string option) =>
            values.TryGetValue(option, out double value) ? value : (double?)null;

        internal void Set(string option, double? value)
        {
            if (value.HasValue)
            {
                values[option] = value.Value;
            }
            else
            {
                values.Remove(option);
            }
        }

        internal bool? GetBool(string option)
        {
            double? value = Get(option);
            return value.HasValue ? value.Value != 0 : (bool?)null;
        }

        internal void SetBool(string option, bool? value) =>
            Set(option, value.HasValue ? (value.Value ? 1 : 0) : (double?)null);

        // Sets every option of the rule to what `get` has for its name.
        internal void Read(Func<string, double> get)
        {
            foreach (Option option in Rule.Find(Name).Options)
            {
                values[option.Name] = get(option.Name);
            }
        }

        // The arguments of a call that sets all of it at once.
        internal OptionList ToList()
        {
            OptionList list = new OptionList();
            if (Preset != null)
            {
                list.set_preset(Preset);
            }

            foreach (KeyValuePair<string, double> entry in values)
            {
                list.add(entry.Key, entry.Value);
            }

            return list;
        }
    }
}
