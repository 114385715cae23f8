/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "calls.h"

static opt_status add_group(opt_optimizer optimizer) {
  int32_t group = 0;
  return opt_add_group(optimizer, NULL, NULL, 0, &group);
}

static opt_status set(opt_optimizer optimizer) {
  return opt_set(optimizer, 0, OPT_LR, 0.5);
}

static opt_status get(opt_optimizer optimizer) {
  double value = 0;
  return opt_get(optimizer, 0, OPT_LR, &value);
}

static opt_status set_preset(opt_optimizer optimizer) {
  return opt_set_preset(optimizer, 0, OPT_PRESET_TEXTBOOK);
}

static opt_status attach(opt_optimizer optimizer) {
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.count = 1;
  return opt_attach(optimizer, &tensor, 1, NULL);
}

static opt_status bind(opt_optimizer optimizer) {
  return opt_bind(optimizer, 0, NULL, NULL);
}

static opt_status detach(opt_optimizer optimizer) {
  return opt_detach(optimizer, 0);
}

static opt_status step(opt_optimizer optimizer) {
  return opt_step(optimizer, NULL);
}

static opt_status step_begin(opt_optimizer optimizer) {
  const opt_status status = opt_step_begin(optimizer, NULL, NULL);
  if (status == OPT_OK) (void)opt_step_abandon(optimizer);
  return status;
}

static opt_status step_slice(opt_optimizer optimizer) {
  const opt_status began = opt_step_begin(optimizer, NULL, NULL);
  const opt_status status =
      opt_step_slice(optimizer, NULL, NULL, OPT_REMAINING, NULL);
  return began != OPT_OK ? began : status;
}

static opt_status accumulate(opt_optimizer optimizer) {
  return opt_accumulate(optimizer, NULL);
}

static opt_status zero_grads(opt_optimizer optimizer) {
  return opt_zero_grads(optimizer, NULL);
}

static opt_status grad_norm(opt_optimizer optimizer) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  return opt_grad_norm(optimizer, NULL, &report);
}

static opt_status clip_grads(opt_optimizer optimizer) {
  return opt_clip_grads(optimizer, NULL, NULL);
}

static opt_status scaler_start(opt_optimizer optimizer) {
  return opt_scaler_start(optimizer, NULL);
}

static opt_status scaler_get_info(opt_optimizer optimizer) {
  opt_scaler_info info = OPT_SCALER_INFO_INIT;
  return opt_scaler_get_info(optimizer, &info);
}

static opt_status save_file(opt_optimizer optimizer) {
  return opt_save_file(optimizer, "/nonexistent/checkpoint", NULL);
}

static opt_status save_memory(opt_optimizer optimizer) {
  int64_t size = 0;
  return opt_save_memory(optimizer, NULL, 0, &size, NULL);
}

static int32_t discard(void* user, const void* data, int64_t size) {
  (void)user;
  (void)data;
  (void)size;
  return 0;
}

static opt_status save_callback(opt_optimizer optimizer) {
  return opt_save_callback(optimizer, discard, NULL, NULL);
}

static opt_status load_file(opt_optimizer optimizer) {
  return opt_load_file(optimizer, "/nonexistent/checkpoint", NULL);
}

static opt_status load_memory(opt_optimizer optimizer) {
  return opt_load_memory(optimizer, "", 0, NULL);
}

static int64_t read_nothing(void* user, void* data, int64_t size) {
  (void)user;
  (void)data;
  (void)size;
  return 0;
}

static opt_status load_callback(opt_optimizer optimizer) {
  return opt_load_callback(optimizer, read_nothing, NULL, NULL);
}

static opt_status get_info(opt_optimizer optimizer) {
  opt_info info = OPT_INFO_INIT;
  return opt_get_info(optimizer, &info);
}

static opt_status tensor_at(opt_optimizer optimizer) {
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  return opt_tensor_at(optimizer, 0, &info);
}

static opt_status tensor_find(opt_optimizer optimizer) {
  int64_t index = 0;
  return opt_tensor_find(optimizer, "weight", &index);
}

static opt_status set_attribute(opt_optimizer optimizer) {
  return opt_set_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, 1);
}

static opt_status get_attribute(opt_optimizer optimizer) {
  double value = 0;
  return opt_get_attribute(optimizer, 0, OPT_TENSOR_FROZEN, &value);
}

static opt_status average_start(opt_optimizer optimizer) {
  return opt_average_start(optimizer, NULL);
}

static opt_status average_get_info(opt_optimizer optimizer) {
  opt_average_info info = OPT_AVERAGE_INFO_INIT;
  return opt_average_get_info(optimizer, &info);
}

