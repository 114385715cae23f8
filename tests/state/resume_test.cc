// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A run that was saved, and loaded into another optimizer, goes on to the same
// bytes as one that never stopped: parameters, state, step counts, options.

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr uint32_t kStop = 3;
constexpr uint32_t kEnd = 5;

class ResumeTest : public testing::TestWithParam<std::string> {
 protected:
  static const std::string& rule() { return GetParam(); }

  // The result of a run that never stops.
  static std::string Uninterrupted(const Options& options) {
    Training run(rule(), options);
    run.Steps(0, kEnd);
    return run.Save();
  }

  static std::string Stopped(const Options& options = {}) {
    Training run(rule(), options);
    run.Steps(0, kStop);
    return run.Save();
  }
};

// Its own option values are the defaults where the layout lets them.
TEST_P(ResumeTest, EveryOptionComesFromTheCheckpoint) {
  for (const Options& options : OptionsAlone(rule())) {
    SCOPED_TRACE(Text(options));
    Options layout;
    for (const opt_option_info& info : OptionInfos(rule())) {
      const auto set = options.find(info.name);
      if ((info.flags & OPT_OPTION_LAYOUT) != 0 && set != options.end()) {
        layout.insert(*set);
      }
    }
    Training run(rule(), layout);
    run.Load(Stopped(options));
    run.Steps(kStop, kEnd);
    ASSERT_EQ(run.Save(), Uninterrupted(options));
  }
}

// Lookahead stops between two of its steps.
TEST_P(ResumeTest, OptionsOfAnyRuleComeFromTheCheckpoint) {
  for (const Options& options : OptionsOfAnyRule(rule())) {
    SCOPED_TRACE(Text(options));
    Options layout;
    for (const opt_option_info& info : OptionInfos(rule())) {
      const auto set = options.find(info.name);
      if ((info.flags & OPT_OPTION_LAYOUT) != 0 && set != options.end()) {
        layout.insert(*set);
      }
    }
    Training run(rule(), layout, SmallTensors());
    Training whole(rule(), options, SmallTensors());
    whole.Steps(0, kStop);
    run.Load(whole.Save());
    run.Steps(kStop, kEnd);
    whole.Steps(kStop, kEnd);
    ASSERT_EQ(run.Save(), whole.Save());
  }
}

TEST_P(ResumeTest, InTheMiddleOfAnAccumulation) {
  const auto before = [](Training* run) {
    run->Steps(0, kStop);
    run->Accumulate(kStop);
  };
  const auto after = [](Training* run) {
    run->Accumulate(kStop + 7);
    run->Steps(kStop, kEnd);
  };
  Training whole(rule());
  before(&whole);
  const std::string saved = whole.Save();
  after(&whole);
  Training resumed(rule());
  resumed.Load(saved);
  EXPECT_EQ(resumed.Save(), saved);
  after(&resumed);
  EXPECT_EQ(resumed.Save(), whole.Save());
}

// The scale moves with each step, down if an accumulated gradient is Inf; it is
// saved between the micro-batches of a step.
TEST_P(ResumeTest, InTheMiddleOfLossScaling) {
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.initial_scale = 8;
  config.growth_interval = 2;
  config.growth_factor = 3;
  const auto before = [](Training* run) {
    run->Steps(0, 1);
    run->AccumulateInf(1);
    run->Steps(1, kStop);
    run->Accumulate(kStop);
  };
  const auto after = [](Training* run) {
    run->AccumulateInf(kStop);
    run->Steps(kStop, kEnd + 3);
  };
  Training whole(rule());
  Check(opt_scaler_start(whole.get(), &config));
  before(&whole);
  const std::string saved = whole.Save();
  after(&whole);
  Training resumed(rule());
  resumed.Load(saved);
  EXPECT_EQ(resumed.Save(), saved);
  after(&resumed);
  EXPECT_EQ(resumed.Save(), whole.Save());
  opt_info info = OPT_INFO_INIT;
  opt_scaler_info scaler = OPT_SCALER_INFO_INIT;
  Check(opt_get_info(resumed.get(), &info));
  Check(opt_scaler_get_info(resumed.get(), &scaler));
  EXPECT_EQ(info.skipped, 2);
  EXPECT_EQ(scaler.skipped, 2);
}

TEST_P(ResumeTest, AScalerOfTheOptimizersOwnStaysIfTheCheckpointHasNone) {
  Training run(rule());
  Check(opt_scaler_start(run.get(), nullptr));
  run.Load(Stopped());
  opt_scaler_info scaler = OPT_SCALER_INFO_INIT;
  Check(opt_scaler_get_info(run.get(), &scaler));
  EXPECT_EQ(scaler.scale, 65536);
}

TEST_P(ResumeTest, BeforeATensorIsAccumulatedForTheFirstTime) {
  Training whole(rule());
  whole.Accumulate(0);  // "late" has no gradient yet
  Training resumed(rule());
  resumed.Load(whole.Save());
  for (Training* training : {&whole, &resumed}) {
    training->Accumulate(kStop);
    training->Steps(0, kEnd);
  }
  EXPECT_EQ(resumed.Save(), whole.Save());
}

// Sums that a checkpoint does not have are forgotten, those it has replace
// others.
TEST_P(ResumeTest, OverAnotherAccumulation) {
  Training other(rule());
  other.Accumulate(11);
  other.Load(Stopped());
  other.Steps(kStop, kEnd);
  EXPECT_EQ(other.Save(), Uninterrupted({}));

  Training pending(rule());
  pending.Accumulate(0);
  const std::string saved = pending.Save();
  other.Accumulate(12);
  other.Load(saved);
  EXPECT_EQ(other.Save(), saved);
}

