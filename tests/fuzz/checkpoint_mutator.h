// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Changes checkpoints so that they stay readable up to what was changed:
// lengths, offsets, pads and checksums are made right again.

#ifndef OPT_TESTS_FUZZ_CHECKPOINT_MUTATOR_H_
#define OPT_TESTS_FUZZ_CHECKPOINT_MUTATOR_H_

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/state/edited.h"

namespace opt_test {

class CheckpointMutator {
 public:
  // Changes bytes somehow, to at most `max_size` of them.
  using MutateBytes =
      std::function<std::string(const std::string& bytes, size_t max_size)>;

  CheckpointMutator(uint32_t seed, MutateBytes mutate)
      : random_(seed), mutate_(std::move(mutate)) {}

  // One change of a checkpoint.
  std::string Mutate(std::string_view checkpoint);

  // At random: 0 .. count - 1.
  size_t Pick(size_t count) { return random_() % count; }

 private:
  std::string MutateText(std::string_view checkpoint);
  void Edit(Edited* edited);
  void EditMetadata(Edited* edited);
  void EditNumber(Edited::Entry* entry);
  void Reshape(Edited::Entry* entry);
  std::string Name(const Edited& edited);
  std::string Repaired(const std::string& text, const std::string& data);

  std::minstd_rand random_;
  MutateBytes mutate_;
};

}  // namespace opt_test

#endif  // OPT_TESTS_FUZZ_CHECKPOINT_MUTATOR_H_
