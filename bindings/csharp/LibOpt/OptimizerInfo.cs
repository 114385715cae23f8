// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using LibOpt.Interop;

namespace LibOpt
{
    /// <summary>Numbers about an optimizer at one moment.</summary>
    public sealed class OptimizerInfo
    {
        internal OptimizerInfo(opt_info info)
        {
            Rule = info.rule;
            GroupCount = info.group_count;
            TensorCount = info.tensor_count;
            ParamCount = info.param_count;
            StateBytes = info.state_bytes;
            Steps = info.steps;
            PendingSamples = info.pending_samples;
            Skipped = info.skipped;
            Remaining = info.remaining;
        }

        /// <summary>Name of its rule; an alias' is the rule that it stands
        /// for.</summary>
        public string Rule { get; }

        /// <summary>Number of groups, at least 1.</summary>
        public int GroupCount { get; }

        /// <summary>Number of attached tensors.</summary>
        public long TensorCount { get; }

        /// <summary>Elements of all attached tensors.</summary>
        public long ParamCount { get; }

        /// <summary>Bytes of state, accumulators included.</summary>
        public long StateBytes { get; }

        /// <summary>Steps that were made.</summary>
        public long Steps { get; }

        /// <summary>Samples accumulated since the last step.</summary>
        public long PendingSamples { get; }

        /// <summary>Steps skipped because of infinities or NaN.</summary>
        public long Skipped { get; }

        /// <summary>Tensors that have not had their turn in the open step in
        /// slices; 0: no step is open.</summary>
        public long Remaining { get; }

        /// <summary>All of it.</summary>
        /// <returns>A line for logs.</returns>
        public override string ToString() =>
            Text.Of($"{Rule}: groups {GroupCount}, tensors {TensorCount}, parameters {ParamCount}, state {StateBytes} bytes, ") +
            Text.Of($"steps {Steps}, skipped {Skipped}, pending samples {PendingSamples}");
    }
}
