// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The memory that a save and a load take: no more than the file and the state
// justify, and nothing is lost or changed when there is none.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/c/snapshot.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

constexpr int64_t kHuge = int64_t{1} << 50;
constexpr int64_t kAllowance = int64_t{2} << 20;
constexpr int64_t kState = 3 * 400000;  // of Adam: two slots and the sums
constexpr opt_status kMismatch = OPT_ERR_MISMATCH;

// Counts what a context allocates, and refuses one allocation if told to.
struct Memory {
  int64_t now = 0;
  int64_t most = 0;
  int64_t allocations = 0;
  int64_t refused = -1;  // which allocation; -1: none
};

void* Allocate(void* user, int64_t size, int64_t alignment) {
  auto* memory = static_cast<Memory*>(user);
  if (memory->allocations++ == memory->refused) return nullptr;
  memory->now += size;
  memory->most = std::max(memory->most, memory->now);
  const int64_t whole = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(static_cast<size_t>(alignment),
                            static_cast<size_t>(whole));
}

void Release(void* user, void* block, int64_t size, int64_t) {
  static_cast<Memory*>(user)->now -= size;
  std::free(block);
}

opt_context_config ConfigOf(Memory* memory) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.user = memory;
  config.allocate = Allocate;
  config.release = Release;
  return config;
}

class MemoryTest : public testing::Test {
 protected:
  // A training with one large tensor.
  Training New(opt_context context) {
    return Training(OPT_RULE_ADAM, {}, tensors_, context);
  }

  std::string Saved() {
    Training training = New(nullptr);
    training.Steps(0, 1);
    training.Accumulate(1);
    return training.Save();
  }

  // The most that a load takes at once beyond what there was before.
  int64_t MostOf(std::string_view bytes, uint32_t flags,
                 const std::vector<opt_status>& expected) {
    Memory memory;
    const Context context(ConfigOf(&memory));
    const Training training = New(context.get());
    const int64_t before = memory.now;
    memory.most = before;
    const opt_status status = LoadByCallback(training.get(), bytes, flags);
    EXPECT_EQ(std::count(expected.begin(), expected.end(), status), 1)
        << opt_status_name(status) << ": " << opt_last_error();
    return memory.most - before;
  }

 private:
  const std::vector<TrainedTensor> tensors_ = {
      {"w", OPT_F32, OPT_F32, {100000}, false, 0}};
};

TEST_F(MemoryTest, ALoadTakesOneMoreStateAndALittle) {
  EXPECT_GE(MostOf(Saved(), 0, {OPT_OK}), kState);
  EXPECT_LE(MostOf(Saved(), 0, {OPT_OK}), kState + kAllowance);
}

TEST_F(MemoryTest, ASaveTakesNoCopyOfTheState) {
  Memory memory;
  const Context context(ConfigOf(&memory));
  const Training training = New(context.get());
  const int64_t before = memory.now;
  memory.most = before;
  ASSERT_GT(training.Save().size(), 1000000U);
  EXPECT_LE(memory.most - before, 1 << 16);
}

// A file of many pieces: a save has no copy of them, a load one more state.
TEST_F(MemoryTest, ALargeFileTakesNoMoreThanItsState) {
  constexpr int64_t kCount = 3 << 20;
  const std::string path = testing::TempDir() + "/libopt-large-" +
                           std::to_string(getpid()) + ".safetensors";
  Memory memory;
  const Context context(ConfigOf(&memory));
  const Training training(OPT_RULE_ADAM, {},
                          {{"w", OPT_F32, OPT_F32, {kCount}, false, 0}},
                          context.get());
  const int64_t before = memory.now;
  memory.most = before;
  opt_save_args save = OPT_SAVE_ARGS_INIT;
  save.flags = OPT_SAVE_PARAMS;
  Check(opt_save_file(training.get(), path.c_str(), &save));
  EXPECT_LE(memory.most - before, 1 << 16);
  memory.most = before;
  Check(opt_load_file(training.get(), path.c_str(), nullptr));
  EXPECT_GE(memory.most - before, 2 * 4 * kCount);
  EXPECT_LE(memory.most - before, 2 * 4 * kCount + kAllowance);
  EXPECT_EQ(memory.now, before);
  std::remove(path.c_str());
}

