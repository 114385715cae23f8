// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/schedules/kind.h"

#include "src/base/error.h"
#include "src/base/text.h"

namespace libopt {

const ScheduleKind& FindScheduleKind(std::string_view name) {
  NearestName nearest(name);
  for (int i = 0; i < ScheduleKindCount(); ++i) {
    const ScheduleKind& kind = *ScheduleKinds()[i];
    if (name == kind.name) return kind;
    nearest.Offer(kind.name);
    if (kind.pytorch != nullptr) nearest.Offer(kind.pytorch, kind.name);
  }
  Fail(OPT_ERR_NAME, "there is no schedule '", name, "'", nearest.Hint().view(),
       " (opt_schedule_kind_at lists them)");
}

int FindScheduleOption(const ScheduleKind& kind, std::string_view name) {
  NearestName nearest(name);
  for (int i = 0; i < kind.option_count; ++i) {
    if (name == kind.options[i].name) return i;
    nearest.Offer(kind.options[i].name);
  }
  Fail(OPT_ERR_NAME, "schedule '", kind.name, "' has no option '", name, "'",
       nearest.Hint().view(), " (opt_schedule_option_at lists them)");
}

}  // namespace libopt
