/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The structs that cross the ABI keep their layout: where a pointer has 64
 * bits, each field is at the offset that the first release gave it.
 */
#include <opt/opt.h>
#include <stddef.h>
#include <stdio.h>

#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field)
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)

AT(opt_context_config, struct_size, 0);
AT(opt_context_config, threads, 4);
AT(opt_context_config, user, 8);
AT(opt_context_config, allocate, 16);
AT(opt_context_config, release, 24);
AT(opt_context_config, log, 32);
AT(opt_context_config, parallel_for, 40);
AT(opt_context_config, target, 48);
AT(opt_context_config, spin_microseconds, 56);
AT(opt_context_config, reserved, 60);
SIZE(opt_context_config, 64);

AT(opt_context_info, struct_size, 0);
AT(opt_context_info, threads, 4);
AT(opt_context_info, target, 8);
AT(opt_context_info, spin_microseconds, 16);
AT(opt_context_info, reserved, 20);
SIZE(opt_context_info, 24);

AT(opt_rule_info, struct_size, 0);
AT(opt_rule_info, option_count, 4);
AT(opt_rule_info, slot_count, 8);
AT(opt_rule_info, preset_count, 12);
AT(opt_rule_info, name, 16);
AT(opt_rule_info, summary, 24);
AT(opt_rule_info, formula, 32);
AT(opt_rule_info, reference, 40);
SIZE(opt_rule_info, 48);

AT(opt_option_info, struct_size, 0);
AT(opt_option_info, flags, 4);
AT(opt_option_info, default_value, 8);
AT(opt_option_info, min, 16);
AT(opt_option_info, max, 24);
AT(opt_option_info, name, 32);
AT(opt_option_info, aliases, 40);
AT(opt_option_info, doc, 48);
AT(opt_option_info, choices, 56);
SIZE(opt_option_info, 64);

AT(opt_schedule_kind_info, struct_size, 0);
AT(opt_schedule_kind_info, option_count, 4);
AT(opt_schedule_kind_info, flags, 8);
AT(opt_schedule_kind_info, reserved, 12);
AT(opt_schedule_kind_info, name, 16);
AT(opt_schedule_kind_info, summary, 24);
AT(opt_schedule_kind_info, formula, 32);
AT(opt_schedule_kind_info, reference, 40);
AT(opt_schedule_kind_info, pytorch, 48);
SIZE(opt_schedule_kind_info, 56);

AT(opt_slot_info, struct_size, 0);
AT(opt_slot_info, shape, 4);
AT(opt_slot_info, dtype, 8);
AT(opt_slot_info, reserved, 12);
AT(opt_slot_info, name, 16);
AT(opt_slot_info, doc, 24);
AT(opt_slot_info, when_option, 32);
AT(opt_slot_info, initial_option, 40);
SIZE(opt_slot_info, 48);

AT(opt_preset_info, struct_size, 0);
AT(opt_preset_info, reserved, 4);
AT(opt_preset_info, name, 8);
AT(opt_preset_info, doc, 16);
SIZE(opt_preset_info, 24);

AT(opt_alias_info, struct_size, 0);
AT(opt_alias_info, reserved, 4);
AT(opt_alias_info, name, 8);
AT(opt_alias_info, rule, 16);
AT(opt_alias_info, doc, 24);
SIZE(opt_alias_info, 32);

AT(opt_target_info, struct_size, 0);
AT(opt_target_info, supported, 4);
AT(opt_target_info, name, 8);
SIZE(opt_target_info, 16);

AT(opt_tensor, struct_size, 0);
AT(opt_tensor, group, 4);
AT(opt_tensor, param_dtype, 8);
AT(opt_tensor, grad_dtype, 12);
AT(opt_tensor, count, 16);
AT(opt_tensor, shape, 24);
AT(opt_tensor, name, 32);
AT(opt_tensor, param, 40);
AT(opt_tensor, grad, 48);
AT(opt_tensor, rank, 56);
AT(opt_tensor, reserved, 60);
SIZE(opt_tensor, 64);

AT(opt_step_args, struct_size, 0);
AT(opt_step_args, flags, 4);
AT(opt_step_args, lent, 8);
AT(opt_step_args, work, 16);
AT(opt_step_args, report, 24);
SIZE(opt_step_args, 32);

AT(opt_lent, struct_size, 0);
AT(opt_lent, reserved, 4);
AT(opt_lent, count, 8);
AT(opt_lent, params, 16);
AT(opt_lent, grads, 24);
SIZE(opt_lent, 32);

AT(opt_option_value, option, 0);
AT(opt_option_value, value, 8);
SIZE(opt_option_value, 16);

AT(opt_schedule_part_info, struct_size, 0);
AT(opt_schedule_part_info, option_count, 4);
AT(opt_schedule_part_info, kind, 8);
AT(opt_schedule_part_info, begin, 16);
AT(opt_schedule_part_info, end, 24);
AT(opt_schedule_part_info, options, 32);
AT(opt_schedule_part_info, milestones, 40);
AT(opt_schedule_part_info, milestone_count, 48);
SIZE(opt_schedule_part_info, 56);

AT(opt_grad_work, struct_size, 0);
AT(opt_grad_work, flags, 4);
AT(opt_grad_work, loss_scale, 8);
AT(opt_grad_work, max_value, 16);
AT(opt_grad_work, max_tensor_norm, 24);
AT(opt_grad_work, max_norm, 32);
AT(opt_grad_work, norm, 40);
AT(opt_grad_work, nonfinite, 44);
SIZE(opt_grad_work, 48);

