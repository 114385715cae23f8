// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Runs of torch, Optax and timm in float64, made again: peers.txt, which
// take_peers.py describes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

using Numbers = std::vector<double>;  // of all tensors, one after another

struct Problem {
  std::vector<std::vector<int64_t>> shapes;
  Numbers initial;
  std::vector<Numbers> gradients;  // by step
};

struct Case {
  std::string name;
  std::string rule;
  std::string preset;
  double tolerance = 0;  // of a tensor, in units of its largest element
  Options options;
  double clip = 0;  // norm to which the peer itself clips; 0: it does not
  std::vector<std::pair<size_t, Numbers>> steps;  // number, parameters
  std::vector<std::pair<size_t, Numbers>> evals;  // evaluation weights
  const Problem* problem = nullptr;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

Numbers ReadNumbers(std::istream& in) {
  Numbers numbers;
  for (std::string digits; in >> digits;) {
    const uint64_t bits = std::stoull(digits, nullptr, 16);
    double number = 0;
    std::memcpy(&number, &bits, sizeof(number));
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<int64_t> ReadShape(std::istream& in) {
  std::vector<int64_t> shape;
  for (int64_t extent = 0; in >> extent;) shape.push_back(extent);
  return shape;
}

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  Problem* problem = nullptr;
  std::ifstream file(OPT_PEERS_FILE);
  for (std::string line; std::getline(file, line);) {
    std::istringstream in(line);
    std::string key;
    in >> key;
    if (key == "problem") {
      problem = new Problem;  // lives as long as the tests
    } else if (key == "shape") {
      problem->shapes.push_back(ReadShape(in));
    } else if (key == "initial") {
      problem->initial = ReadNumbers(in);
    } else if (key == "gradient") {
      problem->gradients.push_back(ReadNumbers(in));
    } else if (key == "case") {
      cases.emplace_back();
      in >> cases.back().name;
      cases.back().problem = problem;
    } else if (key == "rule") {
      in >> cases.back().rule >> cases.back().preset >> cases.back().tolerance;
    } else if (key == "clip") {
      in >> cases.back().clip;
    } else if (key == "option") {
      std::string option;
      in >> option;
      in >> cases.back().options[option];
    } else if (key == "step" || key == "eval") {
      size_t step = 0;
      in >> step;
      (key == "step" ? cases.back().steps : cases.back().evals)
          .emplace_back(step, ReadNumbers(in));
    } else if (key != "#") {
      throw std::runtime_error("peers.txt: " + line);
    }
  }
  return cases;
}

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>(ReadCases());
  return *cases;
}

class Replay {
 public:
  Replay(const Case& one, const Options& differences)
      : problem_(*one.problem),
        clip_(one.clip),
        optimizer_(one.rule, one.preset, one.options) {
    for (const auto& [option, value] : differences) {
      optimizer_.Set(option, value);
    }
    for (const std::vector<int64_t>& shape : problem_.shapes) {
      int64_t count = 1;
      for (const int64_t extent : shape) count *= extent;
      tensors_.emplace_back(OPT_F64, OPT_F64, count);
    }
    size_t next = 0;
    for (size_t n = 0; n < tensors_.size(); ++n) {
      for (int64_t i = 0; i < tensors_[n].param.count(); ++i) {
        tensors_[n].param.Set(i, problem_.initial[next++]);
      }
      optimizer_.Attach(&tensors_[n], problem_.shapes[n]);
    }
  }

  void StepUntil(size_t last) {
    while (step_ < last) {
      const Numbers gradient = Clipped(problem_.gradients[step_++]);
      size_t next = 0;
      for (Tensor& tensor : tensors_) {
        for (int64_t i = 0; i < tensor.grad.count(); ++i) {
          tensor.grad.Set(i, gradient[next++]);
        }
      }
      optimizer_.Step();
    }
  }

  void SwapEvalWeights() {
    Check(opt_swap_eval_weights(optimizer_.get(), nullptr));
  }

  // The largest error of any tensor, in units of its largest element.
  double Distance(const Numbers& expected) const {
    double distance = 0;
    size_t next = 0;
    for (const Tensor& tensor : tensors_) {
      double error = 0;
      double largest = 0;
      for (int64_t i = 0; i < tensor.param.count(); ++i, ++next) {
        error =
            std::max(error, std::fabs(tensor.param.Get(i) - expected[next]));
        largest = std::max(largest, std::fabs(expected[next]));
      }
      distance = std::max(distance, error / largest);
    }
    return distance;
  }

 private:
  // As the peer does it, without the library's eps.
  Numbers Clipped(Numbers gradient) const {
    if (clip_ == 0) return gradient;
    double squares = 0;
    for (const double g : gradient) squares += g * g;
    const double excess = std::max(std::sqrt(squares) / clip_, 1.0);
    for (double& g : gradient) g /= excess;
    return gradient;
  }

  const Problem& problem_;
  const double clip_;
  Optimizer optimizer_;
  std::vector<Tensor> tensors_;
  size_t step_ = 0;
};

// The largest distance after any of the recorded steps.
double DistanceOf(const Case& one, const Options& differences) {
  Replay run(one, differences);
  double distance = 0;
  for (const auto& [step, expected] : one.steps) {
    run.StepUntil(step);
    distance = std::max(distance, run.Distance(expected));
  }
  return distance;
}

class Peers : public testing::TestWithParam<Case> {};

TEST_P(Peers, RunsAlikeFromTheFirstStepToTheLast) {
  const Case& one = GetParam();
  ASSERT_FALSE(one.steps.empty());
  EXPECT_LE(DistanceOf(one, {}), one.tolerance);
}

TEST_P(Peers, EvaluatesAtTheSameWeights) {
  const Case& one = GetParam();
  Replay run(one, {});
  for (const auto& [step, expected] : one.evals) {
    run.StepUntil(step);
    run.SwapEvalWeights();
    EXPECT_LE(run.Distance(expected), one.tolerance) << step;
    run.SwapEvalWeights();
  }
}

TEST_P(Peers, DiffersWithAnotherLearningRateOrSign) {
  const Case& one = GetParam();
  const double lr = Optimizer(one.rule, one.preset, one.options).Get("lr");
  EXPECT_GT(DistanceOf(one, {{"lr", lr * 1.0001}}), 10 * one.tolerance);
  const double sign =
      Optimizer(one.rule, one.preset, one.options).Get("maximize");
  EXPECT_GT(DistanceOf(one, {{"maximize", 1 - sign}}), 10 * one.tolerance);
}

INSTANTIATE_TEST_SUITE_P(All, Peers, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
