// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The common parts of the oracle's formulas of several rules.

#ifndef OPT_TESTS_RULES_ORACLE_PARTS_H_
#define OPT_TESTS_RULES_ORACLE_PARTS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/rules/oracle.h"

namespace opt_test {

// An option, or a number made of options, as the arithmetic gets it: rounded
// to the parameter's dtype once, unless it is a short number.
inline Tracked Scalar(long double x) {
  return x == static_cast<float>(x) ? Tracked(x) : Rounded(x);
}

// The common ground of all rules: the sign of the gradient, and weight decay.
struct Common {
  explicit Common(const Options& o)
      : lr(o.at("lr")),
        weight_decay(o.at("weight_decay")),
        decay(lr * weight_decay),
        decoupled(o.at("weight_decay_kind") == 1),
        coupled(o.at("weight_decay_kind") == 0),
        sign(o.at("maximize") != 0 ? -1 : 1) {}

  // g = gradient + lambda theta. A formula takes g as it is, two roundings
  // later.
  Tracked Gradient(long double grad, long double theta) const {
    const Tracked g = sign * grad;
    if (!coupled || weight_decay == 0) return g;
    return Rounded(g + Rounded(Scalar(weight_decay) * theta));
  }

  // The change of theta for a step of eta * direction:
  // -eta * direction [- eta lambda theta]
  Tracked Update(const Tracked& step, long double theta) const {
    if (!decoupled || weight_decay == 0) return -step;
    return -step - Scalar(decay) * theta;
  }

  long double lr;
  long double weight_decay;
  long double decay;  // what decoupled weight decay takes of theta
  bool decoupled;
  bool coupled;
  long double sign;
};

// beta old + (1 - beta) fresh
inline Tracked Average(long double beta, const Tracked& old,
                       const Tracked& fresh) {
  return Scalar(beta) * old + Scalar(1 - beta) * fresh;
}

// The same of numbers of either sign: their difference is a term too, since
// old + (1 - beta) (fresh - old), or from the other end fresh - beta (fresh -
// old), is the more exact way to compute it.
inline Tracked SignedAverage(long double beta, const Tracked& old,
                             const Tracked& fresh) {
  const Tracked printed = Average(beta, old, fresh);
  const Tracked by_difference = beta > 0.5L ? old + (1 - beta) * (fresh - old)
                                            : fresh - beta * (fresh - old);
  return {printed.value, std::max(printed.scale, by_difference.scale),
          printed.inherited};
}

// The sign of a sum whose terms may cancel: where its roundings could turn it
// over, nothing is known of it.
inline Tracked Sign(const Tracked& x) {
  if (x.value == 0 || std::isnan(x.value)) return x;
  const long double sign = x.value > 0 ? 1 : -1;
  const bool is_sure = std::fabs(x.value) > 0x1p-20L * x.scale;
  return {sign, is_sure ? 1 : kUnbounded, 0};
}

// How many gradients RAdam takes a second moment to be worth, and by how much
// it then shrinks a step. In double, as BiasCorrection().
inline double RectifiedLength(double beta2, int64_t t) {
  const double c2 = BiasCorrection(beta2, t);
  return 2 / (1 - beta2) - 1 - 2 * static_cast<double>(t) * (1 - c2) / c2;
}
inline double RectifiedFactor(double beta2, double length) {
  const double most = 2 / (1 - beta2) - 1;
  return std::sqrt((length - 4) / (most - 4) * (length - 2) / (most - 2) *
                   most / length);
}

// Rules of other files than oracle.cc.
After AdaBelief(const Options& o, int64_t t, const Before& before);
After Yogi(const Options& o, int64_t t, const Before& before);
After Adopt(const Options& o, int64_t t, const Before& before);
After AdEMAMix(const Options& o, int64_t t, const Before& before);
After Adan(const Options& o, int64_t t, const Before& before);
After ScheduleFreeSgd(const Options& o, int64_t t, const Before& before);
After ScheduleFreeAdamW(const Options& o, int64_t t, const Before& before);
After ScheduleFreeRAdam(const Options& o, int64_t t, const Before& before);

// ---- Options that any rule can bear, in oracle_careful.cc ----

// The value of an option that a rule may lack; then 0.
double ValueOf(const Options& options, const std::string& name);

bool IsCareful(const Options& o);

// The update of a cautious step: elements whose update and gradient differ in
// sign stay; the others move by so much more.
void BeCautious(const Options& o, const std::vector<Tracked>& grad,
                std::vector<Tracked>* update);

// How many times as large corrected weight decay is.
long double CorrectionOfDecay(const Options& o);

// The change of theta for a step, as Common::Update() has it, of a rule
// whose formula makes careful steps.
Tracked CarefulUpdate(const Options& o, const Tracked& step, long double theta);

// A result on whose way there are twice as many roundings as usual: it is
// scaled once more after it was stored.
inline Tracked Wider(const Tracked& x) {
  return {x.value, 2 * x.scale, x.inherited};
}

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_ORACLE_PARTS_H_
