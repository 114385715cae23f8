// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules in checkpoints: a training that is resumed in the middle of one
// goes on with the same bits.

#include <gtest/gtest.h>

#include <string>

#include "tests/schedules/described.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr const char* kValues = "__schedule_values__";

Training New() { return Training(OPT_RULE_ADAMW, {}, SmallTensors()); }

std::string Saved() {
  Training training = New();
  GiveEverySchedule(training.get());
  training.StepsWithMetrics(0, 6);
  return training.Save();
}

TEST(ResumeSchedulesTest, ATrainingGoesOnFromEachStepWithTheSameBits) {
  Training whole = New();
  GiveEverySchedule(whole.get());
  for (uint32_t stop = 0; stop < 25; ++stop) {
    Training resumed = New();
    resumed.Load(whole.Save());
    ASSERT_EQ(resumed.Save(), whole.Save()) << stop;
    resumed.StepsWithMetrics(stop, stop + 3);
    whole.StepsWithMetrics(stop, stop + 1);
    Training ahead = New();
    ahead.Load(whole.Save());
    ahead.StepsWithMetrics(stop + 1, stop + 3);
    ASSERT_EQ(resumed.Save(), ahead.Save()) << stop;
  }
}

TEST(ResumeSchedulesTest, AFileWithoutSchedulesRemovesThem) {
  Training plain = New();
  const std::string file = plain.Save();
  EXPECT_EQ(file.find("schedule"), std::string::npos);
  Training training = New();
  GiveEverySchedule(training.get());
  training.Load(file);
  EXPECT_EQ(training.Save(), file);
}

TEST(ResumeSchedulesTest, KeptOptionsKeepSchedules) {
  Training training = New();
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_KEEP_OPTIONS;
  Give(training.get(), 0, OPT_LR, "exponential gamma=0.5");
  const std::string file = Saved();
  Check(opt_load_memory(training.get(), file.data(),
                        static_cast<int64_t>(file.size()), &args));
  double value = 0;
  double base = 0;
  Check(opt_get(training.get(), 0, OPT_LR, &base));
  Check(opt_get_scheduled(training.get(), 0, OPT_LR, &value));
  EXPECT_EQ(value, base / 64);
}

TEST(ResumeSchedulesTest, OptionsAreFoundByName) {
  Edited edited(Saved());
  std::string& kinds = edited.metadata["schedule_kinds"];
  const std::string three = "start_factor,end_factor,total_iters";
  const size_t at = kinds.find(three);
  ASSERT_NE(at, std::string::npos);
  kinds.replace(at, three.size(), "total_iters,end_factor,start_factor");
  const auto columns = static_cast<size_t>(edited.At(kValues).shape[1]);
  for (size_t row = 0; row < 9; row += 3) {  // linear leads the rates'
    edited.SetNumber(kValues, row * columns + 2, 3.0);
    edited.SetNumber(kValues, row * columns + 4, 1.0 / 3);
  }
  Training training = New();
  training.Load(edited.Build());
  EXPECT_EQ(training.Save(), Saved());
}

}  // namespace
}  // namespace opt_test
