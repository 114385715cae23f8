// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;

namespace LibOpt
{
    /// <summary>An entry of the caller's own in a checkpoint: an array of bytes,
    /// longs, floats or doubles, or a single number. All are converted
    /// implicitly.</summary>
    public sealed class Entry
    {
        private readonly Func<MemoryHandle> pin;

        private Entry(Dtype dtype, long count, Func<MemoryHandle> pin)
        {
            Dtype = dtype;
            Count = count;
            this.pin = pin;
        }

        /// <summary>The element type.</summary>
        public Dtype Dtype { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Element type and length.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Text.Of($"{Dtype} [{Count}]");

        /// <summary>An entry of one number.</summary>
        /// <param name="value">The number.</param>
        public static implicit operator Entry(long value) => Of(new[] { value });

        /// <summary>An entry of one number.</summary>
        /// <param name="value">The number.</param>
        public static implicit operator Entry(double value) => Of(new[] { value });

        /// <summary>An entry of an array.</summary>
        /// <param name="array">The array; read by the save.</param>
        public static implicit operator Entry(byte[] array) => Of(array);

        /// <summary>An entry of an array.</summary>
        /// <param name="array">The array; read by the save.</param>
        public static implicit operator Entry(long[] array) => Of(array);

        /// <summary>An entry of an array.</summary>
        /// <param name="array">The array; read by the save.</param>
        public static implicit operator Entry(float[] array) => Of(array);

        /// <summary>An entry of an array.</summary>
        /// <param name="array">The array; read by the save.</param>
        public static implicit operator Entry(double[] array) => Of(array);

        /// <summary>An entry of memory.</summary>
        /// <typeparam name="T">byte, long, float or double.</typeparam>
        /// <param name="memory">The memory; read by the save.</param>
        /// <returns>The entry.</returns>
        public static Entry Of<T>(ReadOnlyMemory<T> memory)
            where T : struct =>
            new Entry(Dtypes.Of<T>(), memory.Length, memory.Pin);

        internal MemoryHandle Pin() => pin();

        private static Entry Of<T>(T[] array)
            where T : struct =>
            Of(new ReadOnlyMemory<T>(array ?? throw new ArgumentNullException(nameof(array))));
    }
}
