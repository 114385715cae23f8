// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that are whole by every checksum, but say what cannot be: of
// options, counters, a scaler and tensors; of an average and attributes; of
// evaluation weights; of schedules.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <string>

#include "tests/c/snapshot.h"
#include "tests/schedules/described.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr opt_status kFormat = OPT_ERR_FORMAT;
constexpr opt_status kMismatch = OPT_ERR_MISMATCH;
constexpr const char* kOptions = "__options__";
constexpr const char* kCounters = "__counters__";
constexpr const char* kScaler = "__scaler__";
constexpr const char* kScalerCounters = "__scaler_counters__";
constexpr const char* kSkipped = "__skipped__";
constexpr const char* kAverage = "__average__";
constexpr const char* kDecay = "__average_decay__";
constexpr const char* kRows = "__schedules__";
constexpr const char* kValues = "__schedule_values__";
constexpr const char* kMilestones = "__milestones__";

struct Lie {
  const char* name;
  void (*tell)(Edited* edited);
  opt_status status;
  const char* says;  // in the message
};

void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }

std::string NameOf(const testing::TestParamInfo<Lie>& info) {
  return info.param.name;
}

// Loads an honest checkpoint with the lie: that is refused, with the reason,
// and the training is unchanged.
void ExpectRefused(const Lie& lie, Edited honest, const Training& training) {
  lie.tell(&honest);
  const uint64_t before = snapshot(training.get());
  const opt_status status = LoadAll(training.get(), honest.Build());
  const std::string message = opt_last_error();
  EXPECT_EQ(status, lie.status) << message;
  EXPECT_NE(message.find(lie.says), std::string::npos) << message;
  if (status == OPT_ERR_FORMAT) {
    EXPECT_NE(message.find("byte "), std::string::npos) << message;
  }
  EXPECT_EQ(snapshot(training.get()), before);
}

size_t ColumnOf(Edited* edited, const std::string& option) {
  const std::string names = "," + edited->metadata["options"] + ",";
  const size_t at = names.find("," + option + ",");
  size_t column = 0;
  for (size_t i = 1; i <= at; ++i) column += names[i] == ',' ? 1 : 0;
  return column;
}

void SetOption(Edited* edited, size_t row, const char* option, double value) {
  const auto columns = static_cast<size_t>(edited->At(kOptions).shape[1]);
  edited->SetNumber(kOptions, row * columns + ColumnOf(edited, option), value);
}

