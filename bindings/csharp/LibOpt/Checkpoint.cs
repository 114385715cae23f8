// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A checkpoint that is looked into, without an
    /// optimizer.</summary>
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
                Native.opt_checkpoint_count(handle, out long count);
                CheckpointEntry[] entries = new CheckpointEntry[count];
                for (long i = 0; i < count; ++i)
                {
                    entries[i] = At(i);
                }

                return entries;
            }
        }

        /// <summary>Opens a file, which stays open.</summary>
        /// <param name="path">The file.</param>
        /// <returns>The checkpoint; to be disposed.</returns>
        /// <exception cref="OptIOException">It could not be read.</exception>
        /// <exception cref="OptCheckpointException">It is no checkpoint, or a
        /// damaged one.</exception>
        public static Checkpoint OpenFile(string path)
        {
            Loader.Ensure();
            Native.opt_checkpoint_open_file(
                Context.Default.Handle,
                path ?? throw new ArgumentNullException(nameof(path)),
                out IntPtr opened);
            return new Checkpoint(new CheckpointHandle(opened, default));
        }

        /// <summary>Opens a checkpoint in memory.</summary>
        /// <param name="checkpoint">The bytes: pinned until it is closed, and not
        /// to be changed.</param>
        /// <returns>The checkpoint; to be disposed.</returns>
        /// <exception cref="OptCheckpointException">It is no checkpoint, or a
        /// damaged one.</exception>
        public static unsafe Checkpoint Open(ReadOnlyMemory<byte> checkpoint)
        {
            Loader.Ensure();
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

        /// <summary>Finds an entry of the caller's own by its name, or another by
        /// its whole name, such as "fc1.weight/exp_avg".</summary>
        /// <param name="name">The name.</param>
        /// <returns>The entry.</returns>
        /// <exception cref="OptArgumentException">No such entry.</exception>
        public CheckpointEntry Find(string name)
        {
            Native.opt_checkpoint_find(
                handle, name ?? throw new ArgumentNullException(nameof(name)), out long index);
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
            Dtype wanted = Dtypes.Of<T>();
            CheckpointEntry entry = Find(name);
            bool bytes = wanted == Dtype.U8;
            if (!bytes && entry.Dtype != wanted)
            {
                throw new OptArgumentException(
                    Status.Dtype, "Entry '" + name + "' is " + entry.DtypeName + ", not " + wanted + ".");
            }

            T[] data = new T[bytes ? entry.Bytes : entry.Count];
            fixed (byte* p = &MemoryMarshal.GetReference(MemoryMarshal.AsBytes(data.AsSpan())))
            {
                byte none = 0;
                Native.opt_checkpoint_read(
                    handle, entry.Index, (IntPtr)(data.Length > 0 ? p : &none), entry.Bytes);
            }

            return data;
        }

        /// <summary>Closes it.</summary>
        public void Dispose() => handle.Dispose();

        private CheckpointEntry At(long index)
        {
            using (opt_entry_info info = new opt_entry_info())
            {
                Native.opt_checkpoint_at(handle, index, info);
                return new CheckpointEntry(index, info);
            }
        }
    }
}
