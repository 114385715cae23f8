// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>The state that a rule keeps for the tensor.</content>
    public sealed partial class Tensor
    {
        /// <summary>Looks at one slot of the state without copying it. Steps
        /// change it, and between two calls it may be written to.</summary>
        /// <typeparam name="T">float or double, as
        /// <see cref="ParamDtype"/>.</typeparam>
        /// <param name="slot">A slot of the rule, as <see cref="SlotNames"/> and
        /// <see cref="RuleInfo.Slots"/> have them.</param>
        /// <returns>The elements, in the library's memory: good until the next
        /// attach, detach, load or dispose of the optimizer, and not to be used
        /// after it. <see cref="GetState{T}"/> copies.</returns>
        /// <exception cref="OptArgumentException">No such slot with these options,
        /// or another element type.</exception>
        public unsafe Span<T> ViewState<T>(string slot)
            where T : struct
        {
            Dtype dtype = Dtypes.Of<T>();
            using (opt_view view = new opt_view())
            {
                Native.opt_state_view(
                    Handle, Index, slot ?? throw new ArgumentNullException(nameof(slot)), view);
                Dtypes.Check((Dtype)view.dtype, dtype, "State slot '" + slot + "' of tensor '" + Name + "'");
                return new Span<T>((void*)view.data, checked((int)view.count));
            }
        }

        /// <summary>Copies one slot of the state.</summary>
        /// <typeparam name="T">float or double, as
        /// <see cref="ParamDtype"/>.</typeparam>
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

        /// <summary>Overwrites one slot of the state.</summary>
        /// <typeparam name="T">float or double, as
        /// <see cref="ParamDtype"/>.</typeparam>
        /// <param name="slot">A slot of the rule.</param>
        /// <param name="values">As many values as the tensor has
        /// elements.</param>
        /// <exception cref="OptArgumentException">No such slot with these options,
        /// another element type, or another number of values.</exception>
        public void SetState<T>(string slot, ReadOnlySpan<T> values)
            where T : struct
        {
            OptimizerHandle handle = Handle;
            lock (handle.Gate)
            {
                Span<T> state = ViewState<T>(slot);
                TensorBuffer.CheckLength(state.Length, values.Length, Name, "state values");
                values.CopyTo(state);
            }
        }
    }
}
