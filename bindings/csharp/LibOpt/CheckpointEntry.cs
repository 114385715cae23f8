// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>An array in a checkpoint.</summary>
    public sealed class CheckpointEntry
    {
        private readonly long[] shape;

        internal CheckpointEntry(long index, opt_entry_info info)
        {
            Index = index;
            Name = info.name;
            Dtype = info.dtype < 0 ? (Dtype?)null : (Dtype)info.dtype;
            Count = info.count;
            Bytes = info.bytes;
            IsOwn = info.own != 0;
            shape = new long[info.rank];
            for (int i = 0; i < shape.Length; ++i)
            {
                shape[i] = Native.opt_shape_at(info, i);
            }
        }

        /// <summary>Its name: "fc1.weight/exp_avg", or the caller's own.</summary>
        public string Name { get; }

        /// <summary>The element type; null: one that libopt does not compute
        /// with.</summary>
        public Dtype? Dtype { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Size of the data in bytes.</summary>
        public long Bytes { get; }

        /// <summary>Whether it is an entry of the caller's own.</summary>
        public bool IsOwn { get; }

        /// <summary>A copy of its extents; none: one element.</summary>
        public long[] Shape => (long[])shape.Clone();

        internal long Index { get; }

        /// <summary>Name, element type and shape.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"'{Name}', {DtypeName} {Text.Shape(shape)}");

        internal string DtypeName => Dtype.HasValue ? Dtype.Value.ToString() : "of a foreign type";
    }
}
