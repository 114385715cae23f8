// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The state of each tensor, and its parameters if the caller wants: entries
// "<param>/<suffix>" and "<param>". A load matches them by name, shape and
// dtype, and reports everything that does not fit.

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/base/text.h"
#include "src/base/work_count.h"
#include "src/optimizer/attributes.h"
#include "src/optimizer/buffers.h"
#include "src/optimizer/tensor.h"
#include "src/rules/registry.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kStepSuffix = "step";
constexpr std::string_view kGroupSuffix = "group";
constexpr std::string_view kAverageUpdatesSuffix = "average_updates";
// The parameters, while the evaluation weights are in their buffers. They are
// then what the memory of an average holds.
constexpr std::string_view kTrainWeightsSuffix = "train_weights";

// The entries of a checkpoint that one tensor has.
class TensorWriter {
 public:
  TensorWriter(const Optimizer& optimizer, int64_t index, Contents* contents)
      : optimizer_(optimizer),
        tensor_(*optimizer.tensors().Get(index)),
        index_(index),
        contents_(contents),
        shape_(optimizer.memory()) {}

  // The parameters if OPT_SAVE_PARAMS is in the flags, and the state.
  void Write(opt_save_flags flags, const opt_lent& lent) {
    if ((flags & OPT_SAVE_PARAMS) != 0) WriteParam(lent);
    const RuleDescriptor& rule = *optimizer_.named().rule->descriptor;
    const TensorState& state = tensor_.state;
    const Layout layout = optimizer_.LayoutOfTensor(tensor_);
    for (int i = 0; i < rule.slot_count; ++i) {
      if ((layout >> i & 1) == 0) continue;
      AddSlot(rule, i);
    }
    if (state.accumulated) {
      AddArray(kAccumulatorSlot, state.accumulator.data());
    }
    if (state.average.updates > 0) {
      AddArray(
          optimizer_.progress().evaluates ? kTrainWeightsSuffix : kAverageSlot,
          state.average.data());
      contents_->AddNumber(NameOf(kAverageUpdatesSuffix),
                           state.average.updates);
    }
    if (state.train.size() > 0) {
      AddArray(kTrainWeightsSuffix, state.train.data());
    }
    contents_->AddNumber(NameOf(kStepSuffix), tensor_.steps());
    contents_->AddNumber(NameOf(kGroupSuffix), int64_t{tensor_.group});
    for (int i = 0; i < kAttributeCount; ++i) {
      const double value = tensor_.attributes.values[i];
      if (value == kAttributes[i].default_value) continue;
      contents_->AddNumber(NameOf(kAttributes[i].name), value);
    }
  }

 private:
  void WriteParam(const opt_lent& lent) {
    const void* param = ParamOf(tensor_, lent, index_);
    if (param == nullptr && tensor_.count > 0) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor_.name),
           "' has no parameters to save: lend them in opt_save_args.lent, "
           "or leave out OPT_SAVE_PARAMS");
    }
    contents_->AddArray(tensor_.name, tensor_.param_dtype, tensor_.shape,
                        tensor_.count, param);
  }

  void AddSlot(const RuleDescriptor& rule, int slot) {
    const opt_view view = tensor_.ViewOf(rule, slot);
    shape_.assign(view.shape, view.shape + view.rank);
    contents_->AddArray(NameOf(rule.slots[slot].name), view.dtype, shape_,
                        view.count, view.data);
  }

  void AddArray(std::string_view suffix, const void* data) {
    contents_->AddArray(NameOf(suffix), tensor_.param_dtype, tensor_.shape,
                        tensor_.count, data);
  }

  // Throws OPT_ERR_NAME if another tensor has that very name: a load could not
  // tell the entry from its parameters.
  pmr::String NameOf(std::string_view suffix) const {
    pmr::String name(tensor_.name, optimizer_.memory());
    name.append("/").append(suffix);
    if (optimizer_.tensors().TryFind(name) >= 0) FailSameName(name);
    return name;
  }

  const Optimizer& optimizer_;
  const Tensor& tensor_;
  const int64_t index_;
  Contents* const contents_;
  pmr::Vector<int64_t> shape_;  // of a slot
};

