/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "snapshot.h"

#include <string.h>

/* FNV-1a of eight bytes at a time. The shift takes the high bits of a word
 * down, from where the next multiplication spreads them. */
static void mix(uint64_t* hash, const void* data, int64_t size) {
  const unsigned char* bytes = data;
  while (size > 0) {
    const size_t length = size < 8 ? (size_t)size : 8;
    uint64_t word = 0;
    memcpy(&word, bytes, length);
    *hash = (*hash ^ word) * UINT64_C(1099511628211);
    *hash ^= *hash >> 32;
    bytes += length;
    size -= (int64_t)length;
  }
}

static void mix_int(uint64_t* hash, int64_t value) {
  mix(hash, &value, sizeof value);
}

static void mix_string(uint64_t* hash, const char* text) {
  mix(hash, text, (int64_t)strlen(text) + 1);
}

static void mix_buffer(uint64_t* hash, const void* data, int64_t count,
                       opt_dtype dtype) {
  mix(hash, &data, sizeof data);
  if (data == NULL) return;
  mix(hash, data,
      count * (int64_t)(dtype == OPT_F64 ? sizeof(double) : sizeof(float)));
}

static void mix_view(uint64_t* hash, opt_optimizer optimizer, int64_t index,
                     const char* slot) {
  opt_view view = OPT_VIEW_INIT;
  mix_string(hash, slot);
  if (opt_state_view(optimizer, index, slot, &view) != OPT_OK) return;
  mix_int(hash, view.dtype);
  mix_int(hash, view.count);
  mix_buffer(hash, view.data, view.count, view.dtype);
}

static void mix_options(uint64_t* hash, opt_optimizer optimizer,
                        const opt_info* info, const opt_rule_info* rule) {
  for (int32_t group = OPT_ALL_GROUPS; group < info->group_count; ++group) {
    for (int32_t i = 0; i < rule->option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      double value = 0;
      mix_int(hash, opt_option_at(info->rule, i, &option));
      mix_int(hash, opt_get(optimizer, group, option.name, &value));
      mix(hash, &value, sizeof value);
      mix_int(hash, opt_get_scheduled(optimizer, group, option.name, &value));
      mix(hash, &value, sizeof value);
    }
  }
}

static void mix_attributes(uint64_t* hash, opt_optimizer optimizer,
                           int64_t index) {
  int32_t count = 0;
  mix_int(hash, opt_attribute_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_option_info attribute = OPT_OPTION_INFO_INIT;
    double value = 0;
    mix_int(hash, opt_attribute_at(i, &attribute));
    mix_int(hash, opt_get_attribute(optimizer, index, attribute.name, &value));
    mix(hash, &value, sizeof value);
  }
}

static void mix_tensor(uint64_t* hash, opt_optimizer optimizer, int64_t index,
                       const opt_info* info, const opt_rule_info* rule) {
  opt_tensor_info tensor = OPT_TENSOR_INFO_INIT;
  mix_int(hash, index);
  if (opt_tensor_at(optimizer, index, &tensor) != OPT_OK) return;
  mix_int(hash, tensor.group);
  mix_int(hash, tensor.step);
  mix_int(hash, tensor.rank);
  mix(hash, tensor.shape, tensor.rank * (int64_t)sizeof *tensor.shape);
  mix_string(hash, tensor.name);
  mix_buffer(hash, tensor.param, tensor.count, tensor.param_dtype);
  mix_buffer(hash, tensor.grad, tensor.count, tensor.grad_dtype);
  for (int32_t i = 0; i < rule->slot_count; ++i) {
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    mix_int(hash, opt_slot_at(info->rule, i, &slot));
    mix_view(hash, optimizer, index, slot.name);
  }
  mix_view(hash, optimizer, index, OPT_SLOT_GRAD_ACCUMULATOR);
  mix_view(hash, optimizer, index, OPT_SLOT_PARAM_AVERAGE);
  mix_attributes(hash, optimizer, index);
}

static void mix_scaler(uint64_t* hash, opt_optimizer optimizer) {
  opt_scaler_info scaler = OPT_SCALER_INFO_INIT;
  mix_int(hash, opt_scaler_get_info(optimizer, &scaler));
  mix(hash, &scaler, sizeof scaler);
}

uint64_t snapshot(opt_optimizer optimizer) {
  uint64_t hash = UINT64_C(14695981039346656037);
  opt_info info = OPT_INFO_INIT;
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  opt_average_info average = OPT_AVERAGE_INFO_INIT;
  if (opt_get_info(optimizer, &info) != OPT_OK ||
      opt_average_get_info(optimizer, &average) != OPT_OK ||
      opt_rule_find(info.rule, &rule) != OPT_OK) {
    return 0;
  }
  mix(&hash, &info, sizeof info);
  mix_scaler(&hash, optimizer);
  mix(&hash, &average, sizeof average);
  mix_options(&hash, optimizer, &info, &rule);
  for (int64_t index = 0; index < info.index_count; ++index) {
    mix_tensor(&hash, optimizer, index, &info, &rule);
  }
  return hash;
}
