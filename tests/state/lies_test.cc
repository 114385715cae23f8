// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that are whole by every checksum, but say what cannot be.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <string>

#include "tests/c/snapshot.h"
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

struct Lie {
  const char* name;
  void (*tell)(Edited* edited);
  opt_status status;
  const char* says;  // in the message
};

void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }

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

const Lie kLies[] = {
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
     kMismatch, "3 groups"},
    {"AGroupLess",
     [](Edited* e) {
       e->Reshape(kOptions, "F64", {2, e->At(kOptions).shape[1]});
     },
     kMismatch, "1 groups"},

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
  Edited edited = Honest();
  GetParam().tell(&edited);
  Training training = Adamw(0.75);
  training.Steps(0, 1);
  const uint64_t before = snapshot(training.get());
  const opt_status status = LoadAll(training.get(), edited.Build());
  const std::string message = opt_last_error();
  EXPECT_EQ(status, GetParam().status) << message;
  EXPECT_NE(message.find(GetParam().says), std::string::npos) << message;
  if (status == OPT_ERR_FORMAT) {
    EXPECT_NE(message.find("byte "), std::string::npos) << message;
  }
  EXPECT_EQ(snapshot(training.get()), before);
}

INSTANTIATE_TEST_SUITE_P(Lies, LieTest, testing::ValuesIn(kLies),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
