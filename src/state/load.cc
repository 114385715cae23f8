// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/load.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "src/core/error.h"
#include "src/state/checksum.h"
#include "src/state/contents.h"
#include "src/state/option_table.h"
#include "src/state/own_header.h"

namespace opt {

using Place = LoadPlan::Place;

Load::Load(Optimizer* optimizer, const opt_load_args& args)
    : optimizer_(optimizer),
      args_(args),
      memory_(optimizer->memory()),
      plan_(*optimizer, args),
      fresh_(memory_),
      options_(memory_),
      restored_{optimizer->defaults(),
                {optimizer->groups(), memory_},
                optimizer->steps(),
                optimizer->pending_samples()} {}

void Load::ReadFrom(Source* source) {
  uint32_t header_crc = 0;
  const Header header = ReadOwnHeader(source, memory_, &header_crc);
  CheckRule(header);
  CheckParams();
  plan_.Match(header);
  plan_.mismatches().Check();
  CheckOptionTable(header, *optimizer_, args_);
  Allocate();
  ReadData(header, header_crc, source);
  source->ExpectEnd();
  CheckNumbers();
  TakeOptions(header);
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
  bool accumulators = false;
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const LoadPlan::Found& found = plan_.found()[i];
    if (!found.selected) continue;
    const Tensor& tensor = *optimizer_->tensors().Get(static_cast<int64_t>(i));
    const auto bytes = static_cast<size_t>(tensor.param_bytes());
    if (found.state) {
      fresh_[i].state = TensorState(optimizer_->LayoutOfTensor(tensor),
                                    tensor.param_bytes(), memory_);
      fresh_[i].state.accumulated = found.accumulator;
    }
    if (found.param) fresh_[i].param = Block(memory_, bytes);
    accumulators |= found.accumulator;
  }
  if (!accumulators) return;
  optimizer_->AllocateAccumulators();
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const Tensor* tensor = optimizer_->tensors().Get(static_cast<int64_t>(i));
    if (tensor != nullptr && plan_.found()[i].accumulator) {
      fresh_[i].state.accumulator =
          Block(memory_, static_cast<size_t>(tensor->param_bytes()));
    }
  }
}

// Where an entry's data are read to; nullptr: nowhere.
void* Load::MemoryFor(const Place& place) {
  if (place.kind == Place::kPassedOver) return nullptr;
  if (place.kind == Place::kOptions) return options_.data();
  if (place.kind == Place::kCounters) return counters_;
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
    default:
      return fresh.param.data();
  }
}

void Load::ReadData(const Header& header, uint32_t header_crc, Source* source) {
  options_.resize(OptionTableSize(header));
  ChecksummedReader reader(header, header_crc, memory_);
  for (size_t i = 0; i < header.entries.size(); ++i) {
    reader.Read(i, MemoryFor(plan_.places()[i]), source);
  }
  reader.Verify();
}

void Load::CheckNumbers() {
  const bool keep = (args_.flags & OPT_LOAD_KEEP_OPTIONS) != 0;
  for (size_t i = 0; i < fresh_.size(); ++i) {
    if (!plan_.found()[i].state) continue;
    const Tensor& tensor = *optimizer_->tensors().Get(static_cast<int64_t>(i));
    const Fresh& fresh = fresh_[i];
    if (fresh.state.step < 0) {
      Fail(OPT_ERR_FORMAT, "tensor '", std::string_view(tensor.name),
           "' has step ", fresh.state.step, ": it cannot be negative");
    }
    if (plan_.whole() && !keep && fresh.group != tensor.group) {
      Fail(OPT_ERR_MISMATCH, "tensor '", std::string_view(tensor.name),
           "' is in group ", fresh.group, " in the checkpoint and in group ",
           tensor.group,
           " in the optimizer: attach it there, or load with "
           "OPT_LOAD_KEEP_OPTIONS");
    }
  }
  if (counters_[0] < 0 || counters_[1] < 0) {
    Fail(OPT_ERR_FORMAT, "'", kCountersName, "' holds a negative number");
  }
}

void Load::TakeOptions(const Header& header) {
  if (!plan_.whole()) return;
  restored_.steps = counters_[0];
  restored_.pending_samples = counters_[1];
  if ((args_.flags & OPT_LOAD_KEEP_OPTIONS) != 0) return;
  try {
    ReadOptionTable(header, *optimizer_, options_, &restored_);
  } catch (const Error& error) {
    Fail(error.status == OPT_ERR_STATE ? OPT_ERR_MISMATCH : OPT_ERR_FORMAT,
         "in the checkpoint's '", kOptionsName, "': ", error.message.view());
  }
}

void Load::Commit() noexcept {
  for (size_t i = 0; i < fresh_.size(); ++i) {
    Tensor* tensor = optimizer_->tensors().Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    // Sums that wait for a step go with the counter of their samples.
    if (plan_.whole()) tensor->state.accumulated = false;
    if (!plan_.found()[i].state) continue;
    TensorState& fresh = fresh_[i].state;
    if (!fresh.accumulated) {
      fresh.accumulated = tensor->state.accumulated;
      fresh.accumulator = std::move(tensor->state.accumulator);
    }
    std::swap(tensor->state, fresh);
  }
  optimizer_->Restore(restored_);
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    if (fresh_[i].param.size() == 0) continue;
    std::memcpy(ParamOf(*optimizer_->tensors().Get(index), args_.params, index),
                fresh_[i].param.data(), fresh_[i].param.size());
  }
}

}  // namespace opt
