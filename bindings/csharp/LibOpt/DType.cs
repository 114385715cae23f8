// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;

namespace LibOpt
{
    /// <summary>Element types.</summary>
    public enum DType
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

    internal static class DTypes
    {
        // The element type that a C# type stands for.
        internal static DType Of<T>()
            where T : struct
        {
            if (typeof(T) == typeof(float))
            {
                return DType.F32;
            }

            if (typeof(T) == typeof(double))
            {
                return DType.F64;
            }

            if (typeof(T) == typeof(byte))
            {
                return DType.U8;
            }

            if (typeof(T) == typeof(long))
            {
                return DType.I64;
            }

            throw new NotSupportedException(
                "LibOpt has no arrays of " + typeof(T).Name + ": use float, double, long or byte.");
        }

        // Of parameters and gradients. Begins the message with `what`, which names
        // the argument.
        internal static void CheckFloat(DType dtype, string what)
        {
            if (dtype != DType.F32 && dtype != DType.F64)
            {
                throw new OptArgumentException(
                    Status.DType, what + " is " + dtype + ": it must be DType.F32 or DType.F64.");
            }
        }

        // Begins the message with `what`, which names the argument.
        internal static void Check(DType expected, DType actual, string what)
        {
            if (expected != actual)
            {
                throw new OptArgumentException(
                    Status.DType, what + " is " + expected + ", not " + actual + ".");
            }
        }
    }
}
