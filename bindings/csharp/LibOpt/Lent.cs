// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

namespace LibOpt
{
    /// <summary>Buffers of a tensor that are lent to one call: pinned while it
    /// runs, and forgotten when it returns.</summary>
    public readonly struct Lent
    {
        /// <summary>Lends parameters and gradients.</summary>
        /// <param name="tensor">Whose they are.</param>
        /// <param name="param">The parameters; none: the retained ones.</param>
        /// <param name="grad">The gradients; none: the tensor is passed
        /// over.</param>
        public Lent(Tensor tensor, TensorBuffer param, TensorBuffer grad = default)
        {
            Tensor = tensor ?? throw new System.ArgumentNullException(nameof(tensor));
            param.Check(tensor.ParamDtype, tensor.Count, tensor.Name, "parameters");
            grad.Check(tensor.GradDtype, tensor.Count, tensor.Name, "gradient");
            Param = param;
            Grad = grad;
        }

        /// <summary>Whose they are.</summary>
        public Tensor Tensor { get; }

        /// <summary>The parameters.</summary>
        public TensorBuffer Param { get; }

        /// <summary>The gradients.</summary>
        public TensorBuffer Grad { get; }

        /// <summary>What is lent.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"{Tensor}: parameters {Param}, gradients {Grad}");

        /// <summary>Lends gradients alone.</summary>
        /// <param name="tensor">Whose they are.</param>
        /// <param name="grad">The gradients.</param>
        /// <returns>What <see cref="Optimizer.Step(Lent[])"/> takes.</returns>
        public static Lent Gradient(Tensor tensor, TensorBuffer grad) =>
            new Lent(tensor, default, grad);
    }
}