// The ways in which a checkpoint and an optimizer differ. The caller's report
// function receives every name; the error counts them and shows the first.
class Mismatches {
 public:
  // `evaluates` is that of the checkpoint. A tensor that it lacks would then
  // be the only one with its parameters in place.
  Mismatches(const opt_load_args& args, bool evaluates)
      : args_(args), evaluates_(evaluates) {}

  // `kind` is OPT_LOAD_*. `name` must end in a NUL.
  void Report(int32_t kind, const char* name, const Text& detail) {
    ++counts_[kind];
    if (!Allowed(kind) && first_.view().empty()) {
      first_ = Text("'", name, "': ", detail);
    }
    if (args_.report != nullptr) {
      args_.report(args_.user, kind, name, detail.c_str());
    }
  }

  // Throws OPT_ERR_MISMATCH if anything was reported that is not allowed.
  void Check() const {
    if (first_.view().empty()) return;
    Fail(OPT_ERR_MISMATCH,
         "the checkpoint does not fit: ", counts_[OPT_REPORT_MISSING],
         " missing, ", counts_[OPT_REPORT_UNEXPECTED], " unexpected, ",
         counts_[OPT_REPORT_MISMATCHED], " mismatched; the first is ", first_,
         " (opt_load_args.report lists them all)");
  }

 private:
  bool Allowed(int32_t kind) const {
    switch (kind) {
      case OPT_REPORT_MISSING:
        return !evaluates_ && (args_.flags & OPT_LOAD_ALLOW_MISSING) != 0;
      case OPT_REPORT_UNEXPECTED:
        return (args_.flags & OPT_LOAD_ALLOW_UNEXPECTED) != 0;
      default:
        return false;
    }
  }

  const opt_load_args& args_;
  const bool evaluates_;
  int64_t counts_[4] = {};
  Text first_;  // of those that are not allowed
};

// An entry that is loaded.
struct Match {
  enum Kind {
    kParam,
    kSlot,
    kAccumulator,
    kStep,
    kGroup,
    kAverage,
    kAverageUpdates,
    kTrainWeights,
    kAttribute,
  };
  const HeaderEntry* entry;
  int64_t tensor;
  Kind kind;
  int which;  // slot or attribute
};

// The entries that a checkpoint has for an attached tensor.
struct Found {
  bool state = false;  // any but the parameters
  bool step = false;
  bool group = false;
  bool accumulator = false;
  bool average = false;
  bool average_updates = false;
  bool train_weights = false;
  bool param = false;
  Layout slots = 0;
};

// The slot of a name, or -1.
int FindSlot(const RuleDescriptor& rule, std::string_view name) {
  for (int i = 0; i < rule.slot_count; ++i) {
    if (name == rule.slots[i].name) return i;
  }
  return -1;
}

void AppendShape(const pmr::Vector<int64_t>& shape, Text* text) {
  text->Append("[");
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text->Append(", ");
    text->Append(shape[i]);
  }
  text->Append("]");
}

// The kind of averages that the optimizer keeps after a load; 0: none. A load
// ignores averages of another kind.
int32_t AverageKindAfter(const LoadPlan& plan) {
  return plan.request().options() ? AverageKindOf(plan.header())
                                  : plan.request().optimizer().averaging().kind;
}

// Finds out which entries of a checkpoint are state of which tensors.
class Matcher {
 public:
  explicit Matcher(const LoadPlan& plan)
      : plan_(plan),
        request_(plan.request()),
        optimizer_(plan.request().optimizer()),
        rule_(*optimizer_.named().rule->descriptor),
        average_kind_(AverageKindAfter(plan)),
        average_kind_in_file_(AverageKindOf(plan.header())),
        evaluates_(EvaluatesIn(plan.header())),
        scalar_(request_.memory()),
        slot_shape_(request_.memory()),
        mismatches_(plan.request().args(), evaluates_),
        matches_(request_.memory()),
        found_(static_cast<size_t>(optimizer_.tensors().index_count()),
               request_.memory()) {}

  // Goes through all entries and all tensors. Throws OPT_ERR_MISMATCH, at the
  // end, if any do not fit.
  void Run() {
    for (const HeaderEntry& entry : plan_.header().entries) {
      OPT_COUNT(1);
      MatchEntry(entry);
    }
    for (size_t i = 0; i < found_.size(); ++i) {
      const auto index = static_cast<int64_t>(i);
      if (request_.IsSelected(index)) ReportMissing(index);
    }
    mismatches_.Check();
  }

