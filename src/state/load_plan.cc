// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/load_plan.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/state/average_table.h"
#include "src/state/container/header.h"
#include "src/state/contents.h"
#include "src/state/scaler_table.h"
#include "src/state/schedule_tables.h"

namespace libopt {
namespace {

// The slot of a name, or -1.
int FindSlot(const RuleDescriptor& rule, std::string_view name) {
  for (int i = 0; i < rule.slot_count; ++i) {
    if (name == rule.slots[i].name) return i;
  }
  return -1;
}

void AppendShape(const std::pmr::vector<int64_t>& shape, Text* text) {
  text->Append("[");
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text->Append(", ");
    text->Append(shape[i]);
  }
  text->Append("]");
}

}  // namespace

LoadPlan::LoadPlan(const Optimizer& optimizer, const opt_load_args& args)
    : optimizer_(optimizer),
      rule_(*optimizer.named().rule->descriptor),
      args_(args),
      places_(optimizer.memory()),
      found_(optimizer.memory()),
      mismatches_(args) {
  const TensorList& tensors = optimizer.tensors();
  found_.resize(static_cast<size_t>(tensors.index_count()));
  for (int64_t i = 0; i < tensors.index_count(); ++i) {
    found_[static_cast<size_t>(i)].selected =
        whole() && tensors.Get(i) != nullptr;
  }
  for (int64_t i = 0; !whole() && i < args.name_count; ++i) {
    if (args.names[i] == nullptr) {
      Fail(OPT_ERR_ARGUMENT, "opt_load_args.names[", i, "] is NULL");
    }
    found_[static_cast<size_t>(tensors.Find(args.names[i]))].selected = true;
  }
}

void LoadPlan::Match(const Header& header) {
  average_kind_in_file_ = AverageKindOf(header);
  average_kind_ =
      takes_options() ? average_kind_in_file_ : optimizer_.averaging().kind;
  places_.reserve(header.entries.size());
  for (const HeaderEntry& entry : header.entries) {
    places_.push_back(PlaceOf(entry));
  }
  for (size_t i = 0; i < found_.size(); ++i) {
    if (found_[i].selected) ReportMissing(static_cast<int64_t>(i));
  }
}

LoadPlan::Place LoadPlan::PlaceOf(const HeaderEntry& entry) {
  const TensorList& tensors = optimizer_.tensors();
  const std::string_view name = entry.name;
  if (name == kOptionsName) {
    return {takes_options() ? Place::kOptions : Place::kPassedOver, -1, -1};
  }
  if (name == kSchedulesName || name == kScheduleValuesName ||
      name == kMilestonesName) {
    return {takes_options() ? Place::kSchedules : Place::kPassedOver, -1, -1};
  }
  if (name == kCountersName) return {Place::kCounters, -1, -1};
  if (whole() && name == kScalerName) return {Place::kScaler, -1, -1};
  if (whole() && name == kScalerCountersName) {
    return {Place::kScalerCounters, -1, -1};
  }
  if (whole() && name == kSkippedName) return {Place::kSkipped, -1, -1};
  if (name == kAverageName) return {Place::kAverageIntegers, -1, -1};
  if (name == kAverageDecayName) return {Place::kAverageDecay, -1, -1};
  if (name.substr(0, 2) == "__") return {};
  const int64_t whole_name = tensors.TryFind(name);
  if (whole_name >= 0) return PlaceOfTensor(entry, whole_name, "");
  const size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) {
    const int64_t index = tensors.TryFind(name.substr(0, slash));
    if (index >= 0) return PlaceOfTensor(entry, index, name.substr(slash + 1));
  }
  if (whole()) {
    mismatches_.Report(OPT_LOAD_UNEXPECTED, entry.name.c_str(),
                       Text("no such tensor is attached"));
  }
  return {};
}

// An entry with a suffix to the name of tensor `index`; the parameter itself
// has none.
LoadPlan::Place LoadPlan::PlaceOfTensor(const HeaderEntry& entry, int64_t index,
                                        std::string_view suffix) {
  Found& found = found_[static_cast<size_t>(index)];
  if (!found.selected) return {};
  const Tensor& tensor = *optimizer_.tensors().Get(index);
  const char* dtype = FormatDtype(tensor.param_dtype);
  if (suffix.empty()) {
    if ((args_.flags & OPT_LOAD_PARAMS) == 0) return {};
    found.param = Fits(entry, dtype, tensor.shape);
    return {Place::kParam, index, -1};
  }
  found.state = true;
  const std::pmr::vector<int64_t> one(optimizer_.memory());
  if (suffix == kStepSuffix || suffix == kGroupSuffix) {
    Fits(entry, "I64", one);
    const bool is_step = suffix == kStepSuffix;
    (is_step ? found.step : found.group) = true;
    return {is_step ? Place::kStep : Place::kGroup, index, -1};
  }
  if (suffix == kAccumulatorSuffix) {
    if (!whole()) return {};
    found.accumulator = Fits(entry, dtype, tensor.shape);
    return {Place::kAccumulator, index, -1};
  }
  if (suffix == kAverageSuffix || suffix == kAverageUpdatesSuffix) {
    return PlaceOfAverage(entry, index, suffix == kAverageSuffix);
  }
  const int attribute = TryFindAttribute(suffix);
  if (attribute >= 0) {
    Fits(entry, "F64", one);
    return {takes_options() ? Place::kAttribute : Place::kPassedOver, index,
            attribute};
  }
  return PlaceOfSlot(entry, index, FindSlot(rule_, suffix));
}

