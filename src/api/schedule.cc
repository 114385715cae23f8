// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/schedules/schedule.h"

#include <utility>

#include "opt/opt_schedule.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

namespace {

// The object behind a handle. It holds a reference to its context.
struct HeldSchedule {
  libopt::Context* context;
  libopt::Schedule schedule;
};

// Destroys the object and gives back its reference to the context.
void Release(HeldSchedule* held) {
  libopt::Context* context = held->context;
  libopt::Delete(context->memory(), held);
  context->Unref();
}

// Moves a schedule into the memory of a context and returns a handle to it.
opt_schedule Hold(libopt::Context* context, libopt::Schedule schedule) {
  auto* held = libopt::New<HeldSchedule>(
      context->memory(), HeldSchedule{context, std::move(schedule)});
  context->Ref();
  try {
    return reinterpret_cast<opt_schedule>(
        libopt::InsertHandle(libopt::HandleType::kSchedule, held));
  } catch (...) {
    Release(held);
    throw;
  }
}

using LockedSchedule = libopt::Locked<HeldSchedule>;

// Runs body(schedule) with the schedule locked for this thread.
template <typename Body>
opt_status WithSchedule(opt_schedule handle, const Body& body) noexcept {
  return libopt::Guard([&] {
    const LockedSchedule held(libopt::HandleType::kSchedule,
                              libopt::Bits(handle));
    body((*held).schedule);
  });
}

// Runs body(schedule, other) with both locked; they may be the same.
template <typename Body>
opt_status WithSchedules(opt_schedule handle, opt_schedule other,
                         const Body& body) noexcept {
  return WithSchedule(handle, [&](libopt::Schedule& self) {
    if (other == handle) return body(self, self);
    const LockedSchedule held(libopt::HandleType::kSchedule,
                              libopt::Bits(other));
    body(self, (*held).schedule);
  });
}

void CheckFinite(double base) {
  if (base - base != 0) {
    libopt::Fail(OPT_ERR_ARGUMENT, "opt_schedule_value: the base is ", base,
                 ": it must be a finite number");
  }
}

}  // namespace

extern "C" {

opt_status opt_schedule_create(opt_context context, const char* kind,
                               opt_schedule* schedule) {
  return libopt::Guard([&] {
    libopt::CheckPointer(kind, "opt_schedule_create", "kind");
    libopt::CheckPointer(schedule, "opt_schedule_create", "schedule");
    const libopt::ScheduleKind& found = libopt::FindScheduleKind(kind);
    libopt::Context* home = libopt::RefContext(context);
    try {
      *schedule = Hold(home, libopt::Schedule(found, home->memory()));
    } catch (...) {
      home->Unref();
      throw;
    }
    home->Unref();
  });
}

opt_status opt_schedule_destroy(opt_schedule schedule) {
  return libopt::Guard([&] {
    if (schedule == nullptr) return;
    Release(static_cast<HeldSchedule*>(libopt::RemoveHandle(
        libopt::HandleType::kSchedule, libopt::Bits(schedule))));
  });
}

opt_status opt_schedule_set(opt_schedule schedule, const char* option,
                            double value) {
  return WithSchedule(schedule, [&](libopt::Schedule& self) {
    libopt::CheckPointer(option, "opt_schedule_set", "option");
    self.Set(option, value);
  });
}

opt_status opt_schedule_get(opt_schedule schedule, const char* option,
                            double* value) {
  return WithSchedule(schedule, [&](libopt::Schedule& self) {
    libopt::CheckPointer(option, "opt_schedule_get", "option");
    libopt::CheckPointer(value, "opt_schedule_get", "value");
    *value = self.Get(option);
  });
}

opt_status opt_schedule_set_milestones(opt_schedule schedule,
                                       const int64_t* milestones,
                                       int64_t count) {
  return WithSchedule(schedule, [&](libopt::Schedule& self) {
    if (count < 0) {
      libopt::Fail(OPT_ERR_ARGUMENT, "opt_schedule_set_milestones: count is ",
                   count, ": it must be 0 or more");
    }
    if (count > 0) {
      libopt::CheckPointer(milestones, "opt_schedule_set_milestones",
                           "milestones");
    }
    self.SetMilestones(milestones, count);
  });
}

opt_status opt_schedule_then(opt_schedule schedule, int64_t steps,
                             opt_schedule next) {
  return WithSchedules(
      schedule, next,
      [&](libopt::Schedule& self, const libopt::Schedule& other) {
        self.Then(steps, other);
      });
}

opt_status opt_schedule_chain(opt_schedule schedule, opt_schedule other) {
  return WithSchedules(
      schedule, other,
      [](libopt::Schedule& self, const libopt::Schedule& added) {
        self.Chain(added);
      });
}

opt_status opt_schedule_part_count(opt_schedule schedule, int32_t* count) {
  return WithSchedule(schedule, [&](const libopt::Schedule& self) {
    libopt::CheckPointer(count, "opt_schedule_part_count", "count");
    *count = static_cast<int32_t>(self.parts().size());
  });
}

opt_status opt_schedule_part_at(opt_schedule schedule, int32_t index,
                                opt_schedule_part_info* info) {
  return WithSchedule(schedule, [&](const libopt::Schedule& self) {
    libopt::WriteStruct(self.PartInfo(index), sizeof(opt_schedule_part_info),
                        "opt_schedule_part_info", info);
  });
}

opt_status opt_schedule_value(opt_schedule schedule, double base, int64_t step,
                              double* value) {
  return WithSchedule(schedule, [&](const libopt::Schedule& self) {
    libopt::CheckPointer(value, "opt_schedule_value", "value");
    CheckFinite(base);
    if (step < 0) {
      libopt::Fail(OPT_ERR_ARGUMENT, "opt_schedule_value: the step is ", step,
                   ": it must be 0, which is the first, or more");
    }
    self.CheckComplete();
    *value = self.Value(base, step);
  });
}

opt_status opt_set_schedule(opt_optimizer optimizer, int32_t group,
                            const char* option, opt_schedule schedule) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_set_schedule", "option");
    if (schedule == nullptr) {
      return self.groups().SetSchedule(group, option, nullptr);
    }
    const LockedSchedule held(libopt::HandleType::kSchedule,
                              libopt::Bits(schedule));
    self.groups().SetSchedule(group, option, &(*held).schedule);
  });
}

opt_status opt_copy_schedule(opt_optimizer optimizer, int32_t group,
                             const char* option, opt_schedule* schedule) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_copy_schedule", "option");
    libopt::CheckPointer(schedule, "opt_copy_schedule", "schedule");
    const libopt::Schedule* found = self.groups().FindSchedule(group, option);
    *schedule = found == nullptr
                    ? nullptr
                    : Hold(self.context(),
                           libopt::Schedule(*found, self.context()->memory()));
  });
}

opt_status opt_get_scheduled(opt_optimizer optimizer, int32_t group,
                             const char* option, double* value) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_get_scheduled", "option");
    libopt::CheckPointer(value, "opt_get_scheduled", "value");
    *value = self.GetScheduled(group, option);
  });
}

opt_status opt_report_metric(opt_optimizer optimizer, int32_t group,
                             double metric) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.ReportMetric(group, metric);
  });
}

}  // extern "C"
