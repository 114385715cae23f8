// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A tensor that is attached to an optimizer.</summary>
    public sealed partial class Tensor
    {
        internal Tensor(Optimizer optimizer, long index, TensorSpec spec)
        {
            Optimizer = optimizer;
            Index = index;
            Count = spec.Count;
            ParamDtype = spec.ParamDtype;
            GradDtype = spec.GradDtype;
            Group = spec.Group ?? optimizer.Groups[0];
            using (opt_tensor_info info = new opt_tensor_info())
            {
                Native.opt_tensor_at(optimizer.Handle, index, info);
                Name = info.name;
                shape = new long[info.rank];
                for (int i = 0; i < shape.Length; ++i)
                {
                    shape[i] = Native.opt_shape_at(info, i);
                }
            }
        }

        private readonly long[] shape;

        /// <summary>The optimizer that it is attached to.</summary>
        public Optimizer Optimizer { get; }

        /// <summary>Its index in the optimizer.</summary>
        public long Index { get; }

        /// <summary>Its name.</summary>
        public string Name { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Type of the parameters and of the state.</summary>
        public Dtype ParamDtype { get; }

        /// <summary>Type of the gradients.</summary>
        public Dtype GradDtype { get; }

        /// <summary>Its group.</summary>
        public ParamGroup Group { get; }

        /// <summary>Whether it was detached.</summary>
        public bool IsDetached { get; internal set; }

        /// <summary>A copy of its extents.</summary>
        public long[] Shape => (long[])shape.Clone();

        /// <summary>The steps that it has taken, the formulas' t. Set it after the
        /// state, to bring a run here from another library.</summary>
        /// <exception cref="OptArgumentException">A negative step.</exception>
        public long Step
        {
            get
            {
                using (opt_tensor_info info = new opt_tensor_info())
                {
                    Native.opt_tensor_at(Handle, Index, info);
                    return info.step;
                }
            }

            set => Native.opt_set_tensor_step(Handle, Index, value);
        }

        internal OptimizerHandle Handle
        {
            get
            {
                if (IsDetached)
                {
                    throw new OptArgumentException(
                        Status.Range, "Tensor '" + Name + "' was detached: attach it again.");
                }

                return Optimizer.Handle;
            }
        }

        /// <summary>Gives it other retained buffers; state and step stay. The old
        /// ones are let go.</summary>
        /// <param name="param">The parameters; none: lent to each step.</param>
        /// <param name="grad">The gradients; none: lent to each step.</param>
        /// <exception cref="OptArgumentException">A wrong length or element type;
        /// buffers that overlap.</exception>
        public void Bind(TensorBuffer param, TensorBuffer grad = default)
        {
            param.Check(ParamDtype, Count, Name, "parameters");
            grad.Check(GradDtype, Count, Name, "gradient");
            OptimizerHandle handle = Handle;
            lock (handle.Gate)
            {
                Pins pins = new Pins(param, grad);
                try
                {
                    Native.opt_bind(handle, Index, pins.Param, pins.Grad);
                }
                catch
                {
                    pins.Dispose();
                    throw;
                }

                handle.Keep(Index, pins);
            }
        }

        /// <summary>Detaches it, frees its state and lets its buffers go.</summary>
        public void Detach() => Optimizer.Detach(this);

        /// <summary>Name, element type and shape.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"Tensor '{Name}', {ParamDtype} {Text.Shape(shape)}{(IsDetached ? ", detached" : string.Empty)}");
    }
}
