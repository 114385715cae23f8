// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/faults/scenario.h"

#include <string_view>
#include <utility>

#include "tests/c/snapshot.h"
#include "tests/faults/hooks.h"

namespace libopt::faults {
namespace {

constexpr int kTensors = 5;
constexpr int64_t kCount = 3000;  // enough in all to start threads
constexpr int kThreads = 3;
// Longer than what a string keeps within itself.
constexpr const char* kLongName = "encoder.layers.11.self_attn.q_proj.weight";

}  // namespace

// The calls, as friends of the scenario.
struct Calls {
  static opt_status CreateContext(Scenario* s) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    config.threads = kThreads;
    if (s->callbacks_) UseCallbacks(&config);
    return opt_context_create(&config, &s->context_);
  }

  static opt_status Create(Scenario* s) {
    return opt_create(s->context_, OPT_RULE_ADAMW, &s->optimizer_);
  }

  static opt_status AddGroup(Scenario* s) {
    return opt_add_group(s->optimizer_, nullptr, nullptr, 0, &s->group_);
  }

  static opt_status SetPreset(Scenario* s) {
    return opt_set_preset(s->optimizer_, OPT_ALL_GROUPS, OPT_PRESET_PYTORCH);
  }

  static opt_status SetAmsgrad(Scenario* s) {
    return opt_set(s->optimizer_, s->group_, OPT_AMSGRAD, 1);
  }

  static opt_status AttachThree(Scenario* s) {
    const int64_t shape[3] = {10, 20, kCount / 200};
    opt_tensor tensors[3] = {s->Tensor(0, nullptr), s->Tensor(1, kLongName),
                             s->Tensor(2, "lent")};
    tensors[0].shape = shape;
    tensors[0].rank = 3;
    tensors[2].param = nullptr;
    tensors[2].grad = nullptr;
    return opt_attach(s->optimizer_, tensors, 3, s->indices_);
  }

  static opt_status AttachToGroup(Scenario* s) {
    opt_tensor tensor = s->Tensor(3, "amsgrad");
    tensor.group = s->group_;
    return opt_attach(s->optimizer_, &tensor, 1, &s->indices_[3]);
  }

  static opt_status Detach(Scenario* s) {
    return opt_detach(s->optimizer_, s->indices_[0]);
  }

  static opt_status AttachInGap(Scenario* s) {
    const opt_tensor tensor = s->Tensor(4, nullptr);
    return opt_attach(s->optimizer_, &tensor, 1, &s->indices_[0]);
  }

  static opt_status Bind(Scenario* s) {
    return opt_bind(s->optimizer_, s->indices_[2], s->Param(2), s->Grad(2));
  }

  static opt_status Step(Scenario* s) {
    return opt_step(s->optimizer_, nullptr);
  }

  static opt_status StepLent(Scenario* s) {
    void* const grads[4] = {s->Grad(0), nullptr, s->Grad(2), s->Grad(3)};
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent buffers = OPT_LENT_INIT;
    args.lent = &buffers;
    buffers.count = 4;
    buffers.grads = grads;
    return opt_step(s->optimizer_, &args);
  }

  static opt_status Accumulate(Scenario* s) {
    return opt_accumulate(s->optimizer_, nullptr);
  }

  static opt_status ZeroGrad(Scenario* s) {
    return opt_zero_grads(s->optimizer_, nullptr);
  }

  static opt_status StartAverage(Scenario* s) {
    return opt_average_start(s->optimizer_, nullptr);
  }

  static opt_status SwapEvalWeights(Scenario* s) {
    return opt_swap_eval_weights(s->optimizer_, nullptr);
  }

  static opt_status StopAverage(Scenario* s) {
    return opt_average_stop(s->optimizer_);
  }

  static opt_status CreateSchedule(Scenario* s) {
    return opt_schedule_create(s->context_, OPT_SCHEDULE_MULTI_STEP,
                               &s->schedule_);
  }

  static opt_status SetMilestones(Scenario* s) {
    const int64_t milestones[3] = {1, 2, 4};
    return opt_schedule_set_milestones(s->schedule_, milestones, 3);
  }

  static opt_status ThenItself(Scenario* s) {
    return opt_schedule_then(s->schedule_, 3, s->schedule_);
  }

  static opt_status ChainItself(Scenario* s) {
    return opt_schedule_chain(s->schedule_, s->schedule_);
  }

  static opt_status SetSchedule(Scenario* s) {
    return opt_set_schedule(s->optimizer_, OPT_ALL_GROUPS, OPT_LR,
                            s->schedule_);
  }

