/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "fixture.h"

#include <string.h>

float params[kTensors][kCount];
float grads[kTensors][kCount];
double wide_params[kCount];
double wide_grads[kCount];

opt_optimizer new_optimizer(const char* rule) {
  opt_optimizer optimizer = NULL;
  CHECK_OK(opt_create(NULL, rule, &optimizer));
  return optimizer;
}

opt_tensor tensor_of(const char* name, float* param, float* grad,
                     int64_t count) {
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.name = name;
  tensor.param = param;
  tensor.grad = grad;
  tensor.count = count;
  return tensor;
}

opt_tensor float_tensor(int i) {
  static const char* const kNames[kTensors] = {"a", "b", "c"};
  return tensor_of(kNames[i], params[i], grads[i], kCount);
}

opt_tensor wide_tensor(const char* name) {
  opt_tensor tensor = tensor_of(name, NULL, NULL, kCount);
  tensor.param_dtype = tensor.grad_dtype = OPT_F64;
  tensor.param = wide_params;
  tensor.grad = wide_grads;
  return tensor;
}

static void attach_float_tensors(opt_optimizer optimizer, int count) {
  opt_tensor tensors[kTensors];
  for (int i = 0; i < count; ++i) tensors[i] = float_tensor(i);
  CHECK_OK(opt_attach(optimizer, tensors, count, NULL));
}

opt_optimizer attached(const char* rule, int tensors) {
  const opt_optimizer optimizer = new_optimizer(rule);
  for (int i = 0; i < kTensors; ++i) {
    fill(params[i], kCount, (uint32_t)(1 + i));
    fill(grads[i], kCount, (uint32_t)(10 + i));
  }
  attach_float_tensors(optimizer, tensors);
  return optimizer;
}

opt_optimizer descent(int tensors) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_GD);
  memset(params, 0, sizeof params);
  memset(grads, 0, sizeof grads);
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 1));
  attach_float_tensors(optimizer, tensors);
  return optimizer;
}

void attach_in_new_group(opt_optimizer optimizer, int i) {
  opt_tensor tensor = float_tensor(i);
  CHECK_OK(opt_add_group(optimizer, NULL, NULL, 0, &tensor.group));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
}

void fill(float* values, int64_t count, uint32_t seed) {
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t mixed = ((uint32_t)i + seed * 7919U) * 2654435761U;
    values[i] = (float)(int32_t)mixed / 2147483648.0F;
  }
}

opt_info info_of(opt_optimizer optimizer) {
  opt_info info = OPT_INFO_INIT;
  CHECK_OK(opt_get_info(optimizer, &info));
  return info;
}

int64_t step_of(opt_optimizer optimizer, int64_t index) {
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  return opt_tensor_at(optimizer, index, &info) == OPT_OK ? info.step : -1;
}

const void* state_of(opt_optimizer optimizer, int64_t index, const char* slot) {
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_state_view(optimizer, index, slot, &view));
  return view.data;
}
