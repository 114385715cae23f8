/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The rules of struct_size, for every struct that crosses the API: shorter
 * than in its first version is refused; longer is a newer program, which may
 * not set what this version does not know, and is given 0 for it. An array is
 * walked by the size that its elements tell.
 */

#include <string.h>

#include "fixture.h"

enum { kTail = 16, kMaxSize = 256 };

static opt_optimizer optimizer;
static char saved[4096]; /* its checkpoint */
static int64_t saved_size;
static opt_checkpoint checkpoint;
static opt_schedule schedule;

static opt_status create_context(void* data) {
  opt_context context = NULL;
  const opt_status status = opt_context_create(data, &context);
  if (status == OPT_OK) opt_context_destroy(context);
  return status;
}

static opt_status context_info(void* data) {
  return opt_context_get_info(NULL, data);
}

static opt_status attach(void* data) {
  const opt_status status = opt_attach(optimizer, data, 1, NULL);
  return status == OPT_OK ? opt_detach(optimizer, 1) : status;
}

static opt_status step(void* data) { return opt_step(optimizer, data); }
static opt_status zero(void* data) { return opt_zero_grads(optimizer, data); }
static opt_status info(void* data) { return opt_get_info(optimizer, data); }
static opt_status clip(void* data) {
  return opt_clip_grads(optimizer, data, NULL);
}
static opt_status norm(void* data) {
  return opt_grad_norm(optimizer, NULL, data);
}
static opt_status scale(void* data) {
  const opt_status status = opt_scaler_start(optimizer, data);
  if (status == OPT_OK) opt_scaler_stop(optimizer);
  return status;
}
static opt_status scaler(void* data) {
  return opt_scaler_get_info(optimizer, data);
}
static opt_status rule(void* data) { return opt_rule_at(0, data); }
static opt_status find(void* data) { return opt_rule_find("adam", data); }
static opt_status alias(void* data) { return opt_alias_at(0, data); }
static opt_status option(void* data) { return opt_option_at("adam", 0, data); }
static opt_status slot(void* data) { return opt_slot_at("adam", 0, data); }
static opt_status preset(void* data) { return opt_preset_at("adam", 0, data); }
static opt_status target(void* data) { return opt_target_at(0, data); }

static opt_status kind(void* data) { return opt_schedule_kind_at(0, data); }
static opt_status part(void* data) {
  return opt_schedule_part_at(schedule, 0, data);
}
static opt_status find_kind(void* data) {
  return opt_schedule_kind_find("cosine", data);
}
static opt_status kind_option(void* data) {
  return opt_schedule_option_at("cosine", 0, data);
}

static opt_status accumulate(void* data) {
  return opt_accumulate(optimizer, data);
}

static opt_status tensor_at(void* data) {
  return opt_tensor_at(optimizer, 0, data);
}

static opt_status average_start(void* data) {
  return opt_average_start(optimizer, data);
}

static opt_status average_get(void* data) {
  return opt_average_get_info(optimizer, data);
}

static opt_status attribute(void* data) { return opt_attribute_at(0, data); }

static opt_status view(void* data) {
  return opt_state_view(optimizer, 0, OPT_SLOT_EXP_AVG, data);
}

static opt_status work(void* data) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.work = data;
  return opt_step(optimizer, &args);
}

static opt_status save(void* data) {
  return opt_save_memory(optimizer, NULL, 0, &(int64_t){0}, data);
}

static opt_status load(void* data) {
  return opt_load_memory(optimizer, saved, saved_size, data);
}

static opt_status entry(void* data) {
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.entries = data;
  args.entry_count = 1;
  return save(&args);
}

static opt_status entry_info(void* data) {
  return opt_checkpoint_at(checkpoint, 0, data);
}