  pmr::Vector<Match>& matches() { return matches_; }
  pmr::Vector<Found>& found() { return found_; }

 private:
  void MatchEntry(const HeaderEntry& entry);
  // These handle an entry whose name is that of tensor `index` and a suffix.
  void MatchSuffix(const HeaderEntry& entry, int64_t index,
                   std::string_view suffix);
  void MatchAverage(const HeaderEntry& entry, int64_t index, bool is_array);
  void MatchTrainWeights(const HeaderEntry& entry, int64_t index);
  void MatchSlot(const HeaderEntry& entry, int64_t index, int slot);

  // Whether an entry has this dtype and shape, or those of a tensor's
  // parameters, or is one number. If not, reports it.
  bool Fits(const HeaderEntry& entry, opt_dtype dtype,
            const pmr::Vector<int64_t>& shape);
  bool FitsTensor(const HeaderEntry& entry, int64_t index) {
    const Tensor& tensor = *optimizer_.tensors().Get(index);
    return Fits(entry, tensor.param_dtype, tensor.shape);
  }
  bool FitsSlot(const HeaderEntry& entry, const Tensor& tensor, int slot);
  bool FitsNumber(const HeaderEntry& entry, opt_dtype dtype) {
    return Fits(entry, dtype, scalar_);
  }

  void Take(const HeaderEntry& entry, int64_t index, Match::Kind kind,
            int which = -1) {
    matches_.push_back({&entry, index, kind, which});
  }
  void Report(int32_t kind, const HeaderEntry& entry, const Text& detail) {
    mismatches_.Report(kind, entry.name.c_str(), detail);
  }
  void ReportMissing(int64_t index);

  const LoadPlan& plan_;
  const LoadRequest& request_;
  const Optimizer& optimizer_;
  const RuleDescriptor& rule_;
  const int32_t average_kind_;
  const int32_t average_kind_in_file_;
  const bool evaluates_;               // in the file
  const pmr::Vector<int64_t> scalar_;  // the shape of one number
  pmr::Vector<int64_t> slot_shape_;
  Mismatches mismatches_;
  pmr::Vector<Match> matches_;
  pmr::Vector<Found> found_;  // by tensor index
};

void Matcher::MatchEntry(const HeaderEntry& entry) {
  const TensorList& tensors = optimizer_.tensors();
  const std::string_view name = entry.name;
  if (name.substr(0, kReservedPrefix.size()) == kReservedPrefix) return;
  int64_t index = tensors.TryFind(name);
  if (index >= 0) {
    if (!request_.IsSelected(index) || !request_.params()) return;
    found_[static_cast<size_t>(index)].param = FitsTensor(entry, index);
    return Take(entry, index, Match::kParam);
  }
  const size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) {
    index = tensors.TryFind(name.substr(0, slash));
  }
  if (index >= 0) {
    if (!request_.IsSelected(index)) return;
    return MatchSuffix(entry, index, name.substr(slash + 1));
  }
  if (request_.whole()) {
    Report(OPT_REPORT_UNEXPECTED, entry, Text("no such tensor is attached"));
  }
}

void Matcher::MatchSuffix(const HeaderEntry& entry, int64_t index,
                          std::string_view suffix) {
  Found& found = found_[static_cast<size_t>(index)];
  found.state = true;
  if (suffix == kStepSuffix) {
    FitsNumber(entry, OPT_I64);
    found.step = true;
    return Take(entry, index, Match::kStep);
  }
  if (suffix == kGroupSuffix) {
    FitsNumber(entry, OPT_I64);
    found.group = true;
    return Take(entry, index, Match::kGroup);
  }
  if (suffix == kAccumulatorSlot) {
    if (!request_.whole()) return;
    found.accumulator = FitsTensor(entry, index);
    return Take(entry, index, Match::kAccumulator);
  }
  if (suffix == kAverageSlot || suffix == kAverageUpdatesSuffix) {
    return MatchAverage(entry, index, suffix == kAverageSlot);
  }
  if (suffix == kTrainWeightsSuffix) return MatchTrainWeights(entry, index);
  const int attribute = TryFindAttribute(suffix);
  if (attribute >= 0) {
    FitsNumber(entry, OPT_F64);
    if (!request_.options()) return;
    return Take(entry, index, Match::kAttribute, attribute);
  }
  MatchSlot(entry, index, FindSlot(rule_, suffix));
}

