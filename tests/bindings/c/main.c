/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The program that every language is compared with; README.md has its commands.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"

static size_t size_of(opt_dtype dtype) {
  return dtype == OPT_F64 ? sizeof(double) : sizeof(float);
}

/* Retained buffers, one file for each run. */
static void replay_run(const input* in, const char* directory, const char* rule,
                       const char* preset, opt_dtype dtype) {
  opt_tensor tensors[kMaxTensors];
  opt_optimizer optimizer = NULL;
  char path[4096];
  FILE* file = NULL;
  check(opt_create(NULL, rule, &optimizer));
  check(opt_set_preset(optimizer, OPT_ALL_GROUPS, preset));
  for (int64_t i = 0; i < in->tensors; ++i) {
    const opt_tensor initial = OPT_TENSOR_INIT;
    tensors[i] = initial;
    tensors[i].param_dtype = tensors[i].grad_dtype = dtype;
    tensors[i].count = in->counts[i];
    tensors[i].param = numbers(in, -1, i, dtype);
    tensors[i].grad = numbers(in, 0, i, dtype);
  }
  check(opt_attach(optimizer, tensors, in->tensors, NULL));
  for (int64_t step = 0; step < in->steps; ++step) {
    for (int64_t i = 0; i < in->tensors; ++i) {
      copy_numbers(in, step, i, dtype, tensors[i].grad);
    }
    check(opt_step(optimizer, NULL));
  }
  snprintf(path, sizeof path, "%s/%s-%s-%s", directory, rule, preset,
           dtype == OPT_F64 ? "f64" : "f32");
  file = fopen(path, "wb");
  for (int64_t i = 0; i < in->tensors; ++i) {
    if (file == NULL ||
        fwrite(tensors[i].param, size_of(dtype), (size_t)in->counts[i], file) !=
            (size_t)in->counts[i]) {
      perror(path);
      exit(1);
    }
    free(tensors[i].param);
    free(tensors[i].grad);
  }
  fclose(file);
  check(opt_destroy(optimizer));
}

static void replay(const input* in, const char* directory) {
  int32_t rules = 0;
  check(opt_rule_count(&rules));
  for (int32_t i = 0; i < rules; ++i) {
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    check(opt_rule_at(i, &rule));
    for (int32_t j = 0; j < rule.preset_count; ++j) {
      opt_preset_info preset = OPT_PRESET_INFO_INIT;
      check(opt_preset_at(rule.name, j, &preset));
      replay_run(in, directory, rule.name, preset.name, OPT_F32);
      replay_run(in, directory, rule.name, preset.name, OPT_F64);
    }
  }
}

static void check_entry(const char* path, int64_t expected) {
  opt_checkpoint checkpoint = NULL;
  int64_t index = 0;
  int64_t step = 0;
  check(opt_checkpoint_open_file(NULL, path, &checkpoint));
  check(opt_checkpoint_find(checkpoint, "step", &index));
  check(opt_checkpoint_read(checkpoint, index, &step, sizeof step));
  check(opt_checkpoint_close(checkpoint));
  if (step != expected) {
    fprintf(stderr, "%s: made after another step\n", path);
    exit(1);
  }
}

