// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The functions that JavaScript calls where the C API takes structs: it passes
// the objects of calls.h, and gets descriptions as arrays of doubles. It calls
// all other functions of the C API itself. Handles and pointers are 32-bit
// numbers; indices, counts and steps are doubles, as they are in JavaScript.

#include <cstdint>

#include "bindings/calls.h"
#include "bindings/schedule_call.h"
#include "bindings/step_call.h"

#define OPT_JS(name) extern "C" __attribute__((export_name("js_" #name)))

namespace {

int64_t Integer(double number) { return static_cast<int64_t>(number); }
double Number(int64_t integer) { return static_cast<double>(integer); }
double Address(const void* pointer) {
  return static_cast<double>(reinterpret_cast<uintptr_t>(pointer));
}

}  // namespace

// Descriptions: each fills in an array of doubles, texts as their addresses.

OPT_JS(info) opt_status Info(opt_optimizer optimizer, double* out) {
  opt_info info = OPT_INFO_INIT;
  const opt_status status = opt_get_info(optimizer, &info);
  out[0] = info.group_count;
  out[1] = Number(info.index_count);
  out[2] = Number(info.tensor_count);
  out[3] = Number(info.param_count);
  out[4] = Number(info.state_bytes);
  out[5] = Number(info.steps);
  out[6] = Number(info.pending_samples);
  out[7] = Number(info.skipped);
  out[8] = Address(info.rule);
  out[9] = Number(info.remaining);
  return status;
}

OPT_JS(tensor_info)
opt_status TensorInfo(opt_optimizer optimizer, double index, double* out) {
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  const opt_status status = opt_tensor_at(optimizer, Integer(index), &info);
  out[0] = info.group;
  out[1] = info.param_dtype;
  out[2] = info.grad_dtype;
  out[3] = Number(info.count);
  out[4] = Number(info.step);
  out[5] = Address(info.name);
  out[6] = info.rank;
  out[7] = Address(info.shape);
  return status;
}

OPT_JS(state_view)
opt_status StateView(opt_optimizer optimizer, double index, const char* slot,
                     double* out) {
  opt_view view = OPT_VIEW_INIT;
  const opt_status status =
      opt_state_view(optimizer, Integer(index), slot, &view);
  out[0] = view.dtype;
  out[1] = Number(view.count);
  out[2] = Address(view.data);
  return status;
}

OPT_JS(average_info)
opt_status AverageInfo(opt_optimizer optimizer, double* out) {
  opt_average_info info = OPT_AVERAGE_INFO_INIT;
  const opt_status status = opt_average_get_info(optimizer, &info);
  out[0] = info.kind;
  out[1] = info.decay;
  out[2] = Number(info.start);
  out[3] = Number(info.period);
  out[4] = info.flags;
  out[5] = info.swapped;
  out[6] = Number(info.updates);
  return status;
}

OPT_JS(scaler_info)
opt_status ScalerInfo(opt_optimizer optimizer, double* out) {
  opt_scaler_info info = OPT_SCALER_INFO_INIT;
  const opt_status status = opt_scaler_get_info(optimizer, &info);
  out[0] = info.active;
  out[1] = info.scale;
  out[2] = info.growth_factor;
  out[3] = info.backoff_factor;
  out[4] = Number(info.growth_interval);
  out[5] = Number(info.good_steps);
  out[6] = Number(info.skipped);
  return status;
}

OPT_JS(part_info)
opt_status PartInfo(opt_schedule schedule, int32_t index, double* out) {
  opt_schedule_part_info info = OPT_SCHEDULE_PART_INFO_INIT;
  const opt_status status = opt_schedule_part_at(schedule, index, &info);
  out[0] = Address(info.kind);
  out[1] = Number(info.begin);
  out[2] = info.end == INT64_MAX ? -1 : Number(info.end);
  out[3] = info.option_count;
  out[4] = Address(info.options);
  out[5] = Number(info.milestone_count);
  out[6] = Address(info.milestones);
  return status;
}

OPT_JS(entry_info)
opt_status EntryInfo(opt_checkpoint checkpoint, double index, double* out) {
  opt_entry_info info = OPT_ENTRY_INFO_INIT;
  const opt_status status =
      opt_checkpoint_at(checkpoint, Integer(index), &info);
  out[0] = info.dtype;
  out[1] = info.own;
  out[2] = Number(info.count);
  out[3] = Number(info.bytes);
  out[4] = Address(info.name);
  out[5] = info.rank;
  out[6] = Address(info.shape);
  return status;
}

