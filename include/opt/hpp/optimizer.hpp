// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer. Include <opt/opt.hpp>; opt.h says what each call does and
// which statuses it fails with.
#ifndef OPT_HPP_OPTIMIZER_HPP_
#define OPT_HPP_OPTIMIZER_HPP_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "opt/hpp/checkpoint.hpp"
#include "opt/hpp/context.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/lent.hpp"
#include "opt/hpp/schedule.hpp"
#include "opt/hpp/span.hpp"
#include "opt/hpp/step.hpp"
#include "opt/hpp/tensor.hpp"
#include "opt/hpp/typed_options.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// An optimizer, described.
using OptimizerInfo = opt_info;

// An optimizer with its state for the tensors that are attached.
class Optimizer {
 public:
  // By a rule's or an alias' name: OPT_RULE_ADAMW, "momentum".
  static Returned<Optimizer> Create(const std::string& rule,
                                    const Context& context = {}) {
    Optimizer made;
    const opt_status status = made.Make(rule.c_str(), context);
    return internal::Finish(status, std::move(made));
  }
  // With typed options: Create(opt::AdamW().lr(3e-4)).
  template <typename TypedRule, typename = decltype(TypedRule::kRule)>
  static Returned<Optimizer> Create(const TypedRule& rule,
                                    const Context& context = {}) {
    Optimizer made;
    opt_status status = made.Make(TypedRule::kRule, context);
    if (status == OPT_OK) {
      status = made.SetAll(OPT_ALL_GROUPS, rule.options().preset(),
                           rule.options().values());
    }
    return internal::Finish(status, std::move(made));
  }

#ifndef OPT_NO_EXCEPTIONS
  explicit Optimizer(const std::string& rule, const Context& context = {})
      : Optimizer(Create(rule, context)) {}
  template <typename TypedRule, typename = decltype(TypedRule::kRule)>
  explicit Optimizer(const TypedRule& rule, const Context& context = {})
      : Optimizer(Create(rule, context)) {}
#endif

  // Destroys it, when a call that another thread is making with it has ended.
  // After Close every other call fails with OPT_ERR_HANDLE. The destructor does
  // the same; it cannot report that it is called from a callback of a call.
  Returned<void> Close() { return Finish(held_ ? held_->Close() : OPT_OK); }

  // A copy that continues exactly as this one would, in the same context or in
  // another: rule, groups, options, schedules, loss scaler, average, tensors
  // with their state, and what was accumulated. Its tensors have no buffers:
  // give it some with Bind, or Lend it some for each call.
  Returned<Optimizer> Clone() const {
    return Clone(held_ ? held_->context : Context());
  }
  Returned<Optimizer> Clone(const Context& context) const {
    Optimizer made;
    const opt_status status = made.MakeCopy(handle(), context);
    return Finish(status, std::move(made));
  }

  Returned<OptimizerInfo> Info() const {
    OptimizerInfo info = OPT_INFO_INIT;
    const opt_status status = opt_get_info(handle(), &info);
    return Finish(status, info);
  }

  // For calls of opt.h; it stays this object's.
  opt_optimizer handle() const {
    return held_ ? held_->handle.load(std::memory_order_relaxed) : nullptr;
  }

  // Groups and options.

  // Adds a group. It begins with the optimizer-wide option values, or with
  // those of a preset, and then takes its own values: AddGroup(),
  // AddGroup({{OPT_WEIGHT_DECAY, 0}}), AddGroup(opt::AdamW().weight_decay(0)).
  Returned<int32_t> AddGroup(Span<const OptionValue> values = {}) {
    return AddGroup(nullptr, values);
  }
  Returned<int32_t> AddGroup(const char* preset,
                             Span<const OptionValue> values = {}) {
    int32_t group = 0;
    const opt_status status = Add(preset, values, &group);
    return Finish(status, group);
  }
  template <typename TypedRule, typename = decltype(TypedRule::kRule)>
  Returned<int32_t> AddGroup(const TypedRule& rule) {
    int32_t group = 0;
    internal::Outcome outcome = CheckRule(TypedRule::kBaseRule);
    if (outcome.status == OPT_OK) {
      outcome = Add(rule.options().preset(), rule.options().values(), &group);
    }
    return Finish(outcome, group);
  }
  Returned<void> Set(int32_t group, const char* option, double value) {
    return Finish(opt_set(handle(), group, option, value));
  }
  Returned<void> Set(const char* option, double value) {
    return Set(OPT_ALL_GROUPS, option, value);
  }
  // Several options, of which all are set or, if one is refused, none: those of
  // a preset first, then the values. SetOptions(0, {{OPT_LR, 1e-4}}),
  // SetOptions(0, opt::AdamW().lr(1e-4)).
  Returned<void> SetOptions(int32_t group, Span<const OptionValue> values) {
    return SetOptions(group, nullptr, values);
  }
  Returned<void> SetOptions(int32_t group, const char* preset,
                            Span<const OptionValue> values) {
    return Finish(SetAll(group, preset, values));
  }
  template <typename TypedRule, typename = decltype(TypedRule::kRule)>
  Returned<void> SetOptions(int32_t group, const TypedRule& rule) {
    internal::Outcome outcome = CheckRule(TypedRule::kBaseRule);
    if (outcome.status == OPT_OK) {
      outcome = SetAll(group, rule.options().preset(), rule.options().values());
    }
    return Finish(outcome);
  }
  Returned<double> Get(int32_t group, const char* option) const {
    double value = 0;
    const opt_status status = opt_get(handle(), group, option, &value);
    return Finish(status, value);
  }
  Returned<double> Get(const char* option) const {
    return Get(OPT_ALL_GROUPS, option);
  }
  Returned<void> SetPreset(const char* preset, int32_t group = OPT_ALL_GROUPS) {
    return Finish(opt_set_preset(handle(), group, preset));
  }

