// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A tensor that is attached to an optimizer.</summary>
    /// <remarks>After <see cref="Detach"/> its calls throw
    /// <see cref="OptStateException"/>.</remarks>
    public sealed class Tensor
    {
        private readonly long[] shape;

        // The optimizer's gate is held.
        internal Tensor(Optimizer optimizer, long index)
        {
            Optimizer = optimizer;
            Index = index;
            using (opt_tensor_info info = Info())
            {
                Count = info.count;
                ParamDType = (DType)info.param_dtype;
                GradDType = (DType)info.grad_dtype;
                Name = info.name;
                shape = new long[info.rank];
                for (int i = 0; i < shape.Length; ++i)
                {
                    shape[i] = Native.opt_shape_at(info, i);
                }
            }
        }

        /// <summary>The optimizer that it is attached to.</summary>
        public Optimizer Optimizer { get; }

        /// <summary>Its index in the optimizer.</summary>
        public long Index { get; }

        /// <summary>Its name.</summary>
        public string Name { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Type of the parameters, and of the state slots that have no
        /// type of their own (<see cref="Slot.DType"/>).</summary>
        public DType ParamDType { get; }

        /// <summary>Type of the gradients.</summary>
        public DType GradDType { get; }

        /// <summary>Its group. It may be moved to another one of the optimizer;
        /// state and step stay.</summary>
        /// <exception cref="OptArgumentException">A group of another optimizer, or
        /// <see cref="Optimizer.AllGroups"/>.</exception>
        /// <exception cref="OptStateException">The options of the groups ask for
        /// different state.</exception>
        public Group Group
        {
            get
            {
                using (opt_tensor_info info = Info())
                {
                    return Optimizer.Groups[info.group];
                }
            }

            set
            {
                Optimizer.CheckGroup(value ?? throw new ArgumentNullException(nameof(value)), Name);
                Native.opt_tensor_set_group(Handle, Index, value.Index);
            }
        }

        /// <summary>Whether it was detached.</summary>
        public bool IsDetached { get; internal set; }

        // The last call that it was lent to; that call's alone.
        internal long Turn { get; set; }

        /// <summary>A copy of its extents.</summary>
        public long[] Shape => (long[])shape.Clone();

        /// <summary>The steps that it has taken, the formulas' t. Set it after
        /// the state, to continue a run from another library.</summary>
        /// <exception cref="OptArgumentException">A negative step.</exception>
        public long Step
        {
            get
            {
                using (opt_tensor_info info = Info())
                {
                    return info.step;
                }
            }

            set => Native.opt_tensor_set_step(Handle, Index, value);
        }

        /// <summary>An attribute: it multiplies the learning rate of its group; in
        /// [0, inf).</summary>
        public double LrFactor
        {
            get => this[Native.OPT_TENSOR_LR_FACTOR];
            set => this[Native.OPT_TENSOR_LR_FACTOR] = value;
        }

        /// <summary>An attribute: it multiplies the weight decay of its group: 0
        /// for biases and norms; in [0, inf).</summary>
        public double WeightDecayFactor
        {
            get => this[Native.OPT_TENSOR_WEIGHT_DECAY_FACTOR];
            set => this[Native.OPT_TENSOR_WEIGHT_DECAY_FACTOR] = value;
        }

        /// <summary>An attribute: whether steps leave the tensor alone:
        /// parameters, state and step count stay.</summary>
        public bool Frozen
        {
            get => this[Native.OPT_TENSOR_FROZEN] != 0;
            set => this[Native.OPT_TENSOR_FROZEN] = value ? 1 : 0;
        }

        internal OptimizerHandle Handle
        {
            get
            {
                if (IsDetached)
                {
                    throw new OptStateException("Tensor '" + Name + "' was detached: attach it again.");
                }

                return Optimizer.Handle;
            }
        }

        /// <summary>An attribute by its name, as <see cref="Library.Attributes"/>
        /// lists them. Attributes act from the next step on, and are saved with the
        /// state.</summary>
        /// <param name="attribute">The name.</param>
        /// <returns>The value; of a truth value 0 or 1.</returns>
        /// <exception cref="OptArgumentException">No such attribute; a value
        /// outside its range.</exception>
        public double this[string attribute]
        {
            get
            {
                Native.opt_get_attribute(
                    Handle,
                    Index,
                    attribute ?? throw new ArgumentNullException(nameof(attribute)),
                    out double value);
                return value;
            }

            set => Native.opt_set_attribute(
                Handle, Index, attribute ?? throw new ArgumentNullException(nameof(attribute)), value);
        }

        /// <summary>Gives it other retained buffers; state and step stay. The old
        /// ones are let go.</summary>
        /// <param name="param">The parameters; none: lent to each step.</param>
        /// <param name="grad">The gradients; none: lent to each step.</param>
        /// <exception cref="OptArgumentException">A wrong length or element type;
        /// buffers that overlap.</exception>
        public void Bind(TensorBuffer param, TensorBuffer grad = default)
        {
            param.RefuseNull(nameof(param));
            grad.RefuseNull(nameof(grad));
            param.Check(ParamDType, Count, Name, "parameters");
            grad.Check(GradDType, Count, Name, "gradient");
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

        /// <summary>Looks at one slot of the state without copying it. Steps
        /// change it, and between two calls it may be written to.</summary>
        /// <typeparam name="T">float or double, as the slot is: of
        /// <see cref="ParamDType"/> unless <see cref="Slot.DType"/> tells
        /// another; a number is a double.</typeparam>
        /// <param name="slot">A slot of the rule, as <see cref="SlotNames"/> and
        /// <see cref="Rule.Slots"/> have them.</param>
        /// <returns>The elements, as many as <see cref="Slot.Shape"/> has, in
        /// the library's memory: valid until the next attach, detach, load or
        /// dispose of the optimizer, and not to be used after it.
        /// <see cref="GetState{T}"/> copies.</returns>
        /// <exception cref="OptArgumentException">No such slot with these options,
        /// or another element type.</exception>
        public unsafe Span<T> ViewState<T>(string slot)
            where T : struct
        {
            DType dtype = DTypes.Of<T>();
            using (opt_view view = new opt_view())
            {
                Native.opt_state_view(
                    Handle, Index, slot ?? throw new ArgumentNullException(nameof(slot)), view);
                DTypes.Check((DType)view.dtype, dtype, "State slot '" + slot + "' of tensor '" + Name + "'");
                return new Span<T>((void*)view.data, checked((int)view.count));
            }
        }

        /// <summary>Copies one slot of the state.</summary>
        /// <typeparam name="T">float or double, as the slot is: of
        /// <see cref="ParamDType"/> unless <see cref="Slot.DType"/> tells
        /// another; a number is a double.</typeparam>
        /// <param name="slot">A slot of the rule.</param>
        /// <returns>A new array.</returns>
        /// <exception cref="OptArgumentException">No such slot with these options,
        /// or another element type.</exception>
        public T[] GetState<T>(string slot)
            where T : struct
        {
            OptimizerHandle handle = Handle;
            lock (handle.Gate)
            {
                return ViewState<T>(slot).ToArray();
            }
        }

        /// <summary>Overwrites one slot of the state; what a group shares is set
        /// for all its tensors.</summary>
        /// <typeparam name="T">float or double, as the slot is: of
        /// <see cref="ParamDType"/> unless <see cref="Slot.DType"/> tells
        /// another; a number is a double.</typeparam>
        /// <param name="slot">A slot of the rule.</param>
        /// <param name="values">As many values as the slot has elements: those of
        /// the tensor, or as <see cref="Slot.Shape"/> tells.</param>
        /// <exception cref="OptArgumentException">No such slot with these options,
        /// another element type, or another number of values.</exception>
        public void SetState<T>(string slot, ReadOnlySpan<T> values)
            where T : struct
        {
            RefuseNull(values == default(ReadOnlySpan<T>), nameof(values));
            OptimizerHandle handle = Handle;
            lock (handle.Gate)
            {
                Span<T> state = ViewState<T>(slot);
                TensorBuffer.CheckLength(state.Length, values.Length, Name, "state values");
                values.CopyTo(state);
            }
        }

        /// <summary>Copies the evaluation weights, which
        /// <see cref="Optimizer.SwapEvalWeights"/> would put into the
        /// parameters, and changes nothing else.</summary>
        /// <typeparam name="T">float or double, as
        /// <see cref="ParamDType"/>.</typeparam>
        /// <param name="lent">Parameters, which all weights but averages need;
        /// none at all: the retained ones.</param>
        /// <returns>A new array.</returns>
        /// <exception cref="OptArgumentException">Another element
        /// type.</exception>
        /// <exception cref="OptStateException">No average is kept, and neither the
        /// rule nor lookahead has such weights, the weights are in the parameters'
        /// buffers now, or the parameters are neither retained nor
        /// lent.</exception>
        public T[] ReadEvalWeights<T>(params Lent[] lent)
            where T : struct
        {
            T[] weights = new T[Count];
            ReadEvalWeights<T>(weights.AsSpan(), lent);
            return weights;
        }

        /// <summary>Copies the evaluation weights, which
        /// <see cref="Optimizer.SwapEvalWeights"/> would put into the
        /// parameters, and changes nothing else.</summary>
        /// <typeparam name="T">float or double, as
        /// <see cref="ParamDType"/>.</typeparam>
        /// <param name="weights">Receives as many values as the tensor has
        /// elements.</param>
        /// <param name="lent">Parameters, which all weights but averages need;
        /// none at all: the retained ones.</param>
        /// <exception cref="OptArgumentException">Another element type, or another
        /// number of elements.</exception>
        /// <exception cref="OptStateException">No average is kept, and neither the
        /// rule nor lookahead has such weights, the weights are in the parameters'
        /// buffers now, or the parameters are neither retained nor
        /// lent.</exception>
        public unsafe void ReadEvalWeights<T>(Span<T> weights, params Lent[] lent)
            where T : struct
        {
            DTypes.Check(ParamDType, DTypes.Of<T>(), "Weights of tensor '" + Name + "'");
            TensorBuffer.CheckLength(Count, weights.Length, Name, "buffer for weights");
            fixed (byte* bytes = MemoryMarshal.AsBytes(weights))
            {
                Optimizer.ReadEvalWeights(this, (IntPtr)bytes, lent);
            }
        }

        /// <summary>Name, element type and shape.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"Tensor '{Name}', {ParamDType} {Text.Shape(shape)}{(IsDetached ? ", detached" : string.Empty)}");

        // Of a span: one that was converted from an array that is null has no
        // address. Of a pointer: null.
        internal void RefuseNull(bool isNull, string parameter)
        {
            if (isNull && Count > 0)
            {
                throw new ArgumentNullException(parameter);
            }
        }

        private opt_tensor_info Info()
        {
            opt_tensor_info info = new opt_tensor_info();
            Native.opt_tensor_at(Handle, Index, info);
            return info;
        }
    }
}
