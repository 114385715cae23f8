// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A call failed, and has changed nothing. The message names the
    /// culprit, the bound and the remedy. An object that is closed throws
    /// <see cref="ObjectDisposedException"/> instead.</summary>
    public class OptException : Exception
    {
        internal OptException(Status status, string message)
            : base(message)
        {
            Status = status;
        }

        /// <summary>Why the call failed.</summary>
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
            string message = Native.opt_last_error();
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
                case Status.Dtype:
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

    /// <summary>An argument does not fit: an unknown name, a value outside its
    /// range, a wrong shape or element type, overlapping buffers.</summary>
    public sealed class OptArgumentException : OptException
    {
        internal OptArgumentException(Status status, string message)
            : base(status, message)
        {
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

    /// <summary>The right call at the wrong time.</summary>
    public sealed class OptStateException : OptException
    {
        internal OptStateException(string message)
            : base(Status.State, message)
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

    /// <summary>A file could not be read or written.</summary>
    public sealed class OptIOException : OptException
    {
        internal OptIOException(string message)
            : base(Status.IO, message)
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

        /// <summary>The names that do not fit; never null.</summary>
        public LoadReport Report { get; internal set; }
    }
}
