// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>How a step is made. May be used again and again.</summary>
    public sealed class StepOptions
    {
        /// <summary>Whether each gradient is set to zero in the same pass over
        /// memory.</summary>
        public bool ZeroGrads { get; set; }

        /// <summary>Whether accumulated gradients count by their sum, not by their
        /// mean.</summary>
        public bool Sum { get; set; }

        /// <summary>Work on the gradients first; null: none.</summary>
        [AllowNull]
        [MaybeNull]
        public GradientWork Work { get; set; }

        /// <summary>Whether the step reports what the gradients were like, which
        /// costs a norm.</summary>
        public bool Reports { get; set; }

        /// <summary>The report of the latest step with these options; null: it was
        /// not asked for one.</summary>
        [AllowNull]
        [MaybeNull]
        public GradientReport Report { get; internal set; }

        internal static uint Flags([AllowNull] StepOptions options)
        {
            if (options == null)
            {
                return 0;
            }

            return (uint)((options.ZeroGrads ? Native.OPT_STEP_ZERO_GRADS : 0) |
                (options.Sum ? Native.OPT_STEP_SUM : 0));
        }
    }

    /// <summary>How gradients are accumulated.</summary>
    public sealed class AccumulateOptions
    {
        /// <summary>Whether the gradients are means over the call's samples, as a
        /// mean loss gives them, not sums.</summary>
        public bool Means { get; set; }

        /// <summary>Whether each gradient is then set to zero.</summary>
        public bool ZeroGrads { get; set; }

        internal static uint Flags([AllowNull] AccumulateOptions options)
        {
            if (options == null)
            {
                return 0;
            }

            return (uint)((options.ZeroGrads ? Native.OPT_ACCUMULATE_ZERO_GRADS : 0) |
                (options.Means ? Native.OPT_ACCUMULATE_MEANS : 0));
        }
    }
}