AT(opt_grad_report, struct_size, 0);
AT(opt_grad_report, skipped, 4);
AT(opt_grad_report, norm, 8);
AT(opt_grad_report, factor, 16);
AT(opt_grad_report, nonfinite_tensor, 24);
AT(opt_grad_report, group_norms, 32);
AT(opt_grad_report, group_capacity, 40);
SIZE(opt_grad_report, 48);

AT(opt_grad_args, struct_size, 0);
AT(opt_grad_args, flags, 4);
AT(opt_grad_args, lent, 8);
AT(opt_grad_args, work, 16);
SIZE(opt_grad_args, 24);

AT(opt_scaler_config, struct_size, 0);
AT(opt_scaler_config, flags, 4);
AT(opt_scaler_config, initial_scale, 8);
AT(opt_scaler_config, growth_factor, 16);
AT(opt_scaler_config, backoff_factor, 24);
AT(opt_scaler_config, growth_interval, 32);
SIZE(opt_scaler_config, 40);

AT(opt_scaler_info, struct_size, 0);
AT(opt_scaler_info, active, 4);
AT(opt_scaler_info, scale, 8);
AT(opt_scaler_info, growth_factor, 16);
AT(opt_scaler_info, backoff_factor, 24);
AT(opt_scaler_info, growth_interval, 32);
AT(opt_scaler_info, good_steps, 40);
AT(opt_scaler_info, skipped, 48);
SIZE(opt_scaler_info, 56);

AT(opt_accumulate_args, struct_size, 0);
AT(opt_accumulate_args, flags, 4);
AT(opt_accumulate_args, samples, 8);
AT(opt_accumulate_args, lent, 16);
SIZE(opt_accumulate_args, 24);

AT(opt_info, struct_size, 0);
AT(opt_info, group_count, 4);
AT(opt_info, index_count, 8);
AT(opt_info, tensor_count, 16);
AT(opt_info, param_count, 24);
AT(opt_info, state_bytes, 32);
AT(opt_info, steps, 40);
AT(opt_info, pending_samples, 48);
AT(opt_info, rule, 56);
AT(opt_info, skipped, 64);
AT(opt_info, remaining, 72);
SIZE(opt_info, 80);

AT(opt_tensor_info, struct_size, 0);
AT(opt_tensor_info, group, 4);
AT(opt_tensor_info, param_dtype, 8);
AT(opt_tensor_info, grad_dtype, 12);
AT(opt_tensor_info, count, 16);
AT(opt_tensor_info, step, 24);
AT(opt_tensor_info, shape, 32);
AT(opt_tensor_info, name, 40);
AT(opt_tensor_info, param, 48);
AT(opt_tensor_info, grad, 56);
AT(opt_tensor_info, rank, 64);
AT(opt_tensor_info, reserved, 68);
SIZE(opt_tensor_info, 72);

AT(opt_average_config, struct_size, 0);
AT(opt_average_config, kind, 4);
AT(opt_average_config, decay, 8);
AT(opt_average_config, start, 16);
AT(opt_average_config, period, 24);
AT(opt_average_config, flags, 32);
AT(opt_average_config, reserved, 36);
SIZE(opt_average_config, 40);

AT(opt_average_info, struct_size, 0);
AT(opt_average_info, kind, 4);
AT(opt_average_info, decay, 8);
AT(opt_average_info, start, 16);
AT(opt_average_info, period, 24);
AT(opt_average_info, flags, 32);
AT(opt_average_info, swapped, 36);
AT(opt_average_info, updates, 40);
SIZE(opt_average_info, 48);

AT(opt_view, struct_size, 0);
AT(opt_view, dtype, 4);
AT(opt_view, count, 8);
AT(opt_view, data, 16);
AT(opt_view, shape, 24);
AT(opt_view, rank, 32);
AT(opt_view, reserved, 36);
SIZE(opt_view, 40);

AT(opt_entry, struct_size, 0);
AT(opt_entry, dtype, 4);
AT(opt_entry, count, 8);
AT(opt_entry, name, 16);
AT(opt_entry, data, 24);
SIZE(opt_entry, 32);

AT(opt_save_args, struct_size, 0);
AT(opt_save_args, flags, 4);
AT(opt_save_args, lent, 8);
AT(opt_save_args, entry_count, 16);
AT(opt_save_args, entries, 24);
SIZE(opt_save_args, 32);

AT(opt_load_args, struct_size, 0);
AT(opt_load_args, flags, 4);
AT(opt_load_args, lent, 8);
AT(opt_load_args, name_count, 16);
AT(opt_load_args, names, 24);
AT(opt_load_args, report, 32);
AT(opt_load_args, user, 40);
SIZE(opt_load_args, 48);

AT(opt_entry_info, struct_size, 0);
AT(opt_entry_info, rank, 4);
AT(opt_entry_info, dtype, 8);
AT(opt_entry_info, own, 12);
AT(opt_entry_info, count, 16);
AT(opt_entry_info, bytes, 24);
AT(opt_entry_info, shape, 32);
AT(opt_entry_info, name, 40);
SIZE(opt_entry_info, 48);

int main(void) {
  puts("ok 1 - struct layouts, checked when this was compiled");
  puts("1..1");
  return 0;
}
