// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>A set of SIMD instructions that the library was compiled
    /// for.</summary>
    public sealed class SimdTarget
    {
        private SimdTarget(opt_target_info info)
        {
            Name = info.name;
            IsSupported = info.supported != 0;
        }

        /// <summary>Its name, such as "AVX2".</summary>
        public string Name { get; }

        /// <summary>Whether this CPU can run it.</summary>
        public bool IsSupported { get; }

        /// <summary>The name.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() => Name;

        internal static SimdTarget At(int index)
        {
            using (opt_target_info info = new opt_target_info())
            {
                Native.opt_target_at(index, info);
                return new SimdTarget(info);
            }
        }
    }
}