TEST_P(ResumeTest, BeforeTheFirstStep) {
  const std::string saved = Training(rule()).Save();
  Training run(rule());
  run.Steps(0, 2);
  run.Load(saved);
  EXPECT_EQ(run.Save(), saved);
  run.Steps(0, kEnd);
  EXPECT_EQ(run.Save(), Uninterrupted({}));
}

TEST_P(ResumeTest, AtAnyStep) {
  for (uint32_t stop = 0; stop <= kEnd; ++stop) {
    Training first(rule());
    first.Steps(0, stop);
    Training second(rule());
    second.Load(first.Save());
    second.Steps(stop, kEnd);
    EXPECT_EQ(second.Save(), Uninterrupted({})) << "stopped at " << stop;
  }
}

TEST_P(ResumeTest, WithTensorsAttachedInAnotherOrder) {
  Training run(rule(), {}, EveryTensor(), nullptr, Order::kBackward);
  run.Load(Stopped());
  run.Steps(kStop, kEnd);
  EXPECT_NE(run.Save(), Uninterrupted({}));
  EXPECT_EQ(EntriesOf(run.Save()), EntriesOf(Uninterrupted({})));
}

TEST_P(ResumeTest, WithAnotherNumberOfThreads) {
  std::vector<TrainedTensor> tensors = EveryTensor();
  tensors.push_back({"large", OPT_F32, OPT_F32, {40000}, false, 0});
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = 3;
  const Context threads(config);
  Training first(rule(), {}, tensors, threads.get());
  first.Steps(0, kStop);
  Training second(rule(), {}, tensors);
  second.Load(first.Save());
  second.Steps(kStop, kEnd);
  first.Steps(kStop, kEnd);
  EXPECT_EQ(second.Save(), first.Save());
}

TEST_P(ResumeTest, OnAnotherSimdTarget) {
  const std::string expected = Uninterrupted({});
  for (const std::string& name : Targets()) {
    const Context target(name);
    Training run(rule(), {}, EveryTensor(), target.get());
    run.Load(Stopped());
    run.Steps(kStop, kEnd);
    EXPECT_EQ(run.Save(), expected) << name;
  }
}

// In the middle of an average, with attributes, into an optimizer that has
// neither: the checkpoint decides.
TEST_P(ResumeTest, WithAnAverageAndAttributes) {
  for (const int32_t kind : {OPT_AVERAGE_EMA, OPT_AVERAGE_SWA}) {
    opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
    config.kind = kind;
    config.decay = 0.75;
    config.start = 1;
    config.period = 2;
    Training whole(rule());
    Check(opt_average_start(whole.get(), &config));
    Check(opt_set_attribute(whole.get(), 0, OPT_TENSOR_LR_FACTOR, 0.3));
    Check(opt_set_attribute(whole.get(), 1, OPT_TENSOR_WEIGHT_DECAY_FACTOR, 0));
    Check(opt_set_attribute(whole.get(), 3, OPT_TENSOR_FROZEN, 1));
    for (uint32_t stop = 0; stop < kEnd; ++stop) {
      const std::string saved = whole.Save();
      Training resumed(rule());
      resumed.Load(saved);
      EXPECT_EQ(resumed.Save(), saved) << stop;
      whole.Steps(stop, stop + 1);
      resumed.Steps(stop, stop + 1);
      EXPECT_EQ(resumed.Save(), whole.Save()) << stop;
    }
    EXPECT_NE(EntriesOf(whole.Save()).count("float/param_average"), 0U);
  }
}

TEST_P(ResumeTest, WithoutAnAverageOverOne) {
  Training run(rule());
  Check(opt_average_start(run.get(), nullptr));
  Check(opt_set_attribute(run.get(), 0, OPT_TENSOR_FROZEN, 1));
  run.Steps(0, 2);
  run.Load(Stopped());
  EXPECT_EQ(run.Save(), Stopped());
  run.Steps(kStop, kEnd);
  EXPECT_EQ(run.Save(), Uninterrupted({}));
}

// The optimizer's own way of averaging stays, and takes what was averaged if
// that was of the same kind.
TEST_P(ResumeTest, KeepingTheOptionsKeepsTheWayOfAveraging) {
  for (const int32_t kind : {OPT_AVERAGE_EMA, OPT_AVERAGE_SWA}) {
    Training first(rule());
    Check(opt_average_start(first.get(), nullptr));
    first.Steps(0, kStop);
    const std::string saved = first.Save();
    opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
    config.kind = kind;
    config.decay = 0.5;
    Training second(rule());
    Check(opt_average_start(second.get(), &config));
    opt_load_args args = OPT_LOAD_ARGS_INIT;
    args.flags = OPT_LOAD_KEEP_OPTIONS;
    Check(opt_load_memory(second.get(), saved.data(),
                          static_cast<int64_t>(saved.size()), &args));
    opt_average_info info = OPT_AVERAGE_INFO_INIT;
    Check(opt_average_get_info(second.get(), &info));
    const bool same = kind == OPT_AVERAGE_EMA;
    EXPECT_EQ(info.kind, kind);
    EXPECT_EQ(info.decay, 0.5);
    EXPECT_EQ(info.updates, same ? kStop : 0);
    EXPECT_EQ(EntriesOf(second.Save()).count("float/param_average"),
              same ? 1U : 0U);
  }
}

TEST_P(ResumeTest, SavingChangesNothing) {
  Training run(rule());
  for (uint32_t step = 0; step < kEnd; ++step) {
    const std::string saved = run.Save();
    EXPECT_EQ(run.Save(), saved);
    run.Steps(step, step + 1);
  }
  EXPECT_EQ(run.Save(), Uninterrupted({}));
}

INSTANTIATE_TEST_SUITE_P(Rules, ResumeTest, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
