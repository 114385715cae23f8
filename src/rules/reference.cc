// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/rules/reference.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/rules/descriptor.h"

namespace libopt {
namespace {

// The update that the rule makes without the shared options: what it subtracts
// from a parameter of zero, with the coupled weight decay put into the
// gradient.
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

// The factor of decoupled weight decay. The largest learning rate is lr where
// it is not set.
double DecoupledDecay(const RuleDescriptor& rule, const double* o) {
  const double* careful = o + rule.careful_option;
  const double max_lr = careful[kMaxLr];
  return o[kWeightDecay] *
         DecayRate(static_cast<CorrectedDecay>(careful[kCorrectedWeightDecay]),
                   o[kLr], max_lr == 0 ? o[kLr] : max_lr);
}

// The constants that a rule may have a part in: the factor of decoupled weight
// decay, and what update clipping divides by.
Scalars ConstantsOf(const Rule& rule, const ReferenceStep& step) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  const double* o = step.options;
  double numbers[kMaxSlots] = {};
  for (int i = 0; i < descriptor.slot_count; ++i) {
    const bool is_number = descriptor.slots[i].is_tensor_number();
    if (is_number) numbers[i] = *step.slots[i];
  }
  Scalars scalars = {};
  if (o[kWeightDecayKind] == kDecoupled) {
    scalars.decoupled_decay = DecoupledDecay(descriptor, o);
  }
  rule.prepare({o, step.step, numbers, step.group_numbers}, &scalars);
  if (o[kWeightDecayKind] != kDecoupled) scalars.decoupled_decay = 0;
  return scalars;
}

// By how much an update is clipped. The second moment has been stepped.
double ClippingFactor(const RuleDescriptor& rule, const Scalars& scalars,
                      const ReferenceStep& step) {
  const double* o = step.options;
  if (rule.clipping_option < 0 || o[rule.clipping_option] == 0) return 1;
  ReferenceSquares squares;
  for (int64_t i = 0; i < step.shape.count; ++i) {
    const double g = ReferenceGradient(o, step.grad[i], step.param[i]);
    const double v = scalars.clipping_scale * step.slots[rule.clipping_slot][i];
    const double smallest =
        std::max(scalars.clipping_smallest, step.smallest_normal);
    squares.Add(g / std::sqrt(v < smallest ? smallest : v));
  }
  const auto count = static_cast<double>(step.shape.count);
  const double rms = squares.norm() / std::sqrt(count);
  return 1 / std::max(1.0, rms / o[rule.clipping_option]);
}

void CarefulStep(const Rule& rule, const ReferenceStep& step) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  const double* o = step.options;
  const double* careful = o + descriptor.careful_option;
  const int64_t count = step.shape.count;
  const Scalars scalars = ConstantsOf(rule, step);
  const std::vector<double> update = UpdateOf(rule, step);
  const double clipped = ClippingFactor(descriptor, scalars, step);
  const double decay = clipped * scalars.decoupled_decay;
  const auto cautious = static_cast<Cautious>(careful[kCautiousUpdate]);
  const auto agrees = [&](int64_t i) {
    const double u = update[static_cast<size_t>(i)];
    const double g = ReferenceGradient(o, step.grad[i], step.param[i]);
    return cautious == kCautiousOff || ReferenceAgrees(u, g);
  };
  double agreeing = 0;
  for (int64_t i = 0; i < count; ++i) agreeing += agrees(i) ? 1 : 0;
  const double scale =
      clipped *
      ReferenceCautiousFactor(cautious, agreeing, static_cast<double>(count));
  for (int64_t i = 0; i < count; ++i) {
    double& param = step.param[i];
    const double u = agrees(i) ? scale * update[static_cast<size_t>(i)] : 0;
    const bool decays = decay != 0 && !(careful[kCautiousWeightDecay] != 0 &&
                                        ReferenceGrows(u, param));
    param -= decays ? u + decay * param : u;
  }
}

// Whether a step is more than what the rule's own Reference does.
bool IsCareful(const RuleDescriptor& rule, const double* o) {
  if (rule.clipping_option >= 0 && o[rule.clipping_option] != 0) return true;
  if (rule.careful_option < 0) return false;
  const double* careful = o + rule.careful_option;
  return careful[kCautiousUpdate] != kCautiousOff ||
         careful[kCautiousWeightDecay] != 0 ||
         (!rule.decays_itself &&
          careful[kCorrectedWeightDecay] != kNotCorrected);
}

// A careful step of a rule whose Reference makes it.
void CarefulFinish(const Rule& rule, ReferenceStep step) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  const double* o = step.options;
  const double* careful = o + descriptor.careful_option;
  step.cautious = static_cast<Cautious>(careful[kCautiousUpdate]);
  if (o[kWeightDecayKind] == kDecoupled && o[kWeightDecay] != 0) {
    step.cautious_decay = careful[kCautiousWeightDecay] != 0;
    if (!descriptor.decays_itself) {
      step.corrected_decay = DecoupledDecay(descriptor, o);
    }
  }
  rule.reference(step);
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
  if (!IsCareful(descriptor, o)) {
    rule.reference(step);
  } else if (rule.finish != nullptr) {
    CarefulFinish(rule, step);
  } else {
    CarefulStep(rule, step);
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
