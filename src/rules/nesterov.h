// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Nesterov momentum of a bias-corrected first moment m, in the two forms that
// libraries have.

#ifndef OPT_SRC_RULES_NESTEROV_H_
#define OPT_SRC_RULES_NESTEROV_H_

#include "src/rules/descriptor.h"

namespace libopt {

enum Nesterov {
  kNesterovOff = 0,
  kNesterovDozat = 1,
  kNesterovMlCommons = 2,
};

constexpr OptionDescriptor NesterovOption() {
  return {
      "nesterov",
      nullptr,
      kNesterovOff,
      0,
      2,
      OPT_OPTION_CHOICE,
      "off,dozat,mlcommons",
      "Nesterov momentum: with the new m, dozat, as in Optax, takes beta1 * "
      "m / (1 - beta1^(t+1)) + (1 - beta1) * g / (1 - beta1^t) in place of "
      "m_hat, and mlcommons, as in timm, (beta1 * m + (1 - beta1) * g) / "
      "(1 - beta1^t)"};
}

// m_hat is moment * m / ahead + grad * g / now.
struct Look {
  double moment;
  double grad;
  double ahead;
  double now;
};

inline Look LookOf(Nesterov kind, double beta1, int64_t step, bool correct) {
  const double now = correct ? OneMinusPower(beta1, step) : 1;
  if (kind == kNesterovOff) return {1, 0, now, now};
  const bool further = correct && kind == kNesterovDozat;
  const double ahead = further ? OneMinusPower(beta1, StepAfter(step)) : now;
  return {beta1, 1 - beta1, ahead, now};
}

// The same for a Reference.
inline double ReferenceMoment(Nesterov kind, double beta1, int64_t step,
                              bool correct, double m, double g) {
  const double now = correct ? OneMinusPower(beta1, step) : 1;
  const double ahead = correct ? OneMinusPower(beta1, StepAfter(step)) : 1;
  if (kind == kNesterovDozat) return beta1 * m / ahead + (1 - beta1) * g / now;
  if (kind == kNesterovMlCommons) return (beta1 * m + (1 - beta1) * g) / now;
  return m / now;
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_NESTEROV_H_
