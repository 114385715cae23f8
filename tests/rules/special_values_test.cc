// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Zero, subnormal, infinite and NaN: in the gradients, in the options, in the
// state. Every rule, every target.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/rules/data.h"
#include "tests/rules/grid.h"
#include "tests/rules/harness.h"
#include "tests/rules/measure.h"
#include "tests/rules/oracle.h"
#include "tests/rules/reference.h"

namespace opt_test {
namespace {

constexpr int64_t kCount = 49;

class SpecialValues : public testing::TestWithParam<std::string> {
 protected:
  // Runs `test` with each layout of the rule, on each target.
  template <typename Test>
  void ForEachLayout(const Test& test) {
    for (const std::string& target : Targets()) {
      const Context context(target);
      for (const Options& layout : Layouts(GetParam())) {
        SCOPED_TRACE(target + " " + Text(layout));
        test(context, layout);
      }
    }
  }
};

TEST_P(SpecialValues, NonfiniteGradientsSpreadToTheirOwnElementOnly) {
  ForEachLayout([&](const Context& context, const Options& layout) {
    Tensor clean(OPT_F32, OPT_F32, kCount);
    Tensor spoilt(OPT_F32, OPT_F32, kCount);
    clean.param.Fill(1, 0);
    spoilt.param.Fill(1, 0);
    clean.grad.Fill(2, 0);
    spoilt.grad.Fill(2, 0);
    spoilt.grad.Set(3, std::numeric_limits<double>::quiet_NaN());
    spoilt.grad.Set(17, std::numeric_limits<double>::infinity());
    spoilt.grad.Set(48, -std::numeric_limits<double>::infinity());
    Optimizer optimizer(GetParam(), "textbook", layout, context.get());
    optimizer.Attach(&clean);
    optimizer.Attach(&spoilt);
    const After expected =
        ReferenceStep(FindRule(GetParam()), optimizer.Values(), 1, OPT_F32,
                      TakeBefore(optimizer, spoilt), nullptr);
    optimizer.Step();
    for (int64_t i = 0; i < kCount; ++i) {
      const bool alone = !StepsAsAWhole(GetParam(), layout);
      if (alone && i != 3 && i != 17 && i != 48) {
        EXPECT_EQ(spoilt.param.Get(i), clean.param.Get(i)) << i;
      }
      const auto at = static_cast<size_t>(i);
      EXPECT_EQ(std::isnan(spoilt.param.Get(i)),
                std::isnan(expected.update[at].value))
          << i;
      for (const std::string& slot : optimizer.SlotsOf(spoilt)) {
        if (optimizer.ShapeOf(slot) != OPT_SHAPE_PARAM) continue;
        EXPECT_EQ(std::isnan(optimizer.State(spoilt, slot, i)),
                  std::isnan(expected.slots.at(slot)[at].value))
            << slot << ' ' << i;
      }
    }
    // Some rules leave the parameters as they are in the first step.
    optimizer.Step();
    EXPECT_TRUE(std::isnan(spoilt.param.Get(3)));
  });
}

TEST_P(SpecialValues, SubnormalStateIsStoredAsZero) {
  ForEachLayout([&](const Context& context, const Options& layout) {
    for (const opt_dtype dtype : {OPT_F32, OPT_F64}) {
      Tensor tensor(dtype, dtype, kCount);
      tensor.param.Fill(1, 0);
      Optimizer optimizer(GetParam(), "textbook", layout, context.get());
      optimizer.Attach(&tensor);
      // Gradients around the smallest normal number and around its root, so
      // that averages of the gradient and of its square come to either side.
      const double smallest = SmallestNormal(dtype);
      for (const double size : {smallest, std::sqrt(smallest)}) {
        for (int64_t i = 0; i < kCount; ++i) {
          tensor.grad.Set(i, Varied(2, 0, static_cast<uint32_t>(i)) * size);
        }
        optimizer.Step();
        for (const std::string& slot : optimizer.SlotsOf(tensor)) {
          const opt_view view = optimizer.View(tensor, slot);
          for (int64_t i = 0; i < view.count; ++i) {
            const double value = std::fabs(optimizer.State(tensor, slot, i));
            EXPECT_TRUE(value == 0 || value >= SmallestNormal(view.dtype))
                << slot << ' ' << i;
          }
        }
      }
    }
  });
}

// The names of what Optimizer::AllBits() tells: "param", then slots.
std::vector<std::string> ArraysOf(const Optimizer& optimizer,
                                  const Tensor& tensor) {
  std::vector<std::string> names = {"param"};
  for (const std::string& slot : optimizer.SlotsOf(tensor)) {
    if (optimizer.ShapeOf(slot) != OPT_SHAPE_GROUP_NUMBER) {
      names.push_back(slot);
    }
  }
  return names;
}

// Those of them that a step of the Reference changes.
std::set<std::string> ChangedByReference(const Optimizer& optimizer,
                                         const Tensor& tensor, int64_t step) {
  const Before before = TakeBefore(optimizer, tensor);
  const After after =
      ReferenceStep(FindRule(optimizer.rule()), optimizer.Values(), step,
                    OPT_F32, before, nullptr);
  std::set<std::string> changed;
  for (const Tracked& update : after.update) {
    if (update.value != 0) changed.insert("param");
  }
  for (const auto& [slot, values] : after.slots) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].value != before.slots.at(slot)[i]) changed.insert(slot);
    }
  }
  return changed;
}

