// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The committed checkpoints: how each was made, and what is to become of it.

#ifndef OPT_TESTS_STATE_FIXTURES_H_
#define OPT_TESTS_STATE_FIXTURES_H_

#include <string>

#include "tests/state/training.h"

namespace opt_test {

// A training of a rule with all the state that it can have, before any step.
Training FixtureTraining(const std::string& rule);

// Brings it to where the checkpoint is saved: in the middle of an accumulation.
void TrainToFixture(Training* training);
// From there on to the end.
void TrainFromFixture(Training* training);

// The checkpoint, with parameters and entries of the caller's.
std::string SaveFixture(const Training& training);

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_FIXTURES_H_
