// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Norms, clipping and loss scaling.</content>
    public sealed partial class Optimizer
    {
        /// <summary>The loss scaler; null: there is none.</summary>
        public LossScalerInfo LossScaler
        {
            get
            {
                using (opt_scaler_info info = new opt_scaler_info())
                {
                    Native.opt_scaler_get(Handle, info);
                    return info.active != 0 ? new LossScalerInfo(info) : null;
                }
            }
        }

        /// <summary>Starts dynamic loss scaling, or starts it anew: each step
        /// divides the gradients by the scale, is skipped if there are infinities
        /// or NaN among them, and adjusts the scale. It is saved with the
        /// state.</summary>
        /// <param name="options">Null: the defaults.</param>
        /// <exception cref="OptArgumentException">A value outside its
        /// range.</exception>
        public void StartLossScaler(LossScalerOptions options = null)
        {
            options = options ?? new LossScalerOptions();
            Native.opt_scaler_start_with(
                Handle,
                Positive.OrNone(options.InitialScale, nameof(options.InitialScale)),
                Positive.OrNone(options.GrowthFactor, nameof(options.GrowthFactor)),
                Positive.OrNone(options.BackoffFactor, nameof(options.BackoffFactor)),
                Positive.OrNone(options.GrowthInterval, nameof(options.GrowthInterval)));
        }

        /// <summary>Ends loss scaling.</summary>
        public void StopLossScaler() => Native.opt_scaler_stop(Handle);

        /// <summary>Measures the gradients that a step would use, as the work
        /// leaves them before <see cref="GradientWork.MaxNorm"/>. Changes
        /// nothing.</summary>
        /// <param name="work">Null: as they are.</param>
        /// <param name="sum">Of accumulated gradients the sum, not the
        /// mean.</param>
        /// <param name="lent">Gradients; none at all: the retained ones.</param>
        /// <returns>The norms.</returns>
        /// <exception cref="OptNonfiniteException">The work asks for
        /// it.</exception>
        public GradientReport MeasureGradients(
            GradientWork work = null, bool sum = false, params Lent[] lent) =>
            OnGradients(work, lent, () => call.grad_norm(Handle, sum ? (uint)Native.OPT_SUM : 0));

        /// <summary>Does the work on the gradients themselves, in
        /// place.</summary>
        /// <param name="work">The work.</param>
        /// <param name="lent">Gradients; none at all: the retained ones.</param>
        /// <returns>The norms.</returns>
        /// <exception cref="OptStateException">Accumulated gradients wait, or a
        /// loss scaler is active: clip those in the step.</exception>
        /// <exception cref="OptNonfiniteException">The work asks for
        /// it.</exception>
        public GradientReport ClipGradients(GradientWork work, params Lent[] lent) =>
            OnGradients(
                work ?? throw new ArgumentNullException(nameof(work)), lent, () => call.clip_grads(Handle));

        private GradientReport OnGradients(GradientWork work, Lent[] lent, Action run)
        {
            using (new Loan(this, lent))
            {
                Prepare(work, true);
                run();
                return Report();
            }
        }

        private GradientReport Report() => new GradientReport(call, Info.GroupCount);
    }
}
