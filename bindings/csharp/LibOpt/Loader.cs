// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using System.Runtime.InteropServices;
using LibOpt.Interop;

namespace LibOpt
{
    // Finds out, before anything else calls it, whether the native library is
    // there, and says what to do if it is not.
    internal static class Loader
    {
        private static volatile bool loaded;

        internal static void Ensure()
        {
            if (loaded)
            {
                return;
            }

            try
            {
                Native.opt_version();
            }
            catch (DllNotFoundException error)
            {
                throw new DllNotFoundException(Explain(), error);
            }
            catch (BadImageFormatException error)
            {
                throw new DllNotFoundException(Explain(), error);
            }

            loaded = true;
        }

        private static string Explain()
        {
            return "LibOpt needs its native library, opt_csharp (libopt_csharp.so on Linux), for " +
                RuntimeInformation.OSDescription + " on " + RuntimeInformation.ProcessArchitecture +
                ", and it could not be loaded. The NuGet package LibOpt has it in" +
                " runtimes/<rid>/native, from where `dotnet publish -r <rid>` and a project with" +
                " a RuntimeIdentifier take it. Without NuGet, as on Mono, put it and the files that" +
                " lie with it beside LibOpt.dll, in '" + AppContext.BaseDirectory + "', or name their folder in" +
                " LD_LIBRARY_PATH.";
        }
    }
}
