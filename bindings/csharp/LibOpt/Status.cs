// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

namespace LibOpt
{
    /// <summary>What a call of the native library came to. Values are never
    /// reused or renumbered.</summary>
    public enum Status
    {
        /// <summary>Success.</summary>
        Ok = 0,

        /// <summary>A negative, misaligned or ill-shaped argument.</summary>
        Argument = 1,

        /// <summary>A closed or foreign object.</summary>
        Handle = 2,

        /// <summary>Another call is using this optimizer right now.</summary>
        Busy = 3,

        /// <summary>An unknown, duplicate or malformed name.</summary>
        Name = 4,

        /// <summary>An option value outside its range.</summary>
        Value = 5,

        /// <summary>An index past the end, or of a detached tensor.</summary>
        Range = 6,

        /// <summary>The right call at the wrong time.</summary>
        State = 7,

        /// <summary>An element type that does not fit.</summary>
        Dtype = 8,

        /// <summary>Two buffers share memory that is written.</summary>
        Overlap = 9,

        /// <summary>Assembly and native library do not fit together.</summary>
        Struct = 10,

        /// <summary>An allocation failed.</summary>
        Memory = 11,

        /// <summary>A fixed limit of the library is reached.</summary>
        Limit = 12,

        /// <summary>A fault of libopt itself.</summary>
        Internal = 13,

        /// <summary>A file could not be read or written.</summary>
        IO = 14,

        /// <summary>Not a checkpoint, a damaged or a hostile one.</summary>
        Format = 15,

        /// <summary>Checkpoint and optimizer do not fit together.</summary>
        Mismatch = 16,

        /// <summary>Infinities or NaN among the gradients.</summary>
        Nonfinite = 17,
    }
}
