// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include <iterator>

#include "src/schedules/constant.h"
#include "src/schedules/cosine.h"
#include "src/schedules/cosine_restarts.h"
#include "src/schedules/cyclic.h"
#include "src/schedules/exponential.h"
#include "src/schedules/inverse_sqrt.h"
#include "src/schedules/kind.h"
#include "src/schedules/linear.h"
#include "src/schedules/multi_step.h"
#include "src/schedules/one_cycle.h"
#include "src/schedules/plateau.h"
#include "src/schedules/polynomial.h"
#include "src/schedules/step.h"
#include "src/schedules/warmup_stable_decay.h"

namespace libopt {
namespace {

#define OPT_SCHEDULE(class)                                                \
  static_assert(std::size(class ::kOptions) <= kMaxScheduleOptions,        \
                "kMaxScheduleOptions");                                    \
  static_assert(class ::kKind.option_count == std::size(class ::kOptions), \
                "option_count");
#include "src/schedules/schedules.inc"
#undef OPT_SCHEDULE

#define OPT_SCHEDULE(class) &class ::kKind,
constexpr const ScheduleKind* kKinds[] = {
#include "src/schedules/schedules.inc"
};
#undef OPT_SCHEDULE

}  // namespace

const ScheduleKind* const* ScheduleKinds() { return kKinds; }
int ScheduleKindCount() { return static_cast<int>(std::size(kKinds)); }

}  // namespace libopt
