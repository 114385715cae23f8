// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Runtime.InteropServices;

namespace LibOpt
{
    /// <content>Spans that are lent to one call: of one tensor, or of all tensors
    /// as they lie one after the other.</content>
    public sealed partial class Optimizer
    {
        /// <summary>Makes one step of one tensor; the others are passed
        /// over.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="param">Its parameters.</param>
        /// <param name="grad">Its gradients.</param>
        /// <param name="options">What it does beside; null: nothing.</param>
        /// <exception cref="OptArgumentException">A wrong length or element
        /// type.</exception>
        public unsafe void Step(
            Tensor tensor, Span<float> param, Span<float> grad, StepOptions options = null)
        {
            CheckLent(tensor, Dtype.F32, param.Length, grad.Length);
            fixed (float* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                StepOne(tensor, (IntPtr)p, (IntPtr)g, options);
            }
        }

        /// <inheritdoc cref="Step(Tensor, Span{float}, Span{float}, StepOptions)"/>
        public unsafe void Step(
            Tensor tensor, Span<double> param, Span<double> grad, StepOptions options = null)
        {
            CheckLent(tensor, Dtype.F64, param.Length, grad.Length);
            fixed (double* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                StepOne(tensor, (IntPtr)p, (IntPtr)g, options);
            }
        }

        /// <summary>Makes one step of one tensor in unmanaged memory; the others
        /// are passed over.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="param">Its parameters: as many as the tensor has elements,
        /// aligned; null: the retained ones.</param>
        /// <param name="grad">Its gradients, likewise.</param>
        /// <param name="options">What it does beside; null: nothing.</param>
        public unsafe void Step(Tensor tensor, float* param, float* grad, StepOptions options = null)
        {
            CheckLent(tensor, Dtype.F32, tensor?.Count ?? 0, tensor?.Count ?? 0);
            StepOne(tensor, (IntPtr)param, (IntPtr)grad, options);
        }

        /// <inheritdoc cref="Step(Tensor, float*, float*, StepOptions)"/>
        public unsafe void Step(Tensor tensor, double* param, double* grad, StepOptions options = null)
        {
            CheckLent(tensor, Dtype.F64, tensor?.Count ?? 0, tensor?.Count ?? 0);
            StepOne(tensor, (IntPtr)param, (IntPtr)grad, options);
        }

        /// <summary>Makes one step of all tensors, whose buffers lie one after the
        /// other in the order of their indices, without gaps.</summary>
        /// <param name="param">The parameters of all tensors.</param>
        /// <param name="grad">The gradients of all tensors.</param>
        /// <param name="options">What it does beside; null: nothing.</param>
        /// <exception cref="OptArgumentException">A wrong length; a tensor of
        /// another element type.</exception>
        public unsafe void StepFlat(Span<float> param, Span<float> grad, StepOptions options = null)
        {
            fixed (float* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                Lent[] lent = Split(Dtype.F32, sizeof(float), (IntPtr)p, param.Length, (IntPtr)g, grad.Length);
                Step(lent, options);
            }
        }

        /// <inheritdoc cref="StepFlat(Span{float}, Span{float}, StepOptions)"/>
        public unsafe void StepFlat(Span<double> param, Span<double> grad, StepOptions options = null)
        {
            fixed (double* p = &MemoryMarshal.GetReference(param), g = &MemoryMarshal.GetReference(grad))
            {
                Lent[] lent = Split(Dtype.F64, sizeof(double), (IntPtr)p, param.Length, (IntPtr)g, grad.Length);
                Step(lent, options);
            }
        }

        /// <summary>Accumulates the gradients of one tensor; the others count as
        /// zero.</summary>
        /// <param name="tensor">The tensor.</param>
        /// <param name="grad">Its gradients.</param>
        /// <param name="samples">Samples of which they are the sum, at least
        /// 1.</param>
        /// <param name="means">Whether they are means over the samples.</param>
        /// <param name="zeroGrads">Whether they are then set to zero.</param>
        /// <exception cref="OptArgumentException">A wrong length or element type;
        /// no samples.</exception>
        public unsafe void Accumulate(
            Tensor tensor, Span<float> grad, long samples = 1, bool means = false, bool zeroGrads = false)
        {
            CheckLent(tensor, Dtype.F32, tensor?.Count ?? 0, grad.Length);
            fixed (float* g = &MemoryMarshal.GetReference(grad))
            {
                AccumulateOne(tensor, (IntPtr)g, samples, AccumulateFlags(means, zeroGrads));
            }
        }

        /// <inheritdoc cref="Accumulate(Tensor, Span{float}, long, bool, bool)"/>
        public unsafe void Accumulate(
            Tensor tensor, Span<double> grad, long samples = 1, bool means = false, bool zeroGrads = false)
        {
            CheckLent(tensor, Dtype.F64, tensor?.Count ?? 0, grad.Length);
            fixed (double* g = &MemoryMarshal.GetReference(grad))
            {
                AccumulateOne(tensor, (IntPtr)g, samples, AccumulateFlags(means, zeroGrads));
            }
        }

        private void CheckLent(Tensor tensor, Dtype dtype, long paramCount, long gradCount)
        {
            IndexOf(tensor);
            Dtypes.Check(tensor.ParamDtype, dtype, "The dtype of tensor '" + tensor.Name + "'");
            Dtypes.Check(tensor.GradDtype, dtype, "The gradient's dtype of tensor '" + tensor.Name + "'");
            TensorBuffer.CheckLength(tensor.Count, paramCount, tensor.Name, "parameters");
            TensorBuffer.CheckLength(tensor.Count, gradCount, tensor.Name, "gradient");
        }

        private void StepOne(Tensor tensor, IntPtr param, IntPtr grad, StepOptions options)
        {
            Begin();
            try
            {
                call.lend(tensor.Index, param, grad);
                Run(options, false);
            }
            finally
            {
                call.forget();
                End();
            }
        }

        private void AccumulateOne(Tensor tensor, IntPtr grad, long samples, uint flags)
        {
            Begin();
            try
            {
                call.lend(tensor.Index, IntPtr.Zero, grad);
                call.accumulate(Handle, samples, flags);
            }
            finally
            {
                call.forget();
                End();
            }
        }

        // Cuts flat buffers into those of the tensors.
        private Lent[] Split(
            Dtype dtype, int size, IntPtr param, long paramCount, IntPtr grad, long gradCount)
        {
            var all = Tensors;
            Lent[] lent = new Lent[all.Count];
            long offset = 0;
            for (int i = 0; i < lent.Length; ++i)
            {
                Tensor tensor = all[i];
                offset += tensor.Count;
                if (offset > paramCount || offset > gradCount)
                {
                    continue;  // the sum is checked below
                }

                long start = (offset - tensor.Count) * size;
                lent[i] = new Lent(
                    tensor,
                    new TensorBuffer((IntPtr)((long)param + start), tensor.Count, dtype),
                    new TensorBuffer((IntPtr)((long)grad + start), tensor.Count, dtype));
            }

            TensorBuffer.CheckLength(offset, paramCount, "all", "flat parameters");
            TensorBuffer.CheckLength(offset, gradCount, "all", "flat gradient");
            return lent;
        }
    }
}
