// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
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
        private static volatile bool loaded;

        /// <summary>Version of the native library: "major.minor.patch".</summary>
        public static string Version
        {
            get
            {
                Load();
                return Native.opt_version();
            }
        }

        /// <summary>Version of the native library as a number that grows from
        /// release to release: 10203 is 1.2.3.</summary>
        public static int VersionNumber
        {
            get
            {
                Load();
                return Native.opt_version_number();
            }
        }

        /// <summary>One line for bug reports: version, compiler, SIMD
        /// targets.</summary>
        public static string BuildInfo
        {
            get
            {
                Load();
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
                Load();
                return Native.opt_catalog();
            }
        }

        /// <summary>Every rule, aliases not included.</summary>
        public static IReadOnlyList<Rule> Rules
        {
            get
            {
                Load();
                Native.opt_rule_count(out int count);
                return Described.All(count, Rule.At);
            }
        }

        /// <summary>Other names for rules, with other defaults.</summary>
        public static IReadOnlyList<Alias> Aliases
        {
            get
            {
                Load();
                Native.opt_alias_count(out int count);
                return Described.All(count, Alias.At);
            }
        }

        /// <summary>The SIMD targets that were compiled in, best first.</summary>
        public static IReadOnlyList<SimdTarget> Targets
        {
            get
            {
                Load();
                Native.opt_target_count(out int count);
                return Described.All(count, SimdTarget.At);
            }
        }

        /// <summary>Attributes that a tensor has, as options are
        /// described.</summary>
        public static IReadOnlyList<Option> Attributes
        {
            get
            {
                Load();
                Native.opt_attribute_count(out int count);
                return Described.All(count, Option.OfTensor);
            }
        }

        /// <summary>The kinds of schedules.</summary>
        public static IReadOnlyList<ScheduleKind> ScheduleKinds
        {
            get
            {
                Load();
                Native.opt_schedule_kind_count(out int count);
                return Described.All(count, ScheduleKind.At);
            }
        }

        /// <summary>Describes a kind of schedule.</summary>
        /// <param name="kind">Its name.</param>
        /// <returns>The description.</returns>
        /// <exception cref="OptArgumentException">No such kind.</exception>
        public static ScheduleKind FindScheduleKind(string kind)
        {
            Load();
            return ScheduleKind.Find(kind ?? throw new ArgumentNullException(nameof(kind)));
        }

        /// <summary>Describes a rule.</summary>
        /// <param name="rule">Its name or an alias; by an alias the defaults are
        /// the alias' own.</param>
        /// <returns>The description.</returns>
        /// <exception cref="OptArgumentException">No such rule; the message
        /// suggests the nearest.</exception>
        public static Rule FindRule(string rule)
        {
            Load();
            return Rule.Find(rule ?? throw new ArgumentNullException(nameof(rule)));
        }

        /// <summary>Returns the value that a preset gives to an option.</summary>
        /// <param name="rule">A rule or an alias.</param>
        /// <param name="preset">One of its presets.</param>
        /// <param name="option">One of its options.</param>
        /// <returns>The value.</returns>
        /// <exception cref="OptArgumentException">No such name.</exception>
        public static double PresetValue(string rule, string preset, string option)
        {
            Load();
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
            Load();
            Context.Forget();
            Native.opt_shutdown();
        }

        // Finds out, before anything else calls it, whether the native library is
        // there, and says what to do if it is not.
        internal static void Load()
        {
            if (loaded)
            {
                return;
            }

            try
            {
                Native.opt_version();
            }
            catch (DllNotFoundException error)
            {
                throw new DllNotFoundException(Explain(), error);
            }
            catch (BadImageFormatException error)
            {
                throw new DllNotFoundException(Explain(), error);
            }

            loaded = true;
        }

        private static string Explain()
        {
            return "LibOpt needs its native library, opt_csharp (libopt_csharp.so on Linux, opt_csharp.dll on Windows), for " +
                RuntimeInformation.OSDescription + " on " + RuntimeInformation.ProcessArchitecture +
                ", and it could not be loaded. The NuGet package LibOpt has it in" +
                " runtimes/<rid>/native, from where `dotnet publish -r <rid>` and a project with" +
                " a RuntimeIdentifier take it. Without NuGet, as on Mono, put it and the files that" +
                " lie with it beside LibOpt.dll, in '" + AppContext.BaseDirectory + "', or name their folder in" +
                " LD_LIBRARY_PATH, or in PATH on Windows.";
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
