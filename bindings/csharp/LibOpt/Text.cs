// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;

namespace LibOpt
{
    // Texts for logs, the same in every culture.
    internal static class Text
    {
        internal static string Of(FormattableString text) => FormattableString.Invariant(text);

        internal static string Shape(long[] extents) => "[" + string.Join(", ", extents) + "]";
    }
}
