// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>How a loss scaler is set up; what is null is the
    /// default.</summary>
    public sealed class ScalerOptions
    {
        private const string Default = "for the default";

        /// <summary>The scale at first; default 65536.</summary>
        public double? InitialScale { get; set; }

        /// <summary>Factor of the scale after <see cref="GrowthInterval"/> good
        /// steps, greater than 1; default 2.</summary>
        public double? GrowthFactor { get; set; }

        /// <summary>Factor of the scale after infinities or NaN, in (0, 1);
        /// default 0.5.</summary>
        public double? BackoffFactor { get; set; }

        /// <summary>Good steps in a row until it grows, at least 1; default
        /// 2000.</summary>
        public long? GrowthInterval { get; set; }

        internal void Begin(OptimizerHandle handle) =>
            Native.opt_scaler_start_with(
                handle,
                Given(InitialScale, nameof(InitialScale)),
                Given(GrowthFactor, nameof(GrowthFactor)),
                Given(BackoffFactor, nameof(BackoffFactor)),
                OptArgumentException.PositiveOrNone(
                    GrowthInterval, nameof(ScalerOptions) + "." + nameof(GrowthInterval), Default));

        private static double Given(double? value, string name) =>
            OptArgumentException.PositiveOrNone(value, nameof(ScalerOptions) + "." + name, Default);
    }

    /// <summary>A loss scaler at one moment.</summary>
    public sealed class ScalerInfo
    {
        internal ScalerInfo(opt_scaler_info info)
        {
            Scale = info.scale;
            GrowthFactor = info.growth_factor;
            BackoffFactor = info.backoff_factor;
            GrowthInterval = info.growth_interval;
            GoodSteps = info.good_steps;
            Skipped = info.skipped;
        }

        /// <summary>The factor for the next loss.</summary>
        public double Scale { get; }

        /// <summary>Factor of the scale after <see cref="GrowthInterval"/> good
        /// steps.</summary>
        public double GrowthFactor { get; }

        /// <summary>Factor of the scale after infinities or NaN.</summary>
        public double BackoffFactor { get; }

        /// <summary>Good steps in a row until it grows.</summary>
        public long GrowthInterval { get; }

        /// <summary>Good steps in a row since it last changed.</summary>
        public long GoodSteps { get; }

        /// <summary>Steps skipped because of infinities or NaN.</summary>
        public long Skipped { get; }

        /// <summary>All of it.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"scale {Scale}, growth {GrowthFactor} every {GrowthInterval}, backoff {BackoffFactor}, ") +
            Text.Of($"good steps {GoodSteps}, skipped {Skipped}");
    }
}
