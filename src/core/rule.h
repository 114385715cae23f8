// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What an update rule is, as plain data: the descriptor that every rule file
// fills in, and the functions that the kernel layer makes of it. One
// descriptor feeds validation, state layout, introspection, the generated
// names and tables, the tests and the benchmarks.

#ifndef OPT_SRC_CORE_RULE_H_
#define OPT_SRC_CORE_RULE_H_

#include <cstdint>

#include "opt/opt_base.h"

namespace opt {

constexpr int kMaxOptions = 24;
constexpr int kMaxSlots = 4;
constexpr int kMaxScalars = 12;

// Options that every rule has, at the same indices. The driver acts on them;
// a rule's Update() sees the gradient with the sign and the coupled weight
// decay already applied, and its result gets the decoupled one.
enum CommonOption {
  kLr = 0,
  kWeightDecay = 1,
  kDecoupledWeightDecay = 2,
  kMaximize = 3,
  kFirstRuleOption = 4,
};

// One option, flags and ranges as in opt_option_info.
struct OptionDescriptor {
  const char* name;
  const char* alias;  // another accepted name, or nullptr
  double default_value;
  double min;
  double max;
  uint32_t flags;       // OPT_OPTION_*
  const char* choices;  // names of 0, 1, ... for OPT_OPTION_CHOICE
  const char* doc;
};

constexpr int kAlways = -1;  // SlotDescriptor::when_option
constexpr int kZeros = -1;   // SlotDescriptor::initial_option

// One state slot: an array as long as the parameter, in its type.
struct SlotDescriptor {
  const char* name;  // PyTorch's name
  const char* doc;
  int when_option;     // exists when this option is not 0, or kAlways
  int initial_option;  // starts at this option's value, or at kZeros
};

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
};

// A step's constants, the same for every element. Computed in double from the
// options and the step number, and rounded to the parameter's type once.
struct Scalars {
  double grad_scale;       // ±1, times 1 / samples for an accumulated mean
  double coupled_decay;    // λ, added to the gradient as λθ; or 0
  double decoupled_decay;  // ηλ, subtracted as ηλθ; or 0
  double rule[kMaxScalars];
};

// A contiguous piece of one tensor. `slots` are in descriptor order, nullptr
// where the layout lacks one.
struct Chunk {
  void* param;
  void* grad;
  void* slots[kMaxSlots];
  int64_t count;
  const Scalars* scalars;
  opt_dtype grad_dtype;
  bool zero_grad;
};

// Bit i: slot i exists.
using Layout = uint32_t;

// Does one step over a chunk. Touches nothing outside the arrays, and gives
// the same bits however a tensor is cut into chunks.
using ChunkFunction = void (*)(const Chunk& chunk);

// Rule's own scalars from its options, the step number (1 at the first) into
// scalars.rule.
using PrepareFunction = void (*)(const double* options, int64_t step,
                                 Scalars* scalars);

// The formula as printed, for one element in double. `slots` are in descriptor
// order; state smaller than `smallest_normal` is stored as zero.
using ReferenceFunction = void (*)(const double* options, int64_t step,
                                   double smallest_normal, double grad,
                                   double* param, double* slots);

struct Rule {
  const RuleDescriptor* descriptor;
  PrepareFunction prepare;
  ReferenceFunction reference;
  // The step over a chunk on a SIMD target (index as in core/target.h), or
  // nullptr if there is none.
  ChunkFunction (*select)(int target, opt_dtype param_dtype, Layout layout);
};

}  // namespace opt

#endif  // OPT_SRC_CORE_RULE_H_