  // Tensors.

  // Attaches a tensor and returns its index.
  Returned<int64_t> Attach(const TensorSpec& tensor) {
    int64_t index = 0;
    const internal::Outcome outcome = AttachAll({&tensor, 1}, &index);
    return Finish(outcome, index);
  }
  // Attaches all or none.
  Returned<std::vector<int64_t>> Attach(Span<const TensorSpec> tensors) {
    std::vector<int64_t> indices(tensors.size());
    const internal::Outcome outcome = AttachAll(tensors, indices.data());
    return Finish(outcome, std::move(indices));
  }
  // Bytes of state that Attach would allocate for these tensors.
  Returned<int64_t> StateBytes(const TensorSpec& tensor) const {
    return StateBytes(Span<const TensorSpec>(&tensor, 1));
  }
  Returned<int64_t> StateBytes(Span<const TensorSpec> tensors) const {
    std::vector<opt_tensor> list;
    int64_t bytes = 0;
    internal::Outcome outcome = ListTensors(tensors, &list);
    if (outcome.status == OPT_OK) {
      outcome = opt_state_bytes(handle(), list.data(),
                                static_cast<int64_t>(list.size()), &bytes);
    }
    return Finish(outcome, bytes);
  }
  Returned<void> Detach(int64_t index) {
    std::shared_ptr<const void> owner;  // let go when the call is over
    return Finish(Exclusive([&]() -> internal::Outcome {
      const opt_status status = opt_detach(handle(), index);
      if (status != OPT_OK) return status;
      owner.swap(held_->owners[static_cast<size_t>(index)]);
      held_->layout = NewLayout();
      return status;
    }));
  }
  // Other retained buffers, of the same length and dtypes.
  template <typename Param, typename Grad>
  Returned<void> Bind(int64_t index, Param&& param, Grad&& grad) {
    const auto p = MakeSpan(param);
    const auto g = MakeSpan(grad);
    return Finish(Exclusive([&]() -> internal::Outcome {
      opt_tensor_info tensor = OPT_TENSOR_INFO_INIT;
      internal::Outcome outcome = opt_tensor_at(handle(), index, &tensor);
      if (outcome.status != OPT_OK) return outcome;
      const Lent::Element element(tensor);
      outcome = element.Check(p, &Lent::Element::param_dtype);
      if (outcome.status != OPT_OK) return outcome;
      outcome = element.Check(g, &Lent::Element::grad_dtype);
      if (outcome.status != OPT_OK) return outcome;
      return opt_bind(handle(), index, p.data(), g.data());
    }));
  }
  // Room for the buffers that calls borrow.
  Returned<Lent> Lend() const {
    Lent lent;
    const internal::Outcome outcome =
        Exclusive([&] { return ReadLayout(&lent); });
    return Finish(outcome, std::move(lent));
  }

