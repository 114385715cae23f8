// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// LAMB, whose first phase steps the state and whose last one makes the update
// of it: on tensors that fit a cache, which keep the update between the phases,
// and on larger ones, which make it twice.

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/rules/harness.h"
#include "tests/rules/reference.h"

namespace opt_test {
namespace {

// Around the length of a vector, of a row of lanes and of a block; then more
// than a cache holds, and more than one block of sums.
constexpr int64_t kCounts[] = {1, 15, 16, 37, 1029, 70001};

// A step of this kind and, where its update is masked, one that takes the
// gradient again.
const Options kOptions[] = {
    {},
    {{"weight_decay", 0.1}, {"weight_decay_kind", 0}, {"maximize", 1}},
    {{"weight_decay", 0.1}, {"weight_decay_kind", 1}, {"eps_root", 0.01}},
    {{"weight_decay", 0.1}, {"cautious", 1}},
    {{"weight_decay", 0.1},
     {"weight_decay_kind", 1},
     {"cautious_weight_decay", 1}}};

TEST(Lamb, AgreesWithTheReferenceForEveryLength) {
  for (const Options& options : kOptions) {
    for (const int64_t count : kCounts) {
      SCOPED_TRACE(testing::PrintToString(options) + ", " +
                   std::to_string(count) + " elements");
      Tensor tensor(OPT_F64, OPT_F64, count);
      tensor.param.Fill(1, 0);
      Optimizer optimizer("lamb", "", options);
      optimizer.Attach(&tensor);
      ReferenceTensor reference(optimizer, tensor, {count});
      for (uint32_t step = 1; step <= 3; ++step) {
        tensor.grad.Fill(2, step);
        reference.Step(tensor.grad);
        optimizer.Step();
        ASSERT_LT(reference.DistanceOf(optimizer, tensor), 1e-13)
            << "step " << step;
      }
    }
  }
}

std::vector<std::string> BitsAfterSteps(const Options& options, int64_t count,
                                        Dtypes dtypes, opt_context context) {
  Tensor tensor(dtypes.param, dtypes.grad, count);
  tensor.param.Fill(1, 0);
  Optimizer optimizer("lamb", "", options, context);
  optimizer.Attach(&tensor);
  for (uint32_t step = 1; step <= 3; ++step) {
    tensor.grad.Fill(2, step);
    optimizer.Step();
  }
  return optimizer.AllBits(tensor);
}

TEST(Lamb, GivesTheSameBitsOnEveryTargetAndNumberOfThreads) {
  Options options = kOptions[2];
  options["lookahead"] = 2;
  for (const Dtypes dtypes : kEveryDtypes) {
    for (const int64_t count : kCounts) {
      const std::vector<std::string> expected =
          BitsAfterSteps(options, count, dtypes, nullptr);
      for (const std::string& target : Targets()) {
        for (const int32_t threads : {1, 3}) {
          const Context context(target, threads);
          EXPECT_EQ(BitsAfterSteps(options, count, dtypes, context.get()),
                    expected)
              << target << ", " << threads << " threads, " << count
              << " elements";
        }
      }
    }
  }
}

TEST(Lamb, StepsByTheMomentsAsTheyAreStored) {
  // The first moment of such gradients is subnormal, and stored as zero: there
  // is no update whose length could become that of the parameters.
  for (const double cautious : {0, 1}) {
    for (const int64_t count : kCounts) {
      Tensor tensor(OPT_F32, OPT_F32, count);
      for (int64_t i = 0; i < count; ++i) {
        tensor.param.Set(i, 1);
        tensor.grad.Set(i, std::numeric_limits<float>::min());
      }
      Optimizer optimizer("lamb", "",
                          {{"weight_decay", 0}, {"cautious", cautious}});
      optimizer.Attach(&tensor);
      optimizer.Step();
      for (int64_t i = 0; i < count; ++i) {
        ASSERT_EQ(tensor.param.Get(i), 1) << i;
        ASSERT_EQ(optimizer.State(tensor, "exp_avg", i), 0) << i;
      }
    }
  }
}

}  // namespace
}  // namespace opt_test
