// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/contents.h"

#include <cstring>

#include "src/base/error.h"
#include "src/base/struct_size.h"
#include "src/base/text.h"
#include "src/state/average_table.h"
#include "src/state/container/header.h"
#include "src/state/scaler_table.h"
#include "src/state/schedule_tables.h"

namespace libopt {
namespace {

uint64_t BitsOf(double number) {
  uint64_t bits = 0;
  std::memcpy(&bits, &number, sizeof(bits));
  return bits;
}

}  // namespace

Contents::Contents(const Optimizer& optimizer, const opt_save_args& args,
                   std::pmr::memory_resource* memory)
    : parts_(memory), numbers_(memory) {
  for (int64_t i = 0; i < optimizer.tensors().index_count(); ++i) {
    if (optimizer.tensors().Get(i) != nullptr) AddTensor(optimizer, i, args);
  }
  AddOptions(optimizer);
  if (!optimizer.schedules().empty()) AddSchedules(optimizer.schedules());
  AddNumbers(kCountersName, "I64", kCounters);
  numbers_.push_back(static_cast<uint64_t>(optimizer.steps()));
  numbers_.push_back(static_cast<uint64_t>(optimizer.pending_samples()));
  AddScaler(optimizer);
  if (optimizer.averaging().kind != 0) AddAverage(optimizer.averaging());
  for (int64_t i = 0; i < args.entry_count; ++i) {
    AddOwn(ReadElement(args.entries, i, "opt_entry"));
  }
}

Part& Contents::Add(std::string_view name, const char* dtype) {
  Part& part = parts_.emplace_back(parts_.get_allocator().resource());
  part.name = name;
  part.dtype = dtype;
  return part;
}

// A part of a tensor; the parameter itself has no suffix.
Part& Contents::AddOfTensor(const TensorList& tensors, int64_t index,
                            std::string_view suffix, const char* dtype) {
  Part& part = Add(tensors.Get(index)->name, dtype);
  if (!suffix.empty()) {
    part.name += '/';
    part.name += suffix;
  }
  part.tensor = index;
  return part;
}

void Contents::AddArray(const TensorList& tensors, int64_t index,
                        std::string_view suffix, const void* data) {
  const Tensor& tensor = *tensors.Get(index);
  Part& part =
      AddOfTensor(tensors, index, suffix, FormatDtype(tensor.param_dtype));
  part.shape = tensor.shape;
  part.bytes = tensor.param_bytes();
  part.data = data;
}

void Contents::AddNumber(const TensorList& tensors, int64_t index,
                         std::string_view suffix, const char* dtype,
                         uint64_t bits) {
  Part& part = AddOfTensor(tensors, index, suffix, dtype);
  part.bytes = 8;
  part.first_number = numbers_.size();
  numbers_.push_back(bits);
}

void Contents::AddNumbers(std::string_view name, const char* dtype,
                          int64_t count) {
  Part& part = Add(name, dtype);
  part.shape.assign(1, count);
  part.bytes = count * 8;
  part.first_number = numbers_.size();
}

void Contents::AddTensor(const Optimizer& optimizer, int64_t index,
                         const opt_save_args& args) {
  const TensorList& tensors = optimizer.tensors();
  const Tensor& tensor = *tensors.Get(index);
  if ((args.flags & OPT_SAVE_PARAMS) != 0) {
    const void* param = ParamOf(tensor, args.params, index);
    if (param == nullptr && tensor.count > 0) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor.name),
           "' has no parameters to save: lend them in opt_save_args.params, "
           "or leave out OPT_SAVE_PARAMS");
    }
    AddArray(tensors, index, "", param);
  }
  const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
  const Layout layout = optimizer.LayoutOfTensor(tensor);
  for (int i = 0; i < rule.slot_count; ++i) {
    if ((layout >> i & 1) == 0) continue;
    AddArray(tensors, index, rule.slots[i].name, tensor.state.slots[i]);
  }
  if (tensor.state.accumulated) {
    AddArray(tensors, index, kAccumulatorSuffix,
             tensor.state.accumulator.data());
  }
  if (tensor.state.average.updates > 0) {
    AddArray(tensors, index, kAverageSuffix, tensor.state.average.data());
    AddNumber(tensors, index, kAverageUpdatesSuffix, "I64",
              static_cast<uint64_t>(tensor.state.average.updates));
  }
  AddNumber(tensors, index, kStepSuffix, "I64",
            static_cast<uint64_t>(tensor.state.step));
  AddNumber(tensors, index, kGroupSuffix, "I64",
            static_cast<uint64_t>(tensor.group));
  for (int i = 0; i < kAttributeCount; ++i) {
    const double value = tensor.attributes.values[i];
    if (value == kAttributes[i].default_value) continue;
    AddNumber(tensors, index, kAttributes[i].name, "F64", BitsOf(value));
  }
}

void Contents::AddAverage(const Averaging& averaging) {
  const AverageTable table = TableOf(averaging);
  AddNumbers(kAverageName, "I64", AverageTable::kIntegers);
  for (const int64_t number : table.integers) {
    numbers_.push_back(static_cast<uint64_t>(number));
  }
  AddNumbers(kAverageDecayName, "F64", 1);
  parts_.back().shape.clear();
  numbers_.push_back(BitsOf(table.decay));
}

