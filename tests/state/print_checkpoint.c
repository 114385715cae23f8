/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Saves a checkpoint to a file, and prints what must be in it, as the API of
 * the optimizer tells it: "<dtype> <extents> <bytes in hex> <name>", one array
 * a line.
 *
 *   print_checkpoint <file>
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "opt/opt.h"

static void check(opt_status status) {
  if (status == OPT_OK) return;
  fprintf(stderr, "print_checkpoint: %s\n", opt_last_error());
  exit(1);
}

static int64_t element_size(opt_dtype dtype) {
  return dtype == OPT_U8 ? 1 : dtype == OPT_F32 ? 4 : 8;
}

static void print(const char* name, const char* suffix, opt_dtype dtype,
                  const int64_t* shape, int32_t rank, int64_t count,
                  const void* data) {
  const unsigned char* const bytes = data;
  printf("%s ", dtype == OPT_U8    ? "U8"
                : dtype == OPT_I64 ? "I64"
                : dtype == OPT_F32 ? "F32"
                                   : "F64");
  for (int32_t i = 0; i < rank; ++i) {
    printf("%s%" PRId64, i == 0 ? "" : ",", shape[i]);
  }
  printf(" ");
  for (int64_t i = 0; i < count * element_size(dtype); ++i) {
    printf("%02x", bytes[i]);
  }
  printf(" %s%s\n", name, suffix);
}

static void print_tensor(opt_optimizer optimizer, int64_t index) {
  static const char* const slots[] = {OPT_SLOT_EXP_AVG, OPT_SLOT_EXP_AVG_SQ,
                                      OPT_SLOT_GRAD_ACCUMULATOR};
  static const char* const suffixes[] = {"/exp_avg", "/exp_avg_sq",
                                         "/grad_accumulator"};
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  check(opt_tensor_at(optimizer, index, &info));
  const int64_t group = info.group;
  print(info.name, "", info.param_dtype, info.shape, info.rank, info.count,
        info.param);
  for (int i = 0; i < 3; ++i) {
    opt_view view = OPT_VIEW_INIT;
    check(opt_state_view(optimizer, index, slots[i], &view));
    print(info.name, suffixes[i], view.dtype, info.shape, info.rank, view.count,
          view.data);
  }
  print(info.name, "/step", OPT_I64, NULL, 0, 1, &info.step);
  print(info.name, "/group", OPT_I64, NULL, 0, 1, &group);
}

static void print_options(opt_optimizer optimizer) {
  double values[128];
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  int64_t count = 0;
  check(opt_rule_find(OPT_RULE_ADAM, &rule));
  for (int32_t group = OPT_ALL_GROUPS; group < 2; ++group) {
    for (int32_t i = 0; i < rule.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      check(opt_option_at(OPT_RULE_ADAM, i, &option));
      check(opt_get(optimizer, group, option.name, &values[count++]));
    }
  }
  const int64_t shape[2] = {3, rule.option_count};
  print("__options__", "", OPT_F64, shape, 2, count, values);
}

int main(int argc, char** argv) {
  static const int64_t shapes[3][2] = {{2, 3}, {5, 1}, {0, 4}};
  static float param[6] = {1, -2, 3, 0.1F, 5, 6};
  static float grad[6] = {0.5F, 1, -1, 2, 0.3F, 0};
  static double bias[5] = {0.1, 0.2, 0.3, -0.4, 1e300};
  static double bias_grad[5] = {1, -1, 0.7, 0, 3};
  static const int64_t epoch = -3;
  static const unsigned char bytes[5] = {0, 255, 10, 13, 1};
  opt_tensor tensors[3] = {OPT_TENSOR_INIT, OPT_TENSOR_INIT, OPT_TENSOR_INIT};
  opt_optimizer optimizer = NULL;
  int32_t group = 0;
  if (argc != 2) return 2;
  check(opt_create(NULL, OPT_RULE_ADAM, &optimizer));
  check(opt_add_group(optimizer, NULL, NULL, 0, &group));
  check(opt_set(optimizer, group, OPT_LR, 0.1));
  tensors[0].name = "fc1.weight";
  tensors[0].count = 6;
  tensors[0].param = param;
  tensors[0].grad = grad;
  tensors[1].name =
      "b\xC3\xAF"
      "as \"\\";
  tensors[1].count = 5;
  tensors[1].group = group;
  tensors[1].param_dtype = tensors[1].grad_dtype = OPT_F64;
  tensors[1].param = bias;
  tensors[1].grad = bias_grad;
  tensors[2].name = "empty";
  for (int i = 0; i < 3; ++i) {
    tensors[i].shape = shapes[i];
    tensors[i].rank = 2;
  }
  tensors[2].grad = grad; /* no elements: it is not read */
  check(opt_attach(optimizer, tensors, 3, NULL));
  check(opt_step(optimizer, NULL));
  check(opt_step(optimizer, NULL));
  check(opt_accumulate(optimizer, NULL));

  const opt_entry entries[2] = {
      {sizeof(opt_entry), OPT_I64, 1, "epoch", &epoch},
      {sizeof(opt_entry), OPT_U8, 5, "random state", bytes}};
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  args.entries = entries;
  args.entry_count = 2;
  check(opt_save_file(optimizer, argv[1], &args));

  const int64_t counters[2] = {2, 1};
  const int64_t two = 2;
  for (int64_t i = 0; i < 3; ++i) print_tensor(optimizer, i);
  print_options(optimizer);
  print("__counters__", "", OPT_I64, &two, 1, 2, counters);
  for (int i = 0; i < 2; ++i) {
    print("__own__.", entries[i].name, entries[i].dtype, &entries[i].count, 1,
          entries[i].count, entries[i].data);
  }
  check(opt_destroy(optimizer));
  return 0;
}
