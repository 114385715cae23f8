// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The n-th allocation fails, for every n: the call that needed it says so and
// has changed nothing, the same call then succeeds, the rest of the life is as
// if nothing had happened, and nothing leaks.

#include <gtest/gtest.h>

#include <string>

#include "tests/faults/hooks.h"
#include "tests/faults/scenario.h"

namespace libopt::faults {
namespace {

class AllocationTest : public testing::TestWithParam<Through> {
 protected:
  void SetUp() override { Reset(); }
  void TearDown() override { Reset(); }

  static bool callbacks() { return GetParam() == Through::kCallbacks; }

  // Lives through the scenario; repeats the call in which the failure struck.
  // Returns the parameters at the end.
  static std::vector<float> Live() {
    Scenario scenario(callbacks());
    for (const Scenario::Call& call : Scenario::Life()) {
      SCOPED_TRACE(call.name);
      const uint64_t before = scenario.Fingerprint();
      const int64_t refused = Seen().refused;
      const opt_status status = Run(call, &scenario);
      if (Seen().refused == refused) {
        EXPECT_EQ(status, OPT_OK) << opt_last_error();
        continue;
      }
      EXPECT_EQ(status, OPT_ERR_MEMORY);
      EXPECT_NE(std::string(opt_last_error()), "");
      EXPECT_EQ(scenario.Fingerprint(), before);
      FailAllocation(GetParam(), 0, false);
      EXPECT_EQ(Run(call, &scenario), OPT_OK) << opt_last_error();
    }
    return scenario.params();
  }

  static void FailAt(int64_t n, bool persistent,
                     const std::vector<float>& expected) {
    SCOPED_TRACE("allocation " + std::to_string(n) +
                 (persistent ? " and all after it" : ""));
    Reset();
    FailAllocation(GetParam(), n, persistent);
    EXPECT_EQ(Live(), expected);
    EXPECT_GE(Seen().refused, 1);
    EXPECT_EQ(Seen().live, 0);
  }

 private:
  static opt_status Run(const Scenario::Call& call, Scenario* scenario) {
    const Watch watch;
    return call.run(scenario);
  }
};

TEST_P(AllocationTest, EveryFailureIsReportedAndChangesNothing) {
  const std::vector<float> expected = Live();
  const Counts counts = Seen();
  const int64_t allocations = callbacks() ? counts.callbacks : counts.mallocs;
  EXPECT_EQ(counts.live, 0);
  ASSERT_GT(allocations, 50);
  for (int64_t n = 1; n <= allocations; ++n) {
    FailAt(n, false, expected);
    FailAt(n, true, expected);
  }
}

TEST_P(AllocationTest, WithCallbacksNothingElseAllocates) {
  Live();
  EXPECT_EQ(callbacks() ? Seen().mallocs : Seen().callbacks, 0);
}

TEST(CatalogTest, WithoutMemoryThereIsNoneUntilThereIsSome) {
  Reset();
  for (int64_t n = 1; n <= 3; ++n) {
    const Watch watch;
    FailAllocation(Through::kMalloc, n, false);
    EXPECT_EQ(opt_catalog(), nullptr);
    EXPECT_NE(std::string_view(opt_last_error()).find("out of memory"),
              std::string_view::npos);
    EXPECT_EQ(Seen().live, 0);
  }
  Reset();
  EXPECT_NE(opt_catalog(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Through, AllocationTest,
                         testing::Values(Through::kCallbacks, Through::kMalloc),
                         [](const auto& info) {
                           return info.param == Through::kCallbacks
                                      ? "Callbacks"
                                      : "Malloc";
                         });

}  // namespace
}  // namespace libopt::faults
