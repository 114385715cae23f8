// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The comparison with a rule's Reference, in early and in late steps: with the
// errors that the oracle allows, or alone, which is all that the matrix has for
// a rule that the oracle does not know.

#include "tests/rules/reference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/rules/harness.h"
#include "tests/rules/measure.h"
#include "tests/rules/oracle.h"

namespace opt_test {
namespace {

// Some rules begin to move the parameters in the second or the sixth step.
constexpr uint32_t kLateStep = 7;

class ReferenceAlone : public testing::TestWithParam<std::string> {
 protected:
  // The verdict on a step of the library with `options` and one of
  // the Reference with `reference_options` on top of them.
  std::string CompareWith(uint32_t step, const Options& options,
                          const Options& reference_options) {
    Tensor tensor(OPT_F32, OPT_F32, 1000);
    Optimizer optimizer(GetParam(), "", options);
    optimizer.Attach(&tensor);
    tensor.param.Fill(1, 0);
    for (uint32_t i = 1; i < step; ++i) {
      tensor.grad.Fill(2, i);
      optimizer.Step();
    }
    tensor.grad.Fill(2, 0);
    Options values = optimizer.Values();
    for (const auto& [option, value] : reference_options) {
      values[option] = value;
    }
    const Before before = TakeBefore(optimizer, tensor);
    After oracle;
    if (OracleKnows(GetParam())) {
      oracle = OracleStep(GetParam(), optimizer.Values(), step, before);
    }
    optimizer.Step();
    const After expected =
        ReferenceStep(FindRule(GetParam()), values, step, OPT_F32, before,
                      OracleKnows(GetParam()) ? &oracle : nullptr);
    return Compare(optimizer, tensor, before, expected,
                   ReferenceTolerance(OPT_F32));
  }
};

TEST_P(ReferenceAlone, AgreesWithTheLibrary) {
  for (const uint32_t step : {1U, kLateStep}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(CompareWith(step, {}, {}), "");
    EXPECT_EQ(CompareWith(step, {{"maximize", 1}, {"weight_decay", 0.01}}, {}),
              "");
  }
}

TEST_P(ReferenceAlone, AgreesWithTheLibraryInALateStepWithAnyOption) {
  for (const Options& options : OptionsAlone(GetParam())) {
    EXPECT_EQ(CompareWith(kLateStep, options, {}), "") << Text(options);
  }
}

TEST_P(ReferenceAlone, DiffersWithOtherOptions) {
  EXPECT_NE(CompareWith(kLateStep, {}, {{"maximize", 1}}), "");
  if (!StartsASlot(GetParam(), OPT_LR)) {  // and then counts no more
    EXPECT_NE(CompareWith(kLateStep, {}, {{"lr", 0.00101}}), "");
  }
  EXPECT_NE(
      CompareWith(kLateStep, {{"weight_decay", 0.1}}, {{"weight_decay", 0.11}}),
      "");
}

INSTANTIATE_TEST_SUITE_P(AllRules, ReferenceAlone, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
