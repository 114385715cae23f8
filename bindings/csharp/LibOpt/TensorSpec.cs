// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;

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
        public TensorSpec(string name, TensorBuffer param, TensorBuffer grad = default)
            : this(name, param.Count, param.Dtype, grad.Exists ? grad.Dtype : param.Dtype)
        {
            if (!param.Exists)
            {
                throw new ArgumentNullException(nameof(param));
            }

            grad.Check(GradDtype, Count, name, "gradient");
            Param = param;
            Grad = grad;
        }

        /// <summary>A tensor whose buffers are lent to each call.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="count">Number of elements, at least 0.</param>
        /// <param name="dtype">Type of the parameters and of the state.</param>
        /// <param name="gradDtype">Type of the gradients; null: the same.</param>
        public TensorSpec(string name, long count, Dtype dtype = Dtype.F32, Dtype? gradDtype = null)
        {
            Name = name;
            Count = count;
            ParamDtype = dtype;
            GradDtype = gradDtype ?? dtype;
        }

        /// <summary>The name, or null.</summary>
        public string Name { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Type of the parameters and of the state.</summary>
        public Dtype ParamDtype { get; }

        /// <summary>Type of the gradients.</summary>
        public Dtype GradDtype { get; }

        /// <summary>The retained parameters, if any.</summary>
        public TensorBuffer Param { get; }

        /// <summary>The retained gradients, if any.</summary>
        public TensorBuffer Grad { get; }

        /// <summary>Extents whose product is the count; null: one
        /// dimension.</summary>
        public long[] Shape { get; set; }

        /// <summary>The group; null: the first.</summary>
        public ParamGroup Group { get; set; }

        /// <summary>Name, element type and length.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"Tensor '{Name}', {ParamDtype} [{Count}]");
    }
}
