// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>The part of a checkpoint that a load takes.</summary>
    public sealed class LoadOptions
    {
        /// <summary>Whether the checkpoint's parameters are copied into the
        /// retained buffers, or into those of <see cref="Lent"/>: last, when all
        /// else has succeeded.</summary>
        public bool Params { get; set; }

        /// <summary>Whether the optimizer's own option values, schedules, attributes
        /// of tensors and way of averaging stay, and its tensors in their groups,
        /// instead of the checkpoint's.</summary>
        public bool KeepOptions { get; set; }

        /// <summary>Whether a tensor that the checkpoint lacks keeps its state;
        /// else that is an error.</summary>
        public bool AllowMissing { get; set; }

        /// <summary>Whether tensors of the checkpoint that are not attached are
        /// ignored; else that is an error.</summary>
        public bool AllowUnexpected { get; set; }

        /// <summary>Loads these tensors alone, as if there were no other; null:
        /// all. Options and counters are then left alone.</summary>
        [AllowNull]
        [MaybeNull]
        public IReadOnlyList<string> Names { get; set; }

        /// <summary>Buffers that receive the parameters; null: the retained
        /// ones.</summary>
        [AllowNull]
        [MaybeNull]
        public IReadOnlyList<Lent> Lent { get; set; }

        private uint Flags =>
            (uint)((Params ? Native.OPT_LOAD_PARAMS : 0) |
            (KeepOptions ? Native.OPT_LOAD_KEEP_OPTIONS : 0) |
            (AllowMissing ? Native.OPT_LOAD_ALLOW_MISSING : 0) |
            (AllowUnexpected ? Native.OPT_LOAD_ALLOW_UNEXPECTED : 0));

        // Makes a load with all of it.
        internal static LoadReport Run(
            [AllowNull] LoadOptions options, Optimizer optimizer, Action<LoadCall> load)
        {
            options = options ?? new LoadOptions();
            List<MemoryHandle> pins = new List<MemoryHandle>();
            using (LoadCall call = new LoadCall(options.Flags))
            {
                try
                {
                    foreach (string name in options.Names ?? Array.Empty<string>())
                    {
                        call.select(name ?? throw new ArgumentNullException(nameof(options), "A name is null."));
                    }

                    LibOpt.Lent.Params(options.Lent, optimizer, pins, call.lend);
                    lock (optimizer.Handle.Gate)
                    {
                        load(call);
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
    }
}
