// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The input of the fuzz target "load": a byte that chooses the optimizer, one
// that says how it loads, and a checkpoint.

#ifndef OPT_TESTS_FUZZ_LOAD_INPUT_H_
#define OPT_TESTS_FUZZ_LOAD_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/state/training.h"

namespace opt_test {

constexpr size_t kChoices = 2;  // bytes before the checkpoint

// Bits of the second byte; the lowest four are the load's flags.
constexpr uint8_t kLoadFlags = 0x0F;
constexpr uint8_t kFromCallback = 0x10;
constexpr uint8_t kOneTensor = 0x20;    // a selection
constexpr uint8_t kAccumulated = 0x40;  // sums wait for a step
constexpr uint8_t kStepped = 0x80;

// Every rule with every state layout, each with few tensors and with all kinds.
size_t OptimizerCount();
Training NewTraining(size_t optimizer, opt_context context);

// The past of an optimizer before it is saved or loads.
void Prepare(uint8_t how, Training* training);

// An input whose checkpoint is a right one for the optimizer.
std::string SeedInput(size_t optimizer, uint8_t how);

}  // namespace opt_test

#endif  // OPT_TESTS_FUZZ_LOAD_INPUT_H_
