// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/grad_work.h"

#include <cmath>
#include <limits>

#include "src/base/error.h"
#include "src/base/struct_size.h"

namespace libopt {
namespace {

// What torch.nn.utils.clip_grad_norm_ adds to a norm.
constexpr double kNormEps = 1e-6;

void CheckPositive(double value, bool may_be_infinite, const char* field) {
  if (value == 0) return;
  if (!(value > 0) || (std::isinf(value) && !may_be_infinite)) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.", field, " is ", value, ": it is a ",
         may_be_infinite ? "" : "finite ", "number > 0, or 0 to leave it out");
  }
}

// Its inverse is to scale floats as well.
void CheckInverse(double loss_scale) {
  if (loss_scale == 0) return;
  const double inverse = 1 / loss_scale;
  if (inverse > std::numeric_limits<float>::max() ||
      inverse < std::numeric_limits<float>::denorm_min()) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.loss_scale is ", loss_scale,
         ", whose inverse is ", inverse > 1 ? "Inf" : "0",
         " in f32: use one from 1e-38 to 1e38");
  }
}

void CheckChoice(int32_t value, int32_t last, const char* field,
                 const char* names) {
  if (value < 0 || value > last) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.", field, " is ", value,
         ": it is one of ", names);
  }
}

}  // namespace

opt_grad_work ReadGradWork(const opt_grad_work* in) {
  const opt_grad_work work =
      ReadOptional(in, OPT_GRAD_WORK_INIT, "opt_grad_work");
  if ((work.flags & ~uint32_t{OPT_CLIP_PER_GROUP}) != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.flags has unknown flags ",
         work.flags & ~uint32_t{OPT_CLIP_PER_GROUP},
         ": use OPT_CLIP_PER_GROUP or 0");
  }
  CheckPositive(work.loss_scale, false, "loss_scale");
  CheckInverse(work.loss_scale);
  CheckPositive(work.max_value, true, "max_value");
  CheckPositive(work.max_tensor_norm, true, "max_tensor_norm");
  CheckPositive(work.max_norm, true, "max_norm");
  CheckChoice(work.norm, OPT_NORM_INF, "norm", "OPT_NORM_2 and OPT_NORM_INF");
  CheckChoice(work.nonfinite, OPT_NONFINITE_SKIP, "nonfinite",
              "OPT_NONFINITE_PROPAGATE, OPT_NONFINITE_ERROR and "
              "OPT_NONFINITE_SKIP");
  return work;
}

opt_grad_report ReadGradReport(const opt_grad_report* in, int64_t group_count) {
  opt_grad_report report =
      ReadOptional(in, OPT_GRAD_REPORT_INIT, "opt_grad_report");
  if (report.group_norms != nullptr && report.group_capacity < group_count) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_report.group_capacity is ",
         report.group_capacity, ", but there are ", group_count,
         " groups: make room for each, or leave group_norms NULL");
  }
  return report;
}

bool NeedsNorm(const opt_grad_work& work) {
  return work.max_norm > 0 || work.max_tensor_norm > 0;
}

bool NeedsRead(const opt_grad_work& work) {
  return NeedsNorm(work) || work.nonfinite != OPT_NONFINITE_PROPAGATE;
}

double ClipFactor(double max_norm, double norm) {
  if (max_norm == 0) return 1;
  const double factor = max_norm / (norm + kNormEps);
  return factor > 1 ? 1 : factor;
}

}  // namespace libopt
