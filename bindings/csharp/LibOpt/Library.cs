// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using LibOpt.Interop;

// The linker may take out what a program does not use: nothing here is found by
// reflection.
[assembly: System.Reflection.AssemblyMetadata("IsTrimmable", "True")]

namespace LibOpt
{
    /// <summary>The native library: its version, and what it offers. Any thread
    /// may ask.</summary>
    public static class Library
    {
        /// <summary>Version of the native library: "major.minor.patch".</summary>
        public static string Version
        {
            get
            {
                Loader.Ensure();
                return Native.opt_version();
            }
        }

        /// <summary>One line for bug reports: version, compiler, SIMD
        /// targets.</summary>
        public static string BuildInfo
        {
            get
            {
                Loader.Ensure();
                return Native.opt_build_info();
            }
        }

        /// <summary>All rules, options, slots, presets, schedules and SIMD
        /// targets in one JSON object; opt_describe.h of the C library tells
        /// its members.</summary>
        public static string Catalog
        {
            get
            {
                Loader.Ensure();
                return Native.opt_catalog();
            }
        }

        /// <summary>Every rule, aliases not included.</summary>
        public static IReadOnlyList<RuleInfo> Rules
        {
            get
            {
                Loader.Ensure();
                Native.opt_rule_count(out int count);
                return Describe.All(count, Describe.Rule);
            }
        }

        /// <summary>Other names for rules, with other defaults.</summary>
        public static IReadOnlyList<AliasInfo> Aliases
        {
            get
            {
                Loader.Ensure();
                Native.opt_alias_count(out int count);
                return Describe.All(count, Describe.Alias);
            }
        }

        /// <summary>The SIMD targets that were compiled in, best first.</summary>
        public static IReadOnlyList<TargetInfo> Targets
        {
            get
            {
                Loader.Ensure();
                Native.opt_target_count(out int count);
                return Describe.All(count, Describe.Target);
            }
        }

        /// <summary>Attributes that a tensor has, as options are
        /// described.</summary>
        public static IReadOnlyList<OptionInfo> Attributes
        {
            get
            {
                Loader.Ensure();
                Native.opt_attribute_count(out int count);
                return Describe.All(count, Describe.Attribute);
            }
        }

        /// <summary>The kinds of schedules.</summary>
        public static IReadOnlyList<ScheduleKindInfo> Schedules
        {
            get
            {
                Loader.Ensure();
                Native.opt_schedule_kind_count(out int count);
                return Describe.All(count, Describe.Schedule);
            }
        }

        /// <summary>Describes a kind of schedule.</summary>
        /// <param name="kind">Its name.</param>
        /// <returns>The description.</returns>
        /// <exception cref="OptArgumentException">No such kind.</exception>
        public static ScheduleKindInfo FindSchedule(string kind)
        {
            Loader.Ensure();
            return Describe.Schedule(kind ?? throw new ArgumentNullException(nameof(kind)));
        }

        /// <summary>Describes a rule.</summary>
        /// <param name="rule">Its name or an alias; by an alias the defaults are
        /// the alias' own.</param>
        /// <returns>The description.</returns>
        /// <exception cref="OptArgumentException">No such rule; the message
        /// suggests the nearest.</exception>
        public static RuleInfo FindRule(string rule)
        {
            Loader.Ensure();
            return Describe.Rule(rule ?? throw new ArgumentNullException(nameof(rule)));
        }

        /// <summary>Tells the value that a preset gives to an option.</summary>
        /// <param name="rule">A rule or an alias.</param>
        /// <param name="preset">One of its presets.</param>
        /// <param name="option">One of its options.</param>
        /// <returns>The value.</returns>
        /// <exception cref="OptArgumentException">No such name.</exception>
        public static double PresetValue(string rule, string preset, string option)
        {
            Loader.Ensure();
            Native.opt_preset_value(
                rule ?? throw new ArgumentNullException(nameof(rule)),
                preset ?? throw new ArgumentNullException(nameof(preset)),
                option ?? throw new ArgumentNullException(nameof(option)),
                out double value);
            return value;
        }

        /// <summary>Ends the threads that the library keeps for itself. Call it,
        /// after closing everything, where the library is to be unloaded; it can
        /// be used again afterwards.</summary>
        /// <exception cref="OptStateException">Optimizers or contexts are still
        /// open: the message counts them.</exception>
        public static void Shutdown()
        {
            Loader.Ensure();
            Context.Forget();
            Native.opt_shutdown();
        }
    }
}
