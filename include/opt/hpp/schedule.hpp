// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules of options. Include <opt/opt.hpp>.
#ifndef OPT_HPP_SCHEDULE_HPP_
#define OPT_HPP_SCHEDULE_HPP_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "opt/hpp/context.hpp"
#include "opt/hpp/describe.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/span.hpp"
#include "opt/hpp/typed_options.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

class Optimizer;

// A part of a schedule, described. The parts act in their order: each whose
// turn it is takes what those before it give, at first the option's own value,
// as its base.
struct SchedulePart {
  const char* kind;  // OPT_SCHEDULE_COSINE; lives as long as the library
  int64_t begin;     // the first step of its turn, from which it counts
  int64_t end;       // the step after its turn; INT64_MAX: it does not end
  std::vector<OptionValue> options;  // all of its kind
  std::vector<int64_t> milestones;   // ticks; empty for a kind without any
};

// An option's value as a function of the number of steps:
//   opt::Schedule schedule(opt::schedules::Linear().total_iters(500));
//   schedule.Then(500, opt::schedules::Cosine(9500));
//   optimizer.SetSchedule(OPT_LR, schedule);
class Schedule {
 public:
  // By the name of its kind: OPT_SCHEDULE_COSINE.
  static Returned<Schedule> Create(const std::string& kind,
                                   const Context& context = {}) {
    Schedule made(context);
    const opt_status status = made.Make(kind.c_str());
    return internal::Finish(status, std::move(made));
  }
  // With typed options: Create(opt::schedules::Cosine(9500).eta_min(1e-5)).
  template <typename Typed, typename = decltype(Typed::kKind)>
  static Returned<Schedule> Create(const Typed& typed,
                                   const Context& context = {}) {
    Schedule made(context);
    const opt_status status = made.MakeTyped(typed);
    return internal::Finish(status, std::move(made));
  }

#ifndef OPT_NO_EXCEPTIONS
  explicit Schedule(const std::string& kind, const Context& context = {})
      : Schedule(Create(kind, context)) {}
  template <typename Typed, typename = decltype(Typed::kKind)>
  explicit Schedule(const Typed& typed, const Context& context = {})
      : Schedule(Create(typed, context)) {}
#endif