  // Its pointers are valid until the tensor is detached or this is closed.
  Returned<TensorInfo> TensorAt(int64_t index) const {
    TensorInfo info = OPT_TENSOR_INFO_INIT;
    const opt_status status = opt_tensor_at(handle(), index, &info);
    return Finish(status, info);
  }
  Returned<int64_t> FindTensor(const std::string& name) const {
    int64_t index = 0;
    const opt_status status = opt_tensor_find(handle(), name.c_str(), &index);
    return Finish(status, index);
  }
  // An attribute of one tensor: OPT_TENSOR_LR_FACTOR, OPT_TENSOR_FROZEN.
  Returned<void> SetAttribute(int64_t index, const char* attribute,
                              double value) {
    return Finish(opt_set_attribute(handle(), index, attribute, value));
  }
  Returned<double> GetAttribute(int64_t index, const char* attribute) const {
    double value = 0;
    const opt_status status =
        opt_get_attribute(handle(), index, attribute, &value);
    return Finish(status, value);
  }
  // Moves a tensor to another group; its state and step count stay.
  Returned<void> SetTensorGroup(int64_t index, int32_t group) {
    return Finish(opt_tensor_set_group(handle(), index, group));
  }
  Returned<void> SetTensorStep(int64_t index, int64_t step) {
    return Finish(opt_tensor_set_step(handle(), index, step));
  }
  // A slot of a tensor's state, to read and to write. T is float or double, as
  // the slot is: of the parameter's dtype, or of its own (SlotsOf()); a number
  // is one double. What a group shares is written for all its tensors. Good
  // until the next attach, detach, load or close; steps change it.
  template <typename T>
  Returned<Span<T>> State(int64_t index, const char* slot) const {
    opt_view view = OPT_VIEW_INIT;
    internal::Outcome outcome = opt_state_view(handle(), index, slot, &view);
    if (outcome.status == OPT_OK && view.dtype != DTypeOf<T>()) {
      opt_tensor_info tensor = OPT_TENSOR_INFO_INIT;
      outcome = opt_tensor_at(handle(), index, &tensor);
      if (outcome.status == OPT_OK) {
        outcome = {OPT_ERR_DTYPE,
                   std::string("tensor '") + tensor.name + "': its state '" +
                       slot + "' is " + internal::TypeName(view.dtype) +
                       ", not " + internal::TypeName(DTypeOf<T>())};
      }
    }
    return Finish(outcome, Span<T>(static_cast<T*>(view.data),
                                   static_cast<size_t>(view.count)));
  }

  // Steps.

  // A step with the retained buffers: Step(), Step(StepOptions().ZeroGrads()),
  // Step(GradientWork().MaxNorm(1)).
  Returned<void> Step() { return Finish(opt_step(handle(), nullptr)); }
  Returned<void> Step(const StepOptions& options) {
    return Finish(StepWith(options, nullptr));
  }
  // With lent ones; with the retained gradients if no gradient was ever set.
  Returned<void> Step(const Lent& lent, const StepOptions& options = {}) {
    return Finish(WithLent(lent, [&] {
      opt_lent args = lent.Get();
      if (!lent.lends_grads_) args.grads = nullptr;
      return StepWith(options, &args);
    }));
  }
  // With the gradients that Accumulate has added up, and lent parameters.
  Returned<void> StepAccumulated(const Lent& lent,
                                 const StepOptions& options = {}) {
    return Finish(WithLent(lent, [&] {
      opt_lent args = lent.Get();
      args.grads = nullptr;
      return StepWith(options, &args);
    }));
  }
  // A step in slices, for a host that must return every few milliseconds: the
  // first call decides everything that concerns all tensors, each slice updates
  // those of some indices, and the last one ends the step. All of them return
  // the number of tensors that have not had their turn, Info().remaining. While
  // the step is open, calls that would disturb it fail.
  Returned<int64_t> BeginStep(const StepOptions& options = {}) {
    int64_t remaining = 0;
    const internal::Outcome outcome = StepWith(options, nullptr, &remaining);
    return Finish(outcome, remaining);
  }
  // The buffers are lent for one call; each slice is lent its own once more.
  Returned<int64_t> BeginStep(const Lent& lent,
                              const StepOptions& options = {}) {
    int64_t remaining = 0;
    const internal::Outcome outcome = WithLent(lent, [&] {
      opt_lent args = lent.Get();
      if (!lent.lends_grads_) args.grads = nullptr;
      return StepWith(options, &args, &remaining);
    });
    return Finish(outcome, remaining);
  }
  Returned<int64_t> StepSlice(Span<const int64_t> indices) {
    return Slice(nullptr, indices.data(), static_cast<int64_t>(indices.size()));
  }
  Returned<int64_t> StepSlice(const Lent& lent, Span<const int64_t> indices) {
    return Slice(&lent, indices.data(), static_cast<int64_t>(indices.size()));
  }
  // The slice of all tensors that remain.
  Returned<int64_t> StepRemaining() {
    return Slice(nullptr, nullptr, OPT_REMAINING);
  }
  Returned<int64_t> StepRemaining(const Lent& lent) {
    return Slice(&lent, nullptr, OPT_REMAINING);
  }
  // Ends the step early; the tensors that remain are left out of it.
  Returned<void> AbandonStep() { return Finish(opt_step_abandon(handle())); }
  // Adds up gradients for a later step: Accumulate(), Accumulate(32),
  // Accumulate(AccumulateOptions(32).Means()).
  Returned<void> Accumulate(const AccumulateOptions& options = {}) {
    return Finish(AccumulateWith(options, nullptr));
  }
  Returned<void> Accumulate(const Lent& lent,
                            const AccumulateOptions& options = {}) {
    return Finish(WithLent(lent, [&] {
      const opt_lent lent_grads = lent.Get();
      return AccumulateWith(options, &lent_grads);
    }));
  }
  // Forgets what was accumulated since the last step.
  Returned<void> Discard() { return Finish(opt_discard(handle())); }
  Returned<void> ZeroGrads() {
    return Finish(opt_zero_grads(handle(), nullptr));
  }
  Returned<void> ZeroGrads(const Lent& lent) {
    const opt_lent args = lent.Get();
    return Finish(
        WithLent(lent, [&] { return opt_zero_grads(handle(), &args); }));
  }

