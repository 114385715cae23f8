/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Looking into a checkpoint without an optimizer: what it holds, by index and
 * by name, and its data.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "model.h"

static model m;
static saved file;
static opt_checkpoint checkpoint;

static const unsigned char kBytes[3] = {1, 2, 255};
static const int64_t kEpoch = INT64_MIN;
static const float kFloats[2] = {0.5F, -1};
static const double kDoubles[1] = {0.1};

/* An adam model's, with parameters and an entry of each dtype. */
static void start(void) {
  const opt_entry entries[] = {
      {sizeof(opt_entry), OPT_U8, 3, "random state", kBytes},
      {sizeof(opt_entry), OPT_I64, 1, "epoch", &kEpoch},
      {sizeof(opt_entry), OPT_F32, 2, "w", kFloats},
      {sizeof(opt_entry), OPT_F64, 1, "w/step", kDoubles},
      {sizeof(opt_entry), OPT_F64, 0, "\xC3\xA9mpty", NULL},
  };
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  args.entries = entries;
  args.entry_count = COUNT_OF(entries);
  start_model(&m, OPT_RULE_ADAM, 2);
  file = save_of(m.optimizer, &args);
  CHECK_OK(opt_checkpoint_open_memory(NULL, file.data, file.size, &checkpoint));
}

static void end(void) {
  CHECK_OK(opt_checkpoint_close(checkpoint));
  free(file.data);
  end_model(&m);
}

static opt_entry_info info_at(int64_t index) {
  opt_entry_info info = OPT_ENTRY_INFO_INIT;
  CHECK_OK(opt_checkpoint_at(checkpoint, index, &info));
  return info;
}

static int64_t find(const char* name) {
  int64_t index = -1;
  CHECK_OK(opt_checkpoint_find(checkpoint, name, &index));
  return index;
}

static void entries_are_in_the_order_of_the_file(void) {
  static const struct {
    const char* name;
    uint32_t own;
    opt_dtype dtype;
    int32_t rank;
    int64_t count;
    int64_t bytes;
  } kEntries[] = {
      {"w", 0, OPT_F32, 2, 6, 24},
      {"w/exp_avg", 0, OPT_F32, 2, 6, 24},
      {"w/exp_avg_sq", 0, OPT_F32, 2, 6, 24},
      {"w/step", 0, OPT_I64, 0, 1, 8},
      {"w/group", 0, OPT_I64, 0, 1, 8},
      {"b", 0, OPT_F64, 1, 3, 24},
      {"b/exp_avg", 0, OPT_F64, 1, 3, 24},
      {"b/exp_avg_sq", 0, OPT_F64, 1, 3, 24},
      {"b/step", 0, OPT_I64, 0, 1, 8},
      {"b/group", 0, OPT_I64, 0, 1, 8},
      {"__options__", 0, OPT_F64, 2, 0, 0},
      {"__counters__", 0, OPT_I64, 1, 2, 16},
      {"random state", 1, OPT_U8, 1, 3, 3},
      {"epoch", 1, OPT_I64, 1, 1, 8},
      {"w", 1, OPT_F32, 1, 2, 8},
      {"w/step", 1, OPT_F64, 1, 1, 8},
      {"\xC3\xA9mpty", 1, OPT_F64, 1, 0, 0},
  };
  int64_t count = 0;
  start();
  CHECK_OK(opt_checkpoint_count(checkpoint, &count));
  CHECK_EQ(count, COUNT_OF(kEntries));
  for (int64_t i = 0; i < COUNT_OF(kEntries); ++i) {
    const opt_entry_info info = info_at(i);
    CHECK_STR(info.name, kEntries[i].name);
    CHECK_EQ(info.own, kEntries[i].own);
    CHECK_EQ(info.dtype, kEntries[i].dtype);
    CHECK_EQ(info.rank, kEntries[i].rank);
    if (strcmp(info.name, "__options__") == 0) continue;
    CHECK_EQ(info.count, kEntries[i].count);
    CHECK_EQ(info.bytes, kEntries[i].bytes);
  }
  const opt_entry_info w = info_at(0);
  CHECK(w.shape[0] == 2 && w.shape[1] == 3);
  end();
}

static void read_is(const char* name, const void* data, int64_t size) {
  unsigned char read[64];
  memset(read, 0xA5, sizeof read);
  CHECK_OK(opt_checkpoint_read(checkpoint, find(name), read, size));
  CHECK(size == 0 || memcmp(read, data, (size_t)size) == 0);
  CHECK_EQ(read[size], 0xA5);
}

