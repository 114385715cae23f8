// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

using System;
using LibOpt.Interop;

namespace LibOpt
{
    /// <content>Attributes, which act from the next step on and are saved with the
    /// state.</content>
    public sealed partial class Tensor
    {
        /// <summary>Multiplies the learning rate of its group; in [0,
        /// inf).</summary>
        public double LrFactor
        {
            get => this[Native.OPT_TENSOR_LR_FACTOR];
            set => this[Native.OPT_TENSOR_LR_FACTOR] = value;
        }

        /// <summary>Multiplies the weight decay of its group: 0 for biases and
        /// norms; in [0, inf).</summary>
        public double WeightDecayFactor
        {
            get => this[Native.OPT_TENSOR_WEIGHT_DECAY_FACTOR];
            set => this[Native.OPT_TENSOR_WEIGHT_DECAY_FACTOR] = value;
        }

        /// <summary>Whether steps pass it over: parameters, state and step count
        /// stay.</summary>
        public bool IsFrozen
        {
            get => this[Native.OPT_TENSOR_FROZEN] != 0;
            set => this[Native.OPT_TENSOR_FROZEN] = value ? 1 : 0;
        }

        /// <summary>An attribute by its name, as <see cref="Library.Attributes"/>
        /// lists them.</summary>
        /// <param name="attribute">The name.</param>
        /// <returns>The value; of a truth value 0 or 1.</returns>
        /// <exception cref="OptArgumentException">No such attribute; a value
        /// outside its range.</exception>
        public double this[string attribute]
        {
            get
            {
                Native.opt_get_tensor(
                    Handle,
                    Index,
                    attribute ?? throw new ArgumentNullException(nameof(attribute)),
                    out double value);
                return value;
            }

            set => Native.opt_set_tensor(
                Handle, Index, attribute ?? throw new ArgumentNullException(nameof(attribute)), value);
        }
    }
}
