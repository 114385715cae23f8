// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules in checkpoints: a training that is resumed in the middle of one
// goes on with the same bits, and tables that cannot be are refused.

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/c/snapshot.h"
#include "tests/schedules/described.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr const char* kRows = "__schedules__";
constexpr const char* kValues = "__schedule_values__";
constexpr const char* kMilestones = "__milestones__";
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Steps with a report of a metric after each.
void Train(Training* training, uint32_t from, uint32_t to) {
  for (uint32_t step = from; step < to; ++step) {
    training->Steps(step, step + 1);
    Check(opt_report_metric(training->get(), OPT_ALL_GROUPS,
                            step % 5 == 0 ? 1.0 / (step + 1) : 2));
  }
}

Training New() { return Training(OPT_RULE_ADAMW, {}, SmallTensors()); }

std::string Saved() {
  Training training = New();
  GiveEverySchedule(training.get());
  Train(&training, 0, 6);
  return training.Save();
}

TEST(ScheduleCheckpointTest, ATrainingGoesOnFromEachStepWithTheSameBits) {
  Training whole = New();
  GiveEverySchedule(whole.get());
  for (uint32_t stop = 0; stop < 25; ++stop) {
    Training resumed = New();
    resumed.Load(whole.Save());
    ASSERT_EQ(snapshot(resumed.get()) != 0, true);
    ASSERT_EQ(resumed.Save(), whole.Save()) << stop;
    Train(&resumed, stop, stop + 3);
    Train(&whole, stop, stop + 1);
    Training ahead = New();
    ahead.Load(whole.Save());
    Train(&ahead, stop + 1, stop + 3);
    ASSERT_EQ(resumed.Save(), ahead.Save()) << stop;
  }
}

TEST(ScheduleCheckpointTest, AFileWithoutSchedulesRemovesThem) {
  Training plain = New();
  const std::string file = plain.Save();
  EXPECT_EQ(file.find("schedule"), std::string::npos);
  Training training = New();
  GiveEverySchedule(training.get());
  training.Load(file);
  EXPECT_EQ(training.Save(), file);
}

