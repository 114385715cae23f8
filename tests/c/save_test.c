/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Saving: arguments, sizes, parameters, the caller's own entries, names.
 */

#include <stdlib.h>
#include <string.h>

#include "model.h"

static model m;

static opt_status size_with(const opt_save_args* args) {
  int64_t size = -1;
  const opt_status status = opt_save_memory(m.optimizer, NULL, 0, &size, args);
  CHECK(status == OPT_OK ? size > 0 : size == -1);
  return status;
}

static opt_status with_entries(const opt_entry* entries, int64_t count) {
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.entries = entries;
  args.entry_count = count;
  return size_with(&args);
}

static opt_entry entry_of(const char* name, opt_dtype dtype, int64_t count,
                          const void* data) {
  opt_entry entry = OPT_ENTRY_INIT;
  entry.name = name;
  entry.dtype = dtype;
  entry.count = count;
  entry.data = data;
  return entry;
}

static void the_size_is_told_and_kept(void) {
  int64_t size = 0;
  unsigned char buffer[8192];
  start_model(&m, OPT_RULE_ADAM, 1);
  CHECK_OK(opt_save_memory(m.optimizer, NULL, 0, &size, NULL));
  CHECK(size > 0 && size < (int64_t)sizeof buffer);
  memset(buffer, 0xA5, sizeof buffer);
  CHECK_OK(opt_save_memory(m.optimizer, buffer, size, NULL, NULL));
  CHECK_EQ(buffer[size], 0xA5);
  end_model(&m);
}

static void too_small_a_buffer_is_left_alone(void) {
  unsigned char buffer[8192];
  start_model(&m, OPT_RULE_ADAM, 1);
  memset(buffer, 0xA5, sizeof buffer);
  int64_t whole = 0;
  CHECK_OK(opt_save_memory(m.optimizer, NULL, 0, &whole, NULL));
  const int64_t capacities[] = {INT64_MIN, -1, 0, 1, whole - 1};
  for (int i = 0; i < COUNT_OF(capacities); ++i) {
    int64_t size = 0;
    CHECK_REFUSES(
        m.optimizer,
        opt_save_memory(m.optimizer, buffer, capacities[i], &size, NULL),
        OPT_ERR_ARGUMENT, "capacity");
    CHECK_EQ(size, whole);
  }
  for (size_t i = 0; i < sizeof buffer; ++i) CHECK_EQ(buffer[i], 0xA5);
  end_model(&m);
}

static void unknown_flags_and_wrong_counts_are_refused(void) {
  void* params[2] = {NULL, NULL};
  const opt_entry entry = entry_of("x", OPT_U8, 0, NULL);
  start_model(&m, OPT_RULE_ADAM, 1);
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.flags = 2;
  CHECK_REFUSES(m.optimizer, size_with(&args), OPT_ERR_ARGUMENT, "flags");
  args.flags = OPT_SAVE_PARAMS;
  args.lent = &buffers;
  buffers.params = params;
  for (int64_t count = -1; count < 5; ++count) {
    buffers.count = count;
    if (count == 2) {
      CHECK_OK(size_with(&args));
    } else {
      CHECK_REFUSES(m.optimizer, size_with(&args), OPT_ERR_ARGUMENT,
                    "opt_lent.count");
    }
  }
  CHECK_REFUSES(m.optimizer, with_entries(&entry, -1), OPT_ERR_ARGUMENT,
                "entry_count");
  CHECK_REFUSES(m.optimizer, with_entries(NULL, 1), OPT_ERR_ARGUMENT,
                "entry_count");
  end_model(&m);
}

static void parameters_are_saved_if_there_are_any(void) {
  float lent[kWeights];
  void* params[2] = {lent, NULL};
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  start_model(&m, OPT_RULE_ADAM, 1);
  const saved before = save_model(&m);
  memcpy(lent, m.w, sizeof lent);
  CHECK_OK(opt_bind(m.optimizer, 0, NULL, m.dw));
  args.flags = OPT_SAVE_PARAMS;
  CHECK_REFUSES(m.optimizer, size_with(&args), OPT_ERR_STATE, "'w'");
  args.lent = &buffers;
  buffers.params = params;
  buffers.count = 2;
  const saved after = save_of(m.optimizer, &args);
  CHECK_EQ(after.size, before.size);
  CHECK(memcmp(after.data, before.data, (size_t)after.size) == 0);
  args.flags = 0;
  CHECK_OK(size_with(&args));
  free(before.data);
  free(after.data);
  end_model(&m);
}

