// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The oracle's formulas of the schedule-free rules.

#include <algorithm>
#include <cmath>

#include "tests/rules/oracle_parts.h"

namespace opt_test {
namespace {

// The group's share of the work: its numbers after step k, and with them the
// weight c of the new z in the average.
struct GroupStep {
  GroupStep(const Options& o, const Before& before, double step, double lr)
      : k(step), rate(lr) {
    lr_max = std::max(static_cast<double>(before.slots.at("lr_max")[0]), rate);
    const double weight =
        std::pow(k, o.at("r")) * std::pow(lr_max, o.at("weight_lr_power"));
    weight_sum = static_cast<double>(before.slots.at("weight_sum")[0]) + weight;
    c = weight_sum > 0 ? weight / weight_sum : 0;
  }

  void Put(After* after) const {
    after->slots["k"].emplace_back(k);
    after->slots["weight_sum"].push_back(Rounded(weight_sum, 8));
    after->slots["lr_max"].push_back(Rounded(lr_max, 16));
  }

  double k;
  double rate;
  double lr_max;
  double weight_sum;
  double c;
};

double StepOf(const Before& before) {
  return static_cast<double>(before.slots.at("k")[0]) + 1;
}

double WarmRate(const Options& o, double k) {
  return o.at("lr") * (k < o.at("warmup_steps") ? k / o.at("warmup_steps") : 1);
}

// One element: y += c (z - y) + eta (beta1 (1 - c) - 1) u, z -= eta u.
void Move(const Options& o, const GroupStep& group, const Tracked& n,
          long double y, const Tracked& z, After* after) {
  Tracked u = n;
  if (o.at("weight_decay_kind") == 1 && o.at("weight_decay") != 0) {
    u = Rounded(u + Scalar(o.at("weight_decay")) * y, 2);
  }
  const long double beta1 = o.at("beta1");
  const Tracked average = Rounded(Scalar(group.c) * (z - y), 4);
  const Tracked ahead =
      Rounded(Scalar(group.rate * (beta1 * (1 - group.c) - 1)) * u, 8);
  after->update.push_back(average + ahead);
  after->slots["z"].push_back(z - Scalar(group.rate) * u);
}

// z before the step, which in the first one is the parameter.
Tracked ZOf(int64_t t, const Before& before, size_t i) {
  return t == 1 ? before.param[i] : before.slots.at("z")[i];
}

}  // namespace

After ScheduleFreeSgd(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const double k = StepOf(before);
  const GroupStep group(o, before, k, WarmRate(o, k));
  After after;
  group.Put(&after);
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    Move(o, group, g, before.param[i], ZOf(t, before, i), &after);
  }
  return after;
}

After ScheduleFreeAdamW(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const double k = StepOf(before);
  const GroupStep group(o, before, k, WarmRate(o, k));
  const double inner = o.at("inner_momentum");
  const double c2 = BiasCorrection(o.at("beta2"), t);
  After after;
  group.Put(&after);
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked v =
        Average(o.at("beta2"), before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg_sq"].push_back(v);
    Tracked numerator = g;
    if (inner != 0) {
      const Tracked m = SignedAverage(inner, before.slots.at("exp_avg")[i], g);
      after.slots["exp_avg"].push_back(m);
      numerator = Rounded(m, 4) / BiasCorrection(inner, t);
    }
    const Tracked root = Sqrt(Rounded(v, 4) / c2) + o.at("eps");
    Move(o, group, Rounded(numerator / root, 4), before.param[i],
         ZOf(t, before, i), &after);
  }
  return after;
}

After ScheduleFreeRAdam(const Options& o, int64_t t, const Before& before) {
  const Common common(o);
  const double k = StepOf(before);
  const double length = RectifiedLength(o.at("beta2"), static_cast<int64_t>(k));
  const bool divides = length > 4;
  const double factor = divides ? RectifiedFactor(o.at("beta2"), length)
                                : 1 - o.at("silent_sgd_phase");
  const GroupStep group(o, before, k, o.at("lr") * factor);
  const double c2 = BiasCorrection(o.at("beta2"), t);
  After after;
  group.Put(&after);
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Tracked g = common.Gradient(before.grad[i], before.param[i]);
    const Tracked v =
        Average(o.at("beta2"), before.slots.at("exp_avg_sq")[i], g * g);
    after.slots["exp_avg_sq"].push_back(v);
    const Tracked root = Sqrt(Rounded(v, 4) / c2) + o.at("eps");
    Move(o, group, divides ? Rounded(g / root, 4) : g, before.param[i],
         ZOf(t, before, i), &after);
  }
  return after;
}

}  // namespace opt_test
