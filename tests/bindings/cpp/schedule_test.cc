// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules of options.

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
  ExpectError(OPT_ERR_HANDLE, "closed",
              [&] { optimizer.SetSchedule(OPT_LR, halves); });
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
