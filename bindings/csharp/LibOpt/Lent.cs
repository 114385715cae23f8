// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Buffers of a tensor that are lent to one call: pinned while it
    /// runs, and forgotten when it returns.</summary>
    public readonly struct Lent
    {
        /// <summary>Lends parameters and gradients.</summary>
        /// <param name="tensor">Whose they are.</param>
        /// <param name="param">The parameters; none: the retained ones.</param>
        /// <param name="grad">The gradients; none: a step leaves the tensor
        /// alone.</param>
        /// <exception cref="OptArgumentException">A wrong length or element
        /// type.</exception>
        public Lent(Tensor tensor, TensorBuffer param, TensorBuffer grad = default)
        {
            Tensor = tensor ?? throw new ArgumentNullException(nameof(tensor));
            param.RefuseNull(nameof(param));
            grad.RefuseNull(nameof(grad));
            param.Check(tensor.ParamDType, tensor.Count, tensor.Name, "parameters");
            grad.Check(tensor.GradDType, tensor.Count, tensor.Name, "gradient");
            Param = param;
            Grad = grad;
        }

        /// <summary>Whose they are.</summary>
        public Tensor Tensor { get; }

        /// <summary>The parameters.</summary>
        public TensorBuffer Param { get; }

        /// <summary>The gradients.</summary>
        public TensorBuffer Grad { get; }

        /// <summary>The tensor and its buffers.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"{Tensor}: parameters {Param}, gradients {Grad}");

        /// <summary>Lends gradients alone.</summary>
        /// <param name="tensor">Whose they are.</param>
        /// <param name="grad">The gradients.</param>
        /// <returns>What <see cref="Optimizer.Step(Lent[])"/> takes.</returns>
        /// <exception cref="OptArgumentException">A wrong length or element
        /// type.</exception>
        public static Lent Gradient(Tensor tensor, TensorBuffer grad) =>
            new Lent(tensor, default, grad);

        // Lends the parameters of all to a save or a load; the pins are the
        // caller's to let go.
        internal static unsafe void Params(
            [AllowNull] IReadOnlyList<Lent> all,
            Optimizer optimizer,
            List<MemoryHandle> pins,
            Action<long, IntPtr> lend)
        {
            HashSet<Tensor> tensors = new HashSet<Tensor>();
            foreach (Lent lent in all ?? Array.Empty<Lent>())
            {
                long index = lent.IndexIn(optimizer);
                if (!tensors.Add(lent.Tensor))
                {
                    throw lent.Twice();
                }

                if (!lent.Param.Exists)
                {
                    throw new OptArgumentException(
                        Status.Argument,
                        "Tensor '" + lent.Tensor.Name + "' is lent without parameters, which a save or a load is of.");
                }

                MemoryHandle pin = lent.Param.Pin();
                pins.Add(pin);
                lend(index, (IntPtr)pin.Pointer);
            }
        }

        internal long IndexIn(Optimizer optimizer) =>
            optimizer.IndexOf(Tensor ?? throw new ArgumentNullException(
                "lent", "A default(Lent) has no tensor: make it with new Lent(tensor, ...)."));

        internal OptArgumentException Twice() =>
            new OptArgumentException(
                Status.Argument,
                "Tensor '" + Tensor.Name + "' is lent twice in one call: lend its parameters and gradients together.");

        // Cuts buffers that lie one after the other into those of the tensors.
        internal static Lent[] Split(
            IReadOnlyList<Tensor> tensors,
            DType dtype,
            IntPtr param,
            long paramCount,
            IntPtr grad,
            long gradCount)
        {
            int size = dtype == DType.F32 ? sizeof(float) : sizeof(double);
            Lent[] lent = new Lent[tensors.Count];
            long offset = 0;
            for (int i = 0; i < lent.Length; ++i)
            {
                Tensor tensor = tensors[i];
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

            CheckFlat(offset, paramCount, param, nameof(param), "parameters");
            CheckFlat(offset, gradCount, grad, nameof(grad), "gradients");
            return lent;
        }

        private static void CheckFlat(
            long expected, long actual, IntPtr address, string parameter, string what)
        {
            if (address == IntPtr.Zero && expected > 0)
            {
                throw new ArgumentNullException(parameter);
            }

            if (expected != actual)
            {
                throw new OptArgumentException(
                    Status.Argument,
                    Text.Of($"All tensors together have {expected} elements, but the {what} {actual}: ") +
                    "give those of all, one after the other.");
            }
        }
    }

    // The calls of an optimizer that take gradients, one at a time: each begins
    // with a turn, which holds what is lent pinned, and ends with it.
    internal sealed class LentCall
    {
        // Its finalizer frees it: another thread may still be in a call when the
        // optimizer is closed.
        private readonly StepCall call = new StepCall();
        private MemoryHandle[] pins = Array.Empty<MemoryHandle>();
        private int calling;
        private bool hasWork;
        private long calls;

        internal StepCall Call => call;

        // Without lent buffers.
        internal Turn Begin()
        {
            if (Interlocked.CompareExchange(ref calling, 1, 0) != 0)
            {
                throw new OptBusyException(
                    "Another thread is using this optimizer: one optimizer serves one call at a time.");
            }

            return new Turn(this, 0, false);
        }

        // With addresses that stay in place; null: the retained parameters, no
        // gradients.
        internal Turn Begin(Tensor tensor, IntPtr param, IntPtr grad)
        {
            Begin();
            call.lend(tensor.Index, param, grad);
            return new Turn(this, 0, true);
        }

        internal unsafe Turn Begin(Optimizer optimizer, Lent[] lent)
        {
            int count = 2 * (lent ?? throw new ArgumentNullException(nameof(lent))).Length;
            Begin();
            bool hasGrads = false;
            try
            {
                if (pins.Length < count)
                {
                    pins = new MemoryHandle[count];
                }

                ++calls;
                for (int i = 0; i < lent.Length; ++i)
                {
                    long index = lent[i].IndexIn(optimizer);
                    if (lent[i].Tensor.Turn == calls)
                    {
                        throw lent[i].Twice();
                    }

                    lent[i].Tensor.Turn = calls;
                    pins[2 * i] = lent[i].Param.Pin();
                    pins[(2 * i) + 1] = lent[i].Grad.Pin();
                    hasGrads |= lent[i].Grad.Exists;
                    call.lend(index, (IntPtr)pins[2 * i].Pointer, (IntPtr)pins[(2 * i) + 1].Pointer);
                }
            }
            catch
            {
                End(pins.Length);
                throw;
            }

            return new Turn(this, count, hasGrads);
        }

        // Passes on the work on the gradients, unless neither this call nor the last
        // has any.
        internal void SetWork([AllowNull] GradientWork work, bool reports)
        {
            bool wanted = work != null || reports;
            if (wanted || hasWork)
            {
                GradientWork.Set(call, work, reports);
                hasWork = wanted;
            }
        }

        private void End(int count)
        {
            call.forget();
            for (int i = 0; i < count; ++i)
            {
                pins[i].Dispose();
            }

            Volatile.Write(ref calling, 0);
        }

        internal readonly struct Turn : IDisposable
        {
            private readonly LentCall owner;
            private readonly int count;

            internal Turn(LentCall owner, int count, bool hasGrads)
            {
                this.owner = owner;
                this.count = count;
                HasGrads = hasGrads;
            }

            internal bool HasGrads { get; }

            public void Dispose() => owner.End(count);
        }
    }
}