static const opt_context_config kConfig = OPT_CONTEXT_CONFIG_INIT;
static const opt_context_info kContextInfo = OPT_CONTEXT_INFO_INIT;
static const opt_tensor kTensor = OPT_TENSOR_INIT;
static const opt_step_args kStep = OPT_STEP_ARGS_INIT;
static const opt_accumulate_args kAccumulate = OPT_ACCUMULATE_ARGS_INIT;
static const opt_lent kLent = OPT_LENT_INIT;
static const opt_grad_work kWork = OPT_GRAD_WORK_INIT;
static const opt_grad_args kGrads = OPT_GRAD_ARGS_INIT;
static const opt_grad_report kReport = OPT_GRAD_REPORT_INIT;
static const opt_scaler_config kScale = OPT_SCALER_CONFIG_INIT;
static const opt_scaler_info kScaler = OPT_SCALER_INFO_INIT;
static const opt_info kInfo = OPT_INFO_INIT;
static const opt_tensor_info kTensorInfo = OPT_TENSOR_INFO_INIT;
static const opt_average_config kAverage = OPT_AVERAGE_CONFIG_INIT;
static const opt_average_info kAverageInfo = OPT_AVERAGE_INFO_INIT;
static const opt_schedule_part_info kPart = OPT_SCHEDULE_PART_INFO_INIT;
static const opt_view kView = OPT_VIEW_INIT;
static const opt_rule_info kRule = OPT_RULE_INFO_INIT;
static const opt_alias_info kAlias = OPT_ALIAS_INFO_INIT;
static const opt_option_info kOption = OPT_OPTION_INFO_INIT;
static const opt_slot_info kSlot = OPT_SLOT_INFO_INIT;
static const opt_preset_info kPreset = OPT_PRESET_INFO_INIT;
static const opt_target_info kTarget = OPT_TARGET_INFO_INIT;
static const opt_schedule_kind_info kKind = OPT_SCHEDULE_KIND_INFO_INIT;
static const opt_save_args kSave = OPT_SAVE_ARGS_INIT;
static const opt_load_args kLoad = OPT_LOAD_ARGS_INIT;
static const opt_entry kEntry = {sizeof(opt_entry), OPT_U8, 0, "own", NULL};
static const opt_entry_info kEntryInfo = OPT_ENTRY_INFO_INIT;

/* The size of a struct that ends with this field: a multiple of the alignment
 * of numbers, which most structs have, and not more than the whole. */
#define SIZE_UP_TO(type, init, last) \
  MIN(sizeof(type), (offsetof(type, last) + sizeof((init).last) + 7) / 8 * 8)
#define MIN(a, b) ((a) < (b) ? (a) : (b))

/* A struct: the call that takes it, what it starts from, the last field that
 * its first version had, and whether the call fills it. */
#define STRUCT(call, init, type, last, filled)         \
  {                                                    \
    call, &(init), sizeof(type), offsetof(type, last), \
        SIZE_UP_TO(type, init, last), filled           \
  }
static const struct {
  opt_status (*call)(void* data);
  const void* init;
  size_t size;
  size_t last_field;
  size_t first_size;
  int filled;
} kStructs[] = {
    STRUCT(create_context, kConfig, opt_context_config, reserved, 0),
    STRUCT(context_info, kContextInfo, opt_context_info, reserved, 1),
    STRUCT(attach, kTensor, opt_tensor, reserved, 0),
    STRUCT(step, kStep, opt_step_args, report, 0),
    STRUCT(accumulate, kAccumulate, opt_accumulate_args, lent, 0),
    STRUCT(zero, kLent, opt_lent, grads, 0),
    STRUCT(work, kWork, opt_grad_work, nonfinite, 0),
    STRUCT(clip, kGrads, opt_grad_args, work, 0),
    STRUCT(norm, kReport, opt_grad_report, group_capacity, 0),
    STRUCT(scale, kScale, opt_scaler_config, growth_interval, 0),
    STRUCT(scaler, kScaler, opt_scaler_info, skipped, 1),
    STRUCT(info, kInfo, opt_info, remaining, 1),
    STRUCT(tensor_at, kTensorInfo, opt_tensor_info, reserved, 1),
    STRUCT(average_get, kAverageInfo, opt_average_info, updates, 1),
    STRUCT(attribute, kOption, opt_option_info, choices, 1),
    STRUCT(view, kView, opt_view, reserved, 1),
    STRUCT(rule, kRule, opt_rule_info, reference, 1),
    STRUCT(find, kRule, opt_rule_info, reference, 1),
    STRUCT(alias, kAlias, opt_alias_info, doc, 1),
    STRUCT(option, kOption, opt_option_info, choices, 1),
    STRUCT(slot, kSlot, opt_slot_info, initial_option, 1),
    STRUCT(preset, kPreset, opt_preset_info, doc, 1),
    STRUCT(target, kTarget, opt_target_info, name, 1),
    STRUCT(kind, kKind, opt_schedule_kind_info, pytorch, 1),
    STRUCT(find_kind, kKind, opt_schedule_kind_info, pytorch, 1),
    STRUCT(kind_option, kOption, opt_option_info, choices, 1),
    STRUCT(save, kSave, opt_save_args, entries, 0),
    STRUCT(load, kLoad, opt_load_args, user, 0),
    STRUCT(entry, kEntry, opt_entry, data, 0),
    STRUCT(entry_info, kEntryInfo, opt_entry_info, name, 1),
    STRUCT(average_start, kAverage, opt_average_config, reserved, 0),
    STRUCT(part, kPart, opt_schedule_part_info, milestone_count, 1),
};