  // Gradients, loss scale and averages.

  // Measures the gradients that a step would use; `sum`: the sum of the
  // accumulated ones, not their mean.
  Returned<GradientReport> GradNorm(const GradientWork& work = {},
                                    bool sum = false) const {
    return Measure(opt_grad_norm, nullptr, work, sum);
  }
  Returned<GradientReport> GradNorm(const Lent& lent,
                                    const GradientWork& work = {}) const {
    return Measure(opt_grad_norm, &lent, work, false);
  }
  // Does the work on the gradients in place.
  Returned<GradientReport> ClipGrads(const GradientWork& work) {
    return Measure(opt_clip_grads, nullptr, work, false);
  }
  Returned<GradientReport> ClipGrads(const Lent& lent,
                                     const GradientWork& work) {
    return Measure(opt_clip_grads, &lent, work, false);
  }

  // From now on each step divides the gradients by a scale that adapts.
  Returned<void> StartScaler(const ScalerOptions& options = {}) {
    return Finish(opt_scaler_start(handle(), &options.config_));
  }
  // Sets the scale of the active loss scaler, as when a run comes from another
  // library.
  Returned<void> SetScale(double scale) {
    return Finish(opt_scaler_set_scale(handle(), scale));
  }
  Returned<void> StopScaler() { return Finish(opt_scaler_stop(handle())); }
  Returned<ScalerInfo> Scaler() const {
    ScalerInfo info = OPT_SCALER_INFO_INIT;
    const opt_status status = opt_scaler_get_info(handle(), &info);
    return Finish(status, info);
  }

  // Keeps an average of the parameters from now on.
  Returned<void> StartAverage(const AverageOptions& options) {
    return Finish(opt_average_start(handle(), &options.config_));
  }
  Returned<void> StopAverage() { return Finish(opt_average_stop(handle())); }
  Returned<AverageInfo> Average() const {
    AverageInfo info = OPT_AVERAGE_INFO_INIT;
    const opt_status status = opt_average_get_info(handle(), &info);
    return Finish(status, info);
  }
  // Exchanges the parameters with the evaluation weights: the averages, if an
  // average is kept, else the rule's own, or else the slow weights of
  // lookahead. A second call puts them back; until then steps and loads are
  // errors. A checkpoint that is saved meanwhile holds the parameters as state,
  // and after its load they are put back by such a call.
  Returned<void> SwapEvalWeights() {
    return Finish(opt_swap_eval_weights(handle(), nullptr));
  }
  Returned<void> SwapEvalWeights(const Lent& lent) {
    const opt_lent args = lent.Get();
    return Finish(
        WithLent(lent, [&] { return opt_swap_eval_weights(handle(), &args); }));
  }
  // Whether the evaluation weights are in the parameters' buffers.
  Returned<bool> IsSwapped() const {
    opt_average_info info = OPT_AVERAGE_INFO_INIT;
    const opt_status status = opt_average_get_info(handle(), &info);
    return Finish(status, info.swapped != 0);
  }
  // Copies the evaluation weights of one tensor into a buffer of its
  // parameter's dtype and length, and changes nothing else.
  template <typename T>
  Returned<void> ReadEvalWeights(int64_t index, T&& weights) const {
    return Finish(ReadEvalWeightsTo(index, MakeSpan(weights), nullptr));
  }
  // The same with lent parameters, which all weights but averages need.
  template <typename T>
  Returned<void> ReadEvalWeights(const Lent& lent, int64_t index,
                                 T&& weights) const {
    const opt_lent args = lent.Get();
    return Finish(WithLent(lent, [&] {
      return ReadEvalWeightsTo(index, MakeSpan(weights), &args);
    }));
  }

  // Schedules.

