// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;

namespace LibOpt
{
    /// <content>Buffers that are lent to one call.</content>
    public sealed partial class Optimizer
    {
        private MemoryHandle[] loanPins = Array.Empty<MemoryHandle>();

        // Pins buffers and hands them to `call`, until it is disposed.
        private readonly struct Loan : IDisposable
        {
            private readonly Optimizer optimizer;
            private readonly MemoryHandle[] pins;

            internal unsafe Loan(Optimizer optimizer, Lent[] lent)
            {
                this.optimizer = optimizer;
                int count = 2 * (lent ?? throw new ArgumentNullException(nameof(lent))).Length;
                HasGrads = false;
                optimizer.Begin();
                if (optimizer.loanPins.Length < count)
                {
                    optimizer.loanPins = new MemoryHandle[count];
                }

                pins = optimizer.loanPins;
                try
                {
                    for (int i = 0; i < lent.Length; ++i)
                    {
                        long index = optimizer.IndexOf(lent[i].Tensor);
                        pins[2 * i] = lent[i].Param.Pin();
                        pins[(2 * i) + 1] = lent[i].Grad.Pin();
                        HasGrads |= lent[i].Grad.Exists;
                        optimizer.call.lend(
                            index, (IntPtr)pins[2 * i].Pointer, (IntPtr)pins[(2 * i) + 1].Pointer);
                    }
                }
                catch
                {
                    Dispose();
                    throw;
                }
            }

            internal bool HasGrads { get; }

            public void Dispose()
            {
                optimizer.call.forget();
                for (int i = 0; i < pins.Length; ++i)
                {
                    pins[i].Dispose();
                }

                optimizer.End();
            }
        }

        // The index of a tensor of this optimizer's.
        private long IndexOf(Tensor tensor)
        {
            if (tensor == null)
            {
                throw new ArgumentNullException(nameof(tensor));
            }

            if (tensor.Optimizer != this || tensor.IsDetached)
            {
                throw new OptArgumentException(
                    Status.Range, "Tensor '" + tensor.Name + "' is not attached to this optimizer.");
            }

            return tensor.Index;
        }
    }
}
