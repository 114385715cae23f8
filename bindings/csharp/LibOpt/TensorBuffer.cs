// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace LibOpt
{
    /// <summary>The memory of a tensor's parameters or gradients: an array, a
    /// <see cref="Memory{T}"/>, or unmanaged memory such as a NativeArray of
    /// Unity. Arrays and memory are converted implicitly. The default value is
    /// no buffer at all.</summary>
    public readonly struct TensorBuffer
    {
        private readonly Memory<float> floats;
        private readonly Memory<double> doubles;
        private readonly IntPtr address;
        private readonly bool isNull;

        /// <summary>Memory of floats.</summary>
        /// <param name="memory">Pinned for as long as it is attached.</param>
        public TensorBuffer(Memory<float> memory)
            : this(DType.F32, memory.Length)
        {
            floats = memory;
        }

        /// <summary>Memory of doubles.</summary>
        /// <param name="memory">Pinned for as long as it is attached.</param>
        public TensorBuffer(Memory<double> memory)
            : this(DType.F64, memory.Length)
        {
            doubles = memory;
        }

        /// <summary>Unmanaged floats, which the caller keeps in place.</summary>
        /// <param name="pointer">The first element, aligned to 4 bytes.</param>
        /// <param name="count">Number of elements, at least 0.</param>
        public unsafe TensorBuffer(float* pointer, long count)
            : this((IntPtr)pointer, count, DType.F32)
        {
        }

        /// <summary>Unmanaged doubles, which the caller keeps in place.</summary>
        /// <param name="pointer">The first element, aligned to 8 bytes.</param>
        /// <param name="count">Number of elements, at least 0.</param>
        public unsafe TensorBuffer(double* pointer, long count)
            : this((IntPtr)pointer, count, DType.F64)
        {
        }

        /// <summary>Unmanaged memory, which the caller keeps in place.</summary>
        /// <param name="address">The first element, aligned to its size.</param>
        /// <param name="count">Number of elements, at least 0.</param>
        /// <param name="dtype"><see cref="LibOpt.DType.F32"/> or
        /// <see cref="LibOpt.DType.F64"/>.</param>
        public TensorBuffer(IntPtr address, long count, DType dtype)
            : this(dtype, count)
        {
            DTypes.CheckFloat(dtype, nameof(dtype));
            if (address == IntPtr.Zero && count != 0)
            {
                throw new ArgumentNullException(nameof(address));
            }

            if (count < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(count), count, "A count is at least 0.");
            }

            this.address = address;
        }

        private TensorBuffer(DType dtype, long count)
        {
            Exists = true;
            DType = dtype;
            Count = count;
            floats = default;
            doubles = default;
            address = IntPtr.Zero;
            isNull = false;
        }

        // Of an array that is null.
        private TensorBuffer(bool isNull)
            : this(default(DType), 0)
        {
            Exists = false;
            this.isNull = isNull;
        }

        /// <summary>Whether there is a buffer.</summary>
        public bool Exists { get; }

        /// <summary>The element type.</summary>
        public DType DType { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Element type and length.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Exists ? Text.Of($"{DType} [{Count}]") : "none";

        /// <summary>An array as a buffer.</summary>
        /// <param name="array">Pinned for as long as it is attached. If it is null,
        /// the call that takes the buffer throws
        /// <see cref="ArgumentNullException"/>.</param>
        public static implicit operator TensorBuffer(float[] array) =>
            array == null ? new TensorBuffer(true) : new TensorBuffer(new Memory<float>(array));

        /// <summary>An array as a buffer.</summary>
        /// <param name="array">Pinned for as long as it is attached. If it is null,
        /// the call that takes the buffer throws
        /// <see cref="ArgumentNullException"/>.</param>
        public static implicit operator TensorBuffer(double[] array) =>
            array == null ? new TensorBuffer(true) : new TensorBuffer(new Memory<double>(array));

        /// <summary>Memory as a buffer.</summary>
        /// <param name="memory">Pinned for as long as it is attached.</param>
        public static implicit operator TensorBuffer(Memory<float> memory) =>
            new TensorBuffer(memory);

        /// <summary>Memory as a buffer.</summary>
        /// <param name="memory">Pinned for as long as it is attached.</param>
        public static implicit operator TensorBuffer(Memory<double> memory) =>
            new TensorBuffer(memory);

        internal unsafe MemoryHandle Pin()
        {
            if (!Exists || Count == 0)
            {
                return default;
            }

            if (address != IntPtr.Zero)
            {
                return new MemoryHandle((void*)address);
            }

            return DType == DType.F32 ? floats.Pin() : doubles.Pin();
        }

        // Throws if it was converted from an array that is null, which is a
        // mistake, unlike no buffer. The conversion itself does not know for which
        // parameter it is made.
        internal void RefuseNull(string parameter)
        {
            if (isNull)
            {
                throw new ArgumentNullException(parameter);
            }
        }

        // Throws unless this can be a tensor's, or is no buffer.
        internal void Check(DType dtype, long count, [AllowNull] string name, string what)
        {
            if (!Exists)
            {
                return;
            }

            DTypes.Check(dtype, DType, "The dtype of the " + what + " of tensor '" + name + "'");
            CheckLength(count, Count, name, what);
        }

        internal static void CheckLength(long expected, long actual, [AllowNull] string name, string what)
        {
            if (expected != actual)
            {
                throw new OptArgumentException(
                    Status.Argument,
                    "Tensor '" + name + "' has " + expected + " elements, but the " + what + " " +
                    actual + ": give a buffer of exactly its length.");
            }
        }
    }
}
