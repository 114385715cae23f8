// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that are whole by every checksum, but say of the average and of
// tensors' attributes what cannot be.

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

constexpr opt_status kFormat = OPT_ERR_FORMAT;
constexpr opt_status kMismatch = OPT_ERR_MISMATCH;
constexpr const char* kAverage = "__average__";
constexpr const char* kDecay = "__average_decay__";
constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

struct Lie {
  const char* name;
  void (*tell)(Edited* edited);
  opt_status status;
  const char* says;  // in the message
};

void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }

const Lie kLies[] = {
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
    {"ADecayThatIsNaN",
     [](Edited* e) { e->SetNumber(kDecay, 0, std::nan("")); }, kFormat,
     "decay"},
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
     [](Edited* e) { e->SetNumber("w/lr_factor", 0, std::nan("")); }, kFormat,
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
    Check(opt_set_tensor(training.get(), 0, OPT_TENSOR_LR_FACTOR, 0.5));
    Check(opt_set_tensor(training.get(), 1, OPT_TENSOR_FROZEN, 1));
    training.Steps(0, 2);
    return Edited(training.Save());
  }
};

TEST_P(AverageLieTest, IsRefusedAndChangesNothing) {
  Edited edited = Honest();
  GetParam().tell(&edited);
  for (const bool averaged : {false, true}) {
    Training training(OPT_RULE_ADAMW, {}, SmallTensors());
    if (averaged) Check(opt_average_start(training.get(), nullptr));
    training.Steps(0, 1);
    const uint64_t before = snapshot(training.get());
    const opt_status status = LoadAll(training.get(), edited.Build());
    const std::string message = opt_last_error();
    EXPECT_EQ(status, GetParam().status) << message;
    EXPECT_NE(message.find(GetParam().says), std::string::npos) << message;
    EXPECT_EQ(snapshot(training.get()), before);
  }
}

INSTANTIATE_TEST_SUITE_P(Lies, AverageLieTest, testing::ValuesIn(kLies),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