/* Lent buffers. */
static void relay(const input* in, const char* from, const char* to,
                  int64_t first, int64_t steps, const char* rule) {
  const int64_t end = first + steps;
  const int fresh = strcmp(from, "-") == 0;
  void* params[kMaxTensors];
  void* grads[kMaxTensors];
  opt_optimizer optimizer = NULL;
  int32_t group = 0;
  check(opt_create(NULL, rule, &optimizer));
  check(opt_add_group(optimizer, NULL, NULL, 0, &group));
  if (fresh) check(opt_set(optimizer, group, OPT_LR, 0.01));
  for (int64_t i = 0; i < in->tensors; ++i) {
    const int64_t rows = in->counts[i] % 2 == 0 ? 2 : 1;
    const int64_t shape[2] = {rows, in->counts[i] / rows};
    opt_tensor tensor = OPT_TENSOR_INIT;
    char name[32];
    snprintf(name, sizeof name,
             "Gr\xc3\xb6\xc3\x9f"
             "e.%d",
             (int)i);
    tensor.name = name;
    tensor.count = in->counts[i];
    tensor.shape = shape;
    tensor.rank = 2;
    tensor.group = (int32_t)(i % 2);
    tensor.param_dtype = tensor.grad_dtype = i % 2 == 0 ? OPT_F32 : OPT_F64;
    check(opt_attach(optimizer, &tensor, 1, NULL));
    params[i] = numbers(in, -1, i, tensor.param_dtype);
    grads[i] = numbers(in, 0, i, tensor.grad_dtype);
  }
  if (!fresh) {
    opt_load_args args = OPT_LOAD_ARGS_INIT;
    opt_lent lent = OPT_LENT_INIT;
    args.flags = OPT_LOAD_PARAMS;
    args.lent = &lent;
    lent.count = in->tensors;
    lent.params = params;
    check_entry(from, first);
    check(opt_load_file(optimizer, from, &args));
  }
  for (int64_t step = first; step < end; ++step) {
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent lent = OPT_LENT_INIT;
    for (int64_t i = 0; i < in->tensors; ++i) {
      copy_numbers(in, step, i, i % 2 == 0 ? OPT_F32 : OPT_F64, grads[i]);
    }
    args.lent = &lent;
    lent.count = in->tensors;
    lent.params = params;
    lent.grads = grads;
    check(opt_step(optimizer, &args));
  }
  {
    opt_entry entry = OPT_ENTRY_INIT;
    opt_save_args args = OPT_SAVE_ARGS_INIT;
    opt_lent lent = OPT_LENT_INIT;
    entry.name = "step";
    entry.dtype = OPT_I64;
    entry.count = 1;
    entry.data = &end;
    args.flags = OPT_SAVE_PARAMS;
    args.lent = &lent;
    lent.count = in->tensors;
    lent.params = params;
    args.entry_count = 1;
    args.entries = &entry;
    check(opt_save_file(optimizer, to, &args));
  }
  for (int64_t i = 0; i < in->tensors; ++i) {
    free(params[i]);
    free(grads[i]);
  }
  check(opt_destroy(optimizer));
}

static void write_slots_of(const opt_rule_info* rule, FILE* file) {
  static const char* const kShapes[] = {
      "param",        "rows",   "rowfactor", "columnfactor", "rowsquare",
      "columnsquare", "blocks", "number",    "groupnumber"};
  const int64_t shape[3] = {2, 3, 500};
  opt_tensor tensor = OPT_TENSOR_INIT;
  opt_optimizer optimizer = NULL;
  tensor.count = 3000;
  tensor.shape = shape;
  tensor.rank = 3;
  check(opt_create(NULL, rule->name, &optimizer));
  check(opt_attach(optimizer, &tensor, 1, NULL));
  for (int32_t i = 0; i < rule->slot_count; ++i) {
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    opt_view view = OPT_VIEW_INIT;
    opt_status status = OPT_OK;
    check(opt_slot_at(rule->name, i, &slot));
    if (slot.when_option != NULL) continue;
    status = opt_state_view(optimizer, 0, slot.name, &view);
    if (status == OPT_ERR_NAME) continue; /* not of this tensor */
    check(status);
    fprintf(file, "%s %s %s %s %d\n", rule->name, slot.name,
            kShapes[slot.shape], view.dtype == OPT_F64 ? "f64" : "f32",
            (int)view.count);
  }
  check(opt_destroy(optimizer));
}

static void write_slots(const char* path) {
  FILE* const file = fopen(path, "w");
  int32_t rules = 0;
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  check(opt_rule_count(&rules));
  for (int32_t i = 0; i < rules; ++i) {
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    check(opt_rule_at(i, &rule));
    write_slots_of(&rule, file);
  }
  fclose(file);
}

int main(int argc, char** argv) {
  const int is_replay = argc == 4 && strcmp(argv[1], "replay") == 0;
  const int is_slots = argc == 4 && strcmp(argv[1], "slots") == 0;
  if (!is_replay && !is_slots && (argc != 8 || strcmp(argv[1], "relay") != 0)) {
    fputs(
        "usage: bindings_c replay <input> <directory>\n"
        "       bindings_c slots <input> <file>\n"
        "       bindings_c relay <input> <from> <to> <first step> <steps> "
        "<rule>\n",
        stderr);
    return 2;
  }
  input in = read_input(argv[2]);
  if (is_replay) {
    replay(&in, argv[3]);
  } else if (is_slots) {
    write_slots(argv[3]);
  } else {
    relay(&in, argv[3], argv[4], atoll(argv[5]), atoll(argv[6]), argv[7]);
  }
  free(in.params);
  free(in.grads);
  return 0;
}