  // Schedules an option from the next step on, with a copy.
  Returned<void> SetSchedule(const char* option, const Schedule& schedule,
                             int32_t group = OPT_ALL_GROUPS) {
    if (schedule.handle_ == nullptr) return Finish(schedule.Closed());
    return Finish(opt_set_schedule(handle(), group, option, schedule.handle_));
  }
  // By typed options: SetSchedule(OPT_LR, opt::schedules::Cosine(9500)).
  template <typename Typed, typename = decltype(Typed::kKind)>
  Returned<void> SetSchedule(const char* option, const Typed& schedule,
                             int32_t group = OPT_ALL_GROUPS) {
    return Finish(Schedule::With(schedule, [&](opt_schedule made) {
      return opt_set_schedule(handle(), group, option, made);
    }));
  }
  Returned<void> RemoveSchedule(const char* option,
                                int32_t group = OPT_ALL_GROUPS) {
    return Finish(opt_set_schedule(handle(), group, option, nullptr));
  }
  // A copy of an option's schedule; its handle() is NULL if there is none.
  Returned<Schedule> CopySchedule(const char* option,
                                  int32_t group = OPT_ALL_GROUPS) const {
    Schedule copy(held_ ? held_->context : Context());
    const opt_status status =
        opt_copy_schedule(handle(), group, option, &copy.handle_);
    return Finish(status, std::move(copy));
  }
  // The value that the next step uses.
  Returned<double> GetScheduled(const char* option,
                                int32_t group = OPT_ALL_GROUPS) const {
    double value = 0;
    const opt_status status =
        opt_get_scheduled(handle(), group, option, &value);
    return Finish(status, value);
  }
  // Feeds a metric, such as a validation loss, to plateau schedules.
  Returned<void> ReportMetric(double metric, int32_t group = OPT_ALL_GROUPS) {
    return Finish(opt_report_metric(handle(), group, metric));
  }

  // Checkpoints.

  // Saves to a file, which is replaced as a whole.
  Returned<void> SaveFile(const std::string& path,
                          const SaveOptions& options = {}) {
    return Finish(SaveWith(options, [&](const opt_save_args& args) {
      return opt_save_file(handle(), path.c_str(), &args);
    }));
  }
  Returned<std::vector<uint8_t>> SaveMemory(const SaveOptions& options = {}) {
    std::vector<uint8_t> bytes;
    const internal::Outcome outcome =
        SaveWith(options, [&](const opt_save_args& args) {
          int64_t size = 0;
          const opt_status status =
              opt_save_memory(handle(), nullptr, 0, &size, &args);
          if (status != OPT_OK) return status;
          bytes.resize(static_cast<size_t>(size));
          return opt_save_memory(handle(), bytes.data(), size, nullptr, &args);
        });
    return Finish(outcome, std::move(bytes));
  }
  // Saves through bool write(const void* data, int64_t size).
  template <typename Write>
  Returned<void> SaveCallback(Write&& write, const SaveOptions& options = {}) {
    return Finish(SaveThrough(write, options));
  }
  // Saves to a std::ostream.
  template <typename Stream>
  Returned<void> SaveStream(Stream& stream, const SaveOptions& options = {}) {
    const auto write = [&](const void* data, int64_t size) {
      stream.write(static_cast<const char*>(data), size);
      return stream.good();
    };
    internal::Outcome outcome = SaveThrough(write, options);
    if (outcome.status == OPT_ERR_IO) {
      outcome.message =
          "the stream failed, so that the checkpoint is incomplete: see that "
          "it was opened and that its disk has space";
    }
    return Finish(outcome);
  }

  Returned<void> LoadFile(const std::string& path,
                          const LoadOptions& options = {}) {
    return Finish(LoadWith(options, [&](const opt_load_args& args) {
      return opt_load_file(handle(), path.c_str(), &args);
    }));
  }
  Returned<void> LoadMemory(Span<const uint8_t> data,
                            const LoadOptions& options = {}) {
    return Finish(LoadWith(options, [&](const opt_load_args& args) {
      return opt_load_memory(handle(), data.data(),
                             static_cast<int64_t>(data.size()), &args);
    }));
  }
  // Loads through int64_t read(void* data, int64_t size), which returns how
  // many bytes it has read, 0 at the end, or a negative number if it failed.
  template <typename Read>
  Returned<void> LoadCallback(Read&& read, const LoadOptions& options = {}) {
    internal::Callback callback(read);
    const internal::Outcome outcome =
        LoadWith(options, [&](const opt_load_args& args) {
          return opt_load_callback(
              handle(),
              [](void* user, void* data, int64_t size) {
                auto& self = *static_cast<decltype(callback)*>(user);
                return self.Call(int64_t{-1}, data, size);
              },
              &callback, &args);
        });
    callback.Rethrow();
    return Finish(outcome);
  }
  // Loads from a std::istream.
  template <typename Stream>
  Returned<void> LoadStream(Stream& stream, const LoadOptions& options = {}) {
    if (!stream.good()) {
      return Finish({OPT_ERR_IO,
                     "the stream cannot be read: see that it was opened and "
                     "that its file exists"});
    }
    return LoadCallback(
        [&](void* data, int64_t size) {
          stream.read(static_cast<char*>(data), size);
          return stream.bad() ? -1 : static_cast<int64_t>(stream.gcount());
        },
        options);
  }
  // Loads from a checkpoint that has been opened, and perhaps looked into; it
  // stays open.
  Returned<void> Load(const Checkpoint& checkpoint,
                      const LoadOptions& options = {}) {
    return Finish(LoadWith(options, [&](const opt_load_args& args) {
      return internal::OfHandle(
          opt_load_checkpoint(handle(), checkpoint.handle(), &args),
          checkpoint.handle(), "checkpoint");
    }));
  }

