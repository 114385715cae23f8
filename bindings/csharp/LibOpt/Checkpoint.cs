// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A checkpoint that is looked into, without an optimizer, and that
    /// <see cref="Optimizer.Load(Checkpoint, LoadOptions)"/> may then
    /// load.</summary>
    public sealed class Checkpoint : IDisposable
    {
        private readonly CheckpointHandle handle;

        private Checkpoint(CheckpointHandle handle)
        {
            this.handle = handle;
        }

        /// <summary>The entries: state, options, parameters, and the caller's
        /// own.</summary>
        public IReadOnlyList<CheckpointEntry> Entries
        {
            get
            {
                Native.opt_checkpoint_count(Handle, out long count);
                CheckpointEntry[] entries = new CheckpointEntry[count];
                for (long i = 0; i < count; ++i)
                {
                    entries[i] = At(i);
                }

                return entries;
            }
        }

        internal SafeHandle Handle =>
            handle.IsClosed ? throw new ObjectDisposedException(nameof(Checkpoint)) : handle;

        /// <summary>Opens a file, which stays open.</summary>
        /// <param name="path">The file.</param>
        /// <returns>The checkpoint; to be disposed.</returns>
        /// <exception cref="OptFileNotFoundException">There is no such
        /// file.</exception>
        /// <exception cref="OptIOException">It could not be read.</exception>
        /// <exception cref="OptCheckpointException">It is no checkpoint, or a
        /// damaged one.</exception>
        public static Checkpoint Open(string path)
        {
            if (path == null)
            {
                throw new ArgumentNullException(nameof(path));
            }

            Library.Load();
            return OptFileNotFoundException.Reading(path, () =>
            {
                Native.opt_checkpoint_open_file(Context.Default.Handle, path, out IntPtr opened);
                return new Checkpoint(new CheckpointHandle(opened, default));
            });
        }

        /// <summary>Opens a checkpoint in memory.</summary>
        /// <param name="checkpoint">The bytes: pinned until it is closed, and not
        /// to be changed.</param>
        /// <returns>The checkpoint; to be disposed.</returns>
        /// <exception cref="OptCheckpointException">It is no checkpoint, or a
        /// damaged one.</exception>
        public static unsafe Checkpoint Open(ReadOnlyMemory<byte> checkpoint)
        {
            if (checkpoint.Equals(default(ReadOnlyMemory<byte>)))
            {
                throw new ArgumentNullException(nameof(checkpoint));
            }

            Library.Load();
            MemoryHandle pin = checkpoint.Pin();
            try
            {
                Native.opt_checkpoint_open_memory(
                    Context.Default.Handle, (IntPtr)pin.Pointer, checkpoint.Length, out IntPtr opened);
                return new Checkpoint(new CheckpointHandle(opened, pin));
            }
            catch
            {
                pin.Dispose();
                throw;
            }
        }

        /// <summary>Finds one of the caller's own entries by its name, or
        /// another by its whole name, such as "fc1.weight/exp_avg".</summary>
        /// <param name="name">The name.</param>
        /// <returns>The entry.</returns>
        /// <exception cref="OptArgumentException">No such entry.</exception>
        public CheckpointEntry Find(string name)
        {
            Native.opt_checkpoint_find(
                Handle, name ?? throw new ArgumentNullException(nameof(name)), out long index);
            return At(index);
        }

        /// <summary>Reads an entry and verifies it.</summary>
        /// <typeparam name="T">float, double, long or byte, as the entry's element
        /// type; byte reads any entry.</typeparam>
        /// <param name="name">As for <see cref="Find"/>.</param>
        /// <returns>A new array.</returns>
        /// <exception cref="OptArgumentException">No such entry, or of another
        /// element type.</exception>
        /// <exception cref="OptCheckpointException">It is damaged.</exception>
        public unsafe T[] Read<T>(string name)
            where T : struct
        {
            DType wanted = DTypes.Of<T>();
            CheckpointEntry entry = Find(name);
            bool bytes = wanted == DType.U8;
            if (!bytes && entry.DType != wanted)
            {
                throw new OptArgumentException(
                    Status.DType, "Entry '" + name + "' is " + entry.DTypeName + ", not " + wanted + ".");
            }

            T[] data = new T[bytes ? entry.Bytes : entry.Count];
            fixed (byte* p = &MemoryMarshal.GetReference(MemoryMarshal.AsBytes(data.AsSpan())))
            {
                byte none = 0;
                Native.opt_checkpoint_read(
                    Handle, entry.Index, (IntPtr)(data.Length > 0 ? p : &none), entry.Bytes);
            }

            return data;
        }

        /// <summary>Closes it.</summary>
        public void Dispose()
        {
            lock (handle)
            {
                handle.Dispose();
            }
        }

        // Reads memory that closing the checkpoint frees.
        private CheckpointEntry At(long index)
        {
            lock (handle)
            {
                using (opt_entry_info info = new opt_entry_info())
                {
                    Native.opt_checkpoint_at(Handle, index, info);
                    CheckpointEntry entry = new CheckpointEntry(index, info);
                    GC.KeepAlive(handle);
                    return entry;
                }
            }
        }

        private sealed class CheckpointHandle : SafeHandle
        {
            private MemoryHandle data;

            internal CheckpointHandle(IntPtr value, MemoryHandle data)
                : base(IntPtr.Zero, true)
            {
                this.data = data;
                SetHandle(value);
            }

            public override bool IsInvalid => handle == IntPtr.Zero;

            protected override bool ReleaseHandle()
            {
                bool released = Native.opt_release_checkpoint(handle) == 0;
                data.Dispose();
                return released;
            }
        }
    }

    /// <summary>An array in a checkpoint.</summary>
    public sealed class CheckpointEntry
    {
        private readonly long[] shape;

        internal CheckpointEntry(long index, opt_entry_info info)
        {
            Index = index;
            Name = info.name;
            DType = info.dtype < 0 ? (DType?)null : (DType)info.dtype;
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
        public DType? DType { get; }

        /// <summary>Number of elements.</summary>
        public long Count { get; }

        /// <summary>Size of the data in bytes.</summary>
        public long Bytes { get; }

        /// <summary>Whether it is one of the caller's own entries.</summary>
        public bool IsOwn { get; }

        /// <summary>A copy of its extents; none: one element.</summary>
        public long[] Shape => (long[])shape.Clone();

        internal long Index { get; }

        internal string DTypeName => DType.HasValue ? DType.Value.ToString() : "of a foreign type";

        /// <summary>Name, element type and shape.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"'{Name}', {DTypeName} {Text.Shape(shape)}");
    }
}