// In most rules that is the state alone.
TEST_P(SpecialValues, LearningRateOfZeroChangesWhatItDoesInTheFormula) {
  ForEachLayout([&](const Context& context, const Options& layout) {
    Tensor tensor(OPT_F32, OPT_F32, kCount);
    tensor.param.Fill(1, 0);
    Optimizer optimizer(GetParam(), "textbook", layout, context.get());
    optimizer.Attach(&tensor);
    tensor.grad.Fill(2, 1);
    optimizer.Step();  // copies of the parameters are made in the first one
    optimizer.Set("lr", 0);
    optimizer.Set("weight_decay", 0.1);
    const std::vector<std::string> names = ArraysOf(optimizer, tensor);
    for (const uint32_t step : {2, 3}) {
      tensor.grad.Fill(2, step);
      const std::set<std::string> changed =
          ChangedByReference(optimizer, tensor, step);
      const std::vector<std::string> before = optimizer.AllBits(tensor);
      optimizer.Step();
      const std::vector<std::string> after = optimizer.AllBits(tensor);
      for (size_t i = 0; i < after.size(); ++i) {
        EXPECT_EQ(after[i] != before[i], changed.count(names[i]) != 0)
            << names[i];
      }
    }
    EXPECT_EQ(optimizer.StepCount(tensor), 3);
  });
}

TEST_P(SpecialValues, TensorOfLengthZeroTakesPart) {
  ForEachLayout([&](const Context& context, const Options& layout) {
    Tensor empty(OPT_F32, OPT_F32, 0);
    Optimizer optimizer(GetParam(), "textbook", layout, context.get());
    optimizer.Attach(&empty);
    optimizer.Step();
    EXPECT_EQ(optimizer.StepCount(empty), 1);
    for (const std::string& slot : optimizer.SlotsOf(empty)) {
      if (optimizer.ShapeOf(slot) != OPT_SHAPE_PARAM) continue;
      EXPECT_EQ(optimizer.View(empty, slot).count, 0);
      EXPECT_EQ(optimizer.View(empty, slot).data, nullptr);
    }
  });
}

TEST_P(SpecialValues, EqualElementsStayEqualInVectorBodyAndTail) {
  ForEachLayout([&](const Context& context, const Options& layout) {
    for (const int64_t size : EverySize()) {
      Tensor tensor(OPT_F32, OPT_F32, size);
      Optimizer optimizer(GetParam(), "textbook", layout, context.get());
      optimizer.Attach(&tensor);
      for (int64_t i = 0; i < size; ++i) tensor.param.Set(i, 0.7);
      for (uint32_t step = 1; step <= 3; ++step) {
        for (int64_t i = 0; i < size; ++i) {
          tensor.grad.Set(i, Varied(1, step, 0));
        }
        optimizer.Step();
      }
      for (const std::string& slot : optimizer.SlotsOf(tensor)) {
        if (optimizer.ShapeOf(slot) != OPT_SHAPE_PARAM) continue;
        for (int64_t i = 1; i < size; ++i) {
          ASSERT_EQ(optimizer.State(tensor, slot, i),
                    optimizer.State(tensor, slot, 0))
              << slot << ", size " << size;
        }
      }
      for (int64_t i = 1; i < size; ++i) {
        ASSERT_EQ(tensor.param.Get(i), tensor.param.Get(0)) << "size " << size;
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(AllRules, SpecialValues, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

// A denominator without epsilon is IEEE arithmetic: no gradient yet is 0 / 0.
TEST(EpsilonOfZero, IsLegalAndDividesAsIeeeSays) {
  for (const std::string rule : {"adagrad", "rmsprop", "adam", "adamw"}) {
    Tensor tensor(OPT_F32, OPT_F32, 2);
    Optimizer optimizer(rule, "textbook", {{"eps", 0}, {"lr", 1}});
    optimizer.Attach(&tensor);
    tensor.grad.Set(1, 3);
    optimizer.Step();
    EXPECT_TRUE(std::isnan(tensor.param.Get(0))) << rule;
    EXPECT_LT(tensor.param.Get(1), 0) << rule;
    EXPECT_TRUE(std::isfinite(tensor.param.Get(1))) << rule;
  }
}

}  // namespace
}  // namespace opt_test
