// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/scalars.h"

#include <algorithm>

namespace libopt {
namespace {

// Applies the options of careful steps and of update clipping.
void PutCareful(const RuleDescriptor& rule, const StepFacts& facts,
                Scalars* scalars) {
  const double* const o = facts.options;
  if (rule.clipping_option >= 0 && o[rule.clipping_option] > 0) {
    scalars->clipping = o[rule.clipping_option];
    scalars->sums |= 1U << kDividedSquares;
  }
  if (rule.careful_option < 0) return;
  const double* const careful = o + rule.careful_option;
  scalars->cautious = static_cast<Cautious>(careful[kCautiousUpdate]);
  if (scalars->cautious != kCautiousOff) scalars->sums |= 1U << kAgreements;
  if (o[kWeightDecayKind] != kDecoupled || o[kWeightDecay] == 0) return;
  scalars->cautious_decay = careful[kCautiousWeightDecay] != 0;
  if (rule.decays_itself) return;
  const auto corrected =
      static_cast<CorrectedDecay>(careful[kCorrectedWeightDecay]);
  if (corrected == kNotCorrected) return;
  const double max_lr = careful[kMaxLr] != 0 ? careful[kMaxLr] : facts.set_lr;
  scalars->decoupled_decay =
      DecayRate(corrected, o[kLr], max_lr * facts.lr_factor) * o[kWeightDecay];
}

// The order of the sums of a careful step. Elements agree or not in the update
// that the factors of Finish() give, unless it needs the update that is left of
// those that do.
void OrderSums(Scalars* scalars) {
  constexpr SumSet kOfCautious = 1U << kAgreements;
  if (scalars->cautious != kCautiousOff || scalars->cautious_decay) {
    scalars->finish_scales = false;
  }
  const SumSet own = scalars->sums & ~kOfCautious;
  if (scalars->cautious == kCautiousOff || own == 0) return;
  scalars->sums = scalars->masks_first ? kOfCautious : own;
  scalars->late_sums = scalars->masks_first ? own : kOfCautious;
}

// Sets what the options that every rule has say, then what the rule says.
void Prepare(const Rule& rule, const StepFacts& facts, Scalars* scalars) {
  const double* o = facts.options;
  const auto kind = static_cast<int>(o[kWeightDecayKind]);
  const double decay = o[kWeightDecay];
  scalars->grad_scale = o[kMaximize] != 0 ? -1 : 1;
  scalars->coupled_decay = kind == kCoupled ? decay : 0;
  scalars->decoupled_decay = 0;
  if (kind == kDecoupled && !rule.descriptor->decays_itself) {
    scalars->decoupled_decay = o[kLr] * decay;
  }
  scalars->update_decay = kind == kInUpdate ? decay : 0;
  scalars->is_usual = true;
  scalars->cautious = kCautiousOff;
  scalars->cautious_decay = false;
  scalars->clipping = 0;
  scalars->clipping_slot = rule.descriptor->clipping_slot;
  scalars->sums = 0;
  scalars->late_sums = 0;
  scalars->sum_scope = kTensorSums;
  scalars->finish_scales = false;
  scalars->masks_first = false;
  PutCareful(*rule.descriptor, facts, scalars);
  const int lookahead = rule.descriptor->lookahead_option;
  const auto period = lookahead < 0 ? 0 : static_cast<int64_t>(o[lookahead]);
  scalars->slow_weight =
      period > 0 && facts.step % period == 0 ? o[lookahead + 1] : 0;
  rule.prepare(facts, scalars);
  if (rule.finish != nullptr) OrderSums(scalars);
}

}  // namespace

void PrepareScalars(const Rule& rule, const Groups& groups,
                    const ScalarsKey& key, const double* group_numbers,
                    Scalars* scalars) {
  const double* options = groups.Now(key.group).values;
  double values[kMaxOptions];
  if (key.lr_factor != 1 || key.weight_decay_factor != 1) {
    std::copy_n(options, kMaxOptions, values);
    values[kLr] *= key.lr_factor;
    values[kWeightDecay] *= key.weight_decay_factor;
    options = values;
  }
  if (key.numbers != nullptr) {
    std::copy_n(key.numbers, kMaxSlots, scalars->next);
  }
  Prepare(rule,
          {options, key.step, key.numbers, group_numbers,
           groups[key.group].values[kLr], key.lr_factor},
          scalars);
}

bool PreparePlainStep(const Rule& rule, const Groups& groups,
                      const ScalarsKey& key, const StepKernel& kernel,
                      PreparedStep* step) {
  Scalars scalars;
  PrepareScalars(rule, groups, key, nullptr, &scalars);
  if (scalars.sums != 0 || scalars.cautious_decay || scalars.slow_weight > 0) {
    return false;
  }
  kernel.Prepare(scalars, step);
  return true;
}

void ScalarsCache::Reserve(int64_t keys) {
  const auto needed = static_cast<size_t>(keys);
  size_t size = 2;
  while (size < 2 * needed) size *= 2;
  if (size > buckets_.size()) buckets_.resize(size);
  if (needed > entries_.size()) entries_.resize(size / 2);
}

}  // namespace libopt