void Contents::AddOptions(const Optimizer& optimizer) {
  const int columns = optimizer.named().rule->descriptor->option_count;
  const auto rows = int64_t{optimizer.groups().count()} + 1;
  Part& part = Add(kOptionsName, "F64");
  part.shape.assign({rows, columns});
  part.bytes = rows * columns * 8;
  part.first_number = numbers_.size();
  const auto add_row = [&](const Group& group) {
    for (int i = 0; i < columns; ++i) {
      numbers_.push_back(BitsOf(group.values[i]));
    }
  };
  add_row(optimizer.defaults());
  for (const Group& group : optimizer.groups()) add_row(group);
}

void Contents::AddScaler(const Optimizer& optimizer) {
  const ScalerTable table = ScalerTableOf(optimizer);
  const auto add = [&](std::string_view name, const char* dtype) {
    Part& part = Add(name, dtype);
    part.shape.assign(1, kScalerColumns);
    part.bytes = kScalerColumns * 8;
    part.first_number = numbers_.size();
  };
  if (optimizer.scaler().active()) {
    add(kScalerName, "F64");
    for (const double number : table.numbers) {
      numbers_.push_back(BitsOf(number));
    }
    add(kScalerCountersName, "I64");
    for (const int64_t counter : table.counters) {
      numbers_.push_back(static_cast<uint64_t>(counter));
    }
  }
  if (table.skipped == 0) return;
  Part& part = Add(kSkippedName, "I64");
  part.bytes = 8;
  part.first_number = numbers_.size();
  numbers_.push_back(static_cast<uint64_t>(table.skipped));
}

void Contents::AddSchedules(const ScheduleTable& schedules) {
  const int64_t columns = 1 + MostScheduleOptions(schedules);
  std::pmr::vector<uint64_t> values(numbers_.get_allocator());
  std::pmr::vector<uint64_t> milestones(numbers_.get_allocator());
  int64_t rows = 0;
  const size_t first_row = numbers_.size();
  for (const ScheduleTable::Entry& entry : schedules.entries()) {
    for (const SchedulePart& part : entry.schedule.parts()) {
      const int64_t row[kScheduleColumns] = {entry.group,
                                             entry.option,
                                             KindInUse(schedules, part.kind),
                                             part.begin,
                                             part.end,
                                             part.milestone_count,
                                             part.metric.bad_reports,
                                             part.metric.cooldown_left,
                                             part.metric.reductions};
      numbers_.insert(numbers_.end(), row, row + kScheduleColumns);
      const int64_t* first = entry.schedule.MilestonesOf(part);
      milestones.insert(milestones.end(), first, first + part.milestone_count);
      values.push_back(BitsOf(part.metric.best));
      for (int i = 0; i < columns - 1; ++i) {
        values.push_back(BitsOf(part.options[i]));
      }
      ++rows;
    }
  }
  const auto add = [&](std::string_view name, const char* dtype,
                       size_t first) -> Part& {
    Part& part = Add(name, dtype);
    part.bytes = static_cast<int64_t>(numbers_.size() - first) * 8;
    part.first_number = first;
    return part;
  };
  add(kSchedulesName, "I64", first_row).shape.assign({rows, kScheduleColumns});
  const size_t first_value = numbers_.size();
  numbers_.insert(numbers_.end(), values.begin(), values.end());
  add(kScheduleValuesName, "F64", first_value).shape.assign({rows, columns});
  const size_t first_milestone = numbers_.size();
  numbers_.insert(numbers_.end(), milestones.begin(), milestones.end());
  add(kMilestonesName, "I64", first_milestone)
      .shape.assign(1, static_cast<int64_t>(milestones.size()));
}

void Contents::AddOwn(const opt_entry& entry) {
  if (entry.name == nullptr || *entry.name == '\0' ||
      !IsPrintableUtf8(entry.name)) {
    Fail(OPT_ERR_NAME,
         "an entry's name is NULL, empty, not UTF-8 or holds a control "
         "character: give one that can be printed");
  }
  const int64_t size = DtypeSize(entry.dtype);
  if (size == 0) {
    Fail(OPT_ERR_DTYPE, "entry '", entry.name, "': dtype is ", entry.dtype,
         ": use OPT_U8, OPT_I64, OPT_F32 or OPT_F64");
  }
  constexpr int64_t kMaxCount = INT64_MAX / 64;
  if (entry.count < 0 || entry.count > kMaxCount ||
      (entry.data == nullptr && entry.count > 0)) {
    Fail(OPT_ERR_ARGUMENT, "entry '", entry.name, "': ", entry.count,
         entry.data == nullptr ? " elements at NULL" : " elements",
         ": give data and a count of 0 to ", kMaxCount);
  }
  Part& part = Add(kOwnPrefix, FormatDtype(entry.dtype));
  part.name += entry.name;
  part.shape.assign(1, entry.count);
  part.bytes = entry.count * size;
  part.data = entry.data;
}

}  // namespace libopt
