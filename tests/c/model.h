/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The start of the tests of saving and loading: a small model, and its
 * checkpoint in memory.
 */
#ifndef OPT_TESTS_C_MODEL_H_
#define OPT_TESTS_C_MODEL_H_

#include "fixture.h"

enum { kWeights = 6, kBiases = 3 };

/* "w", float [2, 3], in group 0 and "b", double [3], in group 1. */
typedef struct model {
  opt_optimizer optimizer;
  float w[kWeights];
  float dw[kWeights];
  double b[kBiases];
  double db[kBiases];
} model;

/* Attaches to a new optimizer and makes some steps. The model must stay where
 * it is. */
void start_model(model* m, const char* rule, int64_t steps);
void end_model(model* m);

typedef struct saved {
  unsigned char* data;
  int64_t size;
} saved;

/* Saves to memory, which the caller frees. */
saved save_of(opt_optimizer optimizer, const opt_save_args* args);
/* The same with the parameters. */
saved save_model(const model* m);

/* Loads with these flags. */
opt_status load_saved(opt_optimizer optimizer, const saved* s, uint32_t flags);

/* The lines of a load's report, each "kind name". Give it as
 * opt_load_args.user. */
typedef struct reports {
  char text[2048];
  int64_t count;
} reports;
void take_report(void* user, int32_t kind, const char* name,
                 const char* detail);

/* Nonzero if both optimizers would be saved as the same bytes. */
int same_state(opt_optimizer a, opt_optimizer b);

#endif /* OPT_TESTS_C_MODEL_H_ */
