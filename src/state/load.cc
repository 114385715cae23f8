// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/load.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "src/base/error.h"
#include "src/state/container/checksum.h"
#include "src/state/container/header.h"
#include "src/state/container/json.h"
#include "src/state/contents.h"
#include "src/state/counters.h"
#include "src/state/option_table.h"

namespace libopt {

using Place = LoadPlan::Place;

Load::Load(Optimizer* optimizer, const opt_load_args& args)
    : optimizer_(optimizer),
      args_(args),
      memory_(optimizer->memory()),
      plan_(*optimizer, args),
      fresh_(memory_),
      options_(memory_),
      schedules_(memory_),
      restored_{
          optimizer->defaults(),
          {optimizer->groups().begin(), optimizer->groups().end(), memory_},
          optimizer->progress(),
          ScheduleTable(memory_),
          plan_.takes_options()} {
  optimizer->progress().CheckNotSwapped("a load");
}

void Load::ReadFrom(Source* source) {
  uint32_t header_crc = 0;
  const Header header = ReadOwnHeader(source, memory_, &header_crc);
  CheckRule(header);
  CheckParams();
  plan_.Match(header);
  plan_.mismatches().Check();
  CheckOptionTable(header, *optimizer_, plan_.takes_options());
  CheckCounterTable(header);
  CheckScalerTable(header);
  CheckAverageTable(header);
  ScheduleTables::Check(header, *optimizer_);
  Allocate();
  ReadData(header, header_crc, source);
  source->ExpectEnd();
  CheckNumbers(header);
  TakeOptions(header);
  TakeAverage(header);
}

void Load::CheckRule(const Header& header) const {
  const std::string_view rule = header.Metadata("rule");
  const char* own = optimizer_->named().rule->descriptor->name;
  if (rule != own) {
    Fail(OPT_ERR_MISMATCH, "the checkpoint is of rule '", rule,
         "', the optimizer of '", own, "': create one of the same rule");
  }
}

// The caller's parameters, if they are to be loaded, must have a place to go.
void Load::CheckParams() const {
  if ((args_.flags & OPT_LOAD_PARAMS) == 0) return;
  for (size_t i = 0; i < plan_.found().size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    if (!plan_.found()[i].selected) continue;
    const Tensor& tensor = *optimizer_->tensors().Get(index);
    if (tensor.count > 0 && ParamOf(tensor, args_.params, index) == nullptr) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor.name),
           "' has no place for its parameters: lend one in "
           "opt_load_args.params, or leave out OPT_LOAD_PARAMS");
    }
  }
}

void Load::Allocate() {
  fresh_.resize(plan_.found().size());
  for (const LoadPlan::Found& found : plan_.found()) {
    restored_.progress.accumulators |= found.accumulator;
  }
  const bool make_all =
      restored_.progress.accumulators && !optimizer_->has_accumulators();
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const Tensor* attached = optimizer_->tensors().Get(static_cast<int64_t>(i));
    if (attached == nullptr) continue;
    const Tensor& tensor = *attached;
    const LoadPlan::Found& found = plan_.found()[i];
    const auto bytes = static_cast<size_t>(tensor.param_bytes());
    if (found.state) {
      fresh_[i].state = TensorState(optimizer_->LayoutOfTensor(tensor),
                                    tensor.param_bytes(), memory_);
      fresh_[i].state.accumulated = found.accumulator;
    }
    if (found.param) fresh_[i].param = Block(memory_, bytes);
    if (make_all || found.accumulator) {
      fresh_[i].state.accumulator = Block(memory_, bytes);
    }
    if (plan_.average_kind() != 0 &&
        (found.state || restored_.progress.averaging.kind == 0)) {
      fresh_[i].state.average = TensorAverage(tensor.param_bytes(), memory_);
    }
  }
}

// Where an entry's data are read to; nullptr: nowhere.
void* Load::MemoryFor(const Place& place, const HeaderEntry& entry) {
  if (place.kind == Place::kPassedOver) return nullptr;
  if (place.kind == Place::kOptions) return options_.data();
  if (place.kind == Place::kCounters) return counters_;
  if (place.kind == Place::kScaler) return scaler_.numbers;
  if (place.kind == Place::kScalerCounters) return scaler_.counters;
  if (place.kind == Place::kSkipped) return &scaler_.skipped;
  if (place.kind == Place::kAverageIntegers) return average_.integers;
  if (place.kind == Place::kAverageDecay) return &average_.decay;
  if (place.kind == Place::kSchedules) return schedules_.MemoryFor(entry.name);
  Fresh& fresh = fresh_[static_cast<size_t>(place.tensor)];
  switch (place.kind) {
    case Place::kSlot:
      return fresh.state.slots[place.slot];
    case Place::kAccumulator:
      return fresh.state.accumulator.data();
    case Place::kStep:
      return &fresh.state.step;
    case Place::kGroup:
      return &fresh.group;
    case Place::kAverage:
      return fresh.state.average.data();
    case Place::kAverageUpdates:
      return &fresh.state.average.updates;
    case Place::kAttribute:
      return &fresh.attributes.values[place.slot];
    default:
      return fresh.param.data();
  }
}

