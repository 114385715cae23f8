// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How libFuzzer changes the inputs of the target "load".

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/fuzz/checkpoint_mutator.h"
#include "tests/fuzz/load_input.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

// Called by libFuzzer in place of its own changes.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed);

namespace {

std::string MutateBytes(const std::string& bytes, size_t max_size) {
  std::string mutated = bytes;
  mutated.resize(std::max(max_size, bytes.size()));
  mutated.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(mutated.data()),
                                  bytes.size(), mutated.size()));
  return mutated;
}

}  // namespace

size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                               unsigned int seed) {
  opt_test::CheckpointMutator mutator(seed, MutateBytes);
  std::string input(reinterpret_cast<const char*>(data), size);
  // From nothing, and now and then, a right checkpoint.
  if (size < 100 || mutator.Pick(200) == 0) {
    input = opt_test::SeedInput(mutator.Pick(opt_test::OptimizerCount()),
                                static_cast<uint8_t>(mutator.Pick(256)));
  } else if (mutator.Pick(10) == 0) {
    input[mutator.Pick(opt_test::kChoices)] =
        static_cast<char>(mutator.Pick(256));
  } else {
    input = input.substr(0, opt_test::kChoices) +
            mutator.Mutate(std::string_view(input).substr(opt_test::kChoices));
  }
  if (input.size() > max_size) return size;
  std::memcpy(data, input.data(), input.size());
  return input.size();
}