 private:
  // The handle and all that must live as long as it does.
  struct Held {
    // Waits for another thread's call.
    opt_status Close() {
      const opt_optimizer closing = handle.load();
      const opt_status status = opt_destroy(closing);
      if (status != OPT_OK || closing == nullptr) return status;
      handle = nullptr;
      while (busy.exchange(true)) std::this_thread::yield();
      owners.clear();
      busy = false;
      return OPT_OK;
    }

    Context context;
    std::atomic<opt_optimizer> handle{nullptr};
    std::atomic<bool> busy{false};                    // guards what follows
    std::vector<std::shared_ptr<const void>> owners;  // of buffers, by index
    uint64_t layout = NewLayout();
  };
  struct Closer {
    // One that cannot be closed, because its own callback does this, is leaked:
    // its buffers are in use.
    void operator()(Held* held) const {
      if (held->Close() == OPT_OK) delete held;
    }
  };

  Optimizer() = default;

  Returned<void> Finish(internal::Outcome outcome) const {
    return internal::Finish(
        internal::OfHandle(std::move(outcome), handle(), "optimizer"));
  }
  template <typename T>
  Returned<T> Finish(internal::Outcome outcome, T value) const {
    return internal::Finish(
        internal::OfHandle(std::move(outcome), handle(), "optimizer"),
        std::move(value));
  }

  opt_status Make(const char* rule, const Context& context) {
    held_.reset(new Held);
    held_->context = context;
    opt_optimizer handle = nullptr;
    const opt_status status = opt_create(context.handle(), rule, &handle);
    held_->handle = handle;
    return status;
  }
  opt_status MakeCopy(opt_optimizer optimizer, const Context& context) {
    held_.reset(new Held);
    held_->context = context;
    opt_optimizer handle = nullptr;
    opt_status status = opt_clone(optimizer, context.handle(), &handle);
    held_->handle = handle;
    if (status != OPT_OK) return status;
    opt_info info = OPT_INFO_INIT;
    status = opt_get_info(handle, &info);
    held_->owners.resize(static_cast<size_t>(info.index_count));
    return status;
  }

  // Typed options are for an optimizer of their rule.
  internal::Outcome CheckRule(const char* rule) const {
    opt_info info = OPT_INFO_INIT;
    const opt_status status = opt_get_info(handle(), &info);
    if (status != OPT_OK || std::strcmp(info.rule, rule) == 0) return status;
    return {OPT_ERR_NAME, std::string("options of '") + rule +
                              "' are not for an optimizer of '" + info.rule +
                              "': give options of '" + info.rule + "'"};
  }
  opt_status Add(const char* preset, Span<const OptionValue> values,
                 int32_t* group) const {
    return opt_add_group(handle(), preset, values.data(),
                         static_cast<int64_t>(values.size()), group);
  }
  opt_status SetAll(int32_t group, const char* preset,
                    Span<const OptionValue> values) const {
    return opt_set_options(handle(), group, preset, values.data(),
                           static_cast<int64_t>(values.size()));
  }

  // A number for each set of tensors that any optimizer ever has.
  static uint64_t NewLayout() {
    static std::atomic<uint64_t> latest{0};
    return ++latest;
  }

  // Makes a call that no other one of this kind overlaps.
  template <typename Call>
  internal::Outcome Exclusive(const Call& call) const {
    if (!held_ || handle() == nullptr) {
      return OPT_ERR_HANDLE;  // Finish() has the message
    }
    struct Guard {
      explicit Guard(std::atomic<bool>* b)
          : busy(b), mine(!b->exchange(true)) {}
      ~Guard() {
        if (mine) *busy = false;
      }
      Guard(const Guard&) = delete;
      Guard& operator=(const Guard&) = delete;
      std::atomic<bool>* busy;
      bool mine;
    };
    const Guard guard(&held_->busy);
    if (!guard.mine) {
      return {OPT_ERR_BUSY,
              "another call is using this optimizer: use it from one thread "
              "at a time, and not from a callback of a call with it"};
    }
    return call();
  }

