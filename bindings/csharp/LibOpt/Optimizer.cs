// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>An optimizer: attach tensors, step, save and load.</summary>
    /// <remarks>One optimizer serves one call at a time; another thread's call
    /// throws <see cref="OptBusyException"/>. After <see cref="Dispose"/> every
    /// call throws <see cref="System.ObjectDisposedException"/>; one that comes while it
    /// is closing may find it busy. A call that throws has changed
    /// nothing.</remarks>
    public sealed class Optimizer : IDisposable
    {
        private readonly OptimizerHandle handle;
        private readonly LentCall lentCall;
        private readonly List<Group> groups = new List<Group>();
        private readonly SortedDictionary<long, Tensor> tensors = new SortedDictionary<long, Tensor>();

        /// <summary>Makes an optimizer with one group and no tensors.</summary>
        /// <param name="rule">The rule and its options, such as
        /// <c>new AdamW { Lr = 3e-4 }</c>.</param>
        /// <param name="context">Threads; null:
        /// <see cref="Context.Default"/>.</param>
        /// <exception cref="OptArgumentException">An option value outside its
        /// range; no such preset.</exception>
        public Optimizer(RuleOptions rule, [AllowNull] Context context = null)
            : this((rule ?? throw new ArgumentNullException(nameof(rule))).Name, context)
        {
            try
            {
                AllGroups.Set(rule);
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
        public Optimizer(string rule, [AllowNull] Context context = null)
            : this(rule, context ?? Context.Default, Create)
        {
            groups.Add(new Group(this, 0));
        }

        private Optimizer(string rule, Context context, Func<string, Context, IntPtr> create)
        {
            RuleName = rule ?? throw new ArgumentNullException(nameof(rule));
            lentCall = new LentCall();
            Context = context;
            handle = new OptimizerHandle(create(rule, context));
            AllGroups = new Group(this, Native.OPT_ALL_GROUPS);
        }

        /// <summary>The rule's name or alias, as it was asked for.</summary>
        public string RuleName { get; }

        /// <summary>The context that it was made in.</summary>
        public Context Context { get; }

        /// <summary>Option values of all groups: what is set here is set for each
        /// of them and for those added later.</summary>
        public Group AllGroups { get; }

        /// <summary>The groups; the first is always there.</summary>
        public IReadOnlyList<Group> Groups
        {
            get
            {
                lock (Handle.Gate)
                {
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
                    return new List<Tensor>(tensors.Values);
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

        /// <summary>The loss scaler; null: there is none.</summary>
        [MaybeNull]
        public ScalerInfo Scaler
        {
            get
            {
                using (opt_scaler_info info = new opt_scaler_info())
                {
                    Native.opt_scaler_get_info(Handle, info);
                    return info.active != 0 ? new ScalerInfo(info) : null;
                }
            }
        }

        /// <summary>How the parameters are averaged; null: they are not. A
        /// tensor's average is its state slot
        /// <see cref="SlotNames.ParamAverage"/>.</summary>
        [MaybeNull]
        public AverageInfo Average
        {
            get
            {
                using (opt_average_info info = new opt_average_info())
                {
                    Native.opt_average_get_info(Handle, info);
                    return info.kind != 0 ? new AverageInfo(info) : null;
                }
            }
        }

        internal OptimizerHandle Handle =>
            handle.IsClosed ? throw new ObjectDisposedException(nameof(Optimizer)) : handle;

        /// <summary>Makes a copy that continues exactly as this optimizer would:
        /// its groups, options, schedules, loss scaler and average, its tensors with
        /// their state, attributes and step counts, and what was accumulated for the
        /// next step.</summary>
        /// <param name="context">Threads of the copy; null:
        /// <see cref="Context.Default"/>.</param>
        /// <returns>The copy; to be disposed. Its tensors have the same names and
        /// indices, and no buffers, as if all were lent:
        /// <see cref="Tensor.Bind"/> some, or lend them to each call. A step throws
        /// <see cref="OptStateException"/> until every tensor has been bound, if only
        /// to none, or is lent.</returns>
        /// <exception cref="OptStateException"><see cref="SwapEvalWeights"/> has
        /// exchanged the parameters.</exception>
        public Optimizer Clone([AllowNull] Context context = null)
        {
            lock (Handle.Gate)
            {
                Optimizer clone = new Optimizer(RuleName, context ?? Context.Default, Copy);
                groups.ForEach(group => clone.groups.Add(new Group(clone, group.Index)));
                foreach (long index in tensors.Keys)
                {
                    clone.tensors[index] = new Tensor(clone, index);
                }

                return clone;
            }
        }

        /// <summary>Adds a group with a copy of the values of
        /// <see cref="AllGroups"/>.</summary>
        /// <returns>The group.</returns>
        public Group AddGroup()
        {
            using (OptionList none = new OptionList())
            {
                return AddGroup(none);
            }
        }

        /// <summary>Adds a group with other option values.</summary>
        /// <param name="rule">The same rule as the optimizer's, with the values
        /// that differ from those of <see cref="AllGroups"/>.</param>
        /// <returns>The group.</returns>
        /// <exception cref="OptArgumentException">Another rule; an option value
        /// outside its range; no such preset.</exception>
        public Group AddGroup(RuleOptions rule)
        {
            CheckRule(rule ?? throw new ArgumentNullException(nameof(rule)));
            using (OptionList options = rule.ToList())
            {
                return AddGroup(options);
            }
        }

        /// <summary>Attaches a tensor and allocates its state. Nothing is copied:
        /// arrays and memory stay alive and pinned until the tensor is detached or
        /// bound to others, or the optimizer is closed.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="param">The parameters: float[], double[], Memory of them,
        /// or a <see cref="TensorBuffer"/> of unmanaged memory.</param>
        /// <param name="grad">The gradients, as many; left out: lent to each step.
        /// An array that is null is refused.</param>
        /// <param name="shape">Extents whose product is the count; null: one
        /// dimension.</param>
        /// <param name="group">The group; null: the first.</param>
        /// <returns>The tensor.</returns>
        /// <exception cref="OptArgumentException">Buffers of different lengths or
        /// that overlap others; a wrong shape; a name that is taken.</exception>
        public Tensor Attach(
            [AllowNull] string name,
            TensorBuffer param,
            TensorBuffer grad = default,
            [AllowNull] long[] shape = null,
            [AllowNull] Group group = null) =>
            Attach(new TensorSpec(name, param, grad) { Shape = shape, Group = group })[0];

        /// <summary>Attaches a tensor without buffers, which are lent to each
        /// call.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="count">Number of elements, at least 0.</param>
        /// <param name="dtype">Type of the parameters, gradients and
        /// state.</param>
        /// <param name="shape">Extents whose product is the count; null: one
        /// dimension.</param>
        /// <param name="group">The group; null: the first.</param>
        /// <returns>The tensor.</returns>
        /// <exception cref="OptArgumentException">A wrong shape; a name that is
        /// taken.</exception>
        public Tensor Attach(
            [AllowNull] string name,
            long count,
            DType dtype = DType.F32,
            [AllowNull] long[] shape = null,
            [AllowNull] Group group = null) =>
            Attach(new TensorSpec(name, count, dtype) { Shape = shape, Group = group })[0];

        /// <summary>Attaches several tensors: all or none.</summary>
        /// <param name="specs">The tensors.</param>
        /// <returns>The tensors, in the same order.</returns>
        /// <exception cref="OptArgumentException">As
        /// <see cref="Attach(string, TensorBuffer, TensorBuffer, long[], Group)"/>.
        /// </exception>
        public Tensor[] Attach(params TensorSpec[] specs)
        {
            CheckSpecs(specs);
            List<Pins> pins = new List<Pins>();
            using (TensorList list = new TensorList())
            {
                lock (Handle.Gate)
                {
                    try
                    {
                        foreach (TensorSpec spec in specs)
                        {
                            Pins kept = new Pins(spec.Param, spec.Grad);
                            pins.Add(kept);
                            Add(list, spec, kept.Param, kept.Grad);
                        }

                        list.attach(Handle);
                    }
                    catch
                    {
                        pins.ForEach(kept => kept.Dispose());
                        throw;
                    }

                    Tensor[] attached = new Tensor[specs.Length];
                    for (int i = 0; i < specs.Length; ++i)
                    {
                        long index = list.index(i);
                        Handle.Keep(index, pins[i]);
                        attached[i] = new Tensor(this, index);
                        tensors[index] = attached[i];
                    }

                    return attached;
                }
            }
        }

        /// <summary>Computes how many bytes of state tensors would have, with the
        /// options as they are now. Nothing is attached.</summary>
        /// <param name="specs">The tensors; of their buffers only the element
        /// types and the lengths count.</param>
        /// <returns>Bytes of state, of averages and accumulators too where the
        /// optimizer keeps them.</returns>
        /// <exception cref="OptArgumentException">A wrong shape; a group of
        /// another optimizer.</exception>
        public long StateBytes(params TensorSpec[] specs)
        {
            CheckSpecs(specs);
            using (TensorList list = new TensorList())
            {
                lock (Handle.Gate)
                {
                    foreach (TensorSpec spec in specs)
                    {
                        Add(list, spec, IntPtr.Zero, IntPtr.Zero);
                    }

                    list.state_bytes(Handle, out long bytes);
                    return bytes;
                }
            }
        }

        /// <summary>Finds an attached tensor.</summary>
        /// <param name="name">Its name.</param>
        /// <returns>The tensor.</returns>
        /// <exception cref="OptArgumentException">No such tensor.</exception>
        public Tensor FindTensor(string name)
        {
            lock (Handle.Gate)
            {
                Native.opt_tensor_find(
                    Handle, name ?? throw new ArgumentNullException(nameof(name)), out long index);
                return tensors[index];
            }
        }

        /// <summary>Makes one step over every tensor that has a retained gradient;
        /// the others stay as they are. After
        /// <see cref="Accumulate(long, AccumulateOptions)"/> the accumulated gradients
        /// are used, and are empty again afterwards.</summary>
        /// <remarks>A step in which no tensor has a gradient counts like any other:
        /// <see cref="OptimizerInfo.Steps"/> and the schedules go on.</remarks>
        /// <exception cref="OptStateException">A gradient but no
        /// parameters.</exception>
        public void Step() => Native.opt_step_retained(Handle);

        /// <summary>As <see cref="Step()"/>, with options.</summary>
        /// <param name="options">How it is made; null: as usual.</param>
        public void Step([AllowNull] StepOptions options)
        {
            using (lentCall.Begin())
            {
                Run(options, false);
            }
        }

        /// <summary>Makes one step with lent buffers. Tensors to which no gradient
        /// is lent stay as they are.</summary>
        /// <param name="lent">Buffers, at most once for each tensor.</param>
        /// <exception cref="OptStateException">A gradient but no parameters; lent
        /// gradients while accumulated ones wait.</exception>
        public void Step(params Lent[] lent) => Step(lent, null);

        /// <summary>As <see cref="Step(Lent[])"/>, with options.</summary>
        /// <param name="lent">Buffers, at most once for each tensor.</param>
        /// <param name="options">How it is made; null: as usual.</param>
        public void Step(Lent[] lent, [AllowNull] StepOptions options)
        {
            using (LentCall.Turn turn = lentCall.Begin(this, lent))
            {
                // Parameters without gradients are for accumulated ones.
                Run(options, !turn.HasGrads);
            }
        }

        /// <summary>Makes one step of one tensor; the others stay as they
        /// are.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="param">Its parameters.</param>
        /// <param name="grad">Its gradients.</param>
        /// <param name="options">How it is made; null: as usual.</param>
        /// <exception cref="OptArgumentException">A wrong length or element
        /// type.</exception>
        public unsafe void Step(
            Tensor tensor, Span<float> param, Span<float> grad, [AllowNull] StepOptions options = null)
        {
            CheckLent(tensor, DType.F32, param == default(Span<float>), grad == default(Span<float>));
            CheckLengths(tensor, param.Length, grad.Length);
            fixed (float* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                StepOne(tensor, (IntPtr)p, (IntPtr)g, options);
            }
        }

        /// <inheritdoc cref="Step(Tensor, Span{float}, Span{float}, StepOptions)"/>
        public unsafe void Step(
            Tensor tensor, Span<double> param, Span<double> grad, [AllowNull] StepOptions options = null)
        {
            CheckLent(tensor, DType.F64, param == default(Span<double>), grad == default(Span<double>));
            CheckLengths(tensor, param.Length, grad.Length);
            fixed (double* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                StepOne(tensor, (IntPtr)p, (IntPtr)g, options);
            }
        }

        /// <summary>Makes one step of one tensor in unmanaged memory; the others
        /// stay as they are.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="param">Its parameters: as many as the tensor has elements,
        /// aligned; null: the retained ones.</param>
        /// <param name="grad">Its gradients: as many, aligned.</param>
        /// <param name="options">How it is made; null: as usual.</param>
        /// <exception cref="ArgumentNullException">The gradients are
        /// null.</exception>
        /// <exception cref="OptArgumentException">A wrong element
        /// type.</exception>
        public unsafe void Step(
            Tensor tensor, float* param, float* grad, [AllowNull] StepOptions options = null)
        {
            CheckLent(tensor, DType.F32, false, grad == null);
            StepOne(tensor, (IntPtr)param, (IntPtr)grad, options);
        }

        /// <inheritdoc cref="Step(Tensor, float*, float*, StepOptions)"/>
        public unsafe void Step(
            Tensor tensor, double* param, double* grad, [AllowNull] StepOptions options = null)
        {
            CheckLent(tensor, DType.F64, false, grad == null);
            StepOne(tensor, (IntPtr)param, (IntPtr)grad, options);
        }

        /// <summary>Makes one step of all tensors, whose buffers lie one after the
        /// other in the order of their indices, without gaps.</summary>
        /// <param name="param">The parameters of all tensors.</param>
        /// <param name="grad">The gradients of all tensors.</param>
        /// <param name="options">How it is made; null: as usual.</param>
        /// <exception cref="OptArgumentException">A wrong length; a tensor of
        /// another element type.</exception>
        public unsafe void StepFlat(
            Span<float> param, Span<float> grad, [AllowNull] StepOptions options = null)
        {
            fixed (float* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                Step(Lent.Split(Tensors, DType.F32, (IntPtr)p, param.Length, (IntPtr)g, grad.Length), options);
            }
        }

        /// <inheritdoc cref="StepFlat(Span{float}, Span{float}, StepOptions)"/>
        public unsafe void StepFlat(
            Span<double> param, Span<double> grad, [AllowNull] StepOptions options = null)
        {
            fixed (double* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                Step(Lent.Split(Tensors, DType.F64, (IntPtr)p, param.Length, (IntPtr)g, grad.Length), options);
            }
        }

        /// <summary>Begins a step in slices, for a program that must go on after a
        /// few milliseconds: a game within a frame. It decides everything that
        /// concerns all tensors; <see cref="StepSlice(IEnumerable{Tensor}, Lent[])"/>
        /// then gives some of them their turn, until none is
        /// <see cref="OptimizerInfo.Remaining"/>.</summary>
        /// <remarks>All slices together give the bytes of one step. Until then
        /// whatever would disturb the step is refused.</remarks>
        /// <param name="options">How it is made; null: as usual.</param>
        /// <param name="lent">As for <see cref="Step(Lent[])"/>; none at all: the
        /// retained ones. Each slice is lent its own once more.</param>
        /// <exception cref="OptStateException">Another step is open.</exception>
        public void BeginStep([AllowNull] StepOptions options = null, params Lent[] lent)
        {
            using (LentCall.Turn turn = lentCall.Begin(this, lent))
            {
                Run(options, lent.Length > 0 && !turn.HasGrads, true);
            }
        }

        /// <summary>Gives some tensors their turn in the open step.</summary>
        /// <param name="tensors">Each once.</param>
        /// <param name="lent">What was lent to
        /// <see cref="BeginStep(StepOptions, Lent[])"/> for them.</param>
        /// <returns>How many have not had their turn; 0: the step has
        /// ended.</returns>
        /// <exception cref="OptArgumentException">A tensor has had its
        /// turn.</exception>
        /// <exception cref="OptStateException">No step is open.</exception>
        public long StepSlice(IEnumerable<Tensor> tensors, params Lent[] lent)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.Call.clear_slice();
                foreach (Tensor tensor in tensors ?? throw new ArgumentNullException(nameof(tensors)))
                {
                    lentCall.Call.add_to_slice(IndexOf(tensor));
                }

                lentCall.Call.step_slice(Handle);
                return lentCall.Call.remaining();
            }
        }

        /// <summary>Gives all tensors that remain their turn, which ends the
        /// step.</summary>
        /// <param name="lent">What was lent to
        /// <see cref="BeginStep(StepOptions, Lent[])"/> for them.</param>
        /// <exception cref="OptStateException">No step is open.</exception>
        public void StepRemaining(params Lent[] lent)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.Call.step_remaining(Handle);
            }
        }

        /// <summary>Ends the open step early: the tensors that remain are left out
        /// of it. If none has had its turn, nothing has changed.</summary>
        public void AbandonStep() => Native.opt_step_abandon(Handle);

        /// <summary>Adds the retained gradients to accumulators, for a later step
        /// with their mean or sum: mini-batches of any size.</summary>
        /// <param name="samples">Samples of which they are the sum, at least
        /// 1.</param>
        /// <param name="options">How it is done; null: as usual.</param>
        /// <exception cref="OptArgumentException">No samples.</exception>
        public void Accumulate(long samples = 1, [AllowNull] AccumulateOptions options = null) =>
            Accumulate(Array.Empty<Lent>(), samples, options);

        /// <summary>As <see cref="Accumulate(long, AccumulateOptions)"/>, with lent
        /// gradients.</summary>
        /// <param name="lent">Gradients, at most once for each tensor; none at
        /// all: the retained ones.</param>
        /// <param name="samples">Samples of which they are the sum, at least
        /// 1.</param>
        /// <param name="options">How it is done; null: as usual.</param>
        /// <exception cref="OptArgumentException">No samples.</exception>
        public void Accumulate(
            Lent[] lent, long samples = 1, [AllowNull] AccumulateOptions options = null)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.Call.accumulate(Handle, samples, AccumulateOptions.Flags(options));
            }
        }

        /// <summary>Accumulates the gradients of one tensor; the others count as
        /// zero.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="grad">Its gradients.</param>
        /// <param name="samples">Samples of which they are the sum, at least
        /// 1.</param>
        /// <param name="options">How it is done; null: as usual.</param>
        /// <exception cref="OptArgumentException">A wrong length or element type;
        /// no samples.</exception>
        public unsafe void Accumulate(
            Tensor tensor, Span<float> grad, long samples = 1, [AllowNull] AccumulateOptions options = null)
        {
            CheckLent(tensor, DType.F32, false, grad == default(Span<float>));
            CheckLengths(tensor, tensor.Count, grad.Length);
            fixed (float* g = &MemoryMarshal.GetReference(grad))
            {
                AccumulateOne(tensor, (IntPtr)g, samples, options);
            }
        }

        /// <inheritdoc cref="Accumulate(Tensor, Span{float}, long, AccumulateOptions)"/>
        public unsafe void Accumulate(
            Tensor tensor, Span<double> grad, long samples = 1, [AllowNull] AccumulateOptions options = null)
        {
            CheckLent(tensor, DType.F64, false, grad == default(Span<double>));
            CheckLengths(tensor, tensor.Count, grad.Length);
            fixed (double* g = &MemoryMarshal.GetReference(grad))
            {
                AccumulateOne(tensor, (IntPtr)g, samples, options);
            }
        }

        /// <summary>Forgets what was accumulated since the last step.</summary>
        public void Discard() => Native.opt_discard(Handle);

        /// <summary>Sets gradients to zero.</summary>
        /// <param name="lent">Gradients; none at all: the retained ones.</param>
        public void ZeroGrads(params Lent[] lent)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.Call.zero_grads(Handle);
            }
        }

        /// <summary>Measures the gradients that a step would use, as its work
        /// leaves them before <see cref="GradientWork.MaxNorm"/>. Changes
        /// nothing.</summary>
        /// <param name="options">How the step would be made; null: as
        /// usual.</param>
        /// <param name="lent">Gradients; none at all: the retained ones.</param>
        /// <returns>The norms.</returns>
        /// <exception cref="OptNonfiniteException">The work asks for
        /// it.</exception>
        public GradientReport GradNorm([AllowNull] StepOptions options = null, params Lent[] lent)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.SetWork(options?.Work, true);
                uint sum = options != null && options.Sum ? (uint)Native.OPT_GRAD_SUM : 0;
                lentCall.Call.grad_norm(Handle, sum);
                return new GradientReport(lentCall.Call, this);
            }
        }

        /// <summary>Does the work on the gradients themselves, in
        /// place.</summary>
        /// <param name="work">The work.</param>
        /// <param name="lent">Gradients; none at all: the retained ones.</param>
        /// <returns>The norms.</returns>
        /// <exception cref="OptStateException">Accumulated gradients wait, or a
        /// loss scaler is active: clip those in the step.</exception>
        /// <exception cref="OptNonfiniteException">The work asks for
        /// it.</exception>
        public GradientReport ClipGrads(GradientWork work, params Lent[] lent)
        {
            if (work == null)
            {
                throw new ArgumentNullException(nameof(work));
            }

            using (lentCall.Begin(this, lent))
            {
                lentCall.SetWork(work, true);
                lentCall.Call.clip_grads(Handle);
                return new GradientReport(lentCall.Call, this);
            }
        }

        /// <summary>Starts dynamic loss scaling, or restarts it: each step
        /// divides the gradients by the scale, is skipped if there are
        /// infinities or NaN among them, and adjusts the scale. It is saved
        /// with the state.</summary>
        /// <param name="options">Null: the defaults.</param>
        /// <exception cref="OptArgumentException">A value outside its
        /// range.</exception>
        public void StartScaler([AllowNull] ScalerOptions options = null) =>
            (options ?? new ScalerOptions()).Begin(Handle);

        /// <summary>Sets the scale of the loss scaler, as when a run is
        /// continued from another library; its count of good steps starts
        /// over.</summary>
        /// <param name="scale">Greater than 0.</param>
        /// <exception cref="OptArgumentException">The scale is out of its
        /// range.</exception>
        /// <exception cref="OptStateException">There is no scaler, or accumulated
        /// gradients of the present scale wait.</exception>
        public void SetScale(double scale) => Native.opt_scaler_set_scale(Handle, scale);

        /// <summary>Ends loss scaling; without a scaler it does
        /// nothing.</summary>
        public void StopScaler() => Native.opt_scaler_stop(Handle);

        /// <summary>Keeps an average of the parameters from now on, in the same
        /// pass over memory as the step, or configures it again. It is saved
        /// with the state.</summary>
        /// <param name="options">Null: the defaults.</param>
        /// <exception cref="OptArgumentException">A value outside its
        /// range.</exception>
        /// <exception cref="OptStateException">While swapped.</exception>
        public void StartAverage([AllowNull] AverageOptions options = null)
        {
            lock (Handle.Gate)
            {
                (options ?? new AverageOptions()).Begin(Handle);
            }
        }

        /// <summary>Stops averaging and frees the averages.</summary>
        /// <exception cref="OptStateException">While swapped.</exception>
        public void StopAverage()
        {
            lock (Handle.Gate)
            {
                Native.opt_average_stop(Handle);
            }
        }

        /// <summary>Exchanges the parameters with the evaluation weights: the
        /// averages, if an average is kept, else the rule's own, or else the slow
        /// weights of lookahead. The next call puts the parameters back. Steps and
        /// loads are refused meanwhile; a checkpoint that is saved meanwhile holds
        /// the parameters as state, and after its load they are put back by such a
        /// call.
        /// <see cref="Tensor.ReadEvalWeights{T}(Lent[])"/> copies the
        /// weights.</summary>
        /// <param name="lent">Parameters, the same at both calls; none at all: the
        /// retained ones.</param>
        /// <exception cref="OptStateException">No average is kept, and neither the
        /// rule nor lookahead has such weights, or a tensor that has some has no
        /// parameters here.</exception>
        public void SwapEvalWeights(params Lent[] lent)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.Call.swap_eval_weights(Handle);
            }
        }

        /// <summary>Whether the evaluation weights are in the parameters'
        /// buffers, where <see cref="SwapEvalWeights"/> has put them.</summary>
        public bool IsSwapped
        {
            get
            {
                using (var info = new opt_average_info())
                {
                    Native.opt_average_get_info(Handle, info);
                    return info.swapped != 0;
                }
            }
        }

        internal void ReadEvalWeights(Tensor tensor, IntPtr weights, Lent[] lent)
        {
            using (lentCall.Begin(this, lent))
            {
                lentCall.Call.read_eval_weights(tensor.Handle, tensor.Index, weights);
            }
        }

        /// <summary>Saves to a file, which is replaced as a whole: after a crash or
        /// a full disk it is the old one or the new one. The format is safetensors,
        /// which every language that libopt has reads; after a load training goes
        /// on to the same bytes as if it had never stopped.</summary>
        /// <param name="path">The file; its directory must be writable.</param>
        /// <param name="options">What is saved beside the state; null:
        /// nothing.</param>
        /// <exception cref="OptIOException">It could not be written.</exception>
        /// <exception cref="OptStateException">There are no parameters to
        /// save.</exception>
        public void Save(string path, [AllowNull] SaveOptions options = null)
        {
            if (path == null)
            {
                throw new ArgumentNullException(nameof(path));
            }

            SaveOptions.Run(options, this, call => call.to_file(Handle, path));
        }

        /// <summary>Saves to a stream.</summary>
        /// <param name="stream">Receives the whole checkpoint.</param>
        /// <param name="options">What is saved beside the state; null:
        /// nothing.</param>
        /// <exception cref="OptStateException">There are no parameters to
        /// save.</exception>
        public void Save(Stream stream, [AllowNull] SaveOptions options = null)
        {
            if (stream == null)
            {
                throw new ArgumentNullException(nameof(stream));
            }

            byte[] bytes = SaveToBytes(options);
            stream.Write(bytes, 0, bytes.Length);
        }

        /// <summary>Saves to memory.</summary>
        /// <param name="options">What is saved beside the state; null:
        /// nothing.</param>
        /// <returns>The checkpoint.</returns>
        /// <exception cref="OptStateException">There are no parameters to
        /// save.</exception>
        public unsafe byte[] SaveToBytes([AllowNull] SaveOptions options = null)
        {
            byte[] bytes = Array.Empty<byte>();
            SaveOptions.Run(options, this, call =>
            {
                call.measure(Handle, out long size);
                bytes = new byte[size];
                fixed (byte* p = bytes)
                {
                    call.to_memory(Handle, (IntPtr)p, size);
                }
            });
            return bytes;
        }

        /// <summary>Loads a file into this optimizer, which is of the same rule, and
        /// has as many groups and the same tensors in them. Tensors are matched by
        /// name, shape and element type, and all is verified before anything
        /// changes.</summary>
        /// <param name="path">The file.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        /// <exception cref="OptFileNotFoundException">There is no such
        /// file.</exception>
        /// <exception cref="OptIOException">It could not be read.</exception>
        /// <exception cref="OptCheckpointException">It is damaged, or does not
        /// fit.</exception>
        public LoadReport Load(string path, [AllowNull] LoadOptions options = null)
        {
            if (path == null)
            {
                throw new ArgumentNullException(nameof(path));
            }

            return OptFileNotFoundException.Reading(
                path, () => LoadOptions.Run(options, this, call => call.from_file(Handle, path)));
        }

        /// <summary>As <see cref="Load(string, LoadOptions)"/>, from
        /// memory.</summary>
        /// <param name="checkpoint">The bytes of a checkpoint.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        /// <exception cref="OptCheckpointException">It is damaged, or does not
        /// fit.</exception>
        public unsafe LoadReport Load(
            ReadOnlyMemory<byte> checkpoint, [AllowNull] LoadOptions options = null) =>
            checkpoint.Equals(default(ReadOnlyMemory<byte>))
            ? throw new ArgumentNullException(nameof(checkpoint))
            : LoadOptions.Run(options, this, call =>
            {
                using (MemoryHandle pin = checkpoint.Pin())
                {
                    call.from_memory(Handle, (IntPtr)pin.Pointer, checkpoint.Length);
                }
            });

        /// <summary>As <see cref="Load(string, LoadOptions)"/>, from a stream,
        /// which is read to its end.</summary>
        /// <param name="stream">The stream.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        /// <exception cref="OptCheckpointException">It is damaged, or does not
        /// fit.</exception>
        public LoadReport Load(Stream stream, [AllowNull] LoadOptions options = null)
        {
            using (MemoryStream memory = new MemoryStream())
            {
                (stream ?? throw new ArgumentNullException(nameof(stream))).CopyTo(memory);
                return Load(memory.GetBuffer().AsMemory(0, (int)memory.Length), options);
            }
        }

        /// <summary>As <see cref="Load(string, LoadOptions)"/>, of a checkpoint that
        /// has been opened, and perhaps looked into. It stays open.</summary>
        /// <param name="checkpoint">The checkpoint.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        /// <exception cref="OptIOException">It could not be read.</exception>
        /// <exception cref="OptCheckpointException">It is damaged, or does not
        /// fit.</exception>
        public LoadReport Load(Checkpoint checkpoint, [AllowNull] LoadOptions options = null)
        {
            if (checkpoint == null)
            {
                throw new ArgumentNullException(nameof(checkpoint));
            }

            return LoadOptions.Run(options, this, call => call.from_checkpoint(Handle, checkpoint.Handle));
        }

        /// <summary>Closes the optimizer: waits for a call that another thread is
        /// making, frees the state, and only then lets the buffers go. Closing it
        /// again does nothing.</summary>
        public void Dispose() => handle.Destroy();

        /// <summary>The rule and whether the optimizer is closed.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            "Optimizer '" + RuleName + "'" + (handle.IsClosed ? ", closed" : string.Empty);

        // The tensor of an index; null if it has none.
        [return: MaybeNull]
        internal Tensor TensorAt(long index)
        {
            lock (Handle.Gate)
            {
                tensors.TryGetValue(index, out Tensor found);
                return found;
            }
        }

        internal void Detach(Tensor tensor)
        {
            lock (Handle.Gate)
            {
                Native.opt_detach(tensor.Handle, tensor.Index);
                tensor.IsDetached = true;
                tensors.Remove(tensor.Index);
                Handle.Drop(tensor.Index);
            }
        }

        // The index of a tensor of this optimizer's.
        internal long IndexOf(Tensor tensor)
        {
            if (tensor == null)
            {
                throw new ArgumentNullException(nameof(tensor));
            }

            if (tensor.Optimizer != this || tensor.IsDetached)
            {
                throw new OptArgumentException(
                    Status.Range, "Tensor '" + tensor.Name + "' is not attached to this optimizer.");
            }

            return tensor.Index;
        }

        // Throws unless these are options of this optimizer's rule. An alias has
        // defaults of its own, and so is another rule.
        internal void CheckRule(RuleOptions options)
        {
            if (options.Name != RuleName)
            {
                throw new OptArgumentException(
                    Status.Name,
                    "A group of an optimizer of rule '" + RuleName + "' cannot have options of rule '" +
                    options.Name + "'.");
            }
        }

        // Throws unless the group, which is to be the tensor's, is one of this
        // optimizer's.
        internal void CheckGroup(Group group, [AllowNull] string tensor)
        {
            if (group.Optimizer != this)
            {
                throw new OptArgumentException(
                    Status.Range, "The group of tensor '" + tensor + "' is another optimizer's.");
            }

            if (group == AllGroups)
            {
                throw new OptArgumentException(
                    Status.Range,
                    "The group of tensor '" + tensor + "' is Optimizer.AllGroups, which is not one group: use one " +
                    "of Optimizer.Groups, or add one with Optimizer.AddGroup.");
            }
        }

        private static void CheckSpecs(TensorSpec[] specs)
        {
            if (specs == null || Array.IndexOf(specs, null) >= 0)
            {
                throw new ArgumentNullException(nameof(specs));
            }
        }

        private static IntPtr Create(string rule, Context context)
        {
            Native.opt_create(context.Handle, rule, out IntPtr created);
            return created;
        }

        private IntPtr Copy(string rule, Context context)
        {
            Native.opt_clone(Handle, context.Handle, out IntPtr created);
            return created;
        }

        private Group AddGroup(OptionList options)
        {
            lock (Handle.Gate)
            {
                options.add_group(Handle, out int index);
                Group group = new Group(this, index);
                groups.Add(group);
                return group;
            }
        }

        private void Add(TensorList list, TensorSpec spec, IntPtr param, IntPtr grad)
        {
            Group group = spec.Group ?? groups[0];
            CheckGroup(group, spec.Name);
            list.add(
                spec.Name,
                group.Index,
                (int)spec.ParamDType,
                (int)spec.GradDType,
                spec.Count,
                param,
                grad);
            foreach (long extent in spec.Shape ?? Array.Empty<long>())
            {
                list.extend(extent);
            }
        }

        // Steps with what is lent.
        private void Run([AllowNull] StepOptions options, bool accumulated, bool begins = false)
        {
            bool reports = options != null && options.Reports;
            lentCall.SetWork(options?.Work, reports);
            uint flags = StepOptions.Flags(options);
            if (begins && accumulated)
            {
                lentCall.Call.begin_step_accumulated(Handle, flags);
            }
            else if (begins)
            {
                lentCall.Call.begin_step(Handle, flags);
            }
            else if (accumulated)
            {
                lentCall.Call.step_accumulated(Handle, flags);
            }
            else
            {
                lentCall.Call.step(Handle, flags);
            }

            if (options != null)
            {
                options.Report = reports ? new GradientReport(lentCall.Call, this) : null;
            }
        }

        private void StepOne(Tensor tensor, IntPtr param, IntPtr grad, [AllowNull] StepOptions options)
        {
            using (lentCall.Begin(tensor, param, grad))
            {
                Run(options, false);
            }
        }

        private void AccumulateOne(
            Tensor tensor, IntPtr grad, long samples, [AllowNull] AccumulateOptions options)
        {
            using (lentCall.Begin(tensor, IntPtr.Zero, grad))
            {
                lentCall.Call.accumulate(Handle, samples, AccumulateOptions.Flags(options));
            }
        }

        // Checks spans or pointers.
        private void CheckLent(Tensor tensor, DType dtype, bool paramIsNull, bool gradIsNull)
        {
            IndexOf(tensor);
            tensor.RefuseNull(paramIsNull, "param");
            tensor.RefuseNull(gradIsNull, "grad");
            DTypes.Check(tensor.ParamDType, dtype, "The dtype of tensor '" + tensor.Name + "'");
            DTypes.Check(tensor.GradDType, dtype, "The gradient's dtype of tensor '" + tensor.Name + "'");
        }

        private static void CheckLengths(Tensor tensor, long paramCount, long gradCount)
        {
            TensorBuffer.CheckLength(tensor.Count, paramCount, tensor.Name, "parameters");
            TensorBuffer.CheckLength(tensor.Count, gradCount, tensor.Name, "gradient");
        }
    }
}
