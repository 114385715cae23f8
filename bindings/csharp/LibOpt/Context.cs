// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Threads and SIMD instructions for optimizers. Results do not
    /// depend on either, not in a single bit. Any thread may use it.</summary>
    public sealed class Context : IDisposable
    {
        /// <summary>Passed as the number of threads: every CPU that this
        /// process may run on.</summary>
        public const int AllCores = Native.OPT_ALL_CORES;

        private static readonly object Gate = new object();
        [AllowNull]
        [MaybeNull]
        private static Context shared;

        private readonly ContextHandle handle;
        private bool isShared;

        /// <summary>Makes a context. Its threads start at the first step that is
        /// large enough to need them.</summary>
        /// <param name="threads">Threads that may compute, the calling one
        /// included: 0 (the calling one alone) to 1024, or
        /// <see cref="AllCores"/>.</param>
        /// <param name="target">A SIMD target, as <see cref="Library.Targets"/>
        /// names them; null: the best of this CPU, or what the environment
        /// variable LIBOPT_TARGET names.</param>
        /// <param name="spinMicroseconds">How long each thread spins, waiting
        /// for more work, after a step before it sleeps: 0 for a short time, up
        /// to 1,000,000. Waking a thread that sleeps takes long enough for a
        /// short step not to be worth it; so if little happens between two
        /// steps, a time longer than those pauses makes them faster.</param>
        /// <exception cref="OptArgumentException">A number outside its range; no
        /// such target on this CPU.</exception>
        public Context(
            int threads = AllCores,
            [AllowNull] string target = null,
            int spinMicroseconds = 0)
        {
            Library.Load();
            Native.opt_context_create_with(
                threads, spinMicroseconds, target, out IntPtr created);
            handle = new ContextHandle(created);
        }

        /// <summary>The context of optimizers that are given none: all cores,
        /// shared by the whole process. <see cref="Dispose"/> leaves it open;
        /// <see cref="Library.Shutdown"/> closes it.</summary>
        public static Context Default
        {
            get
            {
                lock (Gate)
                {
                    return shared ?? (shared = new Context { isShared = true });
                }
            }
        }

        /// <summary>Number of threads that may compute, at least 1.</summary>
        public int Threads
        {
            get
            {
                using (opt_context_info info = Info())
                {
                    return info.threads;
                }
            }
        }

        /// <summary>How long its threads spin, waiting for more work, before
        /// they sleep; 0: a short time.</summary>
        public int SpinMicroseconds
        {
            get
            {
                using (opt_context_info info = Info())
                {
                    return info.spin_microseconds;
                }
            }
        }

        /// <summary>Name of its SIMD target.</summary>
        public string Target
        {
            get
            {
                using (opt_context_info info = Info())
                {
                    return info.target;
                }
            }
        }

        internal SafeHandle Handle =>
            handle.IsClosed ? throw new ObjectDisposedException(nameof(Context)) : handle;

        /// <summary>Closes the context. Optimizers that use it go on; its threads
        /// end with the last of them.</summary>
        public void Dispose()
        {
            if (!isShared)
            {
                handle.Dispose();
            }
        }

        /// <summary>The number of threads and the SIMD target, if it is
        /// open.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            handle.IsClosed ? "Context, closed" : Text.Of($"Context: {Threads} threads, {Target}");

        internal static void Forget()
        {
            lock (Gate)
            {
                shared?.handle.Dispose();
                shared = null;
            }
        }

        private opt_context_info Info()
        {
            opt_context_info info = new opt_context_info();
            Native.opt_context_get_info(Handle, info);
            return info;
        }

        private sealed class ContextHandle : SafeHandle
        {
            internal ContextHandle(IntPtr value)
                : base(IntPtr.Zero, true)
            {
                SetHandle(value);
            }

            public override bool IsInvalid => handle == IntPtr.Zero;

            protected override bool ReleaseHandle() => Native.opt_release_context(handle) == 0;
        }
    }
}