const Lie kOptionLies[] = {
    {"ANaN", [](Edited* e) { SetOption(e, 1, OPT_LR, kNaN); }, kFormat, "'lr'"},
    {"ANaNAmongTheOptimizersOwn",
     [](Edited* e) { SetOption(e, 0, OPT_LR, kNaN); }, kFormat, "'lr'"},
    {"AnInfiniteRate", [](Edited* e) { SetOption(e, 2, OPT_LR, INFINITY); },
     kFormat, "'lr'"},
    {"AnOptionOutOfRange", [](Edited* e) { SetOption(e, 2, OPT_BETA1, 1.5); },
     kFormat, "'beta1'"},
    {"AFractionOfABool", [](Edited* e) { SetOption(e, 1, OPT_AMSGRAD, 0.5); },
     kFormat, "'amsgrad'"},
    {"AnotherLayout", [](Edited* e) { SetOption(e, 2, OPT_AMSGRAD, 0); },
     kMismatch, "'amsgrad'"},
    {"AColumnLessThanNames",
     [](Edited* e) {
       const auto columns = e->At(kOptions).shape[1];
       e->Reshape(kOptions, "F64", {3, columns - 1});
     },
     kFormat, kOptions},
    {"AColumnMoreThanNames",
     [](Edited* e) {
       const auto columns = e->At(kOptions).shape[1];
       e->Reshape(kOptions, "F64", {3, columns + 1});
     },
     kFormat, kOptions},
    {"AnUnknownOption",
     [](Edited* e) { e->metadata["options"].replace(0, 2, "warp"); }, kFormat,
     "'warp'"},
    {"NoNamesOfOptions", [](Edited* e) { e->metadata.erase("options"); },
     kFormat, kOptions},
    {"ManyNamesOfOptions",
     [](Edited* e) { e->metadata["options"] = std::string(5000, ','); },
     kFormat, kOptions},
    {"NoOptions", [](Edited* e) { e->Remove(kOptions); }, kFormat, kOptions},
    {"OptionsOfFloats",
     [](Edited* e) { e->Reshape(kOptions, "F32", e->At(kOptions).shape); },
     kFormat, kOptions},
    {"OptionsInOneDimension",
     [](Edited* e) {
       e->Reshape(kOptions, "F64", {3 * e->At(kOptions).shape[1]});
     },
     kFormat, kOptions},
    {"OptionsOfNoGroup",
     [](Edited* e) {
       e->Reshape(kOptions, "F64", {1, e->At(kOptions).shape[1]});
     },
     kFormat, kOptions},
    {"AGroupMore",
     [](Edited* e) {
       e->Reshape(kOptions, "F64", {4, e->At(kOptions).shape[1]});
     },
     kMismatch, "groups: 3 in the checkpoint"},
    {"AGroupLess",
     [](Edited* e) {
       e->Reshape(kOptions, "F64", {2, e->At(kOptions).shape[1]});
     },
     kMismatch, "groups: 1 in the checkpoint"},

    {"NegativeSteps",
     [](Edited* e) { e->SetNumber(kCounters, 0, int64_t{-1}); }, kFormat,
     kCounters},
    {"StepsThatOverflow", [](Edited* e) { e->SetNumber(kCounters, 0, kHuge); },
     kFormat, kCounters},
    {"NegativeSamples",
     [](Edited* e) { e->SetNumber(kCounters, 1, int64_t{-1}); }, kFormat,
     kCounters},
    {"SamplesThatOverflow",
     [](Edited* e) { e->SetNumber(kCounters, 1, kHuge); }, kFormat, kCounters},
    {"SumsOfNoSamples",
     [](Edited* e) { e->SetNumber(kCounters, 1, int64_t{0}); }, kFormat,
     "grad_accumulator"},
    {"NoCounters", [](Edited* e) { e->Remove(kCounters); }, kFormat, kCounters},
    {"ACounterMore", [](Edited* e) { e->Reshape(kCounters, "I64", {3}); },
     kFormat, kCounters},
    {"ManyCounters", [](Edited* e) { e->Reshape(kCounters, "I64", {5000}); },
     kFormat, kCounters},
    {"ACounterLess", [](Edited* e) { e->Reshape(kCounters, "I64", {1}); },
     kFormat, kCounters},
    {"CountersOfDoubles", [](Edited* e) { e->Reshape(kCounters, "F64", {2}); },
     kFormat, kCounters},
    {"OtherCounters",
     [](Edited* e) { e->metadata["counters"] = "pending_samples,steps"; },
     kFormat, kCounters},

    {"AScaleOfZero", [](Edited* e) { e->SetNumber(kScaler, 0, 0.0); }, kFormat,
     "the scale"},
    {"AScaleThatIsNaN", [](Edited* e) { e->SetNumber(kScaler, 0, kNaN); },
     kFormat, "the scale"},
    {"AScaleThatDoesNotGrow", [](Edited* e) { e->SetNumber(kScaler, 1, 1.0); },
     kFormat, "growth_factor"},
    {"MoreGoodStepsThanTheInterval",
     [](Edited* e) { e->SetNumber(kScalerCounters, 1, kHuge); }, kFormat,
     "good_steps"},
    {"NegativeSkippedSteps",
     [](Edited* e) { e->SetNumber(kSkipped, 0, int64_t{-1}); }, kFormat,
     kSkipped},
    {"SkippedStepsThatOverflow",
     [](Edited* e) { e->SetNumber(kSkipped, 0, kHuge); }, kFormat, kSkipped},
    {"ManySkippedSteps", [](Edited* e) { e->Reshape(kSkipped, "I64", {5000}); },
     kFormat, kSkipped},
    {"AScalerOfManyNumbers",
     [](Edited* e) { e->Reshape(kScaler, "F64", {5000}); }, kFormat, kScaler},
    {"AScalerOfFloats", [](Edited* e) { e->Reshape(kScaler, "F32", {3}); },
     kFormat, kScaler},
    {"AScalerWithoutCounters", [](Edited* e) { e->Remove(kScalerCounters); },
     kFormat, kScalerCounters},
    {"AScalerWithoutNumbers", [](Edited* e) { e->Remove(kScaler); }, kFormat,
     kScaler},

    {"ANegativeStep", [](Edited* e) { e->SetNumber("w/step", 0, int64_t{-1}); },
     kFormat, "w/step"},
    {"AStepThatOverflows", [](Edited* e) { e->SetNumber("b/step", 0, kHuge); },
     kFormat, "b/step"},
    {"AStepThatIsAnArray", [](Edited* e) { e->Reshape("w/step", "I64", {1}); },
     kMismatch, "w/step"},
    {"AStepOfManyNumbers",
     [](Edited* e) { e->Reshape("w/step", "I64", {5000}); }, kMismatch,
     "w/step"},
    {"AStepThatIsNoInteger", [](Edited* e) { e->Reshape("w/step", "F64", {}); },
     kMismatch, "w/step"},
    {"NoStep", [](Edited* e) { e->Remove("w/step"); }, kMismatch, "w/step"},
    {"AnotherGroup", [](Edited* e) { e->SetNumber("w/group", 0, int64_t{1}); },
     kMismatch, "w/group"},
    {"NoSuchGroup", [](Edited* e) { e->SetNumber("b/group", 0, int64_t{-1}); },
     kMismatch, "b/group"},
    {"NoGroup", [](Edited* e) { e->Remove("b/group"); }, kMismatch, "b/group"},
    {"AGroupOfManyNumbers",
     [](Edited* e) { e->Reshape("b/group", "I64", {5000}); }, kMismatch,
     "b/group"},

    {"NoSlot", [](Edited* e) { e->Remove("w/exp_avg"); }, kMismatch,
     "w/exp_avg"},
    {"ALongerSlot", [](Edited* e) { e->Reshape("w/exp_avg", "F32", {5000}); },
     kMismatch, "w/exp_avg"},
    {"AShorterSlot", [](Edited* e) { e->Reshape("b/exp_avg", "F64", {1}); },
     kMismatch, "b/exp_avg"},
    {"ASlotOfAnotherDtype",
     [](Edited* e) { e->Reshape("b/exp_avg", "F32", {2}); }, kMismatch,
     "b/exp_avg"},
    {"ASlotOfAnotherShape",
     [](Edited* e) {
       e->Reshape("w/exp_avg", "F32", {3, 1});
     },
     kMismatch, "w/exp_avg"},
    {"AnUnknownSlot",
     [](Edited* e) { e->Add("w/warp", "F32", {3}, std::string(12, 'x')); },
     kMismatch, "w/warp"},
    {"ALongerSum",
     [](Edited* e) { e->Reshape("w/grad_accumulator", "F32", {5000}); },
     kMismatch, "w/grad_accumulator"},
    {"LongerParameters", [](Edited* e) { e->Reshape("w", "F32", {5000}); },
     kMismatch, "'w'"},
    {"NoParameters", [](Edited* e) { e->Remove("b"); }, kMismatch, "'b'"},
    {"AnotherTensor", [](Edited* e) { e->Add("v", "F32", {0}, ""); }, kMismatch,
     "'v'"},

    {"AnotherRule", [](Edited* e) { e->metadata["rule"] = "adam"; }, kMismatch,
     "'adam'"},
    {"NoRule", [](Edited* e) { e->metadata.erase("rule"); }, kMismatch,
     "rule ''"},
    {"ALaterFormat", [](Edited* e) { e->metadata["format_version"] = "2"; },
     kFormat, "newer libopt"},
    {"AnotherFormat", [](Edited* e) { e->metadata["format"] = "pt"; }, kFormat,
     "libopt"},
    {"NoMetadata", [](Edited* e) { e->metadata.clear(); }, kFormat, "libopt"},
};