  Schedule(Schedule&& other) noexcept
      : context_(std::move(other.context_)),
        handle_(std::exchange(other.handle_, nullptr)) {}
  Schedule& operator=(Schedule&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Schedule() { opt_schedule_destroy(handle_); }

  // Destroys it; every later call fails with OPT_ERR_HANDLE.
  Returned<void> Close() {
    return Finish(opt_schedule_destroy(std::exchange(handle_, nullptr)));
  }

  Returned<void> Set(const char* option, double value) {
    return Finish(opt_schedule_set(handle_, option, value));
  }
  Returned<double> Get(const char* option) const {
    double value = 0;
    const opt_status status = opt_schedule_get(handle_, option, &value);
    return Finish(status, value);
  }
  Returned<void> SetMilestones(Span<const int64_t> milestones) {
    return Finish(opt_schedule_set_milestones(
        handle_, milestones.data(), static_cast<int64_t>(milestones.size())));
  }
  // After `steps` steps a copy of `next` takes over.
  Returned<void> Then(int64_t steps, const Schedule& next) {
    if (next.handle_ == nullptr) return Finish(next.Closed());
    return Finish(opt_schedule_then(handle_, steps, next.handle_));
  }
  template <typename Typed, typename = decltype(Typed::kKind)>
  Returned<void> Then(int64_t steps, const Typed& next) {
    return Finish(With(next, [&](opt_schedule made) {
      return opt_schedule_then(handle_, steps, made);
    }));
  }
  // A copy of `other` takes the values of this schedule as its base.
  Returned<void> Chain(const Schedule& other) {
    if (other.handle_ == nullptr) return Finish(other.Closed());
    return Finish(opt_schedule_chain(handle_, other.handle_));
  }
  template <typename Typed, typename = decltype(Typed::kKind)>
  Returned<void> Chain(const Typed& other) {
    return Finish(With(other, [&](opt_schedule made) {
      return opt_schedule_chain(handle_, made);
    }));
  }
  // The value at a step, from 0.
  Returned<double> Value(double base, int64_t step) const {
    double value = 0;
    const opt_status status = opt_schedule_value(handle_, base, step, &value);
    return Finish(status, value);
  }

  // Its parts: one, and those of every schedule that was appended to it or
  // stacked on it.
  Returned<std::vector<SchedulePart>> Parts() const {
    if (handle_ == nullptr) {
      return Finish(Closed(), std::vector<SchedulePart>());
    }
    int32_t count = 0;
    const opt_status status = opt_schedule_part_count(handle_, &count);
    return internal::List<SchedulePart>(
        status, count, {},
        [&](int32_t i, SchedulePart* part) { return Describe(i, part); });
  }

  // For calls of opt.h; it stays this object's. NULL: there is no schedule.
  opt_schedule handle() const { return handle_; }

 private:
  friend class Optimizer;
  explicit Schedule(Context context) : context_(std::move(context)) {}

  opt_status Make(const char* kind) {
    return opt_schedule_create(context_.handle(), kind, &handle_);
  }
  template <typename Typed>
  opt_status MakeTyped(const Typed& typed) {
    opt_status status = Make(Typed::kKind);
    for (const OptionValue& value : typed.options().values()) {
      if (status != OPT_OK) return status;
      status = opt_schedule_set(handle_, value.option, value.value);
    }
    const Span<const int64_t> milestones = typed.options().milestones();
    if (status != OPT_OK || milestones.empty()) return status;
    return opt_schedule_set_milestones(handle_, milestones.data(),
                                       static_cast<int64_t>(milestones.size()));
  }
  opt_status Describe(int32_t index, SchedulePart* part) const {
    opt_schedule_part_info info = OPT_SCHEDULE_PART_INFO_INIT;
    opt_status status = opt_schedule_part_at(handle_, index, &info);
    if (status != OPT_OK) return status;
    opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
    status = opt_schedule_kind_find(info.kind, &kind);
    for (int32_t i = 0; status == OPT_OK && i < info.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      status = opt_schedule_option_at(info.kind, i, &option);
      part->options.push_back({option.name, info.options[i]});
    }
    part->kind = kind.name;
    part->begin = info.begin;
    part->end = info.end;
    part->milestones.assign(info.milestones,
                            info.milestones + info.milestone_count);
    return status;
  }
  // Calls `use`, which copies the schedule, with one of typed options.
  template <typename Typed, typename Use>
  static internal::Outcome With(const Typed& typed, const Use& use) {
    Schedule made{Context()};
    opt_status status = made.MakeTyped(typed);
    if (status == OPT_OK) status = use(made.handle_);
    if (status == OPT_OK) return status;
    return {status, opt_last_error()};  // which is gone after `made`
  }

  internal::Outcome Closed() const {
    return internal::OfHandle(OPT_ERR_HANDLE, handle_, "schedule");
  }
  Returned<void> Finish(internal::Outcome outcome) const {
    return internal::Finish(
        internal::OfHandle(std::move(outcome), handle_, "schedule"));
  }
  template <typename T>
  Returned<T> Finish(internal::Outcome outcome, T value) const {
    return internal::Finish(
        internal::OfHandle(std::move(outcome), handle_, "schedule"),
        std::move(value));
  }

  Context context_;  // whose callbacks it may need to the end
  opt_schedule handle_ = nullptr;
};

// A kind of schedule, described.
using ScheduleKind = opt_schedule_kind_info;

// All kinds of schedules.
inline Returned<std::vector<ScheduleKind>> ScheduleKinds() {
  int32_t count = 0;
  const opt_status status = opt_schedule_kind_count(&count);
  return internal::List<ScheduleKind>(
      status, count, OPT_SCHEDULE_KIND_INFO_INIT, opt_schedule_kind_at);
}

// The options of a kind of schedule.
inline Returned<std::vector<Option>> ScheduleOptionsOf(
    const std::string& kind) {
  ScheduleKind info = OPT_SCHEDULE_KIND_INFO_INIT;
  const opt_status status = opt_schedule_kind_find(kind.c_str(), &info);
  return internal::List<Option>(status, info.option_count, OPT_OPTION_INFO_INIT,
                                [&](int32_t i, Option* option) {
                                  return opt_schedule_option_at(kind.c_str(), i,
                                                                option);
                                });
}

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_SCHEDULE_HPP_
