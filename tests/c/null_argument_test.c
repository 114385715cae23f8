/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Every pointer argument that may not be NULL, given as NULL.
 */

#include "fixture.h"

static opt_optimizer optimizer; /* of the test that runs */

static opt_status create_without_handle(void) {
  return opt_create(NULL, OPT_RULE_SGD, NULL);
}

static opt_status create_without_rule(void) {
  opt_optimizer created = NULL;
  return opt_create(NULL, NULL, &created);
}

static opt_status context_create_without_handle(void) {
  return opt_context_create(NULL, NULL);
}

static opt_status context_get_info(void) {
  return opt_context_get_info(NULL, NULL);
}

static opt_status add_group(void) {
  return opt_add_group(optimizer, NULL, NULL, 0, NULL);
}

static opt_status set(void) { return opt_set(optimizer, 0, NULL, 0); }

static opt_status get_without_option(void) {
  double value = 0;
  return opt_get(optimizer, 0, NULL, &value);
}

static opt_status get_without_value(void) {
  return opt_get(optimizer, 0, OPT_LR, NULL);
}

static opt_status set_preset(void) {
  return opt_set_preset(optimizer, 0, NULL);
}

static opt_status attach(void) { return opt_attach(optimizer, NULL, 1, NULL); }

static opt_status get_info(void) { return opt_get_info(optimizer, NULL); }

static opt_status tensor_at(void) { return opt_tensor_at(optimizer, 0, NULL); }

static opt_status find_without_name(void) {
  int64_t index = 0;
  return opt_tensor_find(optimizer, NULL, &index);
}

static opt_status find_without_index(void) {
  return opt_tensor_find(optimizer, "weight", NULL);
}

static opt_status set_tensor(void) {
  return opt_set_attribute(optimizer, 0, NULL, 0);
}

static opt_status get_tensor_without_attribute(void) {
  double value = 0;
  return opt_get_attribute(optimizer, 0, NULL, &value);
}

static opt_status get_tensor_without_value(void) {
  return opt_get_attribute(optimizer, 0, OPT_TENSOR_FROZEN, NULL);
}

static opt_status average_get(void) {
  return opt_average_get_info(optimizer, NULL);
}

static opt_status attribute_count(void) { return opt_attribute_count(NULL); }

static opt_status attribute_at(void) { return opt_attribute_at(0, NULL); }

static opt_status view_without_slot(void) {
  opt_view view = OPT_VIEW_INIT;
  return opt_state_view(optimizer, 0, NULL, &view);
}

static opt_status view_without_view(void) {
  return opt_state_view(optimizer, 0, OPT_SLOT_EXP_AVG, NULL);
}

static opt_status norm_without_report(void) {
  return opt_grad_norm(optimizer, NULL, NULL);
}

static opt_status scaler_get(void) {
  return opt_scaler_get_info(optimizer, NULL);
}

static opt_status save_without_path(void) {
  return opt_save_file(optimizer, NULL, NULL);
}

static opt_status save_without_size(void) {
  return opt_save_memory(optimizer, NULL, 0, NULL, NULL);
}

static opt_status save_without_callback(void) {
  return opt_save_callback(optimizer, NULL, NULL, NULL);
}

static opt_status load_without_path(void) {
  return opt_load_file(optimizer, NULL, NULL);
}

static opt_status load_without_data(void) {
  return opt_load_memory(optimizer, NULL, 0, NULL);
}

static opt_status load_without_callback(void) {
  return opt_load_callback(optimizer, NULL, NULL, NULL);
}

static opt_status open_without_path(void) {
  opt_checkpoint opened = NULL;
  return opt_checkpoint_open_file(NULL, NULL, &opened);
}

static opt_status open_without_data(void) {
  opt_checkpoint opened = NULL;
  return opt_checkpoint_open_memory(NULL, NULL, 0, &opened);
}

static opt_status open_file_without_handle(void) {
  return opt_checkpoint_open_file(NULL, "/nonexistent", NULL);
}

static opt_status open_memory_without_handle(void) {
  return opt_checkpoint_open_memory(NULL, "", 0, NULL);
}

static opt_status rule_count(void) { return opt_rule_count(NULL); }

static opt_status rule_at(void) { return opt_rule_at(0, NULL); }

static opt_status rule_find_without_rule(void) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  return opt_rule_find(NULL, &info);
}

static opt_status rule_find_without_info(void) {
  return opt_rule_find(OPT_RULE_SGD, NULL);
}