class LieTest : public testing::TestWithParam<Lie> {
 protected:
  static Training Adamw(double beta2) {
    return Training(OPT_RULE_ADAMW, {{OPT_AMSGRAD, 1}, {OPT_BETA2, beta2}},
                    SmallTensors());
  }

  static Edited Honest() {
    Training training = Adamw(0.5);
    Check(opt_scaler_start(training.get(), nullptr));
    training.Steps(0, 1);
    training.AccumulateInf(1);
    training.Steps(1, 2);
    training.Accumulate(2);
    return Edited(training.Save());
  }
};

TEST_P(LieTest, IsRefusedAndChangesNothing) {
  Training training = Adamw(0.75);
  training.Steps(0, 1);
  ExpectRefused(GetParam(), Honest(), training);
}

INSTANTIATE_TEST_SUITE_P(Lies, LieTest, testing::ValuesIn(kOptionLies), NameOf);

const Lie kAverageLies[] = {
    {"AnotherKind", [](Edited* e) { e->metadata["average"] = "mean"; }, kFormat,
     "'mean'"},
    {"NoKind", [](Edited* e) { e->metadata.erase("average"); }, kMismatch,
     "param_average"},
    {"NoTable", [](Edited* e) { e->Remove(kAverage); }, kFormat, kAverage},
    {"NoDecay", [](Edited* e) { e->Remove(kDecay); }, kFormat, kDecay},
    {"ANumberLess", [](Edited* e) { e->Reshape(kAverage, "I64", {3}); },
     kFormat, kAverage},
    {"ANumberMore", [](Edited* e) { e->Reshape(kAverage, "I64", {5}); },
     kFormat, kAverage},
    {"ADecayOfFloat", [](Edited* e) { e->Reshape(kDecay, "F32", {}); }, kFormat,
     kDecay},
    {"TwoDecays", [](Edited* e) { e->Reshape(kDecay, "F64", {2}); }, kFormat,
     kDecay},
    {"NegativeStart", [](Edited* e) { e->SetNumber(kAverage, 0, int64_t{-1}); },
     kFormat, kAverage},
    {"AStartThatOverflows", [](Edited* e) { e->SetNumber(kAverage, 0, kHuge); },
     kFormat, "start"},
    {"APeriodOfZero", [](Edited* e) { e->SetNumber(kAverage, 1, int64_t{0}); },
     kFormat, kAverage},
    {"UnknownFlags", [](Edited* e) { e->SetNumber(kAverage, 2, int64_t{2}); },
     kFormat, "flags"},
    {"FlagsOf64Bits",
     [](Edited* e) { e->SetNumber(kAverage, 2, int64_t{1} << 32); }, kFormat,
     kAverage},
    {"UpdatesThatOverflow", [](Edited* e) { e->SetNumber(kAverage, 3, kHuge); },
     kFormat, kAverage},
    {"ADecayAboveOne", [](Edited* e) { e->SetNumber(kDecay, 0, 1.5); }, kFormat,
     "decay"},
    {"ADecayThatIsNaN", [](Edited* e) { e->SetNumber(kDecay, 0, kNaN); },
     kFormat, "decay"},
    {"ATensorsUpdatesNegative",
     [](Edited* e) { e->SetNumber("w/average_updates", 0, int64_t{-1}); },
     kFormat, "w/average_updates"},
    {"NoUpdatesOfATensor", [](Edited* e) { e->Remove("w/average_updates"); },
     kMismatch, "w/average_updates"},
    {"NoAverageOfATensor", [](Edited* e) { e->Remove("w/param_average"); },
     kMismatch, "w/param_average"},
    {"AnAverageOfDoubles",
     [](Edited* e) { e->Reshape("w/param_average", "F64", {3}); }, kMismatch,
     "w/param_average"},
    {"ANegativeFactor", [](Edited* e) { e->SetNumber("w/lr_factor", 0, -1.0); },
     kFormat, "lr_factor"},
    {"AFactorThatIsNaN",
     [](Edited* e) { e->SetNumber("w/lr_factor", 0, kNaN); }, kFormat,
     "lr_factor"},
    {"HalfFrozen", [](Edited* e) { e->SetNumber("b/frozen", 0, 0.5); }, kFormat,
     "frozen"},
    {"AFactorOfFloat", [](Edited* e) { e->Reshape("w/lr_factor", "F32", {}); },
     kMismatch, "w/lr_factor"},
    {"AnUnknownAttribute",
     [](Edited* e) { e->Add("w/warp_factor", "F64", {}, std::string(8, 0)); },
     kMismatch, "w/warp_factor"},
};

