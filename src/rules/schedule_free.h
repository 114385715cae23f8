// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of all schedule-free rules: the numbers of a group, of which the
// weight of its step in the average x is made. The gradient is taken at y,
// which lies between a plain sequence z and x; the parameter's buffer holds y,
// and one evaluates at x.

#ifndef OPT_SRC_RULES_SCHEDULE_FREE_H_
#define OPT_SRC_RULES_SCHEDULE_FREE_H_

#include <algorithm>

#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

constexpr OptionDescriptor ScheduleFreeBeta1Option() {
  return {"beta1", "b1,beta_1",
          0.9,     0,
          1,       OPT_OPTION_MIN_OPEN | OPT_OPTION_MAX_OPEN,
          nullptr, "how far param lies from z (0) towards the average x (1)"};
}
constexpr OptionDescriptor WarmupStepsOption() {
  return {"warmup_steps",
          nullptr,
          0,
          0,
          kInfinity,
          OPT_OPTION_MAX_OPEN | OPT_OPTION_INTEGER,
          nullptr,
          "number of steps over which the learning rate rises to lr"};
}
constexpr OptionDescriptor StepWeightPowerOption() {
  return {"r",
          nullptr,
          0,
          0,
          kInfinity,
          OPT_OPTION_MAX_OPEN,
          nullptr,
          "exponent of the step number k in the weight of a step in "
          "the average"};
}
constexpr OptionDescriptor WeightLrPowerOption() {
  return {"weight_lr_power",
          nullptr,
          2,
          0,
          kInfinity,
          OPT_OPTION_MAX_OPEN,
          nullptr,
          "exponent of the largest learning rate so far in the weight of a "
          "step in the average"};
}
constexpr SlotDescriptor ScheduleFreeZSlot() {
  return {"z",
          "sequence that is averaged",
          kAlways,
          kParamCopy,
          OPT_SHAPE_PARAM,
          OPT_DTYPE_PARAM,
          SlotTensors::kAll,
          4};
}
constexpr SlotDescriptor GroupStepsSlot() {
  return {"k",    "steps of the group",   kAlways,
          kZeros, OPT_SHAPE_GROUP_NUMBER, OPT_F64};
}
constexpr SlotDescriptor WeightSumSlot() {
  return {"weight_sum",
          "sum S of the weights of the group's steps",
          kAlways,
          kZeros,
          OPT_SHAPE_GROUP_NUMBER,
          OPT_F64};
}
constexpr SlotDescriptor LrMaxSlot() {
  return {"lr_max",
          "largest learning rate of the group so far",
          kAlways,
          kZeros,
          OPT_SHAPE_GROUP_NUMBER,
          OPT_F64};
}

// The numbers of a group of rule R, which has the options kBeta1, kR and
// kWeightLrPower, the slots kSteps, kWeightSum and kLrMax, and Rate(options,
// k), the learning rate of the group's step k, 1 at the first.
template <class R>
struct ScheduleFree {
  // x = y + (1 - 1 / beta1) * (z - y)
  static double EvalFactor(const double* o) { return 1 - 1 / o[R::kBeta1]; }

  // The weight of the group's step in the average.
  static double Weight(const double* o, const double* numbers) {
    return Pow(numbers[R::kSteps], o[R::kR]) *
           Pow(numbers[R::kLrMax], o[R::kWeightLrPower]);
  }
  // The share of z in the new average x.
  static double Share(const double* o, const double* numbers) {
    const double sum = numbers[R::kWeightSum];
    return sum > 0 ? Weight(o, numbers) / sum : 0;
  }

  static void PrepareGroup(const double* o, double* numbers) {
    numbers[R::kSteps] += 1;
    numbers[R::kLrMax] =
        std::max(numbers[R::kLrMax], R::Rate(o, numbers[R::kSteps]));
    numbers[R::kWeightSum] += Weight(o, numbers);
  }
};

// The learning rate of step k with a warm-up.
inline double WarmedUp(double lr, double warmup_steps, double k) {
  return k <= warmup_steps ? lr * (k / warmup_steps) : lr;
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_SCHEDULE_FREE_H_
