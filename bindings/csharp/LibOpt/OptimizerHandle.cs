// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    // An optimizer and the pinned buffers of its tensors, which are let go only
    // when the native optimizer is no more.
    internal sealed class OptimizerHandle : SafeHandle
    {
        private readonly Dictionary<long, Pins> pins = new Dictionary<long, Pins>();
        private bool destroyed;

        internal OptimizerHandle(IntPtr value)
            : base(IntPtr.Zero, true)
        {
            SetHandle(value);
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        // Held while buffers are attached, bound, detached or let go, while state
        // is copied, and by what may free state.
        internal object Gate => pins;

        internal void Keep(long index, Pins kept)
        {
            Drop(index);
            pins[index] = kept;
        }

        internal void Drop(long index)
        {
            if (pins.TryGetValue(index, out Pins kept))
            {
                pins.Remove(index);
                kept.Dispose();
            }
        }

        // Waits for a call that another thread is making.
        internal void Destroy()
        {
            Release();
            Dispose();
        }

        protected override bool ReleaseHandle()
        {
            Release();
            return true;
        }

        private void Release()
        {
            lock (Gate)
            {
                if (!destroyed)
                {
                    destroyed = true;
                    Native.opt_release_optimizer(handle);
                    foreach (Pins kept in pins.Values)
                    {
                        kept.Dispose();
                    }

                    pins.Clear();
                }
            }
        }
    }

    // The pinned buffers of one tensor.
    internal sealed class Pins
    {
        private MemoryHandle param;
        private MemoryHandle grad;

        internal Pins(TensorBuffer param, TensorBuffer grad)
        {
            this.param = param.Pin();
            try
            {
                this.grad = grad.Pin();
            }
            catch
            {
                this.param.Dispose();
                throw;
            }
        }

        internal unsafe IntPtr Param => (IntPtr)param.Pointer;

        internal unsafe IntPtr Grad => (IntPtr)grad.Pointer;

        internal void Dispose()
        {
            param.Dispose();
            grad.Dispose();
        }
    }
}
