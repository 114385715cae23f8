// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System.Collections.Generic;

namespace LibOpt
{
    /// <summary>What a checkpoint gets beside the state.</summary>
    public sealed class SaveOptions
    {
        /// <summary>Whether the parameters are saved too: the retained ones, or
        /// those of <see cref="Lent"/>.</summary>
        public bool Params { get; set; }

        /// <summary>Parameters that are lent to the save; null: the retained
        /// ones.</summary>
        public IReadOnlyList<Lent> Lent { get; set; }

        /// <summary>Entries of the caller's own, such as the epoch or the order of
        /// the data: <c>Entries = { ["epoch"] = 3L }</c>.</summary>
        public IDictionary<string, Entry> Entries { get; } = new Dictionary<string, Entry>();
    }
}
