// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A parameter group: tensors with their own option values. A
    /// value acts from the next step on.</summary>
    /// <remarks>The options that every rule has are properties; those of one rule
    /// are reached through its class,
    /// <c>group.Set(new AdamW { Beta1 = 0.8 })</c> and
    /// <c>group.Get&lt;AdamW&gt;()</c>, or by their names.</remarks>
    public sealed class Group
    {
        internal Group(Optimizer optimizer, int index)
        {
            Optimizer = optimizer;
            Index = index;
        }

        /// <summary>The optimizer that it belongs to.</summary>
        public Optimizer Optimizer { get; }

        /// <summary>Its number: 0, 1, ...; -1 of
        /// <see cref="Optimizer.AllGroups"/>.</summary>
        public int Index { get; }

        /// <summary>Learning rate, the step size.</summary>
        public double Lr
        {
            get => this[OptionNames.Lr];
            set => this[OptionNames.Lr] = value;
        }

        /// <summary>Weight decay coefficient.</summary>
        public double WeightDecay
        {
            get => this[OptionNames.WeightDecay];
            set => this[OptionNames.WeightDecay] = value;
        }

        /// <summary>Whether steps ascend.</summary>
        public bool Maximize
        {
            get => this[OptionNames.Maximize] != 0;
            set => this[OptionNames.Maximize] = value ? 1 : 0;
        }

        /// <summary>Whether steps leave the group's tensors alone: parameters,
        /// state and step count stay.</summary>
        public bool Frozen
        {
            get => this[OptionNames.Frozen] != 0;
            set => this[OptionNames.Frozen] = value ? 1 : 0;
        }

        /// <summary>An option by its name, as <see cref="OptionNames"/> and
        /// <see cref="Rule.Options"/> have them.</summary>
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

        /// <summary>Sets the options that are set in a rule's object, and first its
        /// preset if it has one: all or none.</summary>
        /// <param name="options">Of the optimizer's rule.</param>
        /// <exception cref="OptArgumentException">Another rule; an option value
        /// outside its range; no such preset.</exception>
        /// <exception cref="OptStateException">It would change which state slots
        /// exist, and the group has tensors.</exception>
        public void Set(RuleOptions options)
        {
            Optimizer.CheckRule(options ?? throw new ArgumentNullException(nameof(options)));
            using (OptionList list = options.ToList())
            {
                list.set(Optimizer.Handle, Index);
            }
        }

        /// <summary>Copies the values of all options.</summary>
        /// <typeparam name="T">The class of the optimizer's rule.</typeparam>
        /// <returns>A new object, in which every option is set.</returns>
        /// <exception cref="OptArgumentException">The optimizer is of another
        /// rule.</exception>
        public T Get<T>()
            where T : RuleOptions, new()
        {
            T options = new T();
            Optimizer.CheckRule(options);
            options.Read(name => this[name]);
            return options;
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

        /// <summary>Schedules an option from the next step on. Its own value stays
        /// the base; <see cref="GetScheduled"/> tells the value that moves.</summary>
        /// <param name="option">An option of the rule that is a number.</param>
        /// <param name="schedule">Copied; null: none any more.</param>
        /// <exception cref="OptArgumentException">No such option, or one that
        /// cannot be scheduled.</exception>
        /// <exception cref="OptStateException">A required option of the schedule
        /// is not set.</exception>
        public void SetSchedule(string option, [AllowNull] Schedule schedule)
        {
            if (option == null)
            {
                throw new ArgumentNullException(nameof(option));
            }

            if (schedule == null)
            {
                Native.opt_remove_schedule(Optimizer.Handle, Index, option);
            }
            else
            {
                Native.opt_set_schedule(Optimizer.Handle, Index, option, schedule.Handle);
            }
        }

        /// <summary>Copies the schedule of an option.</summary>
        /// <param name="option">An option of the rule.</param>
        /// <returns>To be disposed; null: there is none.</returns>
        /// <exception cref="OptArgumentException">No such option.</exception>
        [return: MaybeNull]
        public Schedule CopySchedule(string option)
        {
            Native.opt_copy_schedule(
                Optimizer.Handle,
                Index,
                option ?? throw new ArgumentNullException(nameof(option)),
                out IntPtr copy);
            return copy == IntPtr.Zero ? null : new Schedule(copy);
        }

        /// <summary>The value of an option that the next step uses: the schedule's,
        /// or the option's own if it has none.</summary>
        /// <param name="option">An option of the rule.</param>
        /// <returns>The value.</returns>
        /// <exception cref="OptArgumentException">No such option; the value is
        /// outside its range.</exception>
        public double GetScheduled(string option)
        {
            Native.opt_get_scheduled(
                Optimizer.Handle,
                Index,
                option ?? throw new ArgumentNullException(nameof(option)),
                out double value);
            return value;
        }

        /// <summary>Feeds a metric, such as the validation loss of an epoch, to the
        /// plateau schedules of the group.</summary>
        /// <param name="metric">NaN is no better than anything.</param>
        public void ReportMetric(double metric) =>
            Native.opt_report_metric(Optimizer.Handle, Index, metric);

        /// <summary>The number and the rule.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            (Index < 0 ? "All groups" : Text.Of($"Group {Index}")) + " of '" + Optimizer.RuleName + "'";
    }
}
