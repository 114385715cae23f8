// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Hundreds of steps of real torch.optim, made again with the preset "pytorch".

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "tests/golden/trajectories.h"
#include "tests/rules/configs.h"
#include "tests/rules/harness.h"
#include "tests/rules/measure.h"

namespace opt_test {

// The text that GoogleTest shows for the parameter of a test.
void PrintTo(const Trajectory& trajectory, std::ostream* out) {
  *out << trajectory.name;
}

namespace {

// The library at work on a trajectory.
class Replay {
 public:
  Replay(const Trajectory& trajectory, const Options& differences)
      : trajectory_(trajectory),
        optimizer_(trajectory.rule, "pytorch", trajectory.options) {
    for (const auto& [option, value] : differences) {
      optimizer_.Set(option, value);
    }
    for (const Trajectory::TensorPlan& plan : trajectory.tensors) {
      tensors_.emplace_back(trajectory.dtype, trajectory.dtype, plan.count);
    }
    for (uint32_t n = 0; n < tensors_.size(); ++n) {
      optimizer_.Attach(&tensors_[n]);
      for (uint32_t i = 0; i < tensors_[n].param.count(); ++i) {
        tensors_[n].param.Set(i, GoldenParam(n, i));
      }
    }
  }

  const Array& Params(size_t tensor) const { return tensors_[tensor].param; }

  void StepUntil(int64_t last) {
    while (step_ < last) Step();
  }

 private:
  void Step() {
    ++step_;
    for (const Trajectory::Change& change : trajectory_.changes) {
      if (change.step == step_) optimizer_.Set(change.option, change.value);
    }
    std::vector<const Tensor*> with_gradient;
    for (uint32_t n = 0; n < tensors_.size(); ++n) {
      for (uint32_t i = 0; i < tensors_[n].grad.count(); ++i) {
        tensors_[n].grad.Set(
            i, GoldenGradient(n, static_cast<uint32_t>(step_), i));
      }
      const bool has_gradient = step_ >= trajectory_.tensors[n].first_step;
      with_gradient.push_back(has_gradient ? &tensors_[n] : nullptr);
    }
    optimizer_.StepWith(with_gradient);
  }

  const Trajectory& trajectory_;
  Optimizer optimizer_;
  std::vector<Tensor> tensors_;
  int64_t step_ = 0;
};

// How far apart two correct implementations may be after a number of steps.
//
// f64: the roundings of some hundred steps are below 1e-13 of the parameter.
//
// f32: a step rounds the parameter once, in either implementation, by up to
// half an ulp, on average 0.3. These errors add up as a random walk does: 0.4
// ulp times the root of the number of steps, of which ten times as much is
// allowed. Systematic is one error of PyTorch's: AdamW multiplies by
// 1 - lr * weight_decay, rounded to float, by up to half an ulp too much or too
// little in each step.
double Allowed(const Trajectory& trajectory, int64_t steps, double param) {
  if (trajectory.dtype == OPT_F64) return 1e-12 * std::fabs(param);
  const auto ulp = static_cast<double>(Ulp(OPT_F32, std::fabs(param)));
  const auto count = static_cast<double>(steps);
  const double systematic = trajectory.rule == "adamw" ? 0.5 * count : 0;
  return (4 * std::sqrt(count) + systematic) * ulp;
}

// The largest distance between the library's parameters and PyTorch's at any
// checkpoint, in units of what is allowed there.
double Distance(const Trajectory& trajectory, const Options& differences) {
  Replay replay(trajectory, differences);
  double distance = 0;
  std::vector<std::vector<double>> largest;  // values so far
  for (const Trajectory::Checkpoint& checkpoint : trajectory.checkpoints) {
    replay.StepUntil(checkpoint.step);
    if (largest.empty()) largest = checkpoint.params;
    for (size_t n = 0; n < largest.size(); ++n) {
      for (size_t i = 0; i < largest[n].size(); ++i) {
        const double expected = checkpoint.params[n][i];
        largest[n][i] = std::max(std::fabs(largest[n][i]), std::fabs(expected));
        const double error =
            replay.Params(n).Get(static_cast<int64_t>(i)) - expected;
        distance = std::max(
            distance, std::fabs(error) /
                          Allowed(trajectory, checkpoint.step, largest[n][i]));
      }
    }
  }
  return distance;
}

double OptionOf(const Trajectory& trajectory, const std::string& option) {
  const auto found = trajectory.options.find(option);
  return found != trajectory.options.end()
             ? found->second
             : Optimizer(trajectory.rule, "pytorch").Get(option);
}

// Formulas that are wrong in one place that matters with the trajectory's
// options.
std::vector<Options> WrongFormulas(const Trajectory& trajectory) {
  const std::string& rule = trajectory.rule;
  const auto option = [&](const char* name) {
    return OptionOf(trajectory, name);
  };
  std::vector<Options> wrong = {{{"lr", option("lr") * 1.001}}};
  // Without momentum, SGD's two kinds of weight decay are the same.
  if (option("weight_decay") != 0 &&
      (rule != "sgd" || option("momentum") != 0)) {
    wrong.push_back({{"weight_decay_kind", 1 - option("weight_decay_kind")}});
  }
  if (HasOption(rule, "eps_placement") && option("eps") >= 0.01) {
    wrong.push_back({{"eps_placement", 0}});
  }
  if (rule == "sgd" && option("dampening") != 0) {
    wrong.push_back({{"first_step_dampened", 1}});
  }
  if (rule == "adam" || rule == "adamw") {
    wrong.push_back({{"bias_correction", 0}});
    wrong.push_back({{"beta2", option("beta2") * 0.999 + 1e-4}});
  }
  if (rule == "rmsprop") {
    wrong.push_back({{"alpha", option("alpha") * 0.999}});
  }
  return wrong;
}

class Golden : public testing::TestWithParam<Trajectory> {};

TEST_P(Golden, TrajectoryIsPyTorchs) { EXPECT_LE(Distance(GetParam(), {}), 1); }

// That the distance tells: a wrong formula is far outside of it.
TEST_P(Golden, TrajectoryOfAWrongFormulaIsNot) {
  for (const Options& wrong : WrongFormulas(GetParam())) {
    EXPECT_GT(Distance(GetParam(), wrong), 10) << wrong.begin()->first;
  }
}

INSTANTIATE_TEST_SUITE_P(PyTorch, Golden,
                         testing::ValuesIn(ReadTrajectories(OPT_GOLDEN_FILE)),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
