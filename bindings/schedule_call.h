// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// As calls.h: schedules.

#ifndef OPT_BINDINGS_SCHEDULE_CALL_H_
#define OPT_BINDINGS_SCHEDULE_CALL_H_

#ifndef SWIG
#include <cstdint>
#include <vector>

#include "opt/opt.h"
#endif

// opt_set_schedule() without a schedule, where NULL is no handle.
inline opt_status opt_remove_schedule(opt_optimizer optimizer, int32_t group,
                                      const char* option) {
  return opt_set_schedule(optimizer, group, option, nullptr);
}

// opt_schedule_set_milestones().
class Milestones {
 public:
  void add(int64_t tick) { ticks_.push_back(tick); }
  opt_status set(opt_schedule schedule) {
    return opt_schedule_set_milestones(schedule, ticks_.data(),
                                       static_cast<int64_t>(ticks_.size()));
  }

 private:
  std::vector<int64_t> ticks_;
};

#endif  // OPT_BINDINGS_SCHEDULE_CALL_H_