static void data_are_what_was_saved(void) {
  int64_t steps = 2;
  start();
  read_is("random state", kBytes, sizeof kBytes);
  read_is("epoch", &kEpoch, sizeof kEpoch);
  read_is("\xC3\xA9mpty", NULL, 0);
  read_is("b", m.b, sizeof m.b);
  read_is("b/step", &steps, sizeof steps);
  CHECK_OK(opt_checkpoint_read(checkpoint, find("\xC3\xA9mpty"), NULL, 0));
  end();
}

static void the_callers_own_entry_comes_before_one_of_the_same_name(void) {
  start();
  read_is("w", kFloats, sizeof kFloats);
  read_is("w/step", kDoubles, sizeof kDoubles);
  end();
}

static void what_is_not_there_is_refused(void) {
  int64_t count = 0;
  int64_t index = -1;
  char data[64];
  start();
  CHECK_OK(opt_checkpoint_count(checkpoint, &count));
  const int64_t indices[] = {INT64_MIN, -1, count, INT64_MAX};
  for (int i = 0; i < COUNT_OF(indices); ++i) {
    opt_entry_info info = OPT_ENTRY_INFO_INIT;
    CHECK_FAILS(opt_checkpoint_at(checkpoint, indices[i], &info), OPT_ERR_RANGE,
                "entry");
    CHECK_FAILS(opt_checkpoint_read(checkpoint, indices[i], data, 8),
                OPT_ERR_RANGE, "entry");
  }
  CHECK_FAILS(opt_checkpoint_find(checkpoint, "epohc", &index), OPT_ERR_NAME,
              "did you mean 'epoch'");
  CHECK_FAILS(opt_checkpoint_find(checkpoint, "__own__.epoch", &index),
              OPT_ERR_NAME, "__own__.epoch");
  CHECK_FAILS(opt_checkpoint_find(checkpoint, "__crc32__", &index),
              OPT_ERR_NAME, "__crc32__");
  CHECK_FAILS(opt_checkpoint_find(checkpoint, "__pad__.0", &index),
              OPT_ERR_NAME, "__pad__.0");
  CHECK_FAILS(opt_checkpoint_find(checkpoint, "nope", &index), OPT_ERR_NAME,
              "opt_checkpoint_at lists them");
  CHECK_EQ(index, -1);
  for (int64_t size = -1; size < 20; ++size) {
    if (size == 8) continue;
    CHECK_FAILS(opt_checkpoint_read(checkpoint, find("epoch"), data, size),
                OPT_ERR_ARGUMENT, "8 bytes");
  }
  end();
}

static void a_NULL_argument_is_refused_and_named(void) {
  int64_t index = 0;
  start();
  CHECK_FAILS(opt_checkpoint_count(checkpoint, NULL), OPT_ERR_ARGUMENT,
              "count");
  CHECK_FAILS(opt_checkpoint_at(checkpoint, 0, NULL), OPT_ERR_ARGUMENT, "info");
  CHECK_FAILS(opt_checkpoint_find(checkpoint, NULL, &index), OPT_ERR_ARGUMENT,
              "name");
  CHECK_FAILS(opt_checkpoint_find(checkpoint, "epoch", NULL), OPT_ERR_ARGUMENT,
              "index");
  CHECK_FAILS(opt_checkpoint_read(checkpoint, 0, NULL, 24), OPT_ERR_ARGUMENT,
              "data");
  end();
}

static void damaged_data_are_told_and_shown(void) {
  unsigned char read[3];
  start();
  for (int64_t i = file.size - 3; i-- > 0;) {
    if (memcmp(file.data + i, kBytes, sizeof kBytes) != 0) continue;
    file.data[i] = 7;
    break;
  }
  CHECK_FAILS(
      opt_checkpoint_read(checkpoint, find("random state"), read, sizeof read),
      OPT_ERR_FORMAT, "'random state', from byte ");
  CHECK(read[0] == 7 && read[2] == 255);
  read_is("epoch", &kEpoch, sizeof kEpoch);
  end();
}

static void a_damaged_checkpoint_is_not_opened(void) {
  opt_checkpoint opened = NULL;
  start();
  file.data[20] ^= 1;
  CHECK_FAILS(opt_checkpoint_open_memory(NULL, file.data, file.size, &opened),
              OPT_ERR_FORMAT, "byte");
  CHECK_FAILS(opt_checkpoint_open_memory(NULL, file.data, 4, &opened),
              OPT_ERR_FORMAT, "byte 4");
  CHECK_FAILS(opt_checkpoint_open_memory(NULL, file.data, -1, &opened),
              OPT_ERR_ARGUMENT, "size");
  CHECK_FAILS(opt_checkpoint_open_file(NULL, "/nonexistent", &opened),
              OPT_ERR_IO, "/nonexistent");
  CHECK_FAILS(opt_checkpoint_open_file(NULL, "/", &opened), OPT_ERR_IO, "'/'");
  CHECK_FAILS(opt_checkpoint_open_file(NULL, "/dev/null", &opened),
              OPT_ERR_FORMAT, "'/dev/null': ");
  CHECK(opened == NULL);
  end();
}