// The average of a tensor, or the number of its updates.
LoadPlan::Place LoadPlan::PlaceOfAverage(const HeaderEntry& entry,
                                         int64_t index, bool is_array) {
  if (average_kind_in_file_ == 0) {
    mismatches_.Report(OPT_LOAD_UNEXPECTED, entry.name.c_str(),
                       Text("the checkpoint does not say of which kind it is"));
    return {};
  }
  Found& found = found_[static_cast<size_t>(index)];
  const Tensor& tensor = *optimizer_.tensors().Get(index);
  (is_array ? found.average : found.average_updates) = true;
  if (is_array) {
    Fits(entry, FormatDtype(tensor.param_dtype), tensor.shape);
  } else {
    Fits(entry, "I64", std::pmr::vector<int64_t>(optimizer_.memory()));
  }
  if (average_kind_ != average_kind_in_file_) return {};
  return {is_array ? Place::kAverage : Place::kAverageUpdates, index, -1};
}

LoadPlan::Place LoadPlan::PlaceOfSlot(const HeaderEntry& entry, int64_t index,
                                      int slot) {
  if (slot < 0) {
    mismatches_.Report(OPT_LOAD_UNEXPECTED, entry.name.c_str(),
                       Text("rule '", rule_.name, "' has no such state"));
    return {};
  }
  const Tensor& tensor = *optimizer_.tensors().Get(index);
  if ((optimizer_.LayoutOfTensor(tensor) >> slot & 1) == 0) {
    const int option = rule_.slots[slot].when_option;
    mismatches_.Report(OPT_LOAD_MISMATCHED, entry.name.c_str(),
                       Text("the optimizer has no such state: set option '",
                            rule_.options[option].name, "' before opt_attach"));
    return {};
  }
  Fits(entry, FormatDtype(tensor.param_dtype), tensor.shape);
  found_[static_cast<size_t>(index)].slots |= 1U << slot;
  return {Place::kSlot, index, slot};
}

bool LoadPlan::Fits(const HeaderEntry& entry, std::string_view dtype,
                    const std::pmr::vector<int64_t>& shape) {
  if (entry.dtype == dtype && entry.shape == shape) return true;
  Text detail("it is ", std::string_view(entry.dtype), " ");
  AppendShape(entry.shape, &detail);
  detail.Append(" in the checkpoint, and ");
  detail.Append(dtype);
  detail.Append(" ");
  AppendShape(shape, &detail);
  detail.Append(" in the optimizer");
  mismatches_.Report(OPT_LOAD_MISMATCHED, entry.name.c_str(), detail);
  return false;
}

void LoadPlan::ReportMissing(int64_t index) {
  const Found& found = found_[static_cast<size_t>(index)];
  const Tensor& tensor = *optimizer_.tensors().Get(index);
  // A tensor of which only a part is there is never right.
  const int32_t kind = found.state ? OPT_LOAD_MISMATCHED : OPT_LOAD_MISSING;
  const auto missing = [&](std::string_view suffix) {
    std::pmr::string name(tensor.name, optimizer_.memory());
    if (!suffix.empty()) name.append("/").append(suffix);
    mismatches_.Report(kind, name.c_str(),
                       Text("it is not in the checkpoint",
                            suffix.empty() ? ": save it with OPT_SAVE_PARAMS, "
                                             "or load without OPT_LOAD_PARAMS"
                                           : ""));
  };
  const Layout lacking = optimizer_.LayoutOfTensor(tensor) & ~found.slots;
  for (int i = 0; i < rule_.slot_count; ++i) {
    if ((lacking >> i & 1) != 0) missing(rule_.slots[i].name);
  }
  if (!found.step) missing(kStepSuffix);
  if (!found.group) missing(kGroupSuffix);
  if (found.average != found.average_updates) {
    missing(found.average ? kAverageUpdatesSuffix : kAverageSuffix);
  }
  if ((args_.flags & OPT_LOAD_PARAMS) != 0 && !found.param) missing("");
}

}  // namespace libopt
