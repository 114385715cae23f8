/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The program's own few threads. It lends them to libopt, whose context then
 * starts none.
 */
#ifndef OPT_EXAMPLES_TRAIN_POOL_H_
#define OPT_EXAMPLES_TRAIN_POOL_H_

#include <stdint.h>

typedef struct pool pool;

/* Starts threads - 1 workers; the caller of pool_run() is the last thread.
 * Returns NULL, with errno set, if it cannot. */
pool* pool_create(int threads);

/* Joins the workers; NULL does nothing. */
void pool_destroy(pool* p);

/* Calls task(data, i) once for each i in [0, count) and returns 0 when all
 * calls have returned. This is the shape of opt_context_config.parallel_for. */
int32_t pool_run(void* p, int64_t count, void (*task)(void* data, int64_t i),
                 void* data);

#endif /* OPT_EXAMPLES_TRAIN_POOL_H_ */
