// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The C API as Python, Java and C# see it, before each language's own layer
// makes it idiomatic: the functions of opt/opt.h by their names, failures as
// the language's exceptions, outputs as its return values or out arguments,
// handles and addresses as its integers. What is the same in every language
// stands here; bindings/<language>/language.i has the typemaps.
//
// No callback crosses into a managed language: what C calls back for (entries
// to save, names that a load reports) the classes of calls.h collect.

%{
#include "bindings/calls.h"
#include "bindings/schedule_call.h"
#include "bindings/step_call.h"
#include "opt/opt.h"
%}

#define OPT_API
#define OPT_NODISCARD

%include <stdint.i>
%include "language.i"

// language.i defines, for its language:
//   %opt_handle(TYPE)   TYPE is an integer, TYPE* an output
//   %opt_output(TYPE)   TYPE* is an output
//   typemaps of opt_status (a failure is thrown), void* (an address) and
//   const char* (UTF-8)
%opt_handle(opt_context)
%opt_handle(opt_optimizer)
%opt_handle(opt_checkpoint)
%opt_handle(opt_schedule)
%opt_output(int32_t)
%opt_output(int64_t)
%opt_output(double)

// Structs start from their *_INIT macro, and their sizes are no one's business.
%define %opt_struct(TYPE, INIT)
%ignore TYPE::struct_size;
%ignore TYPE::reserved;
%extend TYPE {
  TYPE() {
    auto* made = new TYPE;
    const TYPE initial = INIT;
    *made = initial;
    return made;
  }
}
%enddef

%opt_struct(opt_rule_info, OPT_RULE_INFO_INIT)
%opt_struct(opt_option_info, OPT_OPTION_INFO_INIT)
%opt_struct(opt_slot_info, OPT_SLOT_INFO_INIT)
%opt_struct(opt_preset_info, OPT_PRESET_INFO_INIT)
%opt_struct(opt_alias_info, OPT_ALIAS_INFO_INIT)
%opt_struct(opt_target_info, OPT_TARGET_INFO_INIT)
%opt_struct(opt_context_info, OPT_CONTEXT_INFO_INIT)
%opt_struct(opt_info, OPT_INFO_INIT)
%opt_struct(opt_tensor_info, OPT_TENSOR_INFO_INIT)
%opt_struct(opt_view, OPT_VIEW_INIT)
%opt_struct(opt_entry_info, OPT_ENTRY_INFO_INIT)
%opt_struct(opt_average_info, OPT_AVERAGE_INFO_INIT)
%opt_struct(opt_scaler_info, OPT_SCALER_INFO_INIT)
%opt_struct(opt_schedule_kind_info, OPT_SCHEDULE_KIND_INFO_INIT)
%opt_struct(opt_schedule_part_info, OPT_SCHEDULE_PART_INFO_INIT)

// Whose arguments own memory or call back: calls.h makes these calls.
%ignore opt_context_config;
%ignore opt_context_create;
%ignore opt_tensor;
%ignore opt_step_args;
%ignore opt_accumulate_args;
%ignore opt_lent;
%ignore opt_attach;
%ignore opt_state_bytes;
%ignore opt_option_value;
%ignore opt_add_group;
%ignore opt_set_options;
%ignore opt_step;
%ignore opt_step_begin;
%ignore opt_step_slice;
%ignore opt_accumulate;
%ignore opt_zero_grads;
%ignore opt_average_config;
%ignore opt_average_start;
%ignore opt_swap_eval_weights;
%ignore opt_read_eval_weights;
%ignore opt_grad_work;
%ignore opt_grad_report;
%ignore opt_grad_args;
%ignore opt_grad_norm;
%ignore opt_clip_grads;
%ignore opt_scaler_config;
%ignore opt_scaler_start;
%ignore opt_schedule_set_milestones;
%ignore opt_entry;
%ignore opt_save_args;
%ignore opt_load_args;
%ignore opt_save_file;
%ignore opt_save_memory;
%ignore opt_save_callback;
%ignore opt_load_file;
%ignore opt_load_memory;
%ignore opt_load_callback;
%ignore opt_load_checkpoint;

// Extents are asked for one by one: opt_shape_at() of calls.h.
%ignore opt_tensor_info::shape;
%ignore opt_entry_info::shape;
%ignore opt_view::shape;
// So are the options and milestones of a part: opt_part_option_at() and so on.
%ignore opt_schedule_part_info::options;
%ignore opt_schedule_part_info::milestones;

%immutable;  // structs that are left are the library's to fill
%include "opt/opt_base.h"
%include "opt/opt_context.h"
%include "opt/opt_names.h"
%include "opt/opt_describe.h"
%include "opt/opt_optimizer.h"
%include "opt/opt_tensor.h"
%include "opt/opt_gradient.h"
%include "opt/opt_step.h"
%include "opt/opt_average.h"
%include "opt/opt_scaler.h"
%include "opt/opt_schedule.h"
%include "opt/opt_state.h"
%mutable;

%include "bindings/calls.h"
%include "bindings/schedule_call.h"
%include "bindings/step_call.h"

// Calls of one language alone, which need all of the above.
#ifdef SWIGJAVA
%include "bindings/java/calls.i"
#endif
