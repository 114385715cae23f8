// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Weight averages.</content>
    public sealed partial class Optimizer
    {
        /// <summary>How the parameters are averaged; null: they are not. A
        /// tensor's average is its state slot
        /// <see cref="SlotNames.ParamAverage"/>.</summary>
        public AverageInfo Average
        {
            get
            {
                using (opt_average_info info = new opt_average_info())
                {
                    Native.opt_average_get(Handle, info);
                    return info.kind != 0 ? new AverageInfo(info) : null;
                }
            }
        }

        /// <summary>Keeps an average of the parameters from now on, in the same
        /// pass over memory as the step, or configures it anew. It is saved with
        /// the state.</summary>
        /// <param name="options">Null: the defaults.</param>
        /// <exception cref="OptArgumentException">A value outside its
        /// range.</exception>
        /// <exception cref="OptStateException">While swapped.</exception>
        public void StartAverage(AverageOptions options = null)
        {
            options = options ?? new AverageOptions();
            long period = Positive.OrNone(options.Period, nameof(options.Period));
            lock (Handle.Gate)
            {
                Native.opt_average_start_with(
                    Handle,
                    (int)options.Kind,
                    options.Decay,
                    options.Start,
                    period,
                    options.Warmup ? (uint)Native.OPT_AVERAGE_WARMUP : 0);
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

        /// <summary>Exchanges the parameters with their averages; the next call
        /// puts them back. Steps, saves and loads are refused
        /// meanwhile.</summary>
        /// <param name="lent">Parameters, the same at both calls; none at all: the
        /// retained ones.</param>
        /// <exception cref="OptStateException">No average is kept, or a tensor has
        /// one but no parameters here.</exception>
        public void SwapAverage(params Lent[] lent)
        {
            using (new Loan(this, lent))
            {
                call.average_swap(Handle);
            }
        }
    }
}