static opt_status read_eval_weights(opt_optimizer optimizer) {
  static double weights[1024];
  return opt_read_eval_weights(optimizer, NULL, 0, weights);
}
static opt_status swap_eval_weights(opt_optimizer optimizer) {
  return opt_swap_eval_weights(optimizer, NULL);
}

static opt_status tensor_set_step(opt_optimizer optimizer) {
  return opt_tensor_set_step(optimizer, 0, 1);
}

static opt_status state_view(opt_optimizer optimizer) {
  opt_view view = OPT_VIEW_INIT;
  return opt_state_view(optimizer, 0, OPT_SLOT_EXP_AVG, &view);
}

static opt_status set_schedule(opt_optimizer optimizer) {
  return opt_set_schedule(optimizer, 0, OPT_LR, NULL);
}

static opt_status copy_schedule(opt_optimizer optimizer) {
  opt_schedule schedule = NULL;
  return opt_copy_schedule(optimizer, 0, OPT_LR, &schedule);
}

static opt_status get_scheduled(opt_optimizer optimizer) {
  double value = 0;
  return opt_get_scheduled(optimizer, 0, OPT_LR, &value);
}

static opt_status report_metric(opt_optimizer optimizer) {
  return opt_report_metric(optimizer, 0, 1);
}

static opt_status clone(opt_optimizer optimizer) {
  opt_optimizer copy = NULL;
  const opt_status status = opt_clone(optimizer, NULL, &copy);
  if (status == OPT_OK) opt_destroy(copy);
  return status;
}

static opt_status set_options(opt_optimizer optimizer) {
  const opt_option_value value = {OPT_LR, 0.5};
  return opt_set_options(optimizer, 0, NULL, &value, 1);
}

static opt_status state_bytes(opt_optimizer optimizer) {
  int64_t bytes = 0;
  return opt_state_bytes(optimizer, NULL, 0, &bytes);
}

static opt_status set_group(opt_optimizer optimizer) {
  return opt_tensor_set_group(optimizer, 0, 0);
}

/* Needs a scaler. */
static opt_status set_scale(opt_optimizer optimizer) {
  const opt_status status = opt_scaler_start(optimizer, NULL);
  return status == OPT_OK ? opt_scaler_set_scale(optimizer, 8) : status;
}

const optimizer_call kOptimizerCalls[] = {
    {"opt_destroy", opt_destroy},
    {"opt_clone", clone},
    {"opt_add_group", add_group},
    {"opt_set", set},
    {"opt_get", get},
    {"opt_set_options", set_options},
    {"opt_set_preset", set_preset},
    {"opt_set_schedule", set_schedule},
    {"opt_copy_schedule", copy_schedule},
    {"opt_get_scheduled", get_scheduled},
    {"opt_report_metric", report_metric},
    {"opt_attach", attach},
    {"opt_state_bytes", state_bytes},
    {"opt_bind", bind},
    {"opt_detach", detach},
    {"opt_step", step},
    {"opt_step_begin", step_begin},
    {"opt_step_slice", step_slice},
    {"opt_step_abandon", opt_step_abandon},
    {"opt_accumulate", accumulate},
    {"opt_discard", opt_discard},
    {"opt_zero_grads", zero_grads},
    {"opt_grad_norm", grad_norm},
    {"opt_clip_grads", clip_grads},
    {"opt_scaler_start", scaler_start},
    {"opt_scaler_set_scale", set_scale},
    {"opt_scaler_get_info", scaler_get_info},
    {"opt_scaler_stop", opt_scaler_stop},
    {"opt_save_file", save_file},
    {"opt_save_memory", save_memory},
    {"opt_save_callback", save_callback},
    {"opt_load_file", load_file},
    {"opt_load_memory", load_memory},
    {"opt_load_callback", load_callback},
    {"opt_get_info", get_info},
    {"opt_tensor_at", tensor_at},
    {"opt_tensor_find", tensor_find},
    {"opt_set_attribute", set_attribute},
    {"opt_get_attribute", get_attribute},
    {"opt_tensor_set_group", set_group},
    {"opt_tensor_set_step", tensor_set_step},
    {"opt_average_start", average_start},
    {"opt_average_stop", opt_average_stop},
    {"opt_average_get_info", average_get_info},
    {"opt_swap_eval_weights", swap_eval_weights},
    {"opt_read_eval_weights", read_eval_weights},
    {"opt_state_view", state_view},
};
const int64_t kOptimizerCallCount =
    sizeof kOptimizerCalls / sizeof *kOptimizerCalls;