static opt_status alias_count(void) { return opt_alias_count(NULL); }

static opt_status alias_at(void) { return opt_alias_at(0, NULL); }

static opt_status option_at_without_rule(void) {
  opt_option_info info = OPT_OPTION_INFO_INIT;
  return opt_option_at(NULL, 0, &info);
}

static opt_status option_at_without_info(void) {
  return opt_option_at(OPT_RULE_SGD, 0, NULL);
}

static opt_status slot_at_without_rule(void) {
  opt_slot_info info = OPT_SLOT_INFO_INIT;
  return opt_slot_at(NULL, 0, &info);
}

static opt_status slot_at_without_info(void) {
  return opt_slot_at(OPT_RULE_SGD, 0, NULL);
}

static opt_status preset_at_without_rule(void) {
  opt_preset_info info = OPT_PRESET_INFO_INIT;
  return opt_preset_at(NULL, 0, &info);
}

static opt_status preset_at_without_info(void) {
  return opt_preset_at(OPT_RULE_SGD, 0, NULL);
}

static opt_status preset_value_without(int which) {
  double value = 0;
  return opt_preset_value(
      which == 0 ? NULL : OPT_RULE_SGD, which == 1 ? NULL : OPT_PRESET_PYTORCH,
      which == 2 ? NULL : OPT_LR, which == 3 ? NULL : &value);
}

static opt_status preset_value_without_rule(void) {
  return preset_value_without(0);
}

static opt_status preset_value_without_preset(void) {
  return preset_value_without(1);
}

static opt_status preset_value_without_option(void) {
  return preset_value_without(2);
}

static opt_status preset_value_without_value(void) {
  return preset_value_without(3);
}

static opt_status target_count(void) { return opt_target_count(NULL); }

static opt_status target_at(void) { return opt_target_at(0, NULL); }

/* The message has to name the argument. */
static const struct {
  opt_status (*call)(void);
  const char* argument;
} kCalls[] = {
    {create_without_handle, "optimizer"},
    {create_without_rule, "rule"},
    {context_create_without_handle, "context"},
    {context_get_info, "info"},
    {add_group, "group"},
    {set, "option"},
    {get_without_option, "option"},
    {get_without_value, "value"},
    {set_preset, "preset"},
    {attach, "tensors"},
    {get_info, "info"},
    {tensor_at, "info"},
    {find_without_name, "name"},
    {find_without_index, "index"},
    {set_tensor, "attribute"},
    {get_tensor_without_attribute, "attribute"},
    {get_tensor_without_value, "value"},
    {average_get, "info"},
    {attribute_count, "count"},
    {attribute_at, "info"},
    {view_without_slot, "slot"},
    {view_without_view, "view"},
    {norm_without_report, "report"},
    {scaler_get, "info"},
    {save_without_path, "path"},
    {save_without_size, "size"},
    {save_without_callback, "write"},
    {load_without_path, "path"},
    {load_without_data, "data"},
    {load_without_callback, "read"},
    {open_without_path, "path"},
    {open_without_data, "data"},
    {open_file_without_handle, "checkpoint"},
    {open_memory_without_handle, "checkpoint"},
    {rule_count, "count"},
    {rule_at, "info"},
    {rule_find_without_rule, "rule"},
    {rule_find_without_info, "info"},
    {alias_count, "count"},
    {alias_at, "info"},
    {option_at_without_rule, "rule"},
    {option_at_without_info, "info"},
    {slot_at_without_rule, "rule"},
    {slot_at_without_info, "info"},
    {preset_at_without_rule, "rule"},
    {preset_at_without_info, "info"},
    {preset_value_without_rule, "rule"},
    {preset_value_without_preset, "preset"},
    {preset_value_without_option, "option"},
    {preset_value_without_value, "value"},
    {target_count, "count"},
    {target_at, "info"},
};

static void a_NULL_argument_is_refused_and_named(void) {
  const opt_tensor tensor = tensor_of("weight", NULL, NULL, 3);
  optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  for (int64_t i = 0; i < COUNT_OF(kCalls); ++i) {
    CHECK_REFUSES(optimizer, kCalls[i].call(), OPT_ERR_ARGUMENT,
                  kCalls[i].argument);
  }
  CHECK_OK(opt_destroy(optimizer));
}

void null_argument_tests(void) { RUN(a_NULL_argument_is_refused_and_named); }
