// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A little fuzzing in every run of the tests: a checkpoint of every rule and
// state layout, changed in ways that its checksums cannot tell.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/fuzz/checkpoint_mutator.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/load_input.h"

namespace opt_test {
namespace {

constexpr int kMutations = 100;  // of each checkpoint

class LoadMutationTest : public testing::TestWithParam<size_t> {
 protected:
  LoadMutationTest()
      : mutator_(static_cast<uint32_t>(GetParam()) + 1,
                 [this](std::string bytes, size_t) {
                   if (!bytes.empty()) {
                     bytes[mutator_.Pick(bytes.size())] ^=
                         static_cast<char>(1 << mutator_.Pick(8));
                   }
                   return bytes;
                 }) {}

  // A checkpoint of the optimizer, changed a few times.
  std::string Mutated() {
    const std::string seed =
        SeedInput(GetParam(), static_cast<uint8_t>(mutator_.Pick(256)));
    std::string checkpoint = seed.substr(kChoices);
    for (size_t i = 1 + mutator_.Pick(3); i > 0; --i) {
      checkpoint = mutator_.Mutate(checkpoint);
    }
    return seed.substr(0, kChoices) + checkpoint;
  }

 private:
  CheckpointMutator mutator_;
};

TEST_P(LoadMutationTest, DoesNotBreakTheLoader) {
  for (int i = 0; i < kMutations; ++i) {
    const std::string input = Mutated();
    ASSERT_EQ(LLVMFuzzerTestOneInput(
                  reinterpret_cast<const uint8_t*>(input.data()), input.size()),
              0);
  }
}

// Else the test above would be of the checksums alone.
TEST_P(LoadMutationTest, GetsPastTheChecksums) {
  int past = 0;
  int loaded = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string checkpoint = Mutated().substr(kChoices);
    const Training training = NewTraining(GetParam(), nullptr);
    const opt_status status = LoadAll(training.get(), checkpoint);
    loaded += status == OPT_OK ? 1 : 0;
    past += status == OPT_OK || status == OPT_ERR_MISMATCH ? 1 : 0;
  }
  EXPECT_GE(past, kMutations / 4);
  EXPECT_GE(loaded, 1);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, LoadMutationTest,
                         testing::Range(size_t{0}, OptimizerCount()));

}  // namespace
}  // namespace opt_test
