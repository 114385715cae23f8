// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Which average of the parameters.</summary>
    public enum AverageKind
    {
        /// <summary>An exponential moving average.</summary>
        Ema = 1,

        /// <summary>The plain mean, stochastic weight averaging: Izmailov et al.
        /// 2018, arXiv:1803.05407.</summary>
        Swa = 2,
    }

    /// <summary>How parameters are averaged, and when.</summary>
    public sealed class AverageOptions
    {
        /// <summary>Which average.</summary>
        public AverageKind Kind { get; set; } = AverageKind.Ema;

        /// <summary>Of an EMA, in [0, 1]: an update adds (1 - Decay) times
        /// (parameter - average).</summary>
        public double Decay { get; set; } = 0.999;

        /// <summary>Steps before the first update.</summary>
        public long Start { get; set; }

        /// <summary>Steps from one update to the next, at least 1.</summary>
        public long Period { get; set; } = 1;

        /// <summary>Of an EMA: whether the decay of update n is at most
        /// (1 + n) / (10 + n), to leave the first parameters behind
        /// sooner.</summary>
        public bool Warmup { get; set; }

        internal void Begin(OptimizerHandle handle)
        {
            if (Period < 1)
            {
                throw new OptArgumentException(
                    Status.Argument, Text.Of($"AverageOptions.Period is {Period}: it must be at least 1."));
            }

            Native.opt_average_start_with(
                handle,
                (int)Kind,
                Decay,
                Start,
                Period,
                Warmup ? (uint)Native.OPT_AVERAGE_WARMUP : 0);
        }
    }

    /// <summary>An average at one moment.</summary>
    public sealed class AverageInfo
    {
        internal AverageInfo(opt_average_info info)
        {
            Kind = (AverageKind)info.kind;
            Decay = info.decay;
            Start = info.start;
            Period = info.period;
            Warmup = (info.flags & Native.OPT_AVERAGE_WARMUP) != 0;
            Updates = info.updates;
        }

        /// <summary>Which average.</summary>
        public AverageKind Kind { get; }

        /// <summary>Of an EMA.</summary>
        public double Decay { get; }

        /// <summary>Steps before the first update.</summary>
        public long Start { get; }

        /// <summary>Steps from one update to the next.</summary>
        public long Period { get; }

        /// <summary>Whether the decay grows at first.</summary>
        public bool Warmup { get; }

        /// <summary>Steps that updated it.</summary>
        public long Updates { get; }

        /// <summary>All of it.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"{Kind}: decay {Decay}, start {Start}, period {Period}, warmup {Warmup}, ") +
            Text.Of($"updates {Updates}");
    }
}