/* A struct of another version, with room after it. */
typedef union {
  uint32_t struct_size;
  double alignment;
  unsigned char bytes[kMaxSize];
} any_struct;

/* Struct i as a program sees it in whose headers it has `size` bytes; all
 * bytes from there on are `beyond`. */
static any_struct struct_of_size(int64_t i, size_t size, unsigned char beyond) {
  any_struct s;
  memset(&s, 0, sizeof s);
  memcpy(&s, kStructs[i].init, kStructs[i].size);
  memset(s.bytes + size, beyond, sizeof s.bytes - size);
  s.struct_size = (uint32_t)size;
  return s;
}

/* Calls with struct i; what lies beyond its size must stay. */
static opt_status call_with(int64_t i, any_struct s) {
  const any_struct before = s;
  const size_t size = s.struct_size;
  const opt_status status = kStructs[i].call(&s);
  CHECK(size > kMaxSize ||
        memcmp(s.bytes + size, before.bytes + size, kMaxSize - size) == 0);
  CHECK_EQ(s.struct_size, size);
  return status;
}

static void for_each_struct(void (*check)(int64_t i)) {
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 2);
  optimizer = new_optimizer("adam");
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_save_memory(optimizer, saved, sizeof saved, &saved_size, NULL));
  CHECK_OK(opt_checkpoint_open_memory(NULL, saved, saved_size, &checkpoint));
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_CONSTANT, &schedule));
  for (int64_t i = 0; i < COUNT_OF(kStructs); ++i) check(i);
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_checkpoint_close(checkpoint));
  CHECK_OK(opt_destroy(optimizer));
}

/* The struct is refused, and left as it is. */
static void expect_refused(int64_t i, any_struct s) {
  const any_struct before = s;
  CHECK_REFUSES(optimizer, kStructs[i].call(&s), OPT_ERR_STRUCT, "struct_size");
  CHECK(memcmp(&s, &before, sizeof s) == 0);
}

static void check_first(int64_t i) {
  CHECK_OK(call_with(i, struct_of_size(i, kStructs[i].first_size, 0xA5)));
}

static void check_too_short(int64_t i) {
  const size_t sizes[] = {0, 1, 4, kStructs[i].last_field,
                          kStructs[i].first_size - 1};
  for (int64_t k = 0; k < COUNT_OF(sizes); ++k) {
    any_struct s = struct_of_size(i, kStructs[i].size, 0);
    s.struct_size = (uint32_t)sizes[k];
    expect_refused(i, s);
  }
}

/* The sizes that a struct has that nobody initialized, or that no version can
 * have. */
static void check_much_too_long(int64_t i) {
  const uint32_t sizes[] = {0x5A5A5A5A, UINT32_MAX, 4096, 1025};
  for (int64_t k = 0; k < COUNT_OF(sizes); ++k) {
    any_struct s = struct_of_size(i, kStructs[i].size, 0);
    s.struct_size = sizes[k];
    expect_refused(i, s);
  }
}

static void check_longer_with_zeros(int64_t i) {
  CHECK_OK(call_with(i, struct_of_size(i, kStructs[i].size + kTail, 0)));
}

static void check_longer_with_something(int64_t i) {
  for (size_t k = 0; k < kTail; ++k) {
    const size_t at = kStructs[i].size + k;
    any_struct s = struct_of_size(i, kStructs[i].size + kTail, 0);
    s.bytes[at] = 1;
    if (kStructs[i].filled) {
      CHECK_OK(kStructs[i].call(&s));
      CHECK_EQ(s.bytes[at], 0);
    } else {
      expect_refused(i, s);
    }
  }
}