class AverageLieTest : public testing::TestWithParam<Lie> {
 protected:
  static Edited Honest() {
    Training training(OPT_RULE_ADAMW, {}, SmallTensors());
    Check(opt_average_start(training.get(), nullptr));
    Check(opt_set_attribute(training.get(), 0, OPT_TENSOR_LR_FACTOR, 0.5));
    Check(opt_set_attribute(training.get(), 1, OPT_TENSOR_FROZEN, 1));
    training.Steps(0, 2);
    return Edited(training.Save());
  }
};

TEST_P(AverageLieTest, IsRefusedAndChangesNothing) {
  for (const bool averaged : {false, true}) {
    Training training(OPT_RULE_ADAMW, {}, SmallTensors());
    if (averaged) Check(opt_average_start(training.get(), nullptr));
    training.Steps(0, 1);
    ExpectRefused(GetParam(), Honest(), training);
  }
}

INSTANTIATE_TEST_SUITE_P(Lies, AverageLieTest, testing::ValuesIn(kAverageLies),
                         NameOf);

const Lie kEvalLies[] = {
    {"OtherWeights", [](Edited* e) { e->metadata["weights"] = "best"; },
     kFormat, "'best'"},
    {"ParametersInTheirPlace", [](Edited* e) { e->metadata.erase("weights"); },
     kMismatch, "w/train_weights"},
    {"AnAverageElsewhere",
     [](Edited* e) {
       e->Add("w/param_average", "F32", {3}, std::string(12, 0));
     },
     kMismatch, "w/param_average"},
    {"NoParametersOfATensor", [](Edited* e) { e->Remove("w/train_weights"); },
     kMismatch, "w/train_weights"},
    {"ParametersOfAnotherShape",
     [](Edited* e) { e->Reshape("w/train_weights", "F32", {2}); }, kMismatch,
     "w/train_weights"},
};