// The average of a tensor, or the number of its updates.
void Matcher::MatchAverage(const HeaderEntry& entry, int64_t index,
                           bool is_array) {
  if (average_kind_in_file_ == 0) {
    return Report(OPT_REPORT_UNEXPECTED, entry,
                  Text("the checkpoint does not say of which kind it is"));
  }
  if (is_array && evaluates_) {
    return Report(OPT_REPORT_UNEXPECTED, entry,
                  Text("the average is in the parameters' entry"));
  }
  Found& found = found_[static_cast<size_t>(index)];
  if (is_array) {
    found.average = true;
    FitsTensor(entry, index);
  } else {
    found.average_updates = true;
    FitsNumber(entry, OPT_I64);
  }
  if (average_kind_ != average_kind_in_file_) return;
  Take(entry, index, is_array ? Match::kAverage : Match::kAverageUpdates);
}

// The parameters of a tensor that are not in their place. If there is an
// average, which is in theirs, they take its.
void Matcher::MatchTrainWeights(const HeaderEntry& entry, int64_t index) {
  if (!evaluates_) {
    return Report(OPT_REPORT_UNEXPECTED, entry,
                  Text("the checkpoint does not say that it was saved with "
                       "the evaluation weights in the parameters' buffers"));
  }
  Found& found = found_[static_cast<size_t>(index)];
  const bool averages = average_kind_in_file_ != 0;
  (averages ? found.average : found.train_weights) = true;
  FitsTensor(entry, index);
  Take(entry, index, averages ? Match::kAverage : Match::kTrainWeights);
}

void Matcher::MatchSlot(const HeaderEntry& entry, int64_t index, int slot) {
  if (slot < 0) {
    return Report(OPT_REPORT_UNEXPECTED, entry,
                  Text("rule '", rule_.name, "' has no such state"));
  }
  const Tensor& tensor = *optimizer_.tensors().Get(index);
  if ((optimizer_.LayoutOfTensor(tensor) >> slot & 1) == 0) {
    const bool by_shape = rule_.slots[slot].tensors != SlotTensors::kAll;
    const int option =
        by_shape ? rule_.factor_option : rule_.slots[slot].when_option;
    return Report(
        OPT_REPORT_MISMATCHED, entry,
        option == kAlways
            ? Text("a tensor of this shape has no such state")
            : Text("the optimizer has no such state: set option '",
                   rule_.options[option].name, "' before opt_attach"));
  }
  FitsSlot(entry, tensor, slot);
  found_[static_cast<size_t>(index)].slots |= 1U << slot;
  Take(entry, index, Match::kSlot, slot);
}

bool Matcher::FitsSlot(const HeaderEntry& entry, const Tensor& tensor,
                       int slot) {
  const opt_view view = tensor.ViewOf(rule_, slot);
  slot_shape_.assign(view.shape, view.shape + view.rank);
  return Fits(entry, view.dtype, slot_shape_);
}

bool Matcher::Fits(const HeaderEntry& entry, opt_dtype dtype,
                   const pmr::Vector<int64_t>& shape) {
  if (entry.dtype == FormatDtype(dtype) && entry.shape == shape) return true;
  Text detail("it is ", std::string_view(entry.dtype), " ");
  AppendShape(entry.shape, &detail);
  detail.Append(" in the checkpoint, but ");
  detail.Append(FormatDtype(dtype));
  detail.Append(" ");
  AppendShape(shape, &detail);
  detail.Append(" in the optimizer");
  Report(OPT_REPORT_MISMATCHED, entry, detail);
  return false;
}

void Matcher::ReportMissing(int64_t index) {
  const Found& found = found_[static_cast<size_t>(index)];
  const Tensor& tensor = *optimizer_.tensors().Get(index);
  // If the checkpoint has some entries of a tensor, a missing one is never
  // allowed.
  const int32_t kind = found.state ? OPT_REPORT_MISMATCHED : OPT_REPORT_MISSING;
  const auto missing = [&](std::string_view suffix) {
    pmr::String name(tensor.name, request_.memory());
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
    missing(found.average ? kAverageUpdatesSuffix
            : evaluates_  ? kTrainWeightsSuffix
                          : kAverageSlot);
  }
  if (request_.params() && !found.param) missing("");
}

