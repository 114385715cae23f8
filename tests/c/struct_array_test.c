/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Arrays of structs that a later version has made longer.
 */

#include <string.h>

#include "fixture.h"
#include "topics.h"

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
    CHECK_OK(opt_find_tensor(optimizer, names[i], &index));
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

void struct_array_tests(void) {
  RUN(an_array_of_longer_tensors_is_walked_by_their_size);
  RUN(an_array_of_longer_entries_is_walked_by_their_size);
}
