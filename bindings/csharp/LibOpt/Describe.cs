// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    // Reads the library's descriptions.
    internal static class Describe
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

        internal static RuleInfo Rule(int index)
        {
            using (opt_rule_info info = new opt_rule_info())
            {
                Native.opt_rule_at(index, info);
                return Rule(info.name, info);
            }
        }

        internal static RuleInfo Rule(string name)
        {
            using (opt_rule_info info = new opt_rule_info())
            {
                Native.opt_rule_find(name, info);
                return Rule(name, info);
            }
        }

        internal static ScheduleKindInfo Schedule(int index)
        {
            using (opt_schedule_kind_info info = new opt_schedule_kind_info())
            {
                Native.opt_schedule_kind_at(index, info);
                return Schedule(info);
            }
        }

        internal static ScheduleKindInfo Schedule(string name)
        {
            using (opt_schedule_kind_info info = new opt_schedule_kind_info())
            {
                Native.opt_schedule_kind_find(name, info);
                return Schedule(info);
            }
        }

        internal static OptionInfo Attribute(int index)
        {
            using (opt_option_info info = new opt_option_info())
            {
                Native.opt_attribute_at(index, info);
                return Option(info);
            }
        }

        internal static AliasInfo Alias(int index)
        {
            using (opt_alias_info info = new opt_alias_info())
            {
                Native.opt_alias_at(index, info);
                return new AliasInfo { Name = info.name, Rule = info.rule, Doc = info.doc };
            }
        }

        internal static TargetInfo Target(int index)
        {
            using (opt_target_info info = new opt_target_info())
            {
                Native.opt_target_at(index, info);
                return new TargetInfo { Name = info.name, IsSupported = info.supported != 0 };
            }
        }

        private static RuleInfo Rule(string name, opt_rule_info info) => new RuleInfo
        {
            Name = info.name,
            Summary = info.summary,
            Formula = info.formula,
            Reference = info.reference,
            Options = All(info.option_count, i => Option(name, i)),
            Slots = All(info.slot_count, i => Slot(name, i)),
            Presets = All(info.preset_count, i => Preset(name, i)),
        };

        private static ScheduleKindInfo Schedule(opt_schedule_kind_info info)
        {
            string name = info.name;
            return new ScheduleKindInfo
            {
                Name = name,
                Summary = info.summary,
                Formula = info.formula,
                Reference = info.reference,
                Pytorch = info.pytorch,
                HasMilestones = Has(info.flags, Native.OPT_SCHEDULE_HAS_MILESTONES),
                HasMetric = Has(info.flags, Native.OPT_SCHEDULE_HAS_METRIC),
                Options = All(info.option_count, i => ScheduleOption(name, i)),
            };
        }

        private static OptionInfo Option(string rule, int index)
        {
            using (opt_option_info info = new opt_option_info())
            {
                Native.opt_option_at(rule, index, info);
                return Option(info);
            }
        }

        private static OptionInfo ScheduleOption(string kind, int index)
        {
            using (opt_option_info info = new opt_option_info())
            {
                Native.opt_schedule_option_at(kind, index, info);
                return Option(info);
            }
        }

        private static OptionInfo Option(opt_option_info info) => new OptionInfo
        {
            Name = info.name,
            Alias = info.alias,
            Doc = info.doc,
            Default = info.default_value,
            Min = info.min,
            Max = info.max,
            IsBool = Has(info.flags, Native.OPT_OPTION_BOOL),
            IsMinOpen = Has(info.flags, Native.OPT_OPTION_MIN_OPEN),
            IsMaxOpen = Has(info.flags, Native.OPT_OPTION_MAX_OPEN),
            IsLayout = Has(info.flags, Native.OPT_OPTION_LAYOUT),
            Choices = info.choices?.Split(',') ?? Array.Empty<string>(),
        };

        private static SlotInfo Slot(string rule, int index)
        {
            using (opt_slot_info info = new opt_slot_info())
            {
                Native.opt_slot_at(rule, index, info);
                return new SlotInfo { Name = info.name, Doc = info.doc, WhenOption = info.when_option };
            }
        }

        private static PresetInfo Preset(string rule, int index)
        {
            using (opt_preset_info info = new opt_preset_info())
            {
                Native.opt_preset_at(rule, index, info);
                return new PresetInfo { Name = info.name, Doc = info.doc };
            }
        }

        private static bool Has(uint flags, int flag) => (flags & (uint)flag) != 0;
    }
}
