// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What a checkpoint of an optimizer holds, by name. FORMAT.md documents it.

#ifndef OPT_SRC_STATE_CONTENTS_H_
#define OPT_SRC_STATE_CONTENTS_H_

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "opt/opt_state.h"
#include "src/optimizer/optimizer.h"

namespace libopt {

constexpr std::string_view kStepSuffix = "step";
constexpr std::string_view kGroupSuffix = "group";
constexpr std::string_view kAccumulatorSuffix = "grad_accumulator";
constexpr std::string_view kAverageSuffix = "param_average";
constexpr std::string_view kAverageUpdatesSuffix = "average_updates";
constexpr std::string_view kOptionsName = "__options__";
constexpr std::string_view kCountersName = "__counters__";
constexpr std::string_view kOwnPrefix = "__own__.";

// The counters of an optimizer, in the order of the tensor that holds them.
constexpr const char* kCounterNames = "steps,pending_samples";
constexpr int64_t kCounters = 2;

// One array to be written. It lies in the optimizer, at the caller's, or, for
// scalars and tables, in Contents::numbers.
struct Part {
  explicit Part(std::pmr::memory_resource* memory)
      : name(memory), shape(memory) {}
  std::pmr::string name;
  std::pmr::vector<int64_t> shape;
  const char* dtype = "";  // safetensors' name
  int64_t tensor = -1;     // index of the tensor it is of, if any
  int64_t bytes = 0;
  const void* data = nullptr;  // nullptr: numbers from first_number on
  size_t first_number = 0;
};

// Everything a save writes, collected before the first byte is written.
class Contents {
 public:
  // Throws Error; see opt_save_file.
  Contents(const Optimizer& optimizer, const opt_save_args& args,
           std::pmr::memory_resource* memory);

  const std::pmr::vector<Part>& parts() const { return parts_; }
  const void* DataOf(const Part& part) const {
    return part.data != nullptr ? part.data : &numbers_[part.first_number];
  }

 private:
  Part& Add(std::string_view name, const char* dtype);
  Part& AddOfTensor(const TensorList& tensors, int64_t index,
                    std::string_view suffix, const char* dtype);
  void AddArray(const TensorList& tensors, int64_t index,
                std::string_view suffix, const void* data);
  // A number of a tensor's: the bits of an element of type `dtype`.
  void AddNumber(const TensorList& tensors, int64_t index,
                 std::string_view suffix, const char* dtype, uint64_t bits);
  void AddTensor(const Optimizer& optimizer, int64_t index,
                 const opt_save_args& args);
  void AddOptions(const Optimizer& optimizer);
  void AddScaler(const Optimizer& optimizer);
  void AddAverage(const Averaging& averaging);
  // Room for the bits of `count` numbers, which are to be pushed.
  void AddNumbers(std::string_view name, const char* dtype, int64_t count);
  void AddSchedules(const ScheduleTable& schedules);
  void AddOwn(const opt_entry& entry);

  std::pmr::vector<Part> parts_;
  std::pmr::vector<uint64_t> numbers_;  // bits of I64 and F64 elements
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_CONTENTS_H_