class TensorsSection : public Section {
 public:
  explicit TensorsSection(pmr::MemoryResource* memory)
      : matches_(memory), found_(memory), fresh_(memory) {}

  void Write(const Optimizer& optimizer, const opt_save_args& args,
             Contents* contents) const override {
    const opt_lent lent =
        ReadLent(args.lent, optimizer.tensors().index_count());
    for (int64_t i = 0; i < optimizer.tensors().index_count(); ++i) {
      OPT_COUNT(1);
      if (optimizer.tensors().Get(i) == nullptr) continue;
      TensorWriter(optimizer, i, contents).Write(args.flags, lent);
    }
  }

  void Claim(LoadPlan* plan) override {
    CheckParams(plan->request());
    Matcher matcher(*plan);
    matcher.Run();
    matches_.swap(matcher.matches());
    found_.swap(matcher.found());
    Allocate(*plan);
    for (const Match& match : matches_) {
      plan->Read(*match.entry, MemoryFor(match));
      if (match.kind == Match::kAccumulator &&
          plan->first_accumulator == nullptr) {
        plan->first_accumulator = match.entry;
      }
    }
  }

  void Verify(const LoadPlan& plan) override {
    for (const Match& match : matches_) CheckNumber(plan, match);
  }

  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override;

 private:
  // Memory for the state of one tensor.
  struct Fresh {
    TensorState state;
    Block param;
    int64_t group = -1;
    TensorAttributes attributes;
  };

  static void CheckParams(const LoadRequest& request);
  void Allocate(const LoadPlan& plan);
  void* MemoryFor(const Match& match);
  void CheckNumber(const LoadPlan& plan, const Match& match) const;
  void ApplyState(const LoadPlan& plan, size_t index, Tensor* tensor) noexcept;

  pmr::Vector<Match> matches_;
  pmr::Vector<Found> found_;  // by tensor index
  pmr::Vector<Fresh> fresh_;  // likewise
  bool makes_accumulators_ = false;
  int32_t average_before_ = 0;  // the kind that the optimizer keeps,
  int32_t average_after_ = 0;   // and the one that it keeps afterwards
};

// Parameters that are to be loaded must have a place to go to.
void TensorsSection::CheckParams(const LoadRequest& request) {
  if (!request.params()) return;
  const TensorList& tensors = request.optimizer().tensors();
  for (int64_t i = 0; i < tensors.index_count(); ++i) {
    if (!request.IsSelected(i)) continue;
    const Tensor& tensor = *tensors.Get(i);
    if (tensor.count > 0 && ParamOf(tensor, request.lent(), i) == nullptr) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor.name),
           "' has no place for its parameters: lend one in "
           "opt_load_args.lent, or leave out OPT_LOAD_PARAMS");
    }
  }
}

void TensorsSection::Allocate(const LoadPlan& plan) {
  const Optimizer& optimizer = plan.request().optimizer();
  pmr::MemoryResource* memory = plan.request().memory();
  average_before_ = optimizer.averaging().kind;
  average_after_ = AverageKindAfter(plan);
  // Either all tensors have an accumulator or none does.
  makes_accumulators_ =
      !optimizer.has_accumulators() &&
      std::any_of(found_.begin(), found_.end(),
                  [](const Found& found) { return found.accumulator; });
  fresh_.resize(found_.size());
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const Tensor* tensor = optimizer.tensors().Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    const Found& found = found_[i];
    const int64_t bytes = tensor->param_bytes();
    if (found.state) {
      fresh_[i].state =
          TensorState(tensor->SizesOf(*optimizer.named().rule->descriptor,
                                      optimizer.LayoutOfTensor(*tensor)),
                      optimizer.state_memory());
      fresh_[i].state.accumulated = found.accumulator;
    }
    if (found.train_weights) {
      fresh_[i].state.train = Block(memory, static_cast<size_t>(bytes));
    }
    if (found.param) {
      fresh_[i].param = Block(memory, static_cast<size_t>(bytes));
    }
    if (makes_accumulators_ || found.accumulator) {
      fresh_[i].state.accumulator = Block(memory, static_cast<size_t>(bytes));
    }
    if (average_after_ != 0 && (found.state || average_before_ == 0)) {
      fresh_[i].state.average = TensorAverage(bytes, memory);
    }
  }
}

