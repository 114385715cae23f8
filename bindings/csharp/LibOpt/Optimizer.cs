// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Collections.Generic;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>An optimizer: attach tensors, step, save and load.</summary>
    /// <remarks>One optimizer serves one call at a time; another thread's call
    /// throws <see cref="OptBusyException"/>. After <see cref="Dispose"/> every
    /// call throws <see cref="System.ObjectDisposedException"/>; one that comes while it
    /// is closing may find it busy. A call that throws has changed
    /// nothing.</remarks>
    public sealed partial class Optimizer : IDisposable
    {
        private readonly List<ParamGroup> groups = new List<ParamGroup>();
        private readonly List<Tensor> tensors = new List<Tensor>();  // null: a free index

        /// <summary>Makes an optimizer with one group and no tensors.</summary>
        /// <param name="rule">The rule and its options, such as
        /// <c>new AdamW { Lr = 3e-4 }</c>.</param>
        /// <param name="context">Threads; null:
        /// <see cref="Context.Default"/>.</param>
        /// <exception cref="OptArgumentException">An option value outside its
        /// range; no such preset.</exception>
        public Optimizer(Rule rule, Context context = null)
            : this((rule ?? throw new ArgumentNullException(nameof(rule))).Name, context)
        {
            try
            {
                rule.Apply(Handle, Native.OPT_ALL_GROUPS);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>Makes an optimizer of a rule by its name.</summary>
        /// <param name="rule">Name or alias of a rule, as
        /// <see cref="Library.Rules"/> lists them.</param>
        /// <param name="context">Threads; null:
        /// <see cref="Context.Default"/>.</param>
        /// <exception cref="OptArgumentException">No such rule.</exception>
        public Optimizer(string rule, Context context = null)
        {
            Loader.Ensure();
            call = new StepCall();
            RuleName = rule ?? throw new ArgumentNullException(nameof(rule));
            Context = context ?? Context.Default;
            Native.opt_create(Context.Handle, rule, out IntPtr created);
            Handle = new OptimizerHandle(created);
            AllGroups = new ParamGroup(this, Native.OPT_ALL_GROUPS);
            groups.Add(new ParamGroup(this, 0));
        }

        /// <summary>The rule's name or alias, as it was asked for.</summary>
        public string RuleName { get; }

        /// <summary>The context that it was made in.</summary>
        public Context Context { get; }

        /// <summary>Option values of all groups: what is set here is set for each
        /// of them and for those added later.</summary>
        public ParamGroup AllGroups { get; }

        /// <summary>The groups; the first is always there.</summary>
        public IReadOnlyList<ParamGroup> Groups
        {
            get
            {
                lock (Handle.Gate)
                {
                    CheckOpen();
                    return groups.ToArray();
                }
            }
        }

        /// <summary>The attached tensors, in the order of their indices.</summary>
        public IReadOnlyList<Tensor> Tensors
        {
            get
            {
                lock (Handle.Gate)
                {
                    CheckOpen();
                    return tensors.FindAll(tensor => tensor != null);
                }
            }
        }

        /// <summary>Numbers about the optimizer.</summary>
        public OptimizerInfo Info
        {
            get
            {
                using (opt_info info = new opt_info())
                {
                    Native.opt_get_info(Handle, info);
                    return new OptimizerInfo(info);
                }
            }
        }

        internal OptimizerHandle Handle { get; }

        /// <summary>Adds a group with a copy of the values of
        /// <see cref="AllGroups"/>.</summary>
        /// <returns>The group.</returns>
        public ParamGroup AddGroup()
        {
            lock (Handle.Gate)
            {
                Native.opt_add_group(Handle, out int index);
                ParamGroup group = new ParamGroup(this, index);
                groups.Add(group);
                return group;
            }
        }

        /// <summary>Adds a group with other option values.</summary>
        /// <param name="rule">The same rule as the optimizer's, with the values
        /// that differ from those of <see cref="AllGroups"/>.</param>
        /// <returns>The group.</returns>
        /// <exception cref="OptArgumentException">Another rule; an option value
        /// outside its range; no such preset.</exception>
        public ParamGroup AddGroup(Rule rule)
        {
            if (rule == null)
            {
                throw new ArgumentNullException(nameof(rule));
            }

            if (rule.Name != RuleName)
            {
                throw new OptArgumentException(
                    Status.Name,
                    "A group of an optimizer of rule '" + RuleName + "' cannot have options of rule '" +
                    rule.Name + "'.");
            }

            // Groups cannot be taken back: what is wrong comes out here.
            new Optimizer(rule, Context).Dispose();
            ParamGroup group = AddGroup();
            rule.Apply(Handle, group.Index);
            return group;
        }

        /// <summary>Finds an attached tensor.</summary>
        /// <param name="name">Its name.</param>
        /// <returns>The tensor.</returns>
        /// <exception cref="OptArgumentException">No such tensor.</exception>
        public Tensor Find(string name)
        {
            lock (Handle.Gate)
            {
                Native.opt_find_tensor(
                    Handle, name ?? throw new ArgumentNullException(nameof(name)), out long index);
                return tensors[(int)index];
            }
        }

        /// <summary>Closes the optimizer: waits for a call that another thread is
        /// making, frees the state, and only then lets the buffers go. Closing it
        /// again does nothing.</summary>
        public void Dispose() => Handle.Destroy();

        /// <summary>The rule and whether the optimizer is closed.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            "Optimizer '" + RuleName + "'" + (Handle.IsClosed ? ", closed" : string.Empty);

        // For what needs no call of the library, which would tell.
        private void CheckOpen()
        {
            if (Handle.IsClosed)
            {
                throw new ObjectDisposedException(nameof(Optimizer));
            }
        }
    }
}
