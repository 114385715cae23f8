// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that are saved while the evaluation weights are in the
// parameters' buffers: a load brings back that state, and a swap the
// parameters.

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>

#include "tests/c/snapshot.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr uint32_t kStop = 3;
constexpr uint32_t kEnd = 6;

void Swap(const Training& training) {
  Check(opt_swap_eval_weights(training.get(), nullptr));
}

bool IsSwapped(const Training& training) {
  opt_average_info info = OPT_AVERAGE_INFO_INIT;
  Check(opt_average_get_info(training.get(), &info));
  return info.swapped != 0;
}

void StartAverage(const Training& training, opt_average_kind kind) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = 0.75;
  Check(opt_average_start(training.get(), &config));
}

// Where the evaluation weights come from: a kind of average, or 0 for the
// rule's own.
struct Way {
  const char* name;
  const char* rule;
  opt_average_kind kind;
  Options options = {};
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

const Way kWays[] = {
    {"AMovingAverage", OPT_RULE_ADAMW, OPT_AVERAGE_EMA},
    {"AMean", OPT_RULE_ADAMW, OPT_AVERAGE_SWA},
    {"ScheduleFree", OPT_RULE_SCHEDULE_FREE_ADAMW, 0},
    {"ScheduleFreeSgd", OPT_RULE_SCHEDULE_FREE_SGD, 0},
    {"ScheduleFreeRadam",
     OPT_RULE_SCHEDULE_FREE_RADAM,
     0,
     {{"silent_sgd_phase", 0}}},
    // Its averages differ from its parameters from here on.
    {"Asgd", OPT_RULE_ASGD, 0, {{OPT_T0, 0}}},
    {"Lookahead", OPT_RULE_ADAMW, 0, {{OPT_LOOKAHEAD, 2}}},
    {"AnAverageOverTheRulesOwn", OPT_RULE_SCHEDULE_FREE_ADAMW, OPT_AVERAGE_SWA},
};

class EvalWeightsTest : public testing::TestWithParam<Way> {
 protected:
  static Training New() {
    return Training(GetParam().rule, GetParam().options);
  }

  // Brings a new training into the middle of an accumulation.
  static void Train(Training* training) {
    if (GetParam().kind != 0) StartAverage(*training, GetParam().kind);
    training->Steps(0, kStop);
    training->Accumulate(kStop);
  }

  static void ExpectRefused(const Training& training,
                            const std::string& checkpoint,
                            const opt_load_args& args, const char* says) {
    const uint64_t before = snapshot(training.get());
    EXPECT_EQ(opt_load_memory(training.get(), checkpoint.data(),
                              static_cast<int64_t>(checkpoint.size()), &args),
              OPT_ERR_MISMATCH);
    const std::string message = opt_last_error();
    EXPECT_NE(message.find(says), std::string::npos) << message;
    EXPECT_EQ(snapshot(training.get()), before);
    EXPECT_FALSE(IsSwapped(training));
  }
};

TEST_P(EvalWeightsTest, AreInPlaceAfterALoadUntilTheParametersAreSwappedBack) {
  Training whole = New();
  Train(&whole);
  const std::string trained = whole.Save();
  Swap(whole);
  const std::string swapped = whole.Save();
  EXPECT_NE(EntriesOf(swapped)["float"], EntriesOf(trained)["float"]);

  Training resumed = New();
  resumed.Load(swapped);
  EXPECT_TRUE(IsSwapped(resumed));
  EXPECT_EQ(resumed.Save(), swapped);
  EXPECT_EQ(opt_step(resumed.get(), nullptr), OPT_ERR_STATE);
  EXPECT_EQ(resumed.Save(), swapped);

  Swap(resumed);
  EXPECT_FALSE(IsSwapped(resumed));
  EXPECT_EQ(resumed.Save(), trained);
  Swap(whole);
  for (Training* training : {&whole, &resumed}) training->Steps(kStop, kEnd);
  EXPECT_EQ(resumed.Save(), whole.Save());
}

TEST_P(EvalWeightsTest,
       AreReplacedByTheSavedParametersEvenIfThoseAreNotLoaded) {
  Training whole = New();
  Train(&whole);
  const std::map<std::string, std::string> trained = EntriesOf(whole.Save());
  Swap(whole);
  const std::string swapped = SaveWith(whole.get(), OPT_SAVE_ARGS_INIT);
  EXPECT_EQ(EntriesOf(swapped).count("float"), 0U);

  const Training resumed = New();
  Check(opt_load_memory(resumed.get(), swapped.data(),
                        static_cast<int64_t>(swapped.size()), nullptr));
  Swap(resumed);
  for (const auto& [name, entry] : EntriesOf(resumed.Save())) {
    if (name.find('/') != std::string::npos) continue;
    EXPECT_EQ(entry, trained.at(name)) << name;
  }
}

TEST_P(EvalWeightsTest, ArePutInPlaceBeforeTheFirstStepToo) {
  Training first = New();
  if (GetParam().kind != 0) StartAverage(first, GetParam().kind);
  const std::string fresh = first.Save();
  Swap(first);
  Training second = New();
  second.Steps(0, 2);
  second.Load(first.Save());
  EXPECT_TRUE(IsSwapped(second));
  Swap(second);
  EXPECT_EQ(second.Save(), fresh);
}

TEST_P(EvalWeightsTest, AreNotInPlaceAfterALoadOfTheParameters) {
  Training training = New();
  Train(&training);
  const std::string trained = training.Save();
  Swap(training);
  EXPECT_EQ(LoadAll(training.get(), trained), OPT_ERR_STATE);
  Swap(training);
  training.Load(trained);
  EXPECT_FALSE(IsSwapped(training));
  EXPECT_EQ(training.Save(), trained);
}

TEST_P(EvalWeightsTest, AreLoadedForAllTensorsOrForNone) {
  Training training = New();
  Train(&training);
  Swap(training);
  const std::string swapped = training.Save();
  Training other = New();
  other.Steps(0, 1);

  const char* const name = "float";
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.names = &name;
  args.name_count = 1;
  ExpectRefused(other, swapped, args, "load all of it");

  Edited lacking(swapped);
  for (const auto& [entry, data] : EntriesOf(swapped)) {
    if (entry.rfind("float", 0) == 0) lacking.Remove(entry);
  }
  args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_ALLOW_MISSING;
  ExpectRefused(other, lacking.Build(), args, "'float/");
}

TEST_P(EvalWeightsTest, AreNotOfAnotherKindThanTheOptimizerKeeps) {
  Training training = New();
  Train(&training);
  Swap(training);
  const std::string swapped = training.Save();
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS | OPT_LOAD_KEEP_OPTIONS;
  const opt_average_kind kinds[] = {0, OPT_AVERAGE_EMA, OPT_AVERAGE_SWA};
  for (const opt_average_kind kind : kinds) {
    Training other = New();
    if (kind != 0) StartAverage(other, kind);
    other.Steps(0, 1);
    if (kind != GetParam().kind) {
      ExpectRefused(other, swapped, args, "OPT_LOAD_KEEP_OPTIONS");
      continue;
    }
    Check(opt_load_memory(other.get(), swapped.data(),
                          static_cast<int64_t>(swapped.size()), &args));
    EXPECT_TRUE(IsSwapped(other));
    EXPECT_EQ(EntriesOf(other.Save())["float"], EntriesOf(swapped)["float"]);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, EvalWeightsTest, testing::ValuesIn(kWays),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