  static opt_status CopySchedule(Scenario* s) {
    return opt_copy_schedule(s->optimizer_, s->group_, OPT_LR, &s->copy_);
  }

  static opt_status DestroySchedule(Scenario* s) {
    return opt_schedule_destroy(std::exchange(s->schedule_, nullptr));
  }

  static opt_status DestroyCopy(Scenario* s) {
    return opt_schedule_destroy(std::exchange(s->copy_, nullptr));
  }

  static opt_status Destroy(Scenario* s) {
    const opt_status status = opt_destroy(s->optimizer_);
    if (status == OPT_OK) s->optimizer_ = nullptr;
    return status;
  }

  static opt_status DestroyContext(Scenario* s) {
    return opt_context_destroy(s->context_);
  }
};

Scenario::Scenario(bool callbacks)
    : callbacks_(callbacks),
      params_(kTensors * kCount),
      grads_(kTensors * kCount) {
  for (size_t i = 0; i < params_.size(); ++i) {
    params_[i] = static_cast<float>(i % 97) / 97;
    grads_[i] = static_cast<float>(i % 89) / 89 - 0.5F;
  }
}

const std::vector<Scenario::Call>& Scenario::Life() {
  using C = Calls;
  static const std::vector<Call> calls = {
      {"create a context", C::CreateContext},
      {"create an optimizer", C::Create},
      {"add a group", C::AddGroup},
      {"add another", C::AddGroup},
      {"set a preset", C::SetPreset},
      {"set a layout option", C::SetAmsgrad},
      {"attach three", C::AttachThree},
      {"attach to a group", C::AttachToGroup},
      {"bind", C::Bind},
      {"create a schedule", C::CreateSchedule},
      {"set its milestones", C::SetMilestones},
      {"put a schedule behind it", C::ThenItself},
      {"put a schedule on top of it", C::ChainItself},
      {"set a schedule", C::SetSchedule},
      {"copy a schedule", C::CopySchedule},
      {"destroy the schedule", C::DestroySchedule},
      {"destroy the copy", C::DestroyCopy},
      {"step", C::Step},
      {"detach", C::Detach},
      {"step without it", C::Step},
      {"attach in its place", C::AttachInGap},
      {"accumulate", C::Accumulate},
      {"detach with accumulators", C::Detach},
      {"attach with accumulators", C::AttachInGap},
      {"accumulate again", C::Accumulate},
      {"step with the mean", C::Step},
      {"step with lent gradients", C::StepLent},
      {"zero the gradients", C::ZeroGrad},
      {"start an average", C::StartAverage},
      {"step with an average", C::Step},
      {"detach with an average", C::Detach},
      {"attach with an average", C::AttachInGap},
      {"swap", C::SwapEvalWeights},
      {"swap back", C::SwapEvalWeights},
      {"stop the average", C::StopAverage},
      {"destroy the optimizer", C::Destroy},
      {"destroy the context", C::DestroyContext},
  };
  return calls;
}

uint64_t Scenario::Fingerprint() const {
  const auto hash = [](const std::vector<float>& values) {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(values.data()),
         values.size() * sizeof(float)});
  };
  uint64_t mixed = hash(params_) * 31 + hash(grads_);
  mixed = mixed * 31 + static_cast<uint64_t>(group_);
  for (const int64_t index : indices_) {
    mixed = mixed * 31 + static_cast<uint64_t>(index);
  }
  mixed = mixed * 31 + ScheduleFingerprint();
  return optimizer_ == nullptr ? mixed : mixed * 31 + snapshot(optimizer_);
}

uint64_t Scenario::ScheduleFingerprint() const {
  constexpr int64_t kSteps = 12;  // past all milestones
  uint64_t mixed = 0;
  for (const opt_schedule schedule : {schedule_, copy_}) {
    for (int64_t step = 0; step < kSteps; ++step) {
      double value = -1;
      if (schedule != nullptr &&
          opt_schedule_value(schedule, 1, step, &value) != OPT_OK) {
        value = -2;
      }
      mixed = mixed * 31 + std::hash<double>()(value);
    }
  }
  return mixed;
}

float* Scenario::Param(int tensor) { return params_.data() + tensor * kCount; }

float* Scenario::Grad(int tensor) { return grads_.data() + tensor * kCount; }

opt_tensor Scenario::Tensor(int tensor, const char* name) {
  opt_tensor described = OPT_TENSOR_INIT;
  described.name = name;
  described.count = kCount;
  described.param = Param(tensor);
  described.grad = Grad(tensor);
  return described;
}

}  // namespace libopt::faults
