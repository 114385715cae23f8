// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.IO;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Why a call of the native library failed. Values are never reused
    /// or renumbered.</summary>
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
        DType = 8,

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

        /// <summary>Not a checkpoint, or a damaged or malicious one.</summary>
        Format = 15,

        /// <summary>Checkpoint and optimizer do not fit together.</summary>
        Mismatch = 16,

        /// <summary>Infinities or NaN among the gradients.</summary>
        Nonfinite = 17,
    }

    /// <summary>Every exception of libopt's, whatever class of .NET's it derives
    /// from: <c>catch (Exception e) when (e is IOptException)</c> catches
    /// them all. A call that throws has changed nothing, and the message names the
    /// culprit, the bound and the remedy.</summary>
    /// <remarks>Mistakes in the program are what .NET has for them: an
    /// <see cref="ArgumentException"/> (<see cref="OptArgumentException"/>), an
    /// <see cref="InvalidOperationException"/>
    /// (<see cref="OptStateException"/>), an
    /// <see cref="ObjectDisposedException"/> of an object that is closed. Files
    /// fail with an <see cref="IOException"/> (<see cref="OptIOException"/>,
    /// <see cref="OptFileNotFoundException"/>). All else that a correct program may
    /// meet is an <see cref="OptException"/>.</remarks>
    public interface IOptException
    {
        /// <summary>Why the call failed.</summary>
        Status Status { get; }
    }

    /// <summary>A failure that a correct program may meet while it runs: a
    /// checkpoint that does not fit, gradients that are not finite, another
    /// thread's call, memory that ran out. <see cref="IOptException"/> tells of the
    /// others.</summary>
    public class OptException : Exception, IOptException
    {
        internal OptException(Status status, string message)
            : base(message)
        {
            Status = status;
        }

        /// <inheritdoc/>
        public Status Status { get; }

        internal static void ThrowIf(int status)
        {
            if (status != 0)
            {
                Throw((Status)status);
            }
        }

        private static void Throw(Status status)
        {
            // The message is the thread's own: nothing may call libopt before.
            string message = Native.opt_failure_message();
            if (message.Length == 0)
            {
                message = Native.opt_status_name((int)status);
            }

            throw Create(status, message);
        }

        private static Exception Create(Status status, string message)
        {
            switch (status)
            {
                case Status.Handle:
                    return new ObjectDisposedException(null, message);
                case Status.Busy:
                    return new OptBusyException(message);
                case Status.Name:
                case Status.Value:
                case Status.Range:
                case Status.Argument:
                case Status.DType:
                case Status.Overlap:
                    return new OptArgumentException(status, message);
                case Status.State:
                    return new OptStateException(message);
                case Status.IO:
                    return new OptIOException(message);
                case Status.Format:
                case Status.Mismatch:
                    return new OptCheckpointException(status, message);
                case Status.Nonfinite:
                    return new OptNonfiniteException(message);
                default:
                    return new OptException(status, message);
            }
        }
    }

    /// <summary>Another thread is using this optimizer right now: one optimizer
    /// serves one call at a time.</summary>
    public sealed class OptBusyException : OptException
    {
        internal OptBusyException(string message)
            : base(Status.Busy, message)
        {
        }
    }

    /// <summary>Infinities or NaN among the gradients, where the work on them asks
    /// for an error; the message names the tensor.</summary>
    public sealed class OptNonfiniteException : OptException
    {
        internal OptNonfiniteException(string message)
            : base(Status.Nonfinite, message)
        {
        }
    }

    /// <summary>A checkpoint is damaged, or does not fit the optimizer.
    /// </summary>
    public sealed class OptCheckpointException : OptException
    {
        internal OptCheckpointException(Status status, string message)
            : base(status, message)
        {
            Report = LoadReport.Empty;
        }

        /// <summary>The names that do not fit; empty if no name is at fault: the
        /// checkpoint is damaged, or of another rule.</summary>
        public LoadReport Report { get; internal set; }
    }

    /// <summary>An argument does not fit: an unknown name, a value outside its
    /// range, a wrong shape or element type, overlapping buffers.</summary>
    public sealed class OptArgumentException : ArgumentException, IOptException
    {
        internal OptArgumentException(Status status, string message)
            : base(message)
        {
            Status = status;
        }

        /// <inheritdoc/>
        public Status Status { get; }

        // Of a number greater than 0 for which the library takes 0 as "none
        // given": C# has null for that, and a 0 is a mistake like any other.
        // `none` tells what null stands for.
        internal static double PositiveOrNone(double? value, string name, string none)
        {
            if (value.HasValue && !(value.Value > 0))
            {
                throw NotPositive(name, value.Value, none);
            }

            return value ?? 0;
        }

        internal static long PositiveOrNone(long? value, string name, string none)
        {
            if (value <= 0)
            {
                throw NotPositive(name, value.Value, none);
            }

            return value ?? 0;
        }

        private static OptArgumentException NotPositive(string name, double value, string none) =>
            new OptArgumentException(
                Status.Argument,
                Text.Of($"{name} is {value}: it must be a number greater than 0, or null {none}."));
    }

    /// <summary>The right call at the wrong time.</summary>
    public sealed class OptStateException : InvalidOperationException, IOptException
    {
        internal OptStateException(string message)
            : base(message)
        {
        }

        /// <inheritdoc/>
        public Status Status => Status.State;
    }

    /// <summary>A file could not be read or written.</summary>
    public sealed class OptIOException : IOException, IOptException
    {
        internal OptIOException(string message)
            : base(message)
        {
        }

        /// <inheritdoc/>
        public Status Status => Status.IO;
    }

    /// <summary>The file that was to be read does not exist.</summary>
    public sealed class OptFileNotFoundException : FileNotFoundException, IOptException
    {
        private OptFileNotFoundException(string message, string path)
            : base(message, path)
        {
        }

        /// <inheritdoc/>
        public Status Status => Status.IO;

        // Makes a call that reads a file.
        internal static T Reading<T>(string path, Func<T> call)
        {
            try
            {
                return call();
            }
            catch (OptIOException error) when (!File.Exists(path) && !Directory.Exists(path))
            {
                throw new OptFileNotFoundException(error.Message, path);
            }
        }
    }
}