static void bad_entries_are_refused_by_name(void) {
  static const struct {
    opt_entry entry;
    opt_status status;
    const char* says;
  } kBad[] = {
      {{sizeof(opt_entry), OPT_U8, 0, NULL, NULL}, OPT_ERR_NAME, "NULL"},
      {{sizeof(opt_entry), OPT_U8, 0, "", NULL}, OPT_ERR_NAME, "empty"},
      {{sizeof(opt_entry), OPT_U8, 0, "\xFF", NULL}, OPT_ERR_NAME, "UTF-8"},
      {{sizeof(opt_entry), OPT_U8, 0, "a\nb", NULL}, OPT_ERR_NAME, "control"},
      {{sizeof(opt_entry), 2, 0, "x", NULL}, OPT_ERR_DTYPE, "'x'"},
      {{sizeof(opt_entry), -1, 0, "x", NULL}, OPT_ERR_DTYPE, "'x'"},
      {{sizeof(opt_entry), OPT_U8, -1, "x", ""}, OPT_ERR_ARGUMENT, "'x'"},
      {{sizeof(opt_entry), OPT_U8, 1, "x", NULL}, OPT_ERR_ARGUMENT, "'x'"},
      {{sizeof(opt_entry), OPT_I64, INT64_MAX, "x", ""},
       OPT_ERR_ARGUMENT,
       "'x': 9223372036854775807 elements: give data and a count of 0 to "},
      {{sizeof(opt_entry) - 1, OPT_U8, 0, "x", NULL},
       OPT_ERR_STRUCT,
       "struct_size"},
  };
  start_model(&m, OPT_RULE_ADAM, 1);
  for (int i = 0; i < COUNT_OF(kBad); ++i) {
    CHECK_REFUSES(m.optimizer, with_entries(&kBad[i].entry, 1), kBad[i].status,
                  kBad[i].says);
  }
  end_model(&m);
}

static void entries_that_no_file_holds_are_too_many(void) {
  opt_entry entries[9];
  const char* const names[9] = {"0", "1", "2", "3", "4", "5", "6", "7", "8"};
  start_model(&m, OPT_RULE_ADAM, 1);
  for (int i = 0; i < 9; ++i) {
    entries[i] = entry_of(names[i], OPT_F64, INT64_MAX / 64, "");
  }
  CHECK_REFUSES(m.optimizer, with_entries(entries, 9), OPT_ERR_LIMIT, "bytes");
  end_model(&m);
}

static void the_same_name_twice_is_refused(void) {
  const opt_entry entries[3] = {entry_of("epoch", OPT_U8, 0, NULL),
                                entry_of("w", OPT_U8, 0, NULL),
                                entry_of("epoch", OPT_I64, 0, NULL)};
  start_model(&m, OPT_RULE_ADAM, 1);
  CHECK_REFUSES(m.optimizer, with_entries(entries, 3), OPT_ERR_NAME, "epoch");
  /* An entry may be called as anything else in the checkpoint. */
  CHECK_OK(with_entries(entries, 2));
  end_model(&m);
}

static void a_tensor_called_as_state_of_another_is_refused(void) {
  static const char* const kNames[] = {"w/exp_avg", "w/step", "w/group"};
  for (int i = 0; i < COUNT_OF(kNames); ++i) {
    const opt_tensor tensor = tensor_of(kNames[i], NULL, NULL, 1);
    start_model(&m, OPT_RULE_ADAM, 1);
    CHECK_OK(opt_attach(m.optimizer, &tensor, 1, NULL));
    CHECK_REFUSES(m.optimizer, size_with(NULL), OPT_ERR_NAME, kNames[i]);
    end_model(&m);
  }
  const opt_tensor harmless = tensor_of("w/other", NULL, NULL, 1);
  start_model(&m, OPT_RULE_ADAM, 1);
  CHECK_OK(opt_attach(m.optimizer, &harmless, 1, NULL));
  CHECK_OK(size_with(NULL));
  end_model(&m);
}

static void a_file_that_cannot_be_written_is_told(void) {
  start_model(&m, OPT_RULE_ADAM, 1);
  CHECK_REFUSES(m.optimizer,
                opt_save_file(m.optimizer, "/nonexistent/state", NULL),
                OPT_ERR_IO, "/nonexistent");
  CHECK_REFUSES(m.optimizer, opt_save_file(m.optimizer, "", NULL), OPT_ERR_IO,
                "");
  CHECK_REFUSES(m.optimizer,
                opt_load_file(m.optimizer, "/nonexistent/state", NULL),
                OPT_ERR_IO, "/nonexistent");
  CHECK_REFUSES(m.optimizer, opt_load_file(m.optimizer, "/", NULL), OPT_ERR_IO,
                "'/'");
  end_model(&m);
}

static void a_path_that_takes_no_file_is_told_with_the_remedy(void) {
  start_model(&m, OPT_RULE_ADAM, 1);
  CHECK_FAILS(opt_save_file(m.optimizer, "/dev/full", NULL), OPT_ERR_IO,
              "'/dev/full': ");
  CHECK_CONTAINS(opt_last_error(), ": give the path of a regular file");
  CHECK_FAILS(opt_save_file(m.optimizer, "/no/such/x", NULL), OPT_ERR_IO,
              ": check the path");
  CHECK_FAILS(opt_save_file(m.optimizer, "/", NULL), OPT_ERR_IO,
              ": give the path of a file");
  CHECK_FAILS(opt_load_file(m.optimizer, "/no/such/x", NULL), OPT_ERR_IO,
              ": check the path");
  end_model(&m);
}

void save_tests(void) {
  RUN(the_size_is_told_and_kept);
  RUN(too_small_a_buffer_is_left_alone);
  RUN(unknown_flags_and_wrong_counts_are_refused);
  RUN(parameters_are_saved_if_there_are_any);
  RUN(bad_entries_are_refused_by_name);
  RUN(entries_that_no_file_holds_are_too_many);
  RUN(the_same_name_twice_is_refused);
  RUN(a_tensor_called_as_state_of_another_is_refused);
  RUN(a_file_that_cannot_be_written_is_told);
  RUN(a_path_that_takes_no_file_is_told_with_the_remedy);
}
