// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Threading;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Steps with retained buffers, and with any lent ones.</content>
    public sealed partial class Optimizer
    {
        // Gathers the arguments of a call; serves one call at a time. Its finalizer
        // frees it: another thread may still be in a call when Dispose() runs.
        private readonly StepCall call;
        private int calling;
        private bool hasWork;

        /// <summary>Makes one step over every tensor that has a retained
        /// gradient. After <see cref="Accumulate(long, bool, bool)"/> the
        /// accumulated gradients are used, and are empty again
        /// afterwards.</summary>
        /// <exception cref="OptStateException">A gradient but no
        /// parameters.</exception>
        public void Step() => Native.opt_step_retained(Handle);

        /// <summary>As <see cref="Step()"/>, with options.</summary>
        /// <param name="options">What it does beside; null: nothing.</param>
        public void Step(StepOptions options)
        {
            Begin();
            try
            {
                Run(options, false);
            }
            finally
            {
                End();
            }
        }

        /// <summary>Makes one step with lent buffers. Tensors to which no gradient
        /// is lent are passed over.</summary>
        /// <param name="lent">Buffers, at most once for each tensor.</param>
        /// <exception cref="OptStateException">A gradient but no parameters; lent
        /// gradients while accumulated ones wait.</exception>
        public void Step(params Lent[] lent) => Step(lent, null);

        /// <summary>As <see cref="Step(Lent[])"/>, with options.</summary>
        /// <param name="lent">Buffers, at most once for each tensor.</param>
        /// <param name="options">What it does beside; null: nothing.</param>
        public void Step(Lent[] lent, StepOptions options)
        {
            using (Loan loan = new Loan(this, lent))
            {
                // Parameters without gradients are for accumulated ones.
                Run(options, !loan.HasGrads);
            }
        }

        /// <summary>Adds the retained gradients to accumulators, for a later step
        /// with their mean or sum: mini-batches of any size.</summary>
        /// <param name="samples">Samples of which they are the sum, at least
        /// 1.</param>
        /// <param name="means">Whether they are means over the samples, as a mean
        /// loss gives them, not sums.</param>
        /// <param name="zeroGrads">Whether each gradient is then set to
        /// zero.</param>
        /// <exception cref="OptArgumentException">No samples.</exception>
        public void Accumulate(long samples = 1, bool means = false, bool zeroGrads = false) =>
            Accumulate(Array.Empty<Lent>(), samples, means, zeroGrads);

        /// <summary>As <see cref="Accumulate(long, bool, bool)"/>, with lent
        /// gradients.</summary>
        /// <param name="lent">Gradients, at most once for each tensor; none at
        /// all: the retained ones.</param>
        /// <param name="samples">Samples of which they are the sum, at least
        /// 1.</param>
        /// <param name="means">Whether they are means over the samples.</param>
        /// <param name="zeroGrads">Whether each gradient is then set to
        /// zero.</param>
        public void Accumulate(Lent[] lent, long samples = 1, bool means = false, bool zeroGrads = false)
        {
            using (new Loan(this, lent))
            {
                call.accumulate(Handle, samples, AccumulateFlags(means, zeroGrads));
            }
        }

        /// <summary>Forgets what was accumulated since the last step.</summary>
        public void Discard() => Native.opt_discard(Handle);

        /// <summary>Sets gradients to zero.</summary>
        /// <param name="lent">Gradients; none at all: the retained ones.</param>
        public void ZeroGrad(params Lent[] lent)
        {
            using (new Loan(this, lent))
            {
                call.zero_grad(Handle);
            }
        }

        private static uint AccumulateFlags(bool means, bool zeroGrads) =>
            (uint)((means ? Native.OPT_GRADS_ARE_MEANS : 0) | (zeroGrads ? Native.OPT_ZERO_GRADS : 0));

        // Steps with what `call` holds.
        private void Run(StepOptions options, bool accumulated)
        {
            bool reports = options != null && options.Reports;
            Prepare(options?.Work, reports);
            uint flags = StepOptions.Flags(options);
            if (accumulated)
            {
                call.step_accumulated(Handle, flags);
            }
            else
            {
                call.step(Handle, flags);
            }

            if (options != null)
            {
                options.Report = reports ? Report() : null;
            }
        }

        // Tells `call` the work, unless neither it nor the last call has any.
        private void Prepare(GradientWork work, bool reports)
        {
            bool wanted = work != null || reports;
            if (wanted || hasWork)
            {
                GradientWork.Set(call, work, reports);
                hasWork = wanted;
            }
        }

        // `call` belongs to this thread until End().
        private void Begin()
        {
            if (Interlocked.CompareExchange(ref calling, 1, 0) != 0)
            {
                throw new OptBusyException(
                    "Another thread is using this optimizer: one optimizer serves one call at a time.");
            }
        }

        private void End() => Volatile.Write(ref calling, 0);
    }
}
