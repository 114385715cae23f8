// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Shutting down and going on.

#include <gtest/gtest.h>

#include <set>

#include "tests/threads/model.h"
#include "tests/threads/tasks.h"

namespace libopt::threads {
namespace {

TEST(ShutdownTest, LeavesNoThreadAndTheLibraryWorksAfterwards) {
  const std::set<int> before = Tasks();
  const std::vector<float> expected = SerialResult(2);
  for (int round = 0; round < 10; ++round) {
    const opt_context context = CreateContext(3);
    {
      const Model model(context);
      EXPECT_EQ(model.Step(), OPT_OK);
      EXPECT_EQ(model.Step(), OPT_OK);
      EXPECT_EQ(model.params(), expected);
      const Model in_default_context(nullptr);
      EXPECT_EQ(in_default_context.Step(), OPT_OK);
    }
    EXPECT_EQ(opt_context_destroy(context), OPT_OK);
    EXPECT_EQ(opt_shutdown(), OPT_OK);
    EXPECT_TRUE(OnlyTasks(before));
  }
}

TEST(ShutdownTest, TellsOfLiveHandlesAndHarmsThemNot) {
  const opt_context context = CreateContext(3);
  {
    const Model model(context);
    const Model in_default_context(nullptr);
    EXPECT_EQ(model.Step(), OPT_OK);
    EXPECT_EQ(in_default_context.Step(), OPT_OK);
    EXPECT_EQ(opt_shutdown(), OPT_ERR_STATE);
    EXPECT_EQ(model.Step(), OPT_OK);
    EXPECT_EQ(in_default_context.Step(), OPT_OK);
    EXPECT_EQ(model.params(), SerialResult(2));
    EXPECT_EQ(in_default_context.params(), SerialResult(2));
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
  EXPECT_EQ(opt_shutdown(), OPT_OK);
}

}  // namespace
}  // namespace libopt::threads