// A source that ends where the data should be, and whose header promises more
// than any memory has.
TEST_F(MemoryTest, AHeaderThatPromisesMuchIsGivenLittle) {
  const std::string saved = Saved();
  for (const uint32_t flags :
       {OPT_LOAD_KEEP_OPTIONS, OPT_LOAD_ALLOW_UNEXPECTED}) {
    for (const char* name : {"__own__.x", "x", "w/x", "w/step", "w"}) {
      Edited edited(saved);
      edited.Promise(name, "U8", {kHuge});
      EXPECT_LE(MostOf(edited.Build(), flags, {OPT_ERR_FORMAT, kMismatch}),
                kState + kAllowance)
          << name;
    }
    Edited edited(saved);
    const int64_t columns = edited.At("__options__").shape[1];
    edited.Promise("__options__", "F64", {kHuge / 1024, columns});
    EXPECT_LE(MostOf(edited.Build(), flags, {OPT_ERR_FORMAT, kMismatch}),
              kState + kAllowance);
  }
}

TEST_F(MemoryTest, ALongHeaderIsReadAsFarAsItReaches) {
  std::string bytes(8, '\0');
  const int64_t length = 99999999;
  std::memcpy(bytes.data(), &length, sizeof(length));
  EXPECT_LE(MostOf(bytes + "{", 0, {OPT_ERR_FORMAT}), kAllowance);
}

// Every refusal: says so, changes nothing, loses nothing; the same call then
// works.
template <typename Call>
void RefuseEach(Memory* memory, const Training& training, const Call& call) {
  const int64_t before = memory->now;
  const uint64_t state = snapshot(training.get());
  memory->allocations = 0;
  memory->refused = -1;
  int64_t n = 0;
  for (;; ++n) {
    memory->allocations = 0;
    memory->refused = n;
    const opt_status status = call();
    if (memory->allocations <= n) break;
    ASSERT_EQ(status, OPT_ERR_MEMORY) << "allocation " << n;
    ASSERT_EQ(memory->now, before) << "allocation " << n;
    ASSERT_EQ(snapshot(training.get()), state) << "allocation " << n;
  }
  memory->refused = -1;
  EXPECT_GT(n, 10);
}

TEST_F(MemoryTest, ALoadWithoutMemoryChangesNothing) {
  Training source(OPT_RULE_ADAMW, {}, EveryTensor());
  source.Steps(0, 3);
  source.Accumulate(3);
  const std::string saved = source.Save();
  Memory memory;
  {
    const Context context(ConfigOf(&memory));
    Training training(OPT_RULE_ADAMW, {}, EveryTensor(), context.get());
    training.Steps(0, 1);
    RefuseEach(&memory, training,
               [&] { return LoadAll(training.get(), saved); });
    EXPECT_EQ(training.Save(), saved);
  }
  EXPECT_EQ(memory.now, 0);
}

TEST_F(MemoryTest, ALoadOfWeightsToEvaluateAtWithoutMemoryChangesNothing) {
  Training source(OPT_RULE_SCHEDULE_FREE_ADAMW, {}, EveryTensor());
  source.Steps(0, 3);
  Check(opt_swap_eval_weights(source.get(), nullptr));
  const std::string saved = source.Save();
  Memory memory;
  {
    const Context context(ConfigOf(&memory));
    Training training(OPT_RULE_SCHEDULE_FREE_ADAMW, {}, EveryTensor(),
                      context.get());
    training.Steps(0, 1);
    RefuseEach(&memory, training,
               [&] { return LoadAll(training.get(), saved); });
    EXPECT_EQ(training.Save(), saved);
  }
  EXPECT_EQ(memory.now, 0);
}

TEST_F(MemoryTest, ASaveWithoutMemoryChangesNothing) {
  Memory memory;
  {
    const Context context(ConfigOf(&memory));
    Training training(OPT_RULE_ADAMW, {}, EveryTensor(), context.get());
    training.Steps(0, 3);
    std::string buffer(training.Save().size(), '\0');
    opt_save_args args = OPT_SAVE_ARGS_INIT;
    args.flags = OPT_SAVE_PARAMS;
    RefuseEach(&memory, training, [&] {
      return opt_save_memory(training.get(), buffer.data(),
                             static_cast<int64_t>(buffer.size()), nullptr,
                             &args);
    });
    EXPECT_EQ(buffer, training.Save());
  }
  EXPECT_EQ(memory.now, 0);
}

TEST_F(MemoryTest, AnInspectionWithoutMemoryOpensNothing) {
  const Training training(OPT_RULE_ADAMW);
  const std::string saved = training.Save();
  Memory memory;
  {
    const Context context(ConfigOf(&memory));
    RefuseEach(&memory, training, [&] {
      opt_checkpoint opened = nullptr;
      const opt_status status = opt_checkpoint_open_memory(
          context.get(), saved.data(), static_cast<int64_t>(saved.size()),
          &opened);
      EXPECT_EQ(opened == nullptr, status != OPT_OK);
      EXPECT_EQ(opt_checkpoint_close(opened), OPT_OK);
      return status;
    });
  }
  EXPECT_EQ(memory.now, 0);
}

}  // namespace
}  // namespace opt_test
