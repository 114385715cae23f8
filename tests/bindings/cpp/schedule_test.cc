// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules of options.

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

TEST(Schedule, SchedulesAnOptionFromTheNextStepOn) {
  std::vector<float> param = {0}, grad = {1};
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  optimizer.Attach(opt::TensorSpec("w", param, grad));
  opt::Schedule halves(OPT_SCHEDULE_EXPONENTIAL);
  halves.Set(OPT_GAMMA, 0.5);
  EXPECT_EQ(halves.Get(OPT_GAMMA), 0.5);
  optimizer.SetSchedule(OPT_LR, halves);
  halves.Close();
  optimizer.Step();
  EXPECT_EQ(optimizer.GetScheduled(OPT_LR), 0.5);
  EXPECT_EQ(optimizer.Get(OPT_LR), 1);
  optimizer.Step();
  EXPECT_EQ(param[0], -1.5F);
  EXPECT_EQ(optimizer.CopySchedule(OPT_LR).Value(8, 2), 2);
  optimizer.RemoveSchedule(OPT_LR);
  EXPECT_EQ(optimizer.GetScheduled(OPT_LR), 1);
  EXPECT_EQ(optimizer.CopySchedule(OPT_LR).handle(), nullptr);
  const std::string gone = "this schedule is closed or was moved from";
  ExpectError(OPT_ERR_HANDLE, gone,
              [&] { optimizer.SetSchedule(OPT_LR, halves); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { halves.Set(OPT_GAMMA, 1); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { halves.Parts(); });
  opt::Schedule open{opt::schedules::Cosine(9)};
  ExpectError(OPT_ERR_HANDLE, gone, [&] { open.Then(1, halves); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { open.Chain(halves); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { halves.Then(1, open); });
}

TEST(Schedule, IsMadeOfParts) {
  opt::Schedule first(OPT_SCHEDULE_CONSTANT), second(OPT_SCHEDULE_MULTI_STEP);
  first.Set(OPT_FACTOR, 0.5);
  first.Set(OPT_TOTAL_ITERS, 100);
  second.SetMilestones({1, 3});
  second.Set(OPT_GAMMA, 0.5);
  opt::Schedule parts = std::move(first);
  parts.Then(2, second);
  EXPECT_EQ(parts.Value(8, 1), 4);
  EXPECT_EQ(parts.Value(8, 2), 8);
  EXPECT_EQ(parts.Value(8, 3), 4);
  parts.Chain(second);
  EXPECT_EQ(parts.Value(8, 3), 1);
  ExpectError(OPT_ERR_STATE, "", [&] { parts.Get(OPT_FACTOR); });
}

// The value of an option of a part; NAN if it lacks the option.
double ValueIn(const opt::SchedulePart& part, const std::string& option) {
  for (const opt::OptionValue& value : part.options) {
    if (value.option == option) return value.value;
  }
  return NAN;
}

TEST(Schedule, TellsItsParts) {
  std::vector<opt::SchedulePart> parts;
  {
    opt::Schedule schedule(opt::schedules::Linear().total_iters(500));
    schedule.Then(500, opt::schedules::Cosine(9500).eta_min(1e-5));
    schedule.Chain(opt::schedules::MultiStep({1000, 2000}).gamma(0.5));
    parts = schedule.Parts();
  }
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_STREQ(parts[0].kind, OPT_SCHEDULE_LINEAR);
  EXPECT_EQ(parts[0].begin, 0);
  EXPECT_EQ(parts[0].end, 500);
  EXPECT_EQ(ValueIn(parts[0], OPT_TOTAL_ITERS), 500);
  EXPECT_EQ(parts[0].options.size(),
            opt::ScheduleOptionsOf(OPT_SCHEDULE_LINEAR).size());
  EXPECT_TRUE(parts[0].milestones.empty());
  EXPECT_STREQ(parts[1].kind, OPT_SCHEDULE_COSINE);
  EXPECT_EQ(parts[1].begin, 500);
  EXPECT_EQ(parts[1].end, INT64_MAX);
  EXPECT_EQ(ValueIn(parts[1], OPT_T_MAX), 9500);
  EXPECT_EQ(ValueIn(parts[1], OPT_ETA_MIN), 1e-5);
  EXPECT_STREQ(parts[2].kind, OPT_SCHEDULE_MULTI_STEP);
  EXPECT_EQ(parts[2].milestones, (std::vector<int64_t>{1000, 2000}));
  EXPECT_EQ(ValueIn(parts[2], OPT_GAMMA), 0.5);
}

TEST(Schedule, TellsNoPartsWhenItIsClosed) {
  opt::Schedule schedule(opt::schedules::Cosine(9500));
  schedule.Close();
  ExpectError(OPT_ERR_HANDLE, "", [&] { schedule.Parts(); });
}

using Values = std::vector<std::pair<const char*, double>>;

// `typed` is the schedule of its kind with these options and milestones.
template <typename Typed>
void ExpectSame(const Typed& typed, const Values& values,
                const std::vector<int64_t>& milestones = {}) {
  SCOPED_TRACE(Typed::kKind);
  const opt::Schedule made(typed);
  opt::Schedule named(Typed::kKind);
  for (const auto& [option, value] : values) named.Set(option, value);
  if (!milestones.empty()) named.SetMilestones(milestones);
  for (const opt::Option& option : opt::ScheduleOptionsOf(Typed::kKind)) {
    EXPECT_EQ(made.Get(option.name), named.Get(option.name)) << option.name;
  }
  for (int64_t step = 0; step < 40; ++step) {
    EXPECT_EQ(made.Value(0.5, step), named.Value(0.5, step)) << step;
  }
}

TEST(Schedule, TypedOptionsGiveTheScheduleOfTheirNames) {
  namespace s = opt::schedules;
  ExpectSame(s::Constant().interval(2).factor(0.25).total_iters(7),
             {{OPT_INTERVAL, 2}, {OPT_FACTOR, 0.25}, {OPT_TOTAL_ITERS, 7}});
  ExpectSame(
      s::Linear().start_factor(0.1).end_factor(0.9).total_iters(9),
      {{OPT_START_FACTOR, 0.1}, {OPT_END_FACTOR, 0.9}, {OPT_TOTAL_ITERS, 9}});
  ExpectSame(s::Step(3).gamma(0.5), {{OPT_STEP_SIZE, 3}, {OPT_GAMMA, 0.5}});
  ExpectSame(s::MultiStep({1, 3}).gamma(0.5), {{OPT_GAMMA, 0.5}}, {1, 3});
  ExpectSame(s::Exponential(0.75), {{OPT_GAMMA, 0.75}});
  ExpectSame(s::Polynomial().total_iters(8).power(2).eta_min(0.1),
             {{OPT_TOTAL_ITERS, 8}, {OPT_POWER, 2}, {OPT_ETA_MIN, 0.1}});
  ExpectSame(s::Cosine(12).eta_min(0.1), {{OPT_T_MAX, 12}, {OPT_ETA_MIN, 0.1}});
  ExpectSame(s::CosineRestarts(4).t_mult(2).eta_min(0.1),
             {{OPT_T_0, 4}, {OPT_T_MULT, 2}, {OPT_ETA_MIN, 0.1}});
  ExpectSame(
      s::OneCycle(30).anneal(s::OneCycleAnneal::kLinear).three_phase(true),
      {{OPT_TOTAL_STEPS, 30},
       {OPT_ANNEAL, OPT_SCHEDULE_ONE_CYCLE_ANNEAL_LINEAR},
       {OPT_THREE_PHASE, 1}});
  ExpectSame(s::Cyclic(2).step_size_up(5).mode(s::CyclicMode::kExpRange),
             {{OPT_PEAK_VALUE, 2},
              {OPT_STEP_SIZE_UP, 5},
              {OPT_MODE, OPT_SCHEDULE_CYCLIC_MODE_EXP_RANGE}});
  ExpectSame(s::InverseSqrt().warmup_steps(6).d_model(64),
             {{OPT_WARMUP_STEPS, 6}, {OPT_D_MODEL, 64}});
  ExpectSame(s::WarmupStableDecay()
                 .warmup_steps(4)
                 .stable_steps(5)
                 .decay_steps(6)
                 .decay(s::WarmupStableDecayDecay::kSqrt),
             {{OPT_WARMUP_STEPS, 4},
              {OPT_STABLE_STEPS, 5},
              {OPT_DECAY_STEPS, 6},
              {OPT_DECAY, OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_SQRT}});
  ExpectSame(s::Plateau().mode(s::PlateauMode::kMax).patience(3),
             {{OPT_MODE, OPT_SCHEDULE_PLATEAU_MODE_MAX}, {OPT_PATIENCE, 3}});
}

TEST(Schedule, EveryKindHasAClass) {
  namespace s = opt::schedules;
  const std::vector<std::string> classes = {
      s::Constant::kKind,    s::Linear::kKind,
      s::Step::kKind,        s::MultiStep::kKind,
      s::Exponential::kKind, s::Polynomial::kKind,
      s::Cosine::kKind,      s::CosineRestarts::kKind,
      s::OneCycle::kKind,    s::Cyclic::kKind,
      s::InverseSqrt::kKind, s::WarmupStableDecay::kKind,
      s::Plateau::kKind};
  std::vector<std::string> kinds;
  for (const opt::ScheduleKind& kind : opt::ScheduleKinds()) {
    kinds.emplace_back(kind.name);
  }
  EXPECT_EQ(classes, kinds);
}

TEST(Schedule, TypedOptionsAreTakenWhereverAScheduleIs) {
  opt::Schedule parts(opt::schedules::Constant().factor(0.5).total_iters(100));
  const std::vector<int64_t> milestones = {1, 3};
  parts.Then(2, opt::schedules::MultiStep(milestones).gamma(0.5));
  parts.Chain(opt::schedules::MultiStep({1, 3}).gamma(0.5));
  EXPECT_EQ(parts.Value(8, 0), 4);
  EXPECT_EQ(parts.Value(8, 2), 4);
  EXPECT_EQ(parts.Value(8, 3), 1);

  std::vector<float> param = {0}, grad = {1};
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  optimizer.Attach(opt::TensorSpec("w", param, grad));
  optimizer.SetSchedule(OPT_LR, opt::schedules::Exponential(0.5));
  optimizer.Step();
  optimizer.Step();
  EXPECT_EQ(param[0], -1.5F);
}

TEST(Schedule, AWrongValueOfATypedOptionIsNamed) {
  ExpectError(OPT_ERR_VALUE, "t_max",
              [] { opt::Schedule schedule(opt::schedules::Cosine(-1)); });
  ExpectError(OPT_ERR_VALUE, "ascending", [] {
    opt::Schedule schedule(opt::schedules::MultiStep({3, 1}));
  });
  opt::Schedule constant(opt::schedules::Constant{});
  ExpectError(OPT_ERR_VALUE, "start_factor", [&] {
    constant.Then(1, opt::schedules::Linear().start_factor(NAN));
  });
  ExpectError(OPT_ERR_VALUE, "gamma",
              [&] { constant.Chain(opt::schedules::Exponential(-1)); });
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  ExpectError(OPT_ERR_VALUE, "step_size",
              [&] { optimizer.SetSchedule(OPT_LR, opt::schedules::Step(0)); });
  EXPECT_EQ(optimizer.CopySchedule(OPT_LR).handle(), nullptr);
}

TEST(Schedule, APlateauWaitsForAMetric) {
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  opt::Schedule plateau(OPT_SCHEDULE_PLATEAU);
  plateau.Set(OPT_FACTOR, 0.5);
  plateau.Set(OPT_PATIENCE, 0);
  optimizer.SetSchedule(OPT_LR, plateau);
  optimizer.ReportMetric(1);
  optimizer.ReportMetric(2);
  EXPECT_EQ(optimizer.GetScheduled(OPT_LR), 0.5);
}

TEST(Schedule, KindsAndTheirOptionsAreListed) {
  bool found = false;
  for (const opt::ScheduleKind& kind : opt::ScheduleKinds()) {
    found = found || kind.name == std::string(OPT_SCHEDULE_COSINE);
    EXPECT_EQ(opt::ScheduleOptionsOf(kind.name).size(),
              static_cast<size_t>(kind.option_count));
  }
  EXPECT_TRUE(found);
  ExpectError(OPT_ERR_NAME, "did you mean 'cosine'",
              [] { opt::Schedule schedule("cosin"); });
}

}  // namespace
}  // namespace opt_test
