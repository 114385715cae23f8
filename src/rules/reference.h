// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Careful steps in the References of rules with Finish(), which cannot be made
// of the update alone.

#ifndef OPT_SRC_RULES_REFERENCE_H_
#define OPT_SRC_RULES_REFERENCE_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "src/rules/descriptor.h"

namespace libopt {

// Whether an update has the sign of its gradient.
inline bool ReferenceAgrees(double update, double grad) {
  return (update > 0 && grad > 0) || (update < 0 && grad < 0);
}
// Whether an update takes its parameter further from zero.
inline bool ReferenceGrows(double update, double param) {
  return ReferenceAgrees(-update, param);
}

// Whether decoupled weight decay acts on an element with this update.
inline bool ReferenceDecays(const ReferenceStep& step, double update,
                            double param) {
  return !(step.cautious_decay && ReferenceGrows(update, param));
}
// The term that it subtracts from the element.
inline double ReferenceDecay(const ReferenceStep& step, double update,
                             double param) {
  if (!ReferenceDecays(step, update, param)) return 0;
  return step.corrected_decay < 0 ? ReferenceDecay(step.options, param)
                                  : step.corrected_decay * param;
}

// The factor of elements that agree in sign with their gradients, of which
// there are so many.
inline double ReferenceCautiousFactor(Cautious cautious, double agreeing,
                                      double count) {
  if (cautious == kCautiousOff) return 1;
  return cautious == kCautiousMean
             ? 1 / std::max(agreeing / count, kSmallestCautiousShare)
             : count / (agreeing + 1);
}

// The part of the updates that a cautious step leaves.
inline void ReferenceCaution(const ReferenceStep& step,
                             const std::vector<double>& grad,
                             std::vector<double>* update) {
  if (step.cautious == kCautiousOff) return;
  double agreeing = 0;
  for (size_t i = 0; i < grad.size(); ++i) {
    double& u = (*update)[i];
    const bool agrees = ReferenceAgrees(u, grad[i]);
    agreeing += agrees ? 1 : 0;
    if (!agrees) u = 0;
  }
  const double factor = ReferenceCautiousFactor(
      step.cautious, agreeing, static_cast<double>(grad.size()));
  for (double& u : *update) u *= factor;
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_REFERENCE_H_
