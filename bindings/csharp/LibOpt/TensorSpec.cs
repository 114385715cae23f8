// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Diagnostics.CodeAnalysis;

namespace LibOpt
{
    /// <summary>A tensor that is to be attached.</summary>
    public sealed class TensorSpec
    {
        /// <summary>A tensor whose buffers are retained: they stay pinned until it
        /// is detached or bound to others, or the optimizer is closed.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="param">The parameters.</param>
        /// <param name="grad">The gradients, as many; none: lent to each
        /// step.</param>
        /// <exception cref="OptArgumentException">Buffers of different
        /// lengths.</exception>
        public TensorSpec([AllowNull] string name, TensorBuffer param, TensorBuffer grad = default)
            : this(name, param.Count, param.DType, grad.Exists ? grad.DType : param.DType)
        {
            if (!param.Exists)
            {
                throw new ArgumentNullException(nameof(param));
            }

            grad.RefuseNull(nameof(grad));
            grad.Check(GradDType, Count, name, "gradient");
            Param = param;
            Grad = grad;
        }

        /// <summary>A tensor whose buffers are lent to each call.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="count">Number of elements, at least 0.</param>
        /// <param name="dtype">Type of the parameters and of the state.</param>
        /// <param name="gradDtype">Type of the gradients; null: the same.</param>
        /// <exception cref="OptArgumentException">A type that is neither
        /// <see cref="DType.F32"/> nor <see cref="DType.F64"/>.</exception>
        public TensorSpec([AllowNull] string name, long count, DType dtype = DType.F32, DType? gradDtype = null)
        {
            Name = name;
            Count = count;
            ParamDType = dtype;
            GradDType = gradDtype ?? dtype;
            DTypes.CheckFloat(ParamDType, "The dtype of tensor '" + name + "'");
            DTypes.CheckFloat(GradDType, "The gradient's dtype of tensor '" + name + "'");
        }

        /// <summary>The name, or null.</summary>
        [AllowNull]
        [MaybeNull]
        public string Name { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Type of the parameters and of the state.</summary>
        public DType ParamDType { get; }

        /// <summary>Type of the gradients.</summary>
        public DType GradDType { get; }

        /// <summary>The retained parameters, if any.</summary>
        public TensorBuffer Param { get; }

        /// <summary>The retained gradients, if any.</summary>
        public TensorBuffer Grad { get; }

        /// <summary>Extents whose product is the count; null: one
        /// dimension.</summary>
        [AllowNull]
        [MaybeNull]
        public long[] Shape { get; set; }

        /// <summary>The group; null: the first.</summary>
        [AllowNull]
        [MaybeNull]
        public Group Group { get; set; }

        /// <summary>Name, element type and length.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"Tensor '{Name}', {ParamDType} [{Count}]");
    }
}
