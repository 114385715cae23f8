// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The trajectories that tests/golden/generate.py recorded.

#ifndef OPT_TESTS_GOLDEN_TRAJECTORIES_H_
#define OPT_TESTS_GOLDEN_TRAJECTORIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/data.h"

namespace opt_test {

struct Trajectory {
  struct TensorPlan {
    int64_t count;
    int64_t first_step;  // that has a gradient
  };
  struct Change {
    int64_t step;  // before which the option is set
    std::string option;
    double value;
  };
  struct Checkpoint {
    int64_t step;
    std::vector<std::vector<double>> params;  // by tensor and element
  };

  std::string name;  // unique, such as "adam_f32_3"
  std::string rule;
  opt_dtype dtype;
  Options options;
  std::vector<TensorPlan> tensors;
  std::vector<Change> changes;
  std::vector<Checkpoint> checkpoints;
};

// Throws where the file is not as generate.py describes it.
std::vector<Trajectory> ReadTrajectories(const std::string& path);

// The parameters and gradients that generate.py makes.
double GoldenParam(uint32_t tensor, uint32_t i);
double GoldenGradient(uint32_t tensor, uint32_t step, uint32_t i);

}  // namespace opt_test

#endif  // OPT_TESTS_GOLDEN_TRAJECTORIES_H_
