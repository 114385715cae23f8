// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The border between the loops of a rule, which step over whole vectors and do
// nothing else, and the block loop around them, which all rules share.

#ifndef OPT_SRC_KERNEL_LOOPS_H_
#define OPT_SRC_KERNEL_LOOPS_H_

#include <cstddef>

#include "src/kernel/kernels.h"

namespace libopt {

// Where weight decay enters. A loop is compiled for each case, since a branch
// inside a loop costs up to half of its time.
enum class Decay { kNone, kDecoupled, kCoupled };

// The constants of a step, rounded to the parameter's type once per chunk.
template <typename T>
struct Constants {
  Constants(const Scalars& scalars, double grad_factor)
      : grad_scale(static_cast<T>(scalars.grad_scale * grad_factor)),
        coupled_decay(static_cast<T>(scalars.coupled_decay)),
        decoupled_decay(static_cast<T>(scalars.decoupled_decay)) {
    for (int i = 0; i < kMaxScalars; ++i) {
      rule[i] = static_cast<T>(scalars.rule[i]);
    }
  }

  T grad_scale;
  T coupled_decay;
  T decoupled_decay;
  T rule[kMaxScalars];
};

// Steps over `count` elements: a multiple of the vector's length, and more than
// 0. `slots` are in descriptor order; those that the layout lacks are not used.
template <typename T>
using Loop = void (*)(const Constants<T>& constants, T* param, const T* grad,
                      T* const* slots, size_t count);

// The arrays of an update. The slots are stepped from one array to another,
// which may be the same.
template <typename T>
struct UpdateArrays {
  const T* param;
  const T* grad;  // scaled
  const T* from[kMaxSlots];
  T* to[kMaxSlots];
  T* update;
};

// Makes the update of `count` elements from element `begin` on, a multiple of
// the vector's length, and adds Constants::decoupled_decay, which is here the
// decay that belongs to the update.
template <typename T>
using UpdateLoop = void (*)(const Constants<T>& constants,
                            const UpdateArrays<T>& arrays, size_t begin,
                            size_t count);

// The same, and adds the squares of the parameters and of the update, with its
// decay, to kRow lanes each. The count is a multiple of kRow.
template <typename T>
using SumLoop = void (*)(const Constants<T>& constants,
                         const UpdateArrays<T>& arrays, size_t count,
                         double* param_lanes, double* update_lanes);

// Makes the update of any number of elements again, from the slots after their
// step, and subtracts `scale` times it and `decay` times the parameters.
template <typename T>
using SubtractLoop = void (*)(const Constants<T>& constants,
                              const T* const* slots, T scale, T decay,
                              size_t count, T* param);

// The loops of a rule with a layout, on one SIMD target.
template <typename T>
struct RuleLoops {
  // For gradients that need no scaling, with moving averages in their usual
  // form; indexed by Decay, which must not be kCoupled.
  Loop<T> usual[2];
  Loop<T> general[3];  // indexed by Decay
  UpdateLoop<T> update;
  // nullptr: the update cannot be made of the slots alone.
  SumLoop<T> sum;
  SubtractLoop<T> subtract;
  Layout layout;
  int slot_count;
  // The index of the scalar that turns a gradient, divided by the root of its
  // factored second moment, into the update of an empty layout; -1: the rule
  // has no factors.
  int divided_scale;
};

// The loop for the constants of a step.
template <typename T>
Loop<T> ChooseLoop(const RuleLoops<T>& loops, const Constants<T>& c,
                   bool is_usual) {
  if (c.coupled_decay != 0) {
    return loops.general[static_cast<int>(Decay::kCoupled)];
  }
  const auto decay = static_cast<int>(c.decoupled_decay != 0 ? Decay::kDecoupled
                                                             : Decay::kNone);
  return c.grad_scale == 1 && is_usual ? loops.usual[decay]
                                       : loops.general[decay];
}

}  // namespace libopt

#endif  // OPT_SRC_KERNEL_LOOPS_H_
