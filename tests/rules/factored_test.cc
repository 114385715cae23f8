// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Second moments in factors: matrices and stacks of them, of every kind of
// shape, against the Reference; with the same bits on every SIMD target and any
// number of threads.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/rules/harness.h"
#include "tests/rules/reference.h"

namespace opt_test {
namespace {

using Shape = std::vector<int64_t>;

// Rows and columns around the length of a panel, of a block and of what is
// summed without memory; slices; rows and columns of one element; rows of whole
// rows of lanes; panels of long rows, several of which are added up at once.
const Shape kShapes[] = {{1, 9},     {9, 1},        {1, 1},       {5, 7},
                         {3, 2, 4},  {2, 3, 5, 4},  {300, 7},     {7, 1500},
                         {513, 130}, {2, 257, 3},   {2, 3, 1030}, {16},
                         {130, 160}, {2, 128, 144}, {2, 9, 1040}, {259, 1040}};

int64_t CountOf(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

class Factored : public testing::TestWithParam<std::string> {
 protected:
  // Whether the rule has these options.
  bool HasAll(const Options& options) {
    const Options all = Optimizer(GetParam()).Values();
    return std::all_of(options.begin(), options.end(), [&](const auto& one) {
      return all.count(one.first) != 0;
    });
  }

  // Gradients, of which one column of a matrix is zero.
  static void FillGradient(const Shape& shape, uint32_t step, Array* grad) {
    grad->Fill(2, step);
    if (shape.size() < 2 || shape.back() < 2) return;
    for (int64_t i = 1; i < grad->count(); i += shape.back()) grad->Set(i, 0);
  }

  // The bits of a tensor after some steps.
  std::vector<std::string> Run(const Options& options, const Shape& shape,
                               Dtypes dtypes, opt_context context) {
    Tensor tensor(dtypes.param, dtypes.grad, CountOf(shape));
    tensor.param.Fill(1, 0);
    Optimizer optimizer(GetParam(), "", options, context);
    optimizer.Attach(&tensor, shape);
    for (uint32_t step = 1; step <= 3; ++step) {
      FillGradient(shape, step, &tensor.grad);
      optimizer.Step();
    }
    return optimizer.AllBits(tensor);
  }
};

TEST_P(Factored, AgreesWithTheReferenceForEveryShape) {
  for (const Options& options :
       {Options{}, Options{{"weight_decay", 0.1}, {"maximize", 1}},
        Options{{"eps1_placement", 1}, {"scale_parameter", 0}},
        Options{{"eps1_placement", 1}},
        Options{{"weight_decay", 0.1}, {"weight_decay_kind", 0}},
        Options{{"cautious", 1}, {"weight_decay", 0.1}},
        Options{{"cautious", 2}, {"beta1", 0.9}},
        Options{{"cautious_weight_decay", 1}, {"weight_decay", 0.1}}}) {
    if (!HasAll(options)) continue;
    for (const Shape& shape : kShapes) {
      SCOPED_TRACE(testing::PrintToString(shape));
      Tensor tensor(OPT_F64, OPT_F64, CountOf(shape));
      tensor.param.Fill(1, 0);
      Optimizer optimizer(GetParam(), "", options);
      optimizer.Attach(&tensor, shape);
      ReferenceTensor reference(optimizer, tensor, shape);
      for (uint32_t step = 1; step <= 3; ++step) {
        FillGradient(shape, step, &tensor.grad);
        reference.Step(tensor.grad);
        optimizer.Step();
        ASSERT_LT(reference.DistanceOf(optimizer, tensor), 1e-13)
            << "step " << step;
      }
    }
  }
}

TEST_P(Factored, GivesTheSameBitsOnEveryTargetAndNumberOfThreads) {
  Options cautious = {{"cautious", 1}, {"weight_decay", 0.1}};
  if (!HasAll(cautious)) cautious.clear();
  for (const Dtypes dtypes : kEveryDtypes) {
    for (const Shape& shape :
         {Shape{513, 130}, Shape{2, 257, 300}, Shape{7, 15000}, Shape{3, 2, 4},
          Shape{130, 160}, Shape{300, 400}}) {
      SCOPED_TRACE(testing::PrintToString(shape));
      const Options options = shape.back() % 16 == 0 ? Options{} : cautious;
      const std::vector<std::string> expected =
          Run(options, shape, dtypes, nullptr);
      for (const std::string& target : Targets()) {
        for (const int32_t threads : {1, 3}) {
          const Context context(target, threads);
          EXPECT_EQ(Run(options, shape, dtypes, context.get()), expected)
              << target << ", " << threads << " threads";
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Factored,
                         testing::Values("adafactor", "rowwise_adagrad"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
