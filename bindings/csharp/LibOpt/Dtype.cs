// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;

namespace LibOpt
{
    /// <summary>Element types.</summary>
    public enum Dtype
    {
        /// <summary>IEEE-754 binary32, C#'s float.</summary>
        F32 = 0,

        /// <summary>IEEE-754 binary64, C#'s double.</summary>
        F64 = 1,

        /// <summary>Bytes; entries of a checkpoint only.</summary>
        U8 = 8,

        /// <summary>C#'s long; entries of a checkpoint only.</summary>
        I64 = 9,
    }

    internal static class Dtypes
    {
        // The dtype of a C# type; what names the argument in the message.
        internal static Dtype Of<T>()
            where T : struct
        {
            if (typeof(T) == typeof(float))
            {
                return Dtype.F32;
            }

            if (typeof(T) == typeof(double))
            {
                return Dtype.F64;
            }

            if (typeof(T) == typeof(byte))
            {
                return Dtype.U8;
            }

            if (typeof(T) == typeof(long))
            {
                return Dtype.I64;
            }

            throw new NotSupportedException(
                "LibOpt has no arrays of " + typeof(T).Name + ": use float, double, long or byte.");
        }

        internal static void Check(Dtype expected, Dtype actual, string what)
        {
            if (expected != actual)
            {
                throw new OptArgumentException(
                    Status.Dtype, what + " is " + expected + ", not " + actual + ".");
            }
        }
    }
}