// Calls with the fields of a struct.

OPT_JS(average_start)
opt_status AverageStart(opt_optimizer optimizer, int32_t kind, double decay,
                        double start, double period, uint32_t flags) {
  return opt_average_start_with(optimizer, kind, decay, Integer(start),
                                Integer(period), flags);
}

OPT_JS(scaler_start)
opt_status ScalerStart(opt_optimizer optimizer, double initial, double growth,
                       double backoff, double interval) {
  return opt_scaler_start_with(optimizer, initial, growth, backoff,
                               Integer(interval));
}

// Values of options.

OPT_JS(options_new) OptionList* OptionsNew() { return new OptionList; }
OPT_JS(options_delete) void OptionsDelete(OptionList* list) { delete list; }
OPT_JS(options_preset)
void OptionsPreset(OptionList* list, const char* preset) {
  list->set_preset(preset);
}
OPT_JS(options_add)
void OptionsAdd(OptionList* list, const char* option, double value) {
  list->add(option, value);
}
OPT_JS(options_set)
opt_status OptionsSet(const OptionList* list, opt_optimizer optimizer,
                      int32_t group) {
  return list->set(optimizer, group);
}
OPT_JS(options_add_group)
opt_status OptionsAddGroup(const OptionList* list, opt_optimizer optimizer,
                           int32_t* group) {
  return list->add_group(optimizer, group);
}

// Tensors to attach.

OPT_JS(tensors_new) TensorList* TensorsNew() { return new TensorList; }
OPT_JS(tensors_delete) void TensorsDelete(TensorList* list) { delete list; }
OPT_JS(tensors_add)
void TensorsAdd(TensorList* list, const char* name, int32_t group,
                opt_dtype param_dtype, opt_dtype grad_dtype, double count,
                void* param, void* grad) {
  list->add(name, group, param_dtype, grad_dtype, Integer(count), param, grad);
}
OPT_JS(tensors_extend) void TensorsExtend(TensorList* list, double extent) {
  list->extend(Integer(extent));
}
OPT_JS(tensors_attach)
opt_status TensorsAttach(TensorList* list, opt_optimizer optimizer) {
  return list->attach(optimizer);
}
OPT_JS(tensors_index) double TensorsIndex(const TensorList* list, double i) {
  return Number(list->index(Integer(i)));
}
OPT_JS(tensors_state_bytes)
opt_status TensorsStateBytes(TensorList* list, opt_optimizer optimizer,
                             double* out) {
  int64_t bytes = 0;
  const opt_status status = list->state_bytes(optimizer, &bytes);
  out[0] = Number(bytes);
  return status;
}

// Calls with gradients.

