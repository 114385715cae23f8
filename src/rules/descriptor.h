// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// An update rule as plain data: the descriptor that every rule file fills in,
// and its functions on numbers. One descriptor feeds validation, state layout,
// introspection, the generated names and tables, the tests and the benchmarks.
// The rule's kernels are found through src/kernel/kernels.h.

#ifndef OPT_SRC_RULES_DESCRIPTOR_H_
#define OPT_SRC_RULES_DESCRIPTOR_H_

#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>

#include "opt/opt_base.h"
#include "opt/opt_describe.h"
#include "src/rules/slot.h"

namespace libopt {

constexpr int kMaxOptions = 32;
constexpr int kMaxScalars = 12;
constexpr int kMaxFinishScalars = 6;

// Options that every rule has, at the same indices. The loops act on them: a
// rule's Update() sees the gradient with its sign and the coupled weight decay
// already applied, and the decoupled weight decay is added to its result.
enum CommonOption {
  kLr = 0,
  kWeightDecay = 1,
  kWeightDecayKind = 2,
  kMaximize = 3,
  kFrozen = 4,
  kFirstRuleOption = 5,
};

// One option. Its flags and its range are those of opt_option_info.
struct OptionDescriptor {
  const char* name;
  const char* aliases;  // other accepted names, with commas; nullptr: none
  double default_value;
  double min;
  double max;
  uint32_t flags;       // OPT_OPTION_*
  const char* choices;  // names of 0, 1, ... for OPT_OPTION_CHOICE
  const char* doc;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The options of every rule, and others that several rules share.
constexpr OptionDescriptor LrOption(double value,
                                    const char* aliases = "learning_rate,eta") {
  return {"lr",      aliases,
          value,     0,
          kInfinity, OPT_OPTION_MAX_OPEN,
          nullptr,   "learning rate: the size of a step"};
}
constexpr OptionDescriptor WeightDecayOption(
    double value, const char* aliases = "wd,lambda") {
  return {"weight_decay", aliases,
          value,          0,
          kInfinity,      OPT_OPTION_MAX_OPEN,
          nullptr,        "strength of the weight decay (L2)"};
}
constexpr OptionDescriptor BoolOption(const char* name, bool value,
                                      const char* doc, uint32_t flags = 0,
                                      const char* aliases = nullptr) {
  return {name,    aliases, value ? 1.0 : 0.0, 0, 1, OPT_OPTION_BOOL | flags,
          nullptr, doc};
}
enum WeightDecayKind { kCoupled = 0, kDecoupled = 1, kInUpdate = 2 };
constexpr OptionDescriptor WeightDecayKindOption(WeightDecayKind value) {
  return {"weight_decay_kind",
          "decoupled_weight_decay,decoupled,decouple,weight_decouple",
          static_cast<double>(value),
          0,
          1,
          OPT_OPTION_CHOICE,
          "coupled,decoupled",
          "where weight decay acts: coupled adds weight_decay * param to the "
          "gradient, decoupled subtracts lr * weight_decay * param from the "
          "parameter itself"};
}
constexpr OptionDescriptor MaximizeOption() {
  return BoolOption("maximize", false,
                    "ascend instead of descend: negate the gradient before "
                    "weight decay is added");
}
constexpr OptionDescriptor FrozenOption() {
  return BoolOption("frozen", false,
                    "frozen: steps leave the parameters, state and step counts "
                    "of the group's tensors unchanged");
}
constexpr OptionDescriptor EpsOption(double value) {
  return {
      "eps",     "epsilon",
      value,     0,
      kInfinity, OPT_OPTION_MAX_OPEN,
      nullptr,   "a small number that keeps the denominator from being zero"};
}

enum EpsPlacement { kEpsInside = 0, kEpsOutside = 1, kEpsHat = 2 };

struct OptionValue {
  int option;
  double value;
};

// A preset or an alias: the values that differ from the options' defaults.
struct NamedValues {
  const char* name;
  const char* doc;
  const OptionValue* values;
  int count;
};

struct RuleDescriptor {
  const char* name;
  const char* summary;
  const char* formula;
  const char* reference;
  const OptionDescriptor* options;
  int option_count;
  const SlotDescriptor* slots;
  int slot_count;
  const NamedValues* presets;  // the first is "textbook"
  int preset_count;
  const NamedValues* aliases;
  int alias_count;
  // Of a rule with SlotTensors::kFactored: the option whose value the last two
  // extents must reach for a tensor to be factored, or kAlways.
  int factor_option = kAlways;
  // The rule has a factor of its own for decoupled weight decay: Update()
  // applies it, or Prepare() gives it to the loops.
  bool decays_itself = false;
  // The slot that holds, or leads to, the evaluation weights; kNone if those
  // are the parameters themselves.
  int eval_slot = kNone;
  // Update() looks at the parameter, or its result depends on it.
  bool reads_param = false;
  // Of a rule whose second moments are kept in factors: the slot of the kernels
  // that holds the second moment where there are no factors; and the slots of
  // the factors, of which column_slot is kNone in a rule that keeps one
  // number for each row of axis 0.
  int unfactored_slot = kNone;
  int row_slot = kNone;
  int column_slot = kNone;
  // The slot of a second moment of gradients that update clipping divides by,
  // and the default of that option; kNone if the rule does not bear it.
  int clipping_slot = kNone;
  double update_clipping = 0;
  // The rest is added by any_rule.h: the first of the options of lookahead and
  // the slot of its slow weights, the first of the options of careful steps,
  // and the option of update clipping; kNone if the rule does not bear them.
  int lookahead_option = kNone;
  int lookahead_slot = kNone;
  int careful_option = kNone;
  int clipping_option = kNone;
};

// Options that any_rule.h adds, counted from RuleDescriptor::lookahead_option
// and RuleDescriptor::careful_option.
enum LookaheadOption { kLookahead, kLookaheadAlpha, kLookaheadOptions };
enum CarefulOption {
  kCautiousUpdate,
  kCautiousWeightDecay,
  // A rule that decays itself lacks the rest.
  kCorrectedWeightDecay,
  kMaxLr,
  kCarefulOptions,
};
constexpr int CarefulOptionsOf(const RuleDescriptor& rule) {
  return rule.decays_itself ? kCorrectedWeightDecay : kCarefulOptions;
}

// A rule whose update clipping divides by the second moment of a slot.
constexpr RuleDescriptor WithClipping(RuleDescriptor rule, int slot,
                                      double update_clipping = 0) {
  rule.clipping_slot = slot;
  rule.update_clipping = update_clipping;
  return rule;
}

// The sums over all elements of a tensor, made before any of them changes,
// for a step that must know the whole tensor.
enum Sum {
  kParamSquares,    // of the parameter before the step
  kGradSquares,     // of the gradient with its sign
  kDecayedSquares,  // of the gradient with coupled weight decay
  kUpdateSquares,  // of the update: what Update() returns, with kInUpdate decay
  kAgreements,     // 1 where update and gradient have the same sign
  kDividedSquares,  // of the gradient divided by the root of its second moment
  kSumCount
};

// Bit i: sum i is wanted.
using SumSet = uint32_t;

// Over which tensors the sums that Finish() sees run: the tensor alone, or all
// tensors of its group, or of all groups, that step with the same scope.
enum SumScope : uint8_t { kTensorSums, kGroupSums, kAllSums };

// The sums of one tensor, or of several.
struct TensorSums {
  double of[kSumCount];
  int64_t count;  // of elements
};

// The factors that the sums of a tensor lead to, by what they multiply.
struct TensorFactors {
  double grad = 1;
  double coupled_decay = 1;
  double update = 1;
  double agreeing = 1;  // the elements that a cautious step leaves, before
                        // kInUpdate decay is added to them
  double decoupled_decay = 1;
  double rule[kMaxScalars] = {};  // the rule's own constants
  double next[kMaxSlots] = {};  // the tensor's numbers after the step, by slot
};

// How a step treats elements whose update and gradient differ in sign.
enum Cautious { kCautiousOff = 0, kCautiousMean = 1, kCautiousCount = 2 };

// The number that multiplies decoupled weight decay: lr, lr^2 / max_lr, or lr /
// max_lr.
enum CorrectedDecay {
  kNotCorrected = 0,
  kSquaredDecay = 1,
  kRelativeDecay = 2
};
inline double DecayRate(CorrectedDecay kind, double lr, double max_lr) {
  if (kind == kNotCorrected) return lr;
  if (!(max_lr > 0)) return 0;
  return kind == kSquaredDecay ? lr * lr / max_lr : lr / max_lr;
}

// The smallest share of elements that a cautious step divides by, as in timm.
constexpr double kSmallestCautiousShare = 1e-3;

// Of factored second moments: a factor x becomes keep * x + fresh * (mean +
// eps) of the mean of the squared gradients of its row or column.
struct FactorScalars {
  double keep;
  double fresh;
  double eps;
  double smallest_mean;  // least mean of the row factors that is divided by
  double smallest;       // of the second moments of a matrix
  double eps_inside;     // added to row factors without column factors,
  double eps_outside;    // and to their roots
};

// The constants of a step, the same for every element. They are computed in
// double from the options and the step number, and rounded once to the
// parameter's type.
struct Scalars {
  double grad_scale;       // ±1: the sign of ascent or descent
  double coupled_decay;    // λ, added to the gradient as λθ; or 0
  double decoupled_decay;  // ηλ, subtracted as ηλθ; or 0
  double update_decay;     // λ, added to the update as λθ; or 0
  bool is_usual;           // Update() may take kUsual for granted
  Cautious cautious;
  bool cautious_decay;  // leave out elements whose update would grow them
  double clipping;      // the largest root mean square of kDividedSquares, or 0
  int clipping_slot;    // the second moment by which those are divided,
  double clipping_scale;     // times this,
  double clipping_smallest;  // but at least this
  SumSet sums;               // 0: the step has one phase
  SumSet late_sums;  // what is added up in a phase of its own when the factors
                     // of `sums` are known
  bool finish_scales;  // Finish() makes factors of the update and of decoupled
                       // decay, and leaves everything else as it was
  bool masks_first;    // Finish() needs the update that a cautious step leaves
  SumScope sum_scope;  // of the sums that Finish() sees
  double slow_weight;  // of lookahead; 0: the slow weights are not updated now
  FactorScalars factors;
  double finish[kMaxFinishScalars];  // of the rule's Finish()
  double rule[kMaxScalars];
  double next[kMaxSlots];  // the tensor's numbers after the step, by slot
};

// The facts that the constants of a step depend on. Numbers stand at the
// indices of their slots.
struct StepFacts {
  const double* options;
  int64_t step;                 // of the tensor; 1 at the first
  const double* numbers;        // of the tensor, before the step
  const double* group_numbers;  // of its group, in this step
  double set_lr = 0;     // the option lr, without its schedule or lr_factor
  double lr_factor = 1;  // of the tensor; options have it in lr already
};

// The form of a moving average a = beta * a + (1 - beta) * g that rounding
// harms least, which depends on beta:
//   from_old = 1: a + weight * (g - a), weight = 1 - beta
//   from_old = 0: g + weight * (g - a), weight = -beta; exactly g if beta = 0
struct Average {
  double weight;
  double from_old;
};
constexpr Average AverageOf(double beta) {
  return 1 - beta < 0.5 ? Average{1 - beta, 1} : Average{-beta, 0};
}

// Puts the weights of a moving average where MovingAverage() reads them: at
// `index` and the scalar after it.
inline void PutAverage(double beta, int index, Scalars* scalars) {
  const Average average = AverageOf(beta);
  scalars->rule[index] = average.weight;
  scalars->rule[index + 1] = average.from_old;
  scalars->is_usual &= average.from_old != 0;
}

// Says what update clipping divides by: max(sqrt(v / correction), eps).
inline void PutClipping(double correction, double eps, Scalars* scalars) {
  scalars->clipping_scale = 1 / correction;
  scalars->clipping_smallest = eps * eps;
}

// The weights with which the average becomes the fresh number itself.
constexpr Average kCopy = {0, 0};

// Computes the rule's own scalars, scalars->rule, and the tensor's next
// numbers, scalars->next.
using PrepareFunction = void (*)(const StepFacts& facts, Scalars* scalars);

// Makes a tensor's factors of the sums of its scope; factors->next holds its
// numbers, and gets those after the step. Called by any thread, it may read
// nothing else.
using FinishFunction = void (*)(const Scalars& scalars, const TensorSums& sums,
                                TensorFactors* factors);

// Replaces the numbers of a group by those of its next step. It is called once
// for each step in which a tensor of the group takes part, before the constants
// of its tensors are prepared.
using PrepareGroupFunction = void (*)(const double* options, double* numbers);

// The first step of a tensor from which on the constants that Prepare() makes
// depend on the options alone.
using SettleFunction = int64_t (*)(const double* options);
constexpr int64_t kNeverSettles = std::numeric_limits<int64_t>::max();

// Of a rule with an eval_slot: the factor f of the evaluation weights, param +
// f * (slot - param), or 1 for the slot itself.
using EvalFactorFunction = double (*)(const double* options);

// A step of a whole tensor in double. Slots are in descriptor order, each with
// as many elements as it has; state smaller than `smallest_normal` is stored as
// zero. Of a rule that has no slot for an option, the slot is there and unused.
struct ReferenceStep {
  const double* options;
  int64_t step;
  double smallest_normal;
  TensorShape shape;
  const double* grad;
  double* param;
  double* slots[kMaxSlots];
  const double* group_numbers;  // as StepFacts has them
  // Of a rule with Finish(), which makes careful steps itself:
  Cautious cautious = kCautiousOff;
  bool cautious_decay = false;
  double corrected_decay = -1;  // ηλ of decoupled decay, unless it is negative
};

// The formula as printed.
using ReferenceFunction = void (*)(const ReferenceStep& step);

// `base`, which is 0 or more, to the power of a step number. Repeated squaring
// gives the same bits everywhere, which the C library's pow does not promise.
// The factor is chosen by a mask, since branches on the bits of a counter would
// be mispredicted. A power below `least`, which is less than 1, may become 0.
inline double PowerOfStep(double base, int64_t step, double least = 0) {
  const double one = 1;
  uint64_t one_bits = 0;
  std::memcpy(&one_bits, &one, sizeof(one));
  double power = 1;
  for (; step > 0 && base > least; step >>= 1, base *= base) {
    uint64_t bits = 0;
    std::memcpy(&bits, &base, sizeof(bits));
    const uint64_t mask = 0 - (static_cast<uint64_t>(step) & 1);
    bits = (bits & mask) | (one_bits & ~mask);
    double factor = 0;
    std::memcpy(&factor, &bits, sizeof(factor));
    power *= factor;
  }
  return step > 0 ? 0 : power;
}

// 1 - base^step, which corrects the bias of a moving average: the bits of
// 1 - PowerOfStep(base, step), sooner where the power is too small to matter.
inline double OneMinusPower(double base, int64_t step) {
  return 1 - PowerOfStep(base, step, 0x1p-60);
}

// The next step number; the largest int64_t stays as it is.
constexpr int64_t StepAfter(int64_t step) {
  return step < std::numeric_limits<int64_t>::max() ? step + 1 : step;
}

// Shared by every Reference: the gradient with its sign and the coupled weight
// decay; the term that decoupled weight decay subtracts; and state as it is
// stored. Without weight decay even a NaN parameter does not enter the
// gradient.
inline double ReferenceGradient(const double* options, double grad,
                                double param) {
  const double g = options[kMaximize] != 0 ? -grad : grad;
  const double decay = options[kWeightDecay];
  return options[kWeightDecayKind] != kCoupled || decay == 0
             ? g
             : g + decay * param;
}
inline double ReferenceDecay(const double* options, double param) {
  return options[kWeightDecayKind] == kDecoupled && options[kWeightDecay] != 0
             ? options[kLr] * options[kWeightDecay] * param
             : 0;
}
inline double ReferenceState(double value, double smallest_normal) {
  return value < smallest_normal && value > -smallest_normal ? 0 : value;
}

// Adds up squares for a Reference, with more digits than the library has.
class ReferenceSquares {
 public:
  void Add(double x) { sum_ += static_cast<long double>(x) * x; }
  double sum() const { return static_cast<double>(sum_); }
  double norm() const { return static_cast<double>(std::sqrt(sum_)); }

 private:
  long double sum_ = 0;
};

struct Rule {
  const RuleDescriptor* descriptor;
  PrepareFunction prepare;
  PrepareGroupFunction prepare_group;  // nullptr: the rule has no such numbers
  EvalFactorFunction eval_factor;      // nullptr: it is 1
  FinishFunction finish;               // nullptr: the rule wants no sums
  ReferenceFunction reference;         // without the shared options
  int index;                           // in rules.inc, from 0
  SettleFunction settles_at;           // nullptr: never
  const char* class_name;
};

// A step of a rule with all of its options, shared ones included.
void Reference(const Rule& rule, const ReferenceStep& step);

}  // namespace libopt

#endif  // OPT_SRC_RULES_DESCRIPTOR_H_
