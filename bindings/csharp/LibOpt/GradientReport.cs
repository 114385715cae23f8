// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Norms of the gradients of a call, and its effect on them.</summary>
    public sealed class GradientReport
    {
        internal GradientReport(StepCall call, Optimizer optimizer)
        {
            IsSkipped = call.skipped();
            Norm = call.norm();
            Factor = call.factor();
            NonfiniteTensor = optimizer.TensorAt(call.nonfinite_tensor());
            double[] norms = new double[optimizer.Info.GroupCount];
            for (int i = 0; i < norms.Length; ++i)
            {
                norms[i] = call.group_norm(i);
            }

            GroupNorms = norms;
        }

        /// <summary>Whether the call was skipped because of infinities or
        /// NaN.</summary>
        public bool IsSkipped { get; }

        /// <summary>The norm over all tensors after the work that comes before
        /// <see cref="GradientWork.MaxNorm"/>: what PyTorch's clip_grad_norm_
        /// returns.</summary>
        public double Norm { get; }

        /// <summary>The factor by which MaxNorm scaled them; 1: not at all. Per
        /// group: the smallest.</summary>
        public double Factor { get; }

        /// <summary>The first tensor with infinities or NaN before clipping; null:
        /// every gradient is finite.</summary>
        [AllowNull]
        [MaybeNull]
        public Tensor NonfiniteTensor { get; }

        /// <summary>The norm of each group.</summary>
        public IReadOnlyList<double> GroupNorms { get; }

        /// <summary>All but the norms of the groups.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"norm {Norm}, factor {Factor}") +
            (NonfiniteTensor == null ? string.Empty : ", Inf or NaN in '" + NonfiniteTensor.Name + "'") +
            (IsSkipped ? ", skipped" : string.Empty);
    }
}
