// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace LibOpt
{
    // Texts for logs, the same in every culture.
    internal static class Text
    {
        internal static string Of(FormattableString text) => FormattableString.Invariant(text);

        internal static string Shape(long[] extents) => "[" + string.Join(", ", extents) + "]";
    }

    // The library's texts are UTF-8 that ends with a zero.
    internal static class Utf8
    {
        // Throws at half a surrogate pair: two names could differ in nothing else.
        private static readonly Encoding Strict = new UTF8Encoding(false, true);

        [return: MaybeNull]
        internal static byte[] Bytes([AllowNull] string text)
        {
            if (text == null)
            {
                return null;
            }

            if (text.IndexOf('\0') >= 0)
            {
                throw new ArgumentException(
                    "The text contains a zero character, at which the library would end it.");
            }

            byte[] bytes = new byte[Strict.GetByteCount(text) + 1];
            Strict.GetBytes(text, 0, text.Length, bytes, 0);
            return bytes;
        }

        [return: MaybeNull]
        internal static unsafe string Text(IntPtr address)
        {
            byte* begin = (byte*)address;
            if (begin == null)
            {
                return null;
            }

            byte* end = begin;
            while (*end != 0)
            {
                ++end;
            }

            return Encoding.UTF8.GetString(begin, (int)(end - begin));
        }
    }
}