static void the_size_of_the_first_version_is_accepted(void) {
  for_each_struct(check_first);
}
static void a_smaller_size_is_refused(void) {
  for_each_struct(check_too_short);
}
static void a_size_that_no_version_can_have_is_refused(void) {
  for_each_struct(check_much_too_long);
}
static void a_longer_struct_with_a_tail_of_zeros_is_accepted(void) {
  for_each_struct(check_longer_with_zeros);
}
static void an_unknown_field_is_refused_if_set_and_zeroed_if_asked_for(void) {
  for_each_struct(check_longer_with_something);
}

/* opt_tensor as a later version may have it. */
typedef struct {
  opt_tensor known;
  int64_t unknown[2];
} later_tensor;

static void an_array_of_longer_tensors_is_walked_by_their_size(void) {
  later_tensor tensors[3];
  int64_t indices[3] = {-1, -1, -1};
  const char* const names[3] = {"a", "b", "c"};
  memset(tensors, 0, sizeof tensors);
  for (int i = 0; i < 3; ++i) {
    tensors[i].known = tensor_of(names[i], NULL, NULL, i);
    tensors[i].known.struct_size = sizeof *tensors;
  }
  const opt_optimizer optimizer = new_optimizer("adam");
  tensors[2].unknown[1] = 1;
  CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensors[0].known, 3, NULL),
                OPT_ERR_STRUCT, "struct_size");
  tensors[2].unknown[1] = 0;
  CHECK_OK(opt_attach(optimizer, &tensors[0].known, 3, indices));
  for (int i = 0; i < 3; ++i) {
    int64_t index = -1;
    CHECK_EQ(indices[i], i);
    CHECK_OK(opt_tensor_find(optimizer, names[i], &index));
    CHECK_EQ(index, i);
  }
  CHECK_OK(opt_destroy(optimizer));
}

/* opt_entry as a later version may have it. */
typedef struct {
  opt_entry known;
  int64_t unknown;
} later_entry;

static void an_array_of_longer_entries_is_walked_by_their_size(void) {
  static char data[4096];
  static const char* const kNames[3] = {"a", "b", "c"};
  later_entry entries[3];
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  opt_checkpoint checkpoint = NULL;
  int64_t size = 0;
  memset(entries, 0, sizeof entries);
  for (int i = 0; i < 3; ++i) {
    const opt_entry known = {sizeof *entries, OPT_U8, i, kNames[i], "xyz"};
    entries[i].known = known;
  }
  args.entries = &entries[0].known;
  args.entry_count = 3;
  const opt_optimizer optimizer = new_optimizer("adam");
  entries[2].unknown = 1;
  CHECK_REFUSES(optimizer, opt_save_memory(optimizer, NULL, 0, &size, &args),
                OPT_ERR_STRUCT, "struct_size");
  entries[2].unknown = 0;
  CHECK_OK(opt_save_memory(optimizer, data, sizeof data, &size, &args));
  CHECK_OK(opt_checkpoint_open_memory(NULL, data, size, &checkpoint));
  for (int i = 0; i < 3; ++i) {
    opt_entry_info info = OPT_ENTRY_INFO_INIT;
    int64_t index = -1;
    CHECK_OK(opt_checkpoint_find(checkpoint, kNames[i], &index));
    CHECK_OK(opt_checkpoint_at(checkpoint, index, &info));
    CHECK_EQ(info.count, i);
  }
  CHECK_OK(opt_checkpoint_close(checkpoint));
  CHECK_OK(opt_destroy(optimizer));
}

void struct_size_tests(void) {
  RUN(the_size_of_the_first_version_is_accepted);
  RUN(a_smaller_size_is_refused);
  RUN(a_size_that_no_version_can_have_is_refused);
  RUN(a_longer_struct_with_a_tail_of_zeros_is_accepted);
  RUN(an_unknown_field_is_refused_if_set_and_zeroed_if_asked_for);
  RUN(an_array_of_longer_tensors_is_walked_by_their_size);
  RUN(an_array_of_longer_entries_is_walked_by_their_size);
}
