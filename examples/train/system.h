/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The program and its surroundings: error messages, the clock, Ctrl-C, and a
 * few threads.
 */
#ifndef OPT_EXAMPLES_TRAIN_SYSTEM_H_
#define OPT_EXAMPLES_TRAIN_SYSTEM_H_

#include <stdint.h>

/* Prints "train: " and the message as one line on stderr. Returns -1, so that
 * a function can end in `return fail(...)`. */
int fail(const char* format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

/* Seconds since some moment in the past; never goes back. */
double clock_seconds(void);

/* From here on the first Ctrl-C or SIGTERM only sets a flag; a second one
 * kills the program. */
void interrupt_install(void);

/* The signal that arrived, or 0. */
int interrupted(void);

/* The program's own threads. The network computes on them, and libopt borrows
 * them: its context then starts none. */
typedef struct pool pool;

/* Starts threads - 1 workers; the caller of pool_run() is the last thread.
 * Returns NULL, with errno set, if it cannot. */
pool* pool_create(int threads);

/* Joins the workers; NULL does nothing. */
void pool_destroy(pool* p);

/* Calls task(data, i) once for each i in [0, count) and returns 0 when all
 * calls have returned. `threads` is a pool, but void*, because this is the
 * function that opt_context_config.parallel_for asks for. */
int32_t pool_run(void* threads, int64_t count,
                 void (*task)(void* data, int64_t i), void* data);

#endif /* OPT_EXAMPLES_TRAIN_SYSTEM_H_ */