OPT_JS(step_new) StepCall* StepNew() { return new StepCall; }
OPT_JS(step_delete) void StepDelete(StepCall* call) { delete call; }
OPT_JS(step_lend)
void StepLend(StepCall* call, double index, void* param, void* grad) {
  call->lend(Integer(index), param, grad);
}
OPT_JS(step_work)
void StepWork(StepCall* call, uint32_t flags, double loss_scale,
              double max_value, double max_tensor_norm, double max_norm,
              int32_t norm, int32_t nonfinite, int32_t reports) {
  call->set_work(flags, loss_scale, max_value, max_tensor_norm, max_norm, norm,
                 nonfinite, reports != 0);
}
OPT_JS(step_step)
opt_status StepStep(StepCall* call, opt_optimizer optimizer, uint32_t flags) {
  return call->step(optimizer, flags);
}
OPT_JS(step_accumulated)
opt_status StepAccumulated(StepCall* call, opt_optimizer optimizer,
                           uint32_t flags) {
  return call->step_accumulated(optimizer, flags);
}
OPT_JS(step_begin)
opt_status StepBegin(StepCall* call, opt_optimizer optimizer, uint32_t flags) {
  return call->begin_step(optimizer, flags);
}
OPT_JS(step_begin_accumulated)
opt_status StepBeginAccumulated(StepCall* call, opt_optimizer optimizer,
                                uint32_t flags) {
  return call->begin_step_accumulated(optimizer, flags);
}
OPT_JS(step_add_to_slice)
void StepAddToSlice(StepCall* call, double index) {
  call->add_to_slice(Integer(index));
}
OPT_JS(step_slice)
opt_status StepSlice(StepCall* call, opt_optimizer optimizer) {
  return call->step_slice(optimizer);
}
OPT_JS(step_remaining)
opt_status StepRemaining(StepCall* call, opt_optimizer optimizer) {
  return call->step_remaining(optimizer);
}
OPT_JS(step_remaining_count)
double StepRemainingCount(const StepCall* call) {
  return Number(call->remaining());
}
OPT_JS(step_accumulate)
opt_status StepAccumulate(StepCall* call, opt_optimizer optimizer,
                          double samples, uint32_t flags) {
  return call->accumulate(optimizer, Integer(samples), flags);
}
OPT_JS(step_zero_grads)
opt_status StepZeroGrads(StepCall* call, opt_optimizer optimizer) {
  return call->zero_grads(optimizer);
}
OPT_JS(step_grad_norm)
opt_status StepGradNorm(StepCall* call, opt_optimizer optimizer,
                        uint32_t flags) {
  return call->grad_norm(optimizer, flags);
}
OPT_JS(step_clip_grads)
opt_status StepClipGrads(StepCall* call, opt_optimizer optimizer) {
  return call->clip_grads(optimizer);
}
OPT_JS(step_swap)
opt_status StepSwap(StepCall* call, opt_optimizer optimizer) {
  return call->swap_eval_weights(optimizer);
}
OPT_JS(step_read_eval)
opt_status StepReadEval(StepCall* call, opt_optimizer optimizer, double index,
                        void* weights) {
  return call->read_eval_weights(optimizer, Integer(index), weights);
}
OPT_JS(step_report) void StepReport(const StepCall* call, double* out) {
  out[0] = call->skipped() ? 1 : 0;
  out[1] = call->norm();
  out[2] = call->factor();
  out[3] = Number(call->nonfinite_tensor());
}
OPT_JS(step_group_norm)
double StepGroupNorm(const StepCall* call, int32_t group) {
  return call->group_norm(group);
}

// Checkpoints.

OPT_JS(save_new) SaveCall* SaveNew(uint32_t flags) {
  return new SaveCall(flags);
}
OPT_JS(save_delete) void SaveDelete(SaveCall* call) { delete call; }
OPT_JS(save_add)
void SaveAdd(SaveCall* call, const char* name, opt_dtype dtype, double count,
             void* data) {
  call->add(name, dtype, Integer(count), data);
}
OPT_JS(save_lend) void SaveLend(SaveCall* call, double index, void* param) {
  call->lend(Integer(index), param);
}
OPT_JS(save_measure)
opt_status SaveMeasure(SaveCall* call, opt_optimizer optimizer, double* out) {
  int64_t size = 0;
  const opt_status status = call->measure(optimizer, &size);
  out[0] = Number(size);
  return status;
}
OPT_JS(save_to_memory)
opt_status SaveToMemory(SaveCall* call, opt_optimizer optimizer, void* buffer,
                        double capacity) {
  return call->to_memory(optimizer, buffer, Integer(capacity));
}

OPT_JS(load_new) LoadCall* LoadNew(uint32_t flags) {
  return new LoadCall(flags);
}
OPT_JS(load_delete) void LoadDelete(LoadCall* call) { delete call; }
OPT_JS(load_select) void LoadSelect(LoadCall* call, const char* name) {
  call->select(name);
}
OPT_JS(load_lend) void LoadLend(LoadCall* call, double index, void* param) {
  call->lend(Integer(index), param);
}
OPT_JS(load_from_memory)
opt_status LoadFromMemory(LoadCall* call, opt_optimizer optimizer, void* data,
                          double size) {
  return call->from_memory(optimizer, data, Integer(size));
}
OPT_JS(load_from_checkpoint)
opt_status LoadFromCheckpoint(LoadCall* call, opt_optimizer optimizer,
                              opt_checkpoint checkpoint) {
  return call->from_checkpoint(optimizer, checkpoint);
}
// The kind of a name that did not fit, and the addresses of its texts; 0 past
// the last.
OPT_JS(load_report)
int32_t LoadReport(const LoadCall* call, int32_t i, double* out) {
  if (i >= call->report_count()) return 0;
  out[0] = Address(call->report_name(i));
  out[1] = Address(call->report_detail(i));
  return call->report_kind(i);
}

// Milestones of a schedule.

OPT_JS(set_milestones)
opt_status SetMilestones(opt_schedule schedule, const double* ticks,
                         int32_t count) {
  Milestones milestones;
  for (int32_t i = 0; i < count; ++i) milestones.add(Integer(ticks[i]));
  return milestones.set(schedule);
}
