// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The oracle's formulas of the rules that vary Adam's moments.

#include <cmath>

#include "tests/rules/oracle_parts.h"

namespace opt_test {
namespace {

// sqrt(second / c2) + eps, or with eps elsewhere.
Tracked Root(const Tracked& second, long double c2, const Options& o) {
  enum Placement { kInside = 0, kOutside = 1, kHat = 2 };
  const long double eps = o.at("eps");
  const Tracked hat = second / c2;
  switch (static_cast<Placement>(o.at("eps_placement"))) {
    case kInside:
      return Sqrt(hat + eps);
    case kHat:
      return Sqrt(hat) + eps / std::sqrt(c2);
    default:
      return Sqrt(hat) + eps;
  }
}

}  // namespace

After AdaBelief(const Options& o, int64_t t, const Before& before) {
  Common common(o);
  if (o.at("fixed_decay") != 0) common.decay = common.weight_decay;
  const long double beta1 = o.at("beta1");
  const double c1 = BiasCorrection(o.at("beta1"), t);
  const double c1_next = BiasCorrection(o.at("beta1"), t + 1);
  const double c2 = BiasCorrection(o.at("beta2"), t);
  const double length = RectifiedLength(o.at("beta2"), t);
  const bool divides = o.at("rectify") == 0 || length >= 5;
  long double rate = common.lr;
  if (!divides) rate *= o.at("degenerated_to_sgd");
  if (divides && o.at("rectify") != 0) {
    rate *= RectifiedFactor(o.at("beta2"), length);
  }

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m = SignedAverage(beta1, before.slots.at("exp_avg")[i], g);
    const Tracked surprise = g - Rounded(m, 4);
    Tracked s = Average(o.at("beta2"), before.slots.at("exp_avg_var")[i],
                        surprise * surprise) +
                Scalar(o.at("eps_root"));
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_var"].push_back(s);
    if (o.at("amsgrad") != 0) {
      s = Max(before.slots.at("max_exp_avg_var")[i], s);
      after.slots["max_exp_avg_var"].push_back(s);
    }
    Tracked direction = m / c1;
    if (o.at("nesterov") != 0) {
      direction = beta1 / c1_next * m + (1 - beta1) / c1 * g;
    }
    direction = rate * direction;
    if (divides) direction = direction / Root(Rounded(s, 8), c2, o);
    after.update.push_back(common.Update(direction, before.param[i]));
  }
  return after;
}

After Yogi(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const bool correct = o.at("bias_correction") != 0;
  const long double c1 = correct ? BiasCorrection(o.at("beta1"), t) : 1.0L;
  const long double c2 = correct ? BiasCorrection(o.at("beta2"), t) : 1.0L;

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m =
        SignedAverage(o.at("beta1"), before.slots.at("exp_avg")[i], g);
    const Tracked v0 = before.slots.at("exp_avg_sq")[i];
    const Tracked v =
        v0 - Scalar(1 - o.at("beta2")) * Sign(v0 - Rounded(g * g)) * g * g;
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked step =
        Wider(common.lr * (Rounded(m, 4) / c1) / Root(Rounded(v, 4), c2, o));
    after.update.push_back(common.Update(step, before.param[i]));
  }
  return after;
}

After Adopt(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const long double beta1 = o.at("beta1");
  const long double eps = o.at("eps");
  const double bound = std::pow(static_cast<double>(t - 1), o.at("clip_exp"));

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked m0 = before.slots.at("exp_avg")[i];
    const Tracked v0 = before.slots.at("exp_avg_sq")[i];
    if (t == 1) {
      after.slots["exp_avg"].push_back(m0);
      after.slots["exp_avg_sq"].push_back(g * g);
      after.update.emplace_back();
      continue;
    }
    Tracked n = g / Max(Sqrt(v0), Scalar(eps));
    if (o.at("clip") != 0 && std::fabs(n.value) > bound) {
      n = Rounded(std::copysign(bound, static_cast<double>(n.value)), 2);
    }
    const Tracked m = SignedAverage(beta1, m0, n);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_sq"].push_back(Average(o.at("beta2"), v0, g * g));
    const Tracked direction =
        o.at("nesterov") != 0 ? SignedAverage(beta1, m, n) : m;
    after.update.push_back(
        common.Update(common.lr * Rounded(direction, 4), before.param[i]));
  }
  return after;
}

After AdEMAMix(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const double c1 = BiasCorrection(o.at("beta1"), t);
  const double c2 = BiasCorrection(o.at("beta2"), t);
  const auto now = static_cast<double>(t);
  const double alpha = now < o.at("alpha_warmup")
                           ? o.at("alpha") * now / o.at("alpha_warmup")
                           : o.at("alpha");
  // exp(ln b1 ln b3 / ((1 - s) ln b3 + s ln b1)): its last digits are lost in
  // 1 - b.
  double slow = o.at("beta3");
  int lost = 0;
  if (now < o.at("beta3_warmup")) {
    const double s = now / o.at("beta3_warmup");
    slow = std::exp(
        1 / ((1 - s) / std::log(o.at("beta1")) + s / std::log(o.at("beta3"))));
    lost = static_cast<int>(8 / (1 - slow));
  }

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    Tracked fast = g;
    if (o.at("beta1") != 0) {
      fast =
          SignedAverage(o.at("beta1"), before.slots.at("exp_avg_fast")[i], g);
      after.slots["exp_avg_fast"].push_back(fast);
    }
    const Tracked m2 = Rounded(
        SignedAverage(slow, before.slots.at("exp_avg_slow")[i], g), lost);
    const Tracked v =
        Average(o.at("beta2"), before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg_slow"].push_back(m2);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked root = Sqrt(v / c2 + o.at("eps_root")) + o.at("eps");
    const Tracked step = common.lr * (fast / c1 + alpha * m2) / root;
    after.update.push_back(common.Update(step, before.param[i]));
  }
  return after;
}

After Adan(const Options& o, int64_t t, const Before& before) {
  Common common(o);
  const long double beta2 = o.at("beta2");
  const double c1 = BiasCorrection(o.at("beta1"), t);
  const double c2 = BiasCorrection(o.at("beta2"), t);
  const double c3 = BiasCorrection(o.at("beta3"), t);
  // theta - (theta - eta u) / (1 + eta lambda)
  //   = (eta u + eta lambda theta) / (1 + eta lambda)
  const bool proximal = common.decoupled && o.at("no_prox") == 0;
  const long double divisor =
      proximal ? 1 + common.lr * common.weight_decay : 1;
  common.decay /= divisor;

  After after;
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked change =
        t == 1 ? Tracked(0) : g + before.slots.at("neg_pre_grad")[i];
    const Tracked ahead = g + Scalar(beta2) * change;
    const Tracked m =
        SignedAverage(o.at("beta1"), before.slots.at("exp_avg")[i], g);
    const Tracked q =
        SignedAverage(beta2, before.slots.at("exp_avg_diff")[i], change);
    const Tracked n =
        Average(o.at("beta3"), before.slots.at("exp_avg_sq")[i], ahead * ahead);
    after.slots["exp_avg"].push_back(m);
    after.slots["exp_avg_diff"].push_back(q);
    after.slots["exp_avg_sq"].push_back(n);
    after.slots["neg_pre_grad"].push_back(-g);
    const Tracked direction = m / c1 + beta2 / c2 * Rounded(q, 4);
    const Tracked root =
        Sqrt(Rounded(n, 8) / c3 + o.at("eps_root")) + o.at("eps");
    after.update.push_back(
        common.Update(common.lr / divisor * direction / root, before.param[i]));
  }
  return after;
}

}  // namespace opt_test