class EvalLieTest : public testing::TestWithParam<Lie> {
 protected:
  static Edited Honest() {
    Training training(OPT_RULE_ADAMW, {}, SmallTensors());
    Check(opt_average_start(training.get(), nullptr));
    training.Steps(0, 2);
    Check(opt_swap_eval_weights(training.get(), nullptr));
    return Edited(training.Save());
  }
};

TEST_P(EvalLieTest, IsRefusedAndChangesNothing) {
  Training training(OPT_RULE_ADAMW, {}, SmallTensors());
  training.Steps(0, 1);
  ExpectRefused(GetParam(), Honest(), training);
  training.Steps(1, 2);  // its parameters are in their place
}

INSTANTIATE_TEST_SUITE_P(Lies, EvalLieTest, testing::ValuesIn(kEvalLies),
                         NameOf);

// An entry of the format's that the metadata do not explain is one that a later
// version may have added: whatever its size is, it is passed over.
TEST(AverageTableTest, IsPassedOverIfTheMetadataNameNoAverage) {
  Training training(OPT_RULE_ADAMW, {}, SmallTensors());
  training.Steps(0, 2);
  Edited edited(training.Save());
  edited.Add(kAverage, "I64", {5000}, std::string(5000 * 8, '\xFF'));
  edited.Add(kDecay, "F64", {5000}, std::string(5000 * 8, '\xFF'));
  Training resumed(OPT_RULE_ADAMW, {}, SmallTensors());
  resumed.Load(edited.Build());
  EXPECT_EQ(resumed.Save(), training.Save());
}

void SetRow(Edited* edited, size_t column, int64_t number) {
  edited->SetNumber(kRows, column, number);
}

