// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Saving and loading: safetensors, which every language that libopt
    /// has reads. After a load training goes on to the same bytes as if it had
    /// never stopped.</content>
    public sealed partial class Optimizer
    {
        /// <summary>Saves to a file, which is replaced as a whole: after a crash or
        /// a full disk it is the old one or the new one.</summary>
        /// <param name="path">The file; its directory must be writable.</param>
        /// <param name="options">What is saved beside the state; null:
        /// nothing.</param>
        /// <exception cref="OptIOException">It could not be written.</exception>
        /// <exception cref="OptStateException">There are no parameters to
        /// save.</exception>
        public void SaveFile(string path, SaveOptions options = null)
        {
            if (path == null)
            {
                throw new ArgumentNullException(nameof(path));
            }

            Save<object>(options, save =>
            {
                save.to_file(Handle, path);
                return null;
            });
        }

        /// <summary>Saves to memory.</summary>
        /// <param name="options">What is saved beside the state; null:
        /// nothing.</param>
        /// <returns>The checkpoint.</returns>
        public byte[] Save(SaveOptions options = null) => Save(options, ToBytes);

        /// <summary>Saves to a stream.</summary>
        /// <param name="stream">Receives the whole checkpoint.</param>
        /// <param name="options">What is saved beside the state; null:
        /// nothing.</param>
        public void Save(Stream stream, SaveOptions options = null)
        {
            if (stream == null)
            {
                throw new ArgumentNullException(nameof(stream));
            }

            byte[] bytes = Save(options);
            stream.Write(bytes, 0, bytes.Length);
        }

        /// <summary>Loads a file into this optimizer, which is of the same rule and
        /// has its tensors attached. They are matched by name, shape and element
        /// type, and all is verified before anything changes.</summary>
        /// <param name="path">The file.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        /// <exception cref="OptIOException">It could not be read.</exception>
        /// <exception cref="OptCheckpointException">It is damaged, or does not
        /// fit.</exception>
        public LoadReport LoadFile(string path, LoadOptions options = null)
        {
            if (path == null)
            {
                throw new ArgumentNullException(nameof(path));
            }

            return Load(options, load => load.from_file(Handle, path));
        }

        /// <summary>As <see cref="LoadFile"/>, from memory.</summary>
        /// <param name="checkpoint">The bytes of a checkpoint.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        public LoadReport Load(ReadOnlyMemory<byte> checkpoint, LoadOptions options = null) =>
            Load(options, load => FromBytes(load, checkpoint));

        /// <summary>As <see cref="LoadFile"/>, from a stream, which is read to its
        /// end.</summary>
        /// <param name="stream">The stream.</param>
        /// <param name="options">What is taken; null: state, options and
        /// counters.</param>
        /// <returns>The names that did not fit and were allowed not to.</returns>
        public LoadReport Load(Stream stream, LoadOptions options = null)
        {
            using (MemoryStream memory = new MemoryStream())
            {
                (stream ?? throw new ArgumentNullException(nameof(stream))).CopyTo(memory);
                return Load(memory.GetBuffer().AsMemory(0, (int)memory.Length), options);
            }
        }

        private static unsafe IntPtr Address(MemoryHandle pin) => (IntPtr)pin.Pointer;

        private T Save<T>(SaveOptions options, Func<SaveCall, T> run)
        {
            options = options ?? new SaveOptions();
            List<MemoryHandle> pins = new List<MemoryHandle>();
            using (SaveCall call = new SaveCall(options.Params ? (uint)Native.OPT_SAVE_PARAMS : 0))
            {
                try
                {
                    foreach (KeyValuePair<string, Entry> item in options.Entries)
                    {
                        Entry entry = item.Value ?? throw new ArgumentException(
                            "Entry '" + item.Key + "' is null.", nameof(options));
                        pins.Add(entry.Pin());
                        call.add(item.Key, (int)entry.Dtype, entry.Count, Address(pins[pins.Count - 1]));
                    }

                    Lend(options.Lent, pins, call.lend);
                    return run(call);
                }
                finally
                {
                    pins.ForEach(pin => pin.Dispose());
                }
            }
        }

        private LoadReport Load(LoadOptions options, Action<LoadCall> run)
        {
            options = options ?? new LoadOptions();
            List<MemoryHandle> pins = new List<MemoryHandle>();
            using (LoadCall call = new LoadCall(options.Flags))
            {
                try
                {
                    foreach (string name in options.Names ?? Array.Empty<string>())
                    {
                        call.select(name ?? throw new ArgumentException("A name is null.", nameof(options)));
                    }

                    Lend(options.Lent, pins, call.lend);
                    lock (Handle.Gate)
                    {
                        run(call);
                    }

                    return LoadReport.Of(call);
                }
                catch (OptCheckpointException error)
                {
                    error.Report = LoadReport.Of(call);
                    throw;
                }
                finally
                {
                    pins.ForEach(pin => pin.Dispose());
                }
            }
        }

        private void Lend(IReadOnlyList<Lent> all, List<MemoryHandle> pins, Action<long, IntPtr> lend)
        {
            foreach (Lent lent in all ?? Array.Empty<Lent>())
            {
                pins.Add(lent.Param.Pin());
                lend(IndexOf(lent.Tensor), Address(pins[pins.Count - 1]));
            }
        }

        private unsafe byte[] ToBytes(SaveCall call)
        {
            call.measure(Handle, out long size);
            byte[] bytes = new byte[size];
            fixed (byte* p = bytes)
            {
                call.to_memory(Handle, (IntPtr)p, size);
            }

            return bytes;
        }

        private void FromBytes(LoadCall call, ReadOnlyMemory<byte> checkpoint)
        {
            using (MemoryHandle pin = checkpoint.Pin())
            {
                call.from_memory(Handle, Address(pin), checkpoint.Length);
            }
        }
    }
}