  // Makes a call that borrows buffers, if they are of this optimizer as it is.
  template <typename Call>
  internal::Outcome WithLent(const Lent& lent, const Call& call) const {
    return Exclusive([&]() -> internal::Outcome {
      if (lent.layout_ != held_->layout) {
        return {OPT_ERR_STATE,
                "these buffers were made for other tensors: call Lend again "
                "after a tensor was attached or detached"};
      }
      return call();
    });
  }

  // Makes room for the buffers of every index.
  internal::Outcome ReadLayout(Lent* lent) const {
    opt_info info = OPT_INFO_INIT;
    const opt_status status = opt_get_info(handle(), &info);
    if (status != OPT_OK) return status;
    for (int64_t i = 0; i < info.index_count; ++i) {
      opt_tensor_info tensor = OPT_TENSOR_INFO_INIT;
      const bool attached = opt_tensor_at(handle(), i, &tensor) == OPT_OK;
      lent->Add(attached ? Lent::Element(tensor) : Lent::Element());
    }
    lent->layout_ = held_->layout;
    return OPT_OK;
  }

  // Tensors as C takes them, as long as `tensors` are there.
  static internal::Outcome ListTensors(Span<const TensorSpec> tensors,
                                       std::vector<opt_tensor>* list) {
    for (const TensorSpec& tensor : tensors) {
      internal::Outcome outcome = tensor.Check();
      if (outcome.status != OPT_OK) return outcome;
      list->push_back(tensor.Get());
    }
    return OPT_OK;
  }

  internal::Outcome AttachAll(Span<const TensorSpec> tensors,
                              int64_t* indices) {
    return Exclusive([&]() -> internal::Outcome {
      std::vector<opt_tensor> list;
      internal::Outcome outcome = ListTensors(tensors, &list);
      if (outcome.status != OPT_OK) return outcome;
      opt_info info = OPT_INFO_INIT;
      opt_status status = opt_get_info(handle(), &info);
      if (status != OPT_OK) return status;
      auto& owners = held_->owners;
      owners.resize(static_cast<size_t>(info.index_count) + list.size());
      status = opt_attach(handle(), list.data(),
                          static_cast<int64_t>(list.size()), indices);
      if (status != OPT_OK) return status;
      for (size_t i = 0; i < tensors.size(); ++i) {
        owners[static_cast<size_t>(indices[i])] = tensors[i].owner_;
      }
      held_->layout = NewLayout();
      return status;
    });
  }

  // With `remaining`, begins a step in slices.
  internal::Outcome StepWith(const StepOptions& options, const opt_lent* lent,
                             int64_t* remaining = nullptr) const {
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.flags = options.flags_;
    args.lent = lent;
    args.work = options.has_work_ ? &options.work_.work_ : nullptr;
    const auto call = [&] {
      return remaining == nullptr ? opt_step(handle(), &args)
                                  : opt_step_begin(handle(), &args, remaining);
    };
    if (options.report_ == nullptr) return call();
    return Reporting(options.report_, [&](opt_grad_report* report) {
      args.report = report;
      return call();
    });
  }

  Returned<int64_t> Slice(const Lent* lent, const int64_t* indices,
                          int64_t count) {
    int64_t remaining = 0;
    const auto call = [&](const opt_lent* args) {
      return opt_step_slice(handle(), args, indices, count, &remaining);
    };
    const internal::Outcome outcome = lent == nullptr
                                          ? internal::Outcome(call(nullptr))
                                          : WithLent(*lent, [&] {
                                              const opt_lent args = lent->Get();
                                              return call(&args);
                                            });
    return Finish(outcome, remaining);
  }

  opt_status AccumulateWith(const AccumulateOptions& options,
                            const opt_lent* lent) const {
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    args.flags = options.flags_;
    args.samples = options.samples_;
    args.lent = lent;
    return opt_accumulate(handle(), &args);
  }

  // Makes call(&filled), and then `report` of what it has filled; a call that
  // fails leaves `report` as it is.
  template <typename Call>
  internal::Outcome Reporting(GradientReport* report, const Call& call) const {
    opt_info info = OPT_INFO_INIT;
    opt_status status = opt_get_info(handle(), &info);
    if (status != OPT_OK) return status;
    std::vector<double> room;
    std::vector<double>* norms = &report->group_norms;
    if (norms->size() != static_cast<size_t>(info.group_count)) {
      room.resize(static_cast<size_t>(info.group_count));
      norms = &room;
    }
    opt_grad_report filled = OPT_GRAD_REPORT_INIT;
    filled.group_norms = norms->data();
    filled.group_capacity = info.group_count;
    status = call(&filled);
    if (status != OPT_OK) return status;
    if (norms == &room) report->group_norms.swap(room);
    report->skipped = filled.skipped != 0;
    report->norm = filled.norm;
    report->factor = filled.factor;
    report->nonfinite_tensor = filled.nonfinite_tensor;
    return status;
  }