const Lie kScheduleLies[] = {
    {"AnUnknownGroup", [](Edited* e) { SetRow(e, 0, 2); }, kFormat,
     "group is 2"},
    {"ANegativeGroup", [](Edited* e) { SetRow(e, 0, -2); }, kFormat,
     "group is -2"},
    {"AnUnknownOption", [](Edited* e) { SetRow(e, 1, 1000); }, kFormat,
     "option 1000"},
    {"ASwitch", [](Edited* e) { SetRow(e, 1, 3); }, kFormat, "'maximize'"},
    {"AnUnknownKindsNumber", [](Edited* e) { SetRow(e, 2, 13); }, kFormat,
     "kind"},
    {"ANegativeKind", [](Edited* e) { SetRow(e, 2, -1); }, kFormat, "kind"},
    {"ANegativeBegin", [](Edited* e) { SetRow(e, 3, -1); }, kFormat,
     "begin is -1"},
    {"AnEndBeforeTheBegin", [](Edited* e) { SetRow(e, 3, 1000); }, kFormat,
     "end"},
    {"MilestonesOfAKindWithoutAny", [](Edited* e) { SetRow(e, 5, 1); }, kFormat,
     "milestones is 1"},
    {"NegativeBadReports", [](Edited* e) { SetRow(e, 2 * 9 + 6, -1); }, kFormat,
     "bad reports"},
    {"ACooldownThatOverflows",
     [](Edited* e) { SetRow(e, 2 * 9 + 7, INT64_MAX); }, kFormat, "cooldown"},
    {"NegativeReductions", [](Edited* e) { SetRow(e, 2 * 9 + 8, -1); }, kFormat,
     "reductions"},
    {"TwoSchedulesOfAnOption", [](Edited* e) { SetRow(e, 9, 0); }, kFormat,
     "two schedules"},
    {"AnUnknownKind",
     [](Edited* e) { e->metadata["schedule_kinds"].replace(0, 2, "xx"); },
     kFormat, "there is no schedule"},
    {"AnUnknownScheduleOption",
     [](Edited* e) { e->metadata["schedule_kinds"] += "x"; }, kFormat,
     "no option"},
    {"NoKinds", [](Edited* e) { e->metadata.erase("schedule_kinds"); }, kFormat,
     "kind"},
    {"ManyKinds",
     [](Edited* e) {
       for (int i = 0; i < 100; ++i) e->metadata["schedule_kinds"] += ";step";
     },
     kFormat, "more than 64"},
    {"ANaN", [](Edited* e) { e->SetNumber(kValues, 2, kNaN); }, kFormat,
     "'start_factor'"},
    {"AFraction", [](Edited* e) { e->SetNumber(kValues, 1, 1.5); }, kFormat,
     "'interval'"},
    {"AnIntervalOfZero", [](Edited* e) { e->SetNumber(kValues, 1, 0.0); },
     kFormat, "'interval'"},
    {"ABestThatIsNaN",
     [](Edited* e) {
       e->SetNumber(kValues, 2 * static_cast<size_t>(e->At(kValues).shape[1]),
                    kNaN);
     },
     kFormat, "best metric"},
    {"FallingMilestones",
     [](Edited* e) { e->SetNumber(kMilestones, 1, int64_t{1}); }, kFormat,
     "milestone 1"},
    {"AMilestoneLeftOver",
     [](Edited* e) { e->Reshape(kMilestones, "I64", {5}); }, kFormat,
     "more milestones than the parts have"},
    {"AMilestoneLess", [](Edited* e) { e->Reshape(kMilestones, "I64", {3}); },
     kFormat, "milestones is 4"},
    {"NoMilestones", [](Edited* e) { e->Remove(kMilestones); }, kFormat, kRows},
    {"NoValues", [](Edited* e) { e->Remove(kValues); }, kFormat, kRows},
    {"NoRows", [](Edited* e) { e->Remove(kRows); }, kFormat, kRows},
    {"MilestonesAlone",
     [](Edited* e) {
       e->Reshape(kRows, "I64", {0, 9});
       e->Reshape(kValues, "F64", {0, 1});
     },
     kFormat, "more milestones than the parts have"},
    {"RowsOfFloats",
     [](Edited* e) { e->Reshape(kRows, "F64", e->At(kRows).shape); }, kFormat,
     kRows},
    {"AColumnMore",
     [](Edited* e) {
       e->Reshape(kRows, "I64", {e->At(kRows).shape[0], 10});
     },
     kFormat, kRows},
    {"AValueRowLess",
     [](Edited* e) {
       const auto shape = e->At(kValues).shape;
       e->Reshape(kValues, "F64", {shape[0] - 1, shape[1]});
     },
     kFormat, kRows},
    {"FewerValuesThanOptions",
     [](Edited* e) {
       e->Reshape(kValues, "F64", {e->At(kValues).shape[0], 2});
     },
     kFormat, "number of options"},
};

class ScheduleLieTest : public testing::TestWithParam<Lie> {};

Training NewTraining() { return Training(OPT_RULE_ADAMW, {}, SmallTensors()); }

Edited WithSchedules() {
  Training training = NewTraining();
  GiveEverySchedule(training.get());
  training.StepsWithMetrics(0, 6);
  return Edited(training.Save());
}

TEST_P(ScheduleLieTest, IsRefusedAndChangesNothing) {
  const Training training = NewTraining();
  Give(training.get(), 0, OPT_LR, "exponential gamma=0.5");
  ExpectRefused(GetParam(), WithSchedules(), training);
}

INSTANTIATE_TEST_SUITE_P(Lies, ScheduleLieTest,
                         testing::ValuesIn(kScheduleLies), NameOf);

// The promises of a header do not decide how much memory is taken.
TEST(ScheduleRowsTest, TooManyAreRefusedBeforeTheyAreRead) {
  for (const char* name : {kRows, kValues, kMilestones}) {
    Edited edited = WithSchedules();
    const std::string dtype = edited.At(name).dtype;
    auto shape = edited.At(name).shape;
    shape[0] = int64_t{1} << 40;
    edited.Remove(name);
    edited.Promise(name, dtype, shape);
    const Training training = NewTraining();
    EXPECT_EQ(LoadAll(training.get(), edited.Build()), OPT_ERR_FORMAT) << name;
  }
}

}  // namespace
}  // namespace opt_test
