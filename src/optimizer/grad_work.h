// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What a call is to do with the gradients, checked, and how the factors of
// clipping follow from norms.

#ifndef OPT_SRC_OPTIMIZER_GRAD_WORK_H_
#define OPT_SRC_OPTIMIZER_GRAD_WORK_H_

#include "opt/opt_gradient.h"
#include "src/rules/descriptor.h"

namespace libopt {

// Reads a caller's work, nullptr being none. Throws OPT_ERR_ARGUMENT for a
// field out of its range, OPT_ERR_STRUCT.
opt_grad_work ReadGradWork(const opt_grad_work* work);

// Reads what a caller's report says of the room in it; nullptr: no report.
// Throws OPT_ERR_ARGUMENT if there is not room for each group's norm.
opt_grad_report ReadGradReport(const opt_grad_report* report,
                               int64_t group_count);

// Whether the work needs the gradients to be read before they are used.
bool NeedsRead(const opt_grad_work& work);
// Whether a factor depends on a norm.
bool NeedsNorm(const opt_grad_work& work);

// min(1, max_norm / (norm + 1e-6)), or 1 if there is no bound. NaN stays NaN.
double ClipFactor(double max_norm, double norm);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_GRAD_WORK_H_