TEST(ScheduleCheckpointTest, KeptOptionsKeepSchedules) {
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

TEST(ScheduleCheckpointTest, OptionsAreFoundByName) {
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

struct Lie {
  const char* name;
  void (*tell)(Edited* edited);
  const char* says;
};

void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }

void SetRow(Edited* edited, size_t column, int64_t number) {
  edited->SetNumber(kRows, column, number);
}

const Lie kLies[] = {
    {"AnUnknownGroup", [](Edited* e) { SetRow(e, 0, 2); }, "group is 2"},
    {"ANegativeGroup", [](Edited* e) { SetRow(e, 0, -2); }, "group is -2"},
    {"AnUnknownOption", [](Edited* e) { SetRow(e, 1, 1000); }, "option 1000"},
    {"ASwitch", [](Edited* e) { SetRow(e, 1, 3); }, "'maximize'"},
    {"AnUnknownKindsNumber", [](Edited* e) { SetRow(e, 2, 13); }, "kind"},
    {"ANegativeKind", [](Edited* e) { SetRow(e, 2, -1); }, "kind"},
    {"ANegativeBegin", [](Edited* e) { SetRow(e, 3, -1); }, "begin is -1"},
    {"AnEndBeforeTheBegin", [](Edited* e) { SetRow(e, 3, 1000); }, "end"},
    {"MilestonesOfAKindWithoutAny", [](Edited* e) { SetRow(e, 5, 1); },
     "milestones is 1"},
    {"NegativeBadReports", [](Edited* e) { SetRow(e, 2 * 9 + 6, -1); },
     "bad reports"},
    {"ACooldownThatOverflows",
     [](Edited* e) { SetRow(e, 2 * 9 + 7, INT64_MAX); }, "cooldown"},
    {"NegativeReductions", [](Edited* e) { SetRow(e, 2 * 9 + 8, -1); },
     "reductions"},
    {"TwoSchedulesOfAnOption", [](Edited* e) { SetRow(e, 9, 0); },
     "two schedules"},
    {"AnUnknownKind",
     [](Edited* e) { e->metadata["schedule_kinds"].replace(0, 2, "xx"); },
     "there is no schedule"},
    {"AnUnknownScheduleOption",
     [](Edited* e) { e->metadata["schedule_kinds"] += "x"; }, "no option"},
    {"NoKinds", [](Edited* e) { e->metadata.erase("schedule_kinds"); }, "kind"},
    {"ManyKinds",
     [](Edited* e) {
       for (int i = 0; i < 100; ++i) e->metadata["schedule_kinds"] += ";step";
     },
     "more than 64"},
    {"ANaN", [](Edited* e) { e->SetNumber(kValues, 2, kNaN); },
     "'start_factor'"},
    {"AFraction", [](Edited* e) { e->SetNumber(kValues, 1, 1.5); },
     "'interval'"},
    {"AnIntervalOfZero", [](Edited* e) { e->SetNumber(kValues, 1, 0.0); },
     "'interval'"},
    {"ABestThatIsNaN",
     [](Edited* e) {
       e->SetNumber(kValues, 2 * static_cast<size_t>(e->At(kValues).shape[1]),
                    kNaN);
     },
     "best metric"},
    {"FallingMilestones",
     [](Edited* e) { e->SetNumber(kMilestones, 1, int64_t{1}); },
     "milestone 1"},
    {"AMilestoneLeftOver",
     [](Edited* e) { e->Reshape(kMilestones, "I64", {5}); }, "left over"},
    {"AMilestoneLess", [](Edited* e) { e->Reshape(kMilestones, "I64", {3}); },
     "milestones is 4"},
    {"NoMilestones", [](Edited* e) { e->Remove(kMilestones); }, kRows},
    {"NoValues", [](Edited* e) { e->Remove(kValues); }, kRows},
    {"NoRows", [](Edited* e) { e->Remove(kRows); }, kRows},
    {"MilestonesAlone",
     [](Edited* e) {
       e->Reshape(kRows, "I64", {0, 9});
       e->Reshape(kValues, "F64", {0, 1});
     },
     "left over"},
    {"RowsOfFloats",
     [](Edited* e) { e->Reshape(kRows, "F64", e->At(kRows).shape); }, kRows},
    {"AColumnMore",
     [](Edited* e) {
       e->Reshape(kRows, "I64", {e->At(kRows).shape[0], 10});
     },
     kRows},
    {"AValueRowLess",
     [](Edited* e) {
       const auto shape = e->At(kValues).shape;
       e->Reshape(kValues, "F64", {shape[0] - 1, shape[1]});
     },
     kRows},
    {"FewerValuesThanOptions",
     [](Edited* e) {
       e->Reshape(kValues, "F64", {e->At(kValues).shape[0], 2});
     },
     "number of options"},
};

class ScheduleLieTest : public testing::TestWithParam<Lie> {};

TEST_P(ScheduleLieTest, IsRefusedAndChangesNothing) {
  Edited edited(Saved());
  GetParam().tell(&edited);
  Training training = New();
  Give(training.get(), 0, OPT_LR, "exponential gamma=0.5");
  const uint64_t before = snapshot(training.get());
  EXPECT_EQ(LoadAll(training.get(), edited.Build()), OPT_ERR_FORMAT);
  EXPECT_NE(std::string(opt_last_error()).find(GetParam().says),
            std::string::npos)
      << opt_last_error();
  EXPECT_EQ(snapshot(training.get()), before);
}

INSTANTIATE_TEST_SUITE_P(Told, ScheduleLieTest, testing::ValuesIn(kLies),
                         [](const auto& info) { return info.param.name; });

// What a header promises does not decide how much memory is taken.
TEST(ScheduleCheckpointTest, TooManyRowsAreRefusedBeforeTheyAreRead) {
  for (const char* name : {kRows, kValues, kMilestones}) {
    Edited edited(Saved());
    const std::string dtype = edited.At(name).dtype;
    auto shape = edited.At(name).shape;
    shape[0] = int64_t{1} << 40;
    edited.Remove(name);
    edited.Promise(name, dtype, shape);
    Training training = New();
    EXPECT_EQ(LoadAll(training.get(), edited.Build()), OPT_ERR_FORMAT) << name;
  }
}

}  // namespace
}  // namespace opt_test
