// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps that are skipped because of Inf, or fail because of it, between those
// of a training with everything that counts steps: it comes to the same bytes
// as without them.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/schedules/described.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr uint32_t kSteps = 20;

// Schedules of every kind, an average, attributes.
void Prepare(Training* training, int32_t kind) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = 0.75;
  config.start = 1;
  config.period = 3;
  GiveEverySchedule(training->get());
  Check(opt_average_start(training->get(), &config));
  Check(opt_set_attribute(training->get(), 0, OPT_TENSOR_LR_FACTOR, 0.5));
}

// A step with an Inf among its gradients, by itself or accumulated.
void Refuse(Training* training, uint32_t step, int32_t policy) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.nonfinite = policy;
  work.max_norm = step % 2;  // with a norm and without
  args.work = &work;
  training->AccumulateInf(step);
  if (policy == OPT_NONFINITE_SKIP) {
    Check(opt_step(training->get(), &args));
  } else {
    EXPECT_EQ(opt_step(training->get(), &args), OPT_ERR_NONFINITE);
    Check(opt_discard(training->get()));
  }
}

using Entries = std::map<std::string, std::string>;

// A checkpoint's entries but the counter of skipped steps and the checksums.
Entries Kept(const Training& training) {
  Entries entries = EntriesOf(training.Save());
  entries.erase("__skipped__");
  entries.erase("__crc32__");
  for (auto at = entries.begin(); at != entries.end();) {
    at = at->first.rfind("__pad__", 0) == 0 ? entries.erase(at) : ++at;
  }
  return entries;
}

class RefusedStepTest : public testing::TestWithParam<int32_t> {};

TEST_P(RefusedStepTest, AdvancesNoScheduleNoPlateauAndNoAverage) {
  for (const int32_t kind : {OPT_AVERAGE_EMA, OPT_AVERAGE_SWA}) {
    Training plain(OPT_RULE_ADAMW, {}, SmallTensors());
    Training refused(OPT_RULE_ADAMW, {}, SmallTensors());
    Prepare(&plain, kind);
    Prepare(&refused, kind);
    for (uint32_t step = 0; step < kSteps; ++step) {
      for (uint32_t i = 0; i < step % 4; ++i) {
        Refuse(&refused, step, GetParam());
        ASSERT_EQ(Kept(refused), Kept(plain)) << "before step " << step;
      }
      plain.StepsWithMetrics(step, step + 1);
      refused.StepsWithMetrics(step, step + 1);
      ASSERT_EQ(Kept(refused), Kept(plain)) << "after step " << step;
    }
    opt_info info = OPT_INFO_INIT;
    Check(opt_get_info(refused.get(), &info));
    EXPECT_EQ(info.steps, kSteps);
    EXPECT_EQ(info.skipped, GetParam() == OPT_NONFINITE_SKIP ? 30 : 0);
  }
}

// With lookahead, which counts steps, and cautious steps, where a rule has
// them.
TEST_P(RefusedStepTest, LeavesTheStateOfEveryRule) {
  for (const std::string& rule : Rules()) {
    SCOPED_TRACE(rule);
    const Options all = Optimizer(rule).Values();
    Options options;
    if (all.count("lookahead") != 0) options["lookahead"] = 2;
    if (all.count("cautious") != 0) options["cautious"] = 1;
    Training plain(rule, options);
    Training refused(rule, options);
    for (uint32_t step = 0; step < 4; ++step) {
      Refuse(&refused, step, GetParam());
      ASSERT_EQ(Kept(refused), Kept(plain)) << "before step " << step;
      plain.Steps(step, step + 1);
      refused.Steps(step, step + 1);
      ASSERT_EQ(Kept(refused), Kept(plain)) << "after step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, RefusedStepTest,
                         testing::Values(OPT_NONFINITE_ERROR,
                                         OPT_NONFINITE_SKIP),
                         [](const auto& info) {
                           return info.param == OPT_NONFINITE_SKIP ? "Skip"
                                                                   : "Error";
                         });

// A scaler's own skips move the scale, and nothing else either.
TEST(ScalerSkipTest, AdvancesTheScaleAlone) {
  Training plain(OPT_RULE_ADAMW, {}, SmallTensors());
  Training skipped(OPT_RULE_ADAMW, {}, SmallTensors());
  Prepare(&plain, OPT_AVERAGE_EMA);
  Prepare(&skipped, OPT_AVERAGE_EMA);
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.initial_scale = 1024;
  for (uint32_t step = 0; step < kSteps; ++step) {
    Check(opt_scaler_start(skipped.get(), &config));
    skipped.AccumulateInf(step);
    Check(opt_step(skipped.get(), nullptr));
    opt_scaler_info info = OPT_SCALER_INFO_INIT;
    Check(opt_scaler_get_info(skipped.get(), &info));
    EXPECT_EQ(info.scale, 512);
    EXPECT_EQ(info.skipped, 1);
    Check(opt_scaler_stop(skipped.get()));
    ASSERT_EQ(Kept(skipped), Kept(plain)) << "before step " << step;
    plain.StepsWithMetrics(step, step + 1);
    skipped.StepsWithMetrics(step, step + 1);
    ASSERT_EQ(Kept(skipped), Kept(plain)) << "after step " << step;
  }
}

// Any other failure of a step is none of the scaler's.
TEST(ScalerSkipTest, AStepThatFailsForAnotherReasonMovesNoScale) {
  Training training(OPT_RULE_ADAMW, {}, SmallTensors());
  Check(opt_scaler_start(training.get(), nullptr));
  training.Steps(0, 2);
  Give(training.get(), 0, OPT_BETA1, "exponential gamma=4");  // beyond 1
  const std::string before = training.Save();
  training.AccumulateInf(2);
  EXPECT_EQ(opt_step(training.get(), nullptr), OPT_ERR_VALUE);
  Check(opt_discard(training.get()));
  EXPECT_EQ(training.Save(), before);
}

}  // namespace
}  // namespace opt_test
