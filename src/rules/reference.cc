// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <vector>

#include "src/rules/descriptor.h"

namespace libopt {
namespace {

// The update that the rule makes without the options of any rule: what it
// subtracts from a parameter of zero, with the coupled weight decay put into
// the gradient.
std::vector<double> UpdateOf(const Rule& rule, const ReferenceStep& step) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  std::vector<double> options(step.options,
                              step.options + descriptor.option_count);
  const auto count = static_cast<size_t>(step.shape.count);
  std::vector<double> grad(count);
  for (size_t i = 0; i < count; ++i) {
    grad[i] = ReferenceGradient(step.options, step.grad[i], step.param[i]);
  }
  options[kMaximize] = 0;
  if (options[kWeightDecayKind] == kCoupled) options[kWeightDecay] = 0;
  std::vector<double> param(count);
  ReferenceStep alone = step;
  alone.options = options.data();
  alone.grad = grad.data();
  alone.param = param.data();
  rule.reference(alone);
  for (double& x : param) x = -x;
  return param;
}

// The factor of decoupled weight decay, which a rule may have changed.
double DecoupledDecay(const Rule& rule, const ReferenceStep& step) {
  const double* o = step.options;
  if (o[kWeightDecayKind] != kDecoupled) return 0;
  double numbers[kMaxSlots] = {};
  for (int i = 0; i < rule.descriptor->slot_count; ++i) {
    const bool is_number = rule.descriptor->slots[i].is_tensor_number();
    if (is_number) numbers[i] = *step.slots[i];
  }
  Scalars scalars = {};
  scalars.decoupled_decay = o[kLr] * o[kWeightDecay];
  rule.prepare({o, step.step, numbers, step.group_numbers}, &scalars);
  return scalars.decoupled_decay;
}

void CautiousStep(const Rule& rule, const ReferenceStep& step) {
  const double* o = step.options;
  const int64_t count = step.shape.count;
  const double decay = DecoupledDecay(rule, step);
  const std::vector<double> update = UpdateOf(rule, step);
  const auto agrees = [&](int64_t i) {
    const double u = update[static_cast<size_t>(i)];
    const double g = ReferenceGradient(o, step.grad[i], step.param[i]);
    return (u > 0 && g > 0) || (u < 0 && g < 0);
  };
  double agreeing = 0;
  for (int64_t i = 0; i < count; ++i) agreeing += agrees(i) ? 1 : 0;
  const auto n = static_cast<double>(count);
  const double scale = o[rule.descriptor->cautious_option] == kCautiousMean
                           ? 1 / std::max(agreeing / n, kSmallestCautiousShare)
                           : n / (agreeing + 1);
  for (int64_t i = 0; i < count; ++i) {
    const double u = agrees(i) ? scale * update[static_cast<size_t>(i)] : 0;
    step.param[i] -= decay != 0 ? u + decay * step.param[i] : u;
  }
}

}  // namespace

void Reference(const Rule& rule, const ReferenceStep& step) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  const double* o = step.options;
  const int lookahead = descriptor.lookahead_option;
  const bool looks_ahead = lookahead >= 0 && o[lookahead] != 0;
  double* slow = looks_ahead ? step.slots[descriptor.lookahead_slot] : nullptr;
  const int64_t count = step.shape.count;
  if (looks_ahead && step.step == 1) std::copy_n(step.param, count, slow);
  const int cautious = descriptor.cautious_option;
  if (cautious >= 0 && o[cautious] != kCautiousOff) {
    CautiousStep(rule, step);
  } else {
    rule.reference(step);
  }
  if (!looks_ahead || step.step % static_cast<int64_t>(o[lookahead]) != 0) {
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const double alpha = o[lookahead + 1];
    slow[i] = (1 - alpha) * slow[i] + alpha * step.param[i];
    slow[i] = ReferenceState(slow[i], step.smallest_normal);
    step.param[i] = slow[i];
  }
}

}  // namespace libopt
