// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>The contents of a checkpoint beside the state.</summary>
    public sealed class SaveOptions
    {
        /// <summary>Whether the parameters are saved too: the retained ones, or
        /// those of <see cref="Lent"/>.</summary>
        public bool Params { get; set; }

        /// <summary>Parameters that are lent to the save; null: the retained
        /// ones.</summary>
        [AllowNull]
        [MaybeNull]
        public IReadOnlyList<Lent> Lent { get; set; }

        /// <summary>The caller's own entries, such as the epoch or the order of
        /// the data: <c>Entries = { ["epoch"] = 3L }</c>.</summary>
        public IDictionary<string, Entry> Entries { get; } = new Dictionary<string, Entry>();

        // Makes a save with all of it.
        internal static unsafe void Run(
            [AllowNull] SaveOptions options, Optimizer optimizer, Action<SaveCall> save)
        {
            options = options ?? new SaveOptions();
            List<MemoryHandle> pins = new List<MemoryHandle>();
            using (SaveCall call = new SaveCall(options.Params ? (uint)Native.OPT_SAVE_PARAMS : 0))
            {
                try
                {
                    foreach (KeyValuePair<string, Entry> item in options.Entries)
                    {
                        Entry entry = item.Value ?? throw new ArgumentNullException(
                            nameof(options), "Entry '" + item.Key + "' is null.");
                        MemoryHandle pin = entry.Pin();
                        pins.Add(pin);
                        call.add(item.Key, (int)entry.DType, entry.Count, (IntPtr)pin.Pointer);
                    }

                    LibOpt.Lent.Params(options.Lent, optimizer, pins, call.lend);
                    save(call);
                }
                finally
                {
                    pins.ForEach(pin => pin.Dispose());
                }
            }
        }
    }

    /// <summary>One of the caller's own entries in a checkpoint: an array of
    /// bytes, longs, floats or doubles, or a single number. All are converted
    /// implicitly.</summary>
    public sealed class Entry
    {
        private readonly Func<MemoryHandle> pin;

        private Entry(DType dtype, long count, Func<MemoryHandle> pin)
        {
            DType = dtype;
            Count = count;
            this.pin = pin;
        }

        /// <summary>The element type.</summary>
        public DType DType { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Element type and length.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Text.Of($"{DType} [{Count}]");

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
            new Entry(DTypes.Of<T>(), memory.Length, memory.Pin);

        internal MemoryHandle Pin() => pin();

        private static Entry Of<T>(T[] array)
            where T : struct =>
            Of(new ReadOnlyMemory<T>(array ?? throw new ArgumentNullException(nameof(array))));
    }
}