void Load::ReadData(const Header& header, uint32_t header_crc, Source* source) {
  if (plan_.takes_options()) {
    options_.resize(OptionTableSize(header));
    schedules_.Allocate(header);
  }
  ChecksummedReader reader(header, header_crc, memory_);
  for (size_t i = 0; i < header.entries.size(); ++i) {
    reader.Read(i, MemoryFor(plan_.places()[i], header.entries[i]), source);
  }
  reader.Verify();
}

void Load::CheckNumbers(const Header& header) const {
  for (size_t i = 0; i < header.entries.size(); ++i) {
    const HeaderEntry& entry = header.entries[i];
    const Place& place = plan_.places()[i];
    const int64_t byte = header.data_start + entry.begin;
    if (place.kind == Place::kCounters) {
      for (const int64_t counter : counters_) {
        CheckCounter(counter, byte, kCountersName);
      }
    }
    if (place.kind == Place::kStep) {
      CheckCounter(fresh_[static_cast<size_t>(place.tensor)].state.step, byte,
                   entry.name);
    }
    if (place.kind == Place::kAverageUpdates) {
      CheckCounter(
          fresh_[static_cast<size_t>(place.tensor)].state.average.updates, byte,
          entry.name);
    }
    if (place.kind == Place::kAttribute) {
      CheckAttribute(place, byte, entry.name);
    }
    if (place.kind == Place::kGroup && plan_.takes_options()) {
      CheckGroup(place.tensor, entry.name.c_str());
    }
    if (place.kind == Place::kAccumulator && counters_[1] == 0) {
      FailAt(byte, "'", std::string_view(entry.name),
             "' is a sum of gradients, but of no samples");
    }
  }
}

void Load::CheckGroup(int64_t index, const char* name) const {
  const int64_t group = fresh_[static_cast<size_t>(index)].group;
  const Tensor& tensor = *optimizer_->tensors().Get(index);
  if (group != tensor.group) {
    Fail(OPT_ERR_MISMATCH, "'", name, "' is ", group,
         ", but the tensor is in group ", tensor.group,
         " of the optimizer: attach it there, or load with "
         "OPT_LOAD_KEEP_OPTIONS");
  }
}

void Load::CheckAttribute(const Place& place, int64_t byte,
                          std::string_view name) const {
  const Fresh& fresh = fresh_[static_cast<size_t>(place.tensor)];
  try {
    CheckValue(kAttributes[place.slot], fresh.attributes.values[place.slot],
               "attribute");
  } catch (const Error& error) {
    FailAt(byte, "'", name, "': ", error.message);
  }
}

void Load::TakeOptions(const Header& header) {
  if (!plan_.whole()) return;
  restored_.progress.steps = counters_[0];
  restored_.progress.pending_samples = counters_[1];
  ReadScalerTable(header, scaler_, &restored_);
  if (!plan_.takes_options()) return;
  schedules_.Take(header, *optimizer_, &restored_.schedules);
  try {
    ReadOptionTable(header, *optimizer_, options_, &restored_);
  } catch (const Error& error) {
    if (error.status != OPT_ERR_STATE) {
      const int64_t begin = header.Find(kOptionsName)->begin;
      FailAt(header.data_start + begin, "in '", kOptionsName,
             "': ", error.message);
    }
    Fail(OPT_ERR_MISMATCH, "in the checkpoint's '", kOptionsName,
         "': ", error.message);
  }
}

// With the options goes how to average; else the count of updates is taken if
// it is one of the same kind.
void Load::TakeAverage(const Header& header) {
  const int32_t in_file = AverageKindOf(header);
  const Averaging read =
      in_file == 0 ? Averaging() : ReadAverageTable(header, average_);
  if (plan_.takes_options()) {
    restored_.progress.averaging = read;
  } else if (plan_.whole()) {
    const bool same = in_file == restored_.progress.averaging.kind;
    restored_.progress.averaging.updates = same ? read.updates : 0;
  }
}

// The average of a tensor whose state is not loaded.
void Load::CommitAverage(Tensor* tensor, TensorAverage* fresh) const noexcept {
  const int32_t before = optimizer_->averaging().kind;
  if (restored_.progress.averaging.kind == before) return;
  if (restored_.progress.averaging.kind == 0 || before == 0) {
    tensor->state.average = std::move(*fresh);
  }
  tensor->state.average.updates = 0;
}

}  // namespace libopt
