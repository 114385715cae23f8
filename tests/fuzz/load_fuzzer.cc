// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The input is a checkpoint and who loads it how; see load_input.h. A load that
// fails leaves optimizer and parameters as they were, one that succeeds can be
// saved and loaded again to the same bytes, and trains on. Neither takes more
// memory than the file justifies.

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "tests/c/snapshot.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/load_input.h"
#include "tests/state/counted_memory.h"

namespace {

using opt_test::Require;
using opt_test::Training;

// Room for what does not grow with the file: buffers, and one more state.
constexpr size_t kFixedMemory = 1 << 20;
// The text of the header, while the vector that holds it grows, and entries.
constexpr size_t kMemoryPerByte = 4 + opt_test::kMostPerByte;

void* Allocate(void* user, int64_t size, int64_t alignment) {
  return static_cast<opt_test::CountedMemory*>(user)->Allocate(
      static_cast<size_t>(size), static_cast<size_t>(alignment));
}

void Release(void* user, void* memory, int64_t size, int64_t alignment) {
  static_cast<opt_test::CountedMemory*>(user)->Deallocate(
      memory, static_cast<size_t>(size), static_cast<size_t>(alignment));
}

opt_context_config ConfigOf(opt_test::CountedMemory* memory) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.user = memory;
  config.allocate = Allocate;
  config.release = Release;
  return config;
}

// A few bytes at a time.
int64_t Read(void* user, void* data, int64_t size) {
  auto* rest = static_cast<std::string_view*>(user);
  const size_t count =
      std::min({static_cast<size_t>(size), rest->size(), size_t{1000}});
  std::memcpy(data, rest->data(), count);
  rest->remove_prefix(count);
  return static_cast<int64_t>(count);
}

opt_status Load(uint8_t how, std::string_view checkpoint,
                opt_optimizer optimizer) {
  opt_tensor_info first = OPT_TENSOR_INFO_INIT;
  opt_test::Check(opt_tensor_at(optimizer, 0, &first));
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = how & opt_test::kLoadFlags;
  if ((how & opt_test::kOneTensor) != 0) {
    args.names = &first.name;
    args.name_count = 1;
  }
  return (how & opt_test::kFromCallback) != 0
             ? opt_load_callback(optimizer, Read, &checkpoint, &args)
             : opt_load_memory(optimizer, checkpoint.data(),
                               static_cast<int64_t>(checkpoint.size()), &args);
}

// Every entry that can be read is read; the data may be damaged.
void Inspect(std::string_view checkpoint, bool must_open) {
  opt_checkpoint opened = nullptr;
  if (opt_checkpoint_open_memory(nullptr, checkpoint.data(),
                                 static_cast<int64_t>(checkpoint.size()),
                                 &opened) != OPT_OK) {
    Require(!must_open, "what loads can be inspected");
    return;
  }
  int64_t count = 0;
  opt_test::Check(opt_checkpoint_count(opened, &count));
  for (int64_t i = 0; i < count; ++i) {
    opt_entry_info info = OPT_ENTRY_INFO_INIT;
    opt_test::Check(opt_checkpoint_at(opened, i, &info));
    Require(info.bytes <= static_cast<int64_t>(checkpoint.size()),
            "an entry is no larger than the file");
    int64_t found = -1;
    opt_test::Check(opt_checkpoint_find(opened, info.name, &found));
    std::vector<char> data(static_cast<size_t>(info.bytes));
    const opt_status status =
        opt_checkpoint_read(opened, i, data.data(), info.bytes);
    Require(status == OPT_OK || (status == OPT_ERR_FORMAT && !must_open),
            "what loads is not damaged");
  }
  opt_test::Check(opt_checkpoint_close(opened));
}

void CheckGoesOn(size_t optimizer, Training* loaded) {
  const std::string saved = loaded->Save();
  Training again = opt_test::NewTraining(optimizer, nullptr);
  again.Load(saved);
  Require(again.Save() == saved, "saved and loaded again, it is the same");
  try {
    again.Steps(3, 5);
    loaded->Steps(3, 5);
  } catch (const std::exception& error) {
    Require(std::string_view(error.what()).find("where counters end") !=
                std::string_view::npos,
            "a step is refused only if a counter is at its end");
    return;
  }
  // NaNs may differ, and a checkpoint can have any.
  Require(again.Save().size() == loaded->Save().size(), "it trains on");
}

bool SaysWhy(opt_status status) {
  const std::string_view message = opt_last_error();
  return status == OPT_ERR_FORMAT
             ? message.find("byte ") != std::string_view::npos
             : status == OPT_ERR_MISMATCH && !message.empty();
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < opt_test::kChoices) return 0;
  const size_t optimizer = data[0];
  const uint8_t how = data[1];
  const std::string_view checkpoint(
      reinterpret_cast<const char*>(data) + opt_test::kChoices,
      size - opt_test::kChoices);

  static opt_test::CountedMemory memory;
  static const opt_test::Context context(ConfigOf(&memory));
  const size_t idle = memory.now;
  {
    Training training = opt_test::NewTraining(optimizer, context.get());
    opt_test::Prepare(how, &training);
    const std::string before = training.Save();
    const uint64_t seen = snapshot(training.get());
    const size_t taken = memory.now;
    memory.most = taken;
    const opt_status status = Load(how, checkpoint, training.get());
    Require(memory.most - taken <= kFixedMemory + kMemoryPerByte * size,
            "the memory is proportional to the file");
    if (status == OPT_OK) {
      CheckGoesOn(optimizer, &training);
    } else {
      Require(SaysWhy(status), "the error names a byte or what does not fit");
      Require(snapshot(training.get()) == seen && training.Save() == before,
              "a load that fails changes nothing");
      Require(memory.now == taken, "a load that fails keeps no memory");
    }
    Inspect(checkpoint, status == OPT_OK);
  }
  Require(memory.now == idle, "no memory is lost");
  return 0;
}