  Returned<GradientReport> Measure(
      opt_status (*call)(opt_optimizer, const opt_grad_args*, opt_grad_report*),
      const Lent* lent, const GradientWork& work, bool sum) const {
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    args.flags = sum ? OPT_GRAD_SUM : 0;
    args.work = &work.work_;
    GradientReport report;
    const auto measure = [&] {
      return Reporting(&report, [&](opt_grad_report* filled) {
        return call(handle(), &args, filled);
      });
    };
    internal::Outcome outcome = OPT_OK;
    if (lent == nullptr) {
      outcome = measure();
    } else {
      const opt_lent lent_grads = lent->Get();
      args.lent = &lent_grads;
      outcome = WithLent(*lent, measure);
    }
    return Finish(outcome, std::move(report));
  }

  template <typename T>
  internal::Outcome ReadEvalWeightsTo(int64_t index, Span<T> weights,
                                      const opt_lent* lent) const {
    static_assert(!std::is_const_v<T>, "the weights are written to the buffer");
    opt_tensor_info info = OPT_TENSOR_INFO_INIT;
    const opt_status status = opt_tensor_at(handle(), index, &info);
    if (status != OPT_OK) return status;
    if (info.param_dtype != DTypeOf<T>()) {
      return {OPT_ERR_DTYPE,
              "the weights are of the parameter's dtype: float for OPT_F32, "
              "double for OPT_F64"};
    }
    if (info.count != static_cast<int64_t>(weights.size())) {
      return {OPT_ERR_ARGUMENT,
              "the buffer for weights has another length than the tensor: "
              "TensorInfo::count tells it"};
    }
    return opt_read_eval_weights(handle(), lent, index, weights.data());
  }

  // Makes save(args), with the parameters that are lent.
  template <typename Save>
  internal::Outcome SaveWith(const SaveOptions& options,
                             const Save& save) const {
    std::vector<opt_entry> entries = options.entries_;
    for (size_t i = 0; i < entries.size(); ++i) {
      entries[i].name = options.names_[i].c_str();
    }
    opt_save_args args = OPT_SAVE_ARGS_INIT;
    args.flags = options.flags_;
    args.entry_count = static_cast<int64_t>(entries.size());
    args.entries = entries.data();
    if (options.lent_ == nullptr) return save(args);
    const opt_lent lent = options.lent_->Get();
    args.lent = &lent;
    return WithLent(*options.lent_, [&] { return save(args); });
  }

  // Saves through `write`, whose exception comes out of this.
  template <typename Write>
  internal::Outcome SaveThrough(Write& write,
                                const SaveOptions& options) const {
    internal::Callback callback(write);
    internal::Outcome outcome =
        SaveWith(options, [&](const opt_save_args& args) {
          return opt_save_callback(
              handle(),
              [](void* user, const void* data, int64_t size) -> int32_t {
                auto& self = *static_cast<decltype(callback)*>(user);
                return self.Call(false, data, size) ? 0 : 1;
              },
              &callback, &args);
        });
    callback.Rethrow();
    return outcome;
  }

  // Makes load(args), with the parameters that are lent.
  template <typename Load>
  internal::Outcome LoadWith(const LoadOptions& options,
                             const Load& load) const {
    std::vector<const char*> names;
    for (const std::string& name : options.names_) {
      names.push_back(name.c_str());
    }
    names.push_back(nullptr);  // so that an empty list is not NULL
    opt_load_args args = OPT_LOAD_ARGS_INIT;
    args.flags = options.flags_;
    if (options.only_) {
      args.name_count = static_cast<int64_t>(options.names_.size());
      args.names = names.data();
    }
    const auto find = [&](int32_t kind, const char* name, const char* detail) {
      options.report_->push_back({kind, name, detail});
      return true;
    };
    internal::Callback callback(find);
    if (options.report_ != nullptr) {
      options.report_->clear();
      args.user = &callback;
      args.report = [](void* user, int32_t kind, const char* name,
                       const char* detail) {
        static_cast<decltype(callback)*>(user)->Call(false, kind, name, detail);
      };
    }
    internal::Outcome outcome = OPT_OK;
    if (options.lent_ != nullptr) {
      const opt_lent lent = options.lent_->Get();
      args.lent = &lent;
      outcome = WithLent(*options.lent_, [&] { return load(args); });
    } else {
      outcome = load(args);
    }
    callback.Rethrow();
    return outcome;
  }

  std::unique_ptr<Held, Closer> held_;
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_OPTIMIZER_HPP_