void* TensorsSection::MemoryFor(const Match& match) {
  Fresh& fresh = fresh_[static_cast<size_t>(match.tensor)];
  switch (match.kind) {
    case Match::kParam:
      return fresh.param.data();
    case Match::kSlot:
      return fresh.state.slots[match.which];
    case Match::kAccumulator:
      return fresh.state.accumulator.data();
    case Match::kStep:
      return &fresh.state.step;
    case Match::kGroup:
      return &fresh.group;
    case Match::kAverage:
      return fresh.state.average.data();
    case Match::kAverageUpdates:
      return &fresh.state.average.updates;
    case Match::kTrainWeights:
      return fresh.state.train.data();
    case Match::kAttribute:
      return &fresh.attributes.values[match.which];
  }
  return nullptr;
}

// Throws OPT_ERR_FORMAT for a number that is out of its range, and
// OPT_ERR_MISMATCH for another group than the tensor's.
void TensorsSection::CheckNumber(const LoadPlan& plan,
                                 const Match& match) const {
  const Fresh& fresh = fresh_[static_cast<size_t>(match.tensor)];
  const std::string_view name = match.entry->name;
  const int64_t byte = plan.header().ByteOf(*match.entry);
  if (match.kind == Match::kStep) CheckCounter(fresh.state.step, byte, name);
  if (match.kind == Match::kAverageUpdates) {
    CheckCounter(fresh.state.average.updates, byte, name);
  }
  if (match.kind == Match::kAttribute) {
    try {
      CheckValue(kAttributes[match.which], fresh.attributes.values[match.which],
                 "attribute");
    } catch (const Error& error) {
      FailAt(byte, "'", name, "': ", error.message);
    }
  }
  if (match.kind == Match::kGroup && plan.request().options()) {
    const int32_t group =
        plan.request().optimizer().tensors().Get(match.tensor)->group;
    if (fresh.group != group) {
      Fail(OPT_ERR_MISMATCH, "'", name, "' is ", fresh.group,
           ", but the tensor is in group ", group,
           " of the optimizer: move it to group ", fresh.group,
           " with opt_tensor_set_group, or load with OPT_LOAD_KEEP_OPTIONS");
    }
  }
}

void TensorsSection::Apply(const LoadPlan& plan,
                           Optimizer* optimizer) noexcept {
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    Tensor* tensor = optimizer->tensors().Get(index);
    if (tensor == nullptr) continue;
    ApplyState(plan, i, tensor);
    const Block& param = fresh_[i].param;
    if (param.size() == 0) continue;
    std::memcpy(ParamOf(*tensor, plan.request().lent(), index), param.data(),
                param.size());
  }
  if (makes_accumulators_) optimizer->progress().accumulators = true;
}

void TensorsSection::ApplyState(const LoadPlan& plan, size_t index,
                                Tensor* tensor) noexcept {
  TensorState& state = tensor->state;
  TensorState& fresh = fresh_[index].state;
  // Accumulated gradients are replaced together with the number of their
  // samples.
  if (plan.request().whole()) state.accumulated = false;
  if (found_[index].state) {
    if (plan.request().options()) {
      tensor->attributes = fresh_[index].attributes;
    }
    if (!fresh.accumulated) {
      fresh.accumulated = state.accumulated;
      if (fresh.accumulator.size() == 0) {
        fresh.accumulator = std::move(state.accumulator);
      }
    }
    std::swap(state, fresh);
    return;
  }
  // The tensor keeps its own state, but it must have an accumulator and an
  // average if the others have.
  if (fresh.accumulator.size() > 0) {
    state.accumulator = std::move(fresh.accumulator);
  }
  if (average_after_ != average_before_) {
    if (average_after_ == 0 || average_before_ == 0) {
      state.average = std::move(fresh.average);
    }
    state.average.updates = 0;
  }
}

}  // namespace

std::shared_ptr<Section> MakeTensorsSection(pmr::MemoryResource* memory) {
  return NewSection<TensorsSection>(memory);
}

}  // namespace libopt
