// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The committed checkpoints: how each was made, and what is to become of it.

#ifndef OPT_TESTS_STATE_FIXTURES_H_
#define OPT_TESTS_STATE_FIXTURES_H_

#include <string>
#include <vector>

#include "tests/state/training.h"

namespace opt_test {

// Names: of each rule, with all the state of its own that it can have, and of
// each thing that a training may have beside it: schedules, an average, ...
std::vector<std::string> FixtureNames();
std::string RuleOfFixture(const std::string& name);

// A training before any step; TrainToFixture() gives it what its name says.
Training FixtureTraining(const std::string& name);

// Brings it to where the checkpoint is saved: in the middle of an accumulation.
void TrainToFixture(const std::string& name, Training* training);
// From there on to the end.
void TrainFromFixture(const std::string& name, Training* training);

// The checkpoint, with parameters and entries of the caller's.
std::string SaveFixture(const Training& training);

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_FIXTURES_H_
