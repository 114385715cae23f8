// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Which norm of the gradients.</summary>
    public enum GradientNorm
    {
        /// <summary>Square root of the sum of squares.</summary>
        Two = 0,

        /// <summary>Largest absolute value.</summary>
        Infinity = 1,
    }

    /// <summary>How a call treats infinities and NaN among the
    /// gradients.</summary>
    public enum NonfinitePolicy
    {
        /// <summary>Nothing, at no cost: they go where the formulas take
        /// them.</summary>
        Propagate = 0,

        /// <summary>It throws <see cref="OptNonfiniteException"/>, and nothing has
        /// changed.</summary>
        Error = 1,

        /// <summary>It is skipped, and <see cref="OptimizerInfo.Skipped"/> counts
        /// it: parameters and state keep every byte, the gradients are used
        /// up.</summary>
        Skip = 2,
    }

    /// <summary>Work on the gradients before the rule sees them, done in the order
    /// of these properties. One that is null does nothing.</summary>
    public sealed class GradientWork
    {
        /// <summary>The gradients are those of this scale times the loss: they are
        /// divided by it. From 1e-38 to 1e38.</summary>
        public double? LossScale { get; set; }

        /// <summary>Clips each element to [-MaxValue, MaxValue], as PyTorch's
        /// clip_grad_value_. Greater than 0.</summary>
        public double? MaxValue { get; set; }

        /// <summary>Clips each tensor by its own norm. Greater than 0; infinity
        /// clips no finite norm.</summary>
        public double? MaxTensorNorm { get; set; }

        /// <summary>Clips by the norm over all tensors, as PyTorch's
        /// clip_grad_norm_. Greater than 0; infinity clips no finite norm.</summary>
        public double? MaxNorm { get; set; }

        /// <summary>Whether <see cref="MaxNorm"/> bounds the norm of each group by
        /// itself.</summary>
        public bool PerGroup { get; set; }

        /// <summary>The norm of both clips and of the report.</summary>
        public GradientNorm Norm { get; set; }

        /// <summary>About infinities and NaN before clipping.</summary>
        public NonfinitePolicy Nonfinite { get; set; }

        internal static void Set(StepCall call, [AllowNull] GradientWork work, bool reports)
        {
            work = work ?? None;
            if (double.IsPositiveInfinity(work.LossScale ?? 1))
            {
                throw new OptArgumentException(
                    Status.Argument,
                    "GradientWork.LossScale is Infinity: it must be a number from 1e-38 to 1e38, or null to leave it out.");
            }

            call.set_work(
                work.PerGroup ? (uint)Native.OPT_GRAD_WORK_CLIP_PER_GROUP : 0,
                Given(work.LossScale, nameof(LossScale)),
                Given(work.MaxValue, nameof(MaxValue)),
                Given(work.MaxTensorNorm, nameof(MaxTensorNorm)),
                Given(work.MaxNorm, nameof(MaxNorm)),
                (int)work.Norm,
                (int)work.Nonfinite,
                reports);
        }

        private static GradientWork None { get; } = new GradientWork();

        private static double Given(double? value, string name) =>
            OptArgumentException.PositiveOrNone(value, nameof(GradientWork) + "." + name, "to leave it out");
    }
}