static void it_keeps_its_context(void) {
  host host = HOST_INIT;
  int64_t count = 0;
  start();
  CHECK_OK(opt_checkpoint_close(checkpoint));
  opt_context context = host_context(&host, kMemory);
  CHECK_OK(
      opt_checkpoint_open_memory(context, file.data, file.size, &checkpoint));
  CHECK_OK(opt_context_destroy(context));
  CHECK_OK(opt_checkpoint_count(checkpoint, &count));
  CHECK(count > 0 && host.live_blocks > 0);
  end();
  CHECK_EQ(host.live_blocks, 0);
  CHECK_EQ(host.mistakes, 0);
}

static void an_open_checkpoint_is_loaded_again_and_again(void) {
  model other;
  start();
  CHECK_OK(opt_checkpoint_read(checkpoint, find("epoch"), &(int64_t){0}, 8));
  for (int i = 0; i < 2; ++i) {
    start_model(&other, OPT_RULE_ADAM, i);
    CHECK_OK(opt_load_checkpoint(other.optimizer, checkpoint, NULL));
    CHECK(same_state(other.optimizer, m.optimizer));
    end_model(&other);
  }
  CHECK_OK(opt_checkpoint_read(checkpoint, find("epoch"), &(int64_t){0}, 8));
  end();
}

static void an_open_checkpoint_is_loaded_as_the_arguments_say(void) {
  model other;
  double rate = 0;
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_KEEP_OPTIONS;
  start();
  start_model(&other, OPT_RULE_ADAM, 1);
  CHECK_OK(opt_set(other.optimizer, OPT_ALL_GROUPS, OPT_LR, 0.375));
  CHECK_OK(opt_load_checkpoint(other.optimizer, checkpoint, &args));
  CHECK_OK(opt_get(other.optimizer, 0, OPT_LR, &rate));
  CHECK(rate == 0.375);
  args.flags = 1U << 31;
  CHECK_REFUSES(other.optimizer,
                opt_load_checkpoint(other.optimizer, checkpoint, &args),
                OPT_ERR_ARGUMENT, "flags");
  end_model(&other);
  end();
}

static void a_checkpoint_in_a_file_is_loaded_without_opening_it_twice(void) {
  const char* const path = "opened_once.safetensors";
  model other;
  start_model(&m, OPT_RULE_ADAM, 2);
  CHECK_OK(opt_save_file(m.optimizer, path, NULL));
  CHECK_OK(opt_checkpoint_open_file(NULL, path, &checkpoint));
  CHECK(remove(path) == 0);
  start_model(&other, OPT_RULE_ADAM, 0);
  CHECK_OK(opt_load_checkpoint(other.optimizer, checkpoint, NULL));
  CHECK(same_state(other.optimizer, m.optimizer));
  end_model(&other);
  start_model(&other, OPT_RULE_SGD, 0);
  CHECK_REFUSES(other.optimizer,
                opt_load_checkpoint(other.optimizer, checkpoint, NULL),
                OPT_ERR_MISMATCH, path);
  end_model(&other);
  CHECK_OK(opt_checkpoint_close(checkpoint));
  CHECK_REFUSES(m.optimizer, opt_load_checkpoint(m.optimizer, checkpoint, NULL),
                OPT_ERR_HANDLE, "checkpoint");
  CHECK_REFUSES(m.optimizer, opt_load_checkpoint(m.optimizer, NULL, NULL),
                OPT_ERR_HANDLE, "checkpoint");
  end_model(&m);
}

void checkpoint_tests(void) {
  RUN(an_open_checkpoint_is_loaded_again_and_again);
  RUN(an_open_checkpoint_is_loaded_as_the_arguments_say);
  RUN(a_checkpoint_in_a_file_is_loaded_without_opening_it_twice);
  RUN(entries_are_in_the_order_of_the_file);
  RUN(data_are_what_was_saved);
  RUN(the_callers_own_entry_comes_before_one_of_the_same_name);
  RUN(what_is_not_there_is_refused);
  RUN(a_NULL_argument_is_refused_and_named);
  RUN(damaged_data_are_told_and_shown);
  RUN(a_damaged_checkpoint_is_not_opened);
  RUN(it_keeps_its_context);
}
