// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Every rule of the registry x preset x option x dtype x size x SIMD target,
// against the rule's Reference and against the oracle.
//
// The first target's longest tensors are compared with what the formulas say,
// step by step, each step from the library's own state before it. Everything
// else, shorter tensors and other targets, has to have the same bits.

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/rules/grid.h"
#include "tests/rules/measure.h"
#include "tests/rules/oracle.h"
#include "tests/rules/reference.h"

namespace opt_test {
namespace {

std::deque<Context>& TargetContexts() {
  static auto* const contexts = [] {
    auto* all = new std::deque<Context>;
    for (const std::string& target : Targets()) all->emplace_back(target);
    return all;
  }();
  return *contexts;
}

class Matrix
    : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  const std::string rule_ = std::get<0>(GetParam());
  const std::string preset_ = std::get<1>(GetParam());

  // One tensor against the Reference and the oracle, step by step; `bits`
  // receives what came out in the end.
  void CheckFormula(Tensor* tensor, const Options& options,
                    int64_t steps_before, Grid::TensorBits* bits) {
    Optimizer optimizer(rule_, preset_, options, TargetContexts()[0].get());
    optimizer.Attach(tensor);
    Check(opt_tensor_set_step(optimizer.get(), tensor->index, steps_before));
    const Options values = optimizer.Values();
    const opt_dtype dtype = tensor->param.dtype();
    tensor->param.Fill(kGridParams, 0);
    for (uint32_t step = 1; step <= kGridSteps; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      tensor->grad.Fill(kGridGrads, step);
      const Before before = TakeBefore(optimizer, *tensor);
      optimizer.Step();
      After oracle;
      if (OracleKnows(rule_)) {
        oracle = OracleStep(rule_, values, steps_before + step, before);
        ASSERT_EQ(Compare(optimizer, *tensor, before, oracle, kStepTolerance),
                  "")
            << "by the oracle";
      }
      const After reference =
          ReferenceStep(FindRule(rule_), values, steps_before + step, dtype,
                        before, OracleKnows(rule_) ? &oracle : nullptr);
      ASSERT_EQ(Compare(optimizer, *tensor, before, reference,
                        ReferenceTolerance(dtype)),
                "")
          << "by the Reference";
    }
    *bits = optimizer.AllBits(*tensor);
  }

  // All sizes on all targets: against the longest tensors of their dtypes or,
  // where a tensor's elements depend on all others, against the first target.
  void CheckBits(Grid* grid, const Options& options, int64_t steps_before,
                 const std::vector<Grid::TensorBits>& expected) {
    const std::vector<std::string> targets = Targets();
    for (size_t target = 0; target < targets.size(); ++target) {
      SCOPED_TRACE(targets[target]);
      const std::vector<Grid::TensorBits> got =
          grid->Run(rule_, preset_, options, TargetContexts()[target], nullptr,
                    steps_before);
      for (size_t i = 0; i < got.size(); ++i) {
        const Grid::TensorBits& longest =
            expected[StepsAsAWhole(rule_, options) ? i : grid->Longest(i)];
        ASSERT_EQ(got[i].size(), longest.size());
        for (size_t array = 0; array < longest.size(); ++array) {
          const std::string& bits = got[i][array];
          ASSERT_EQ(longest[array].compare(0, bits.size(), bits), 0)
              << "array " << array << " of tensor " << i;
        }
      }
    }
  }

  void CheckConfigs(const std::vector<Options>& configs,
                    const std::vector<int64_t>& sizes,
                    int64_t steps_before = 0) {
    Grid grid(sizes);
    for (const Options& options : configs) {
      SCOPED_TRACE(rule_ + " " + preset_ + " " + Text(options));
      std::vector<Grid::TensorBits> bits(grid.tensors().size());
      for (size_t i = 0; i < bits.size(); ++i) {
        if (i != grid.Longest(i) && !StepsAsAWhole(rule_, options)) continue;
        CheckFormula(&grid.tensors()[i], options, steps_before, &bits[i]);
        if (HasFatalFailure()) return;
      }
      CheckBits(&grid, options, steps_before, bits);
      if (HasFatalFailure()) return;
    }
  }
};

// Presets differ in the values of options, through all of which one goes.
class MatrixOfOptions : public Matrix {};

TEST_P(MatrixOfOptions, EachAloneAtEverySize) {
  CheckConfigs(OptionsAlone(rule_), EverySize());
}

TEST_P(MatrixOfOptions, EachAloneInLateSteps) {
  CheckConfigs(OptionsAlone(rule_), {EverySize().back()}, kLate);
}

TEST_P(MatrixOfOptions, EveryPair) {
  CheckConfigs(OptionPairs(rule_), {EverySize().back()});
}

TEST_P(MatrixOfOptions, ThoseOfAnyRule) {
  CheckConfigs(OptionsOfAnyRule(rule_), {1, 16, 1031});
}

TEST_P(MatrixOfOptions, LargeTensors) {
  CheckConfigs(Layouts(rule_), {1000, 20011});
}

TEST_P(Matrix, TensorsOfEverySize) {
  CheckConfigs(Layouts(rule_), EverySize());
}

TEST_P(Matrix, LateSteps) {
  CheckConfigs(Layouts(rule_), {EverySize().back()}, kLate);
}

// Without the presets whose values are those of one before.
std::vector<std::tuple<std::string, std::string>> RulesAndPresets() {
  std::vector<std::tuple<std::string, std::string>> all;
  for (const std::string& rule : Rules()) {
    std::set<Options> known;
    for (const std::string& preset : Presets(rule)) {
      if (known.insert(Optimizer(rule, preset).Values()).second) {
        all.emplace_back(rule, preset);
      }
    }
  }
  return all;
}

std::vector<std::tuple<std::string, std::string>> RulesAlone() {
  std::vector<std::tuple<std::string, std::string>> all;
  for (const std::string& rule : Rules()) all.emplace_back(rule, "textbook");
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    AllRules, MatrixOfOptions, testing::ValuesIn(RulesAlone()),
    [](const testing::TestParamInfo<Matrix::ParamType>& info) {
      return std::get<0>(info.param);
    });

INSTANTIATE_TEST_SUITE_P(
    AllRules, Matrix, testing::ValuesIn(RulesAndPresets()),
    [](const testing::TestParamInfo<Matrix::ParamType>& info) {
      return std::get<0>(info.param) + "_" + std::get<1>(info.param);
    });

}  // namespace
}  // namespace opt_test
