// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Attaching and detaching.</content>
    public sealed partial class Optimizer
    {
        /// <summary>Attaches a tensor and allocates its state. Nothing is copied:
        /// arrays and memory stay alive and pinned until the tensor is detached or
        /// bound to others, or the optimizer is closed.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="param">The parameters: float[], double[], Memory of them,
        /// or a <see cref="TensorBuffer"/> of unmanaged memory.</param>
        /// <param name="grad">The gradients, as many; none: lent to each
        /// step.</param>
        /// <param name="shape">Extents whose product is the count; null: one
        /// dimension.</param>
        /// <param name="group">The group; null: the first.</param>
        /// <returns>The tensor.</returns>
        /// <exception cref="OptArgumentException">Buffers of different lengths or
        /// that overlap others; a wrong shape; a name that is taken.</exception>
        public Tensor Attach(
            string name,
            TensorBuffer param,
            TensorBuffer grad = default,
            long[] shape = null,
            ParamGroup group = null) =>
            Attach(new TensorSpec(name, param, grad) { Shape = shape, Group = group })[0];

        /// <summary>Attaches a tensor without buffers, which are lent to each
        /// call.</summary>
        /// <param name="name">Unique; null: "tensor.&lt;index&gt;".</param>
        /// <param name="count">Number of elements, at least 0.</param>
        /// <param name="dtype">Type of the parameters, gradients and
        /// state.</param>
        /// <param name="shape">Extents whose product is the count; null: one
        /// dimension.</param>
        /// <param name="group">The group; null: the first.</param>
        /// <returns>The tensor.</returns>
        /// <exception cref="OptArgumentException">A wrong shape; a name that is
        /// taken.</exception>
        public Tensor Declare(
            string name,
            long count,
            Dtype dtype = Dtype.F32,
            long[] shape = null,
            ParamGroup group = null) =>
            Attach(new TensorSpec(name, count, dtype) { Shape = shape, Group = group })[0];

        /// <summary>Attaches several tensors: all or none.</summary>
        /// <param name="specs">The tensors.</param>
        /// <returns>The tensors, in the same order.</returns>
        /// <exception cref="OptArgumentException">As
        /// <see cref="Attach(string, TensorBuffer, TensorBuffer, long[], ParamGroup)"/>.
        /// </exception>
        public Tensor[] Attach(params TensorSpec[] specs)
        {
            if (specs == null || Array.IndexOf(specs, null) >= 0)
            {
                throw new ArgumentNullException(nameof(specs));
            }

            Pins[] pins = new Pins[specs.Length];
            using (TensorList list = new TensorList())
            {
                lock (Handle.Gate)
                {
                    try
                    {
                        for (int i = 0; i < specs.Length; ++i)
                        {
                            pins[i] = new Pins(specs[i].Param, specs[i].Grad);
                            Add(list, specs[i], pins[i]);
                        }

                        list.attach(Handle);
                    }
                    catch
                    {
                        foreach (Pins kept in pins)
                        {
                            kept?.Dispose();
                        }

                        throw;
                    }

                    return Keep(list, specs, pins);
                }
            }
        }

        internal void Detach(Tensor tensor)
        {
            lock (Handle.Gate)
            {
                Native.opt_detach(tensor.Handle, tensor.Index);
                tensor.IsDetached = true;
                tensors[(int)tensor.Index] = null;
                Handle.Drop(tensor.Index);
            }
        }

        private void Add(TensorList list, TensorSpec spec, Pins pins)
        {
            ParamGroup group = spec.Group;
            if (group != null && group.Optimizer != this)
            {
                throw new OptArgumentException(
                    Status.Range, "The group of tensor '" + spec.Name + "' is another optimizer's.");
            }

            list.add(
                spec.Name,
                group?.Index ?? 0,
                (int)spec.ParamDtype,
                (int)spec.GradDtype,
                spec.Count,
                pins.Param,
                pins.Grad);
            foreach (long extent in spec.Shape ?? Array.Empty<long>())
            {
                list.extend(extent);
            }
        }

        private Tensor[] Keep(TensorList list, TensorSpec[] specs, Pins[] pins)
        {
            Tensor[] attached = new Tensor[specs.Length];
            for (int i = 0; i < specs.Length; ++i)
            {
                long index = list.index(i);
                Handle.Keep(index, pins[i]);
                attached[i] = new Tensor(this, index, specs[i]);
                while (tensors.Count <= index)
                {
                    tensors.Add(null);
                }

                tensors[(int)index] = attached[i];
            }

            return attached;
        }
    }
}
