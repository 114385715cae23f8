// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The options that any rule can bear, as the oracle's formulas need them.

#include <algorithm>
#include <string>
#include <vector>

#include "tests/rules/oracle_parts.h"

namespace opt_test {

double ValueOf(const Options& options, const std::string& name) {
  const auto found = options.find(name);
  return found == options.end() ? 0 : found->second;
}

bool IsCareful(const Options& o) {
  return ValueOf(o, "cautious") != 0 ||
         ValueOf(o, "cautious_weight_decay") != 0 ||
         ValueOf(o, "corrected_weight_decay") != 0 ||
         ValueOf(o, "update_clipping") != 0;
}

void BeCautious(const Options& o, const std::vector<Tracked>& grad,
                std::vector<Tracked>* update) {
  if (ValueOf(o, "cautious") == 0) return;
  const auto n = static_cast<double>(grad.size());
  std::vector<bool> agree;
  double agreeing = 0;
  for (size_t i = 0; i < grad.size(); ++i) {
    agree.push_back((*update)[i].value * grad[i].value > 0);
    agreeing += agree.back() ? 1 : 0;
  }
  const double scale = o.at("cautious") == 1 ? 1 / std::max(agreeing / n, 1e-3)
                                             : n / (agreeing + 1);
  for (size_t i = 0; i < grad.size(); ++i) {
    Tracked& u = (*update)[i];
    u = agree[i] ? Wider(scale * u) : Tracked(0);
  }
}

long double CorrectionOfDecay(const Options& o) {
  const double kind = ValueOf(o, "corrected_weight_decay");
  if (kind == 0) return 1;
  const long double lr = o.at("lr");
  const long double most = o.at("max_lr") == 0 ? lr : o.at("max_lr");
  return kind == 1 ? lr / most : 1 / most;
}

Tracked CarefulUpdate(const Options& o, const Tracked& step,
                      long double theta) {
  const Common common(o);
  const bool grows = step.value * theta < 0;
  const bool spares = grows && ValueOf(o, "cautious_weight_decay") != 0;
  if (!common.decoupled || common.weight_decay == 0 || spares) return -step;
  return -step - Scalar(common.decay * CorrectionOfDecay(o)) * theta;
}

}  // namespace opt_test
