// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The comparison with a rule's Reference alone, which is all that the matrix
// has for a rule that the oracle does not know.

#include "tests/rules/reference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/rules/harness.h"
#include "tests/rules/measure.h"

namespace opt_test {
namespace {

class ReferenceAlone : public testing::TestWithParam<std::string> {
 protected:
  // What the comparison says after the library's step with `options` and the
  // Reference's with `reference_options` on top of them.
  std::string CompareWith(const Options& options,
                          const Options& reference_options) {
    Tensor tensor(OPT_F32, OPT_F32, 1000);
    Optimizer optimizer(GetParam(), "", options);
    optimizer.Attach(&tensor);
    tensor.param.Fill(1, 0);
    tensor.grad.Fill(2, 0);
    Options values = optimizer.Values();
    for (const auto& [option, value] : reference_options) {
      values[option] = value;
    }
    const Before before = TakeBefore(optimizer, tensor);
    optimizer.Step();
    const After expected = ReferenceStep(FindRule(GetParam()), values, 1,
                                         OPT_F32, before, nullptr);
    return Compare(optimizer, tensor, before, expected,
                   ReferenceTolerance(OPT_F32));
  }
};

TEST_P(ReferenceAlone, AgreesWithTheLibrary) {
  EXPECT_EQ(CompareWith({}, {}), "");
  EXPECT_EQ(CompareWith({{"maximize", 1}, {"weight_decay", 0.01}}, {}), "");
}

TEST_P(ReferenceAlone, DiffersWithOtherOptions) {
  EXPECT_NE(CompareWith({}, {{"maximize", 1}}), "");
  EXPECT_NE(CompareWith({}, {{"lr", 0.00101}}), "");
  EXPECT_NE(CompareWith({{"weight_decay", 0.1}}, {{"weight_decay", 0.11}}), "");
}

INSTANTIATE_TEST_SUITE_P(AllRules, ReferenceAlone, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
