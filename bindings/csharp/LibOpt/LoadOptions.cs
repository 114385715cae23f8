// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>What a load takes from a checkpoint.</summary>
    public sealed class LoadOptions
    {
        /// <summary>Whether the checkpoint's parameters are copied into the
        /// retained buffers, or into those of <see cref="Lent"/>: last, when all
        /// else has succeeded.</summary>
        public bool Params { get; set; }

        /// <summary>Whether the optimizer's own option values stay, and not the
        /// checkpoint's.</summary>
        public bool KeepOptions { get; set; }

        /// <summary>Whether a tensor that the checkpoint lacks keeps its state;
        /// else that is an error.</summary>
        public bool AllowMissing { get; set; }

        /// <summary>Whether tensors of the checkpoint that are not attached are
        /// passed over; else that is an error.</summary>
        public bool AllowUnexpected { get; set; }

        /// <summary>Loads these tensors alone, as if there were no other; null:
        /// all. Options and counters are then left alone.</summary>
        public IReadOnlyList<string> Names { get; set; }

        /// <summary>Buffers that receive the parameters; null: the retained
        /// ones.</summary>
        public IReadOnlyList<Lent> Lent { get; set; }

        internal uint Flags =>
            (uint)((Params ? Native.OPT_LOAD_PARAMS : 0) |
            (KeepOptions ? Native.OPT_LOAD_KEEP_OPTIONS : 0) |
            (AllowMissing ? Native.OPT_LOAD_ALLOW_MISSING : 0) |
            (AllowUnexpected ? Native.OPT_LOAD_ALLOW_UNEXPECTED : 0));
    }
}
