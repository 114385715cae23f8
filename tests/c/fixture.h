/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * What most of the tests in C start from: optimizers, tensors, and a host
 * whose callbacks count, record and misbehave on demand.
 */
#ifndef OPT_TESTS_C_FIXTURE_H_
#define OPT_TESTS_C_FIXTURE_H_

#include <stdint.h>

#include "check.h"
#include "snapshot.h"

#define COUNT_OF(array) ((int64_t)(sizeof(array) / sizeof *(array)))

/* The call is refused and `optimizer` is afterwards as it was. */
#define CHECK_REFUSES(optimizer, call, status, part) \
  do {                                               \
    const uint64_t before_ = snapshot(optimizer);    \
    CHECK_FAILS(call, status, part);                 \
    CHECK(snapshot(optimizer) == before_);           \
  } while (0)

/* An optimizer of the default context. */
opt_optimizer new_optimizer(const char* rule);

/* A float tensor with retained buffers. */
opt_tensor tensor_of(const char* name, float* param, float* grad,
                     int64_t count);

/* Fills an array with numbers that depend on `seed` and the index alone, in
 * [-1, 1). */
void fill(float* values, int64_t count, uint32_t seed);

/* An int64_t field of opt_info. */
int64_t state_bytes_of(opt_optimizer optimizer);

/* The step count of a tensor, or -1. */
int64_t step_of(opt_optimizer optimizer, int64_t index);

/* How a host's parallel_for behaves. */
enum host_order { kForward, kBackward, kEveryOther, kNone, kTwice };

/* A host: give its address as opt_context_config.user. */
typedef struct host {
  int64_t live_blocks; /* allocated and not yet released */
  int64_t live_bytes;
  int64_t allocations;  /* calls of allocate */
  int64_t refuse_after; /* allocate returns NULL after so many calls; -1: no */
  int64_t mistakes;     /* releases that do not match their allocation */
  int64_t logged[3];    /* log lines by level */
  char last_log[256];
  int64_t parallel_calls;
  int64_t parallel_parts; /* `count` of the latest call */
  enum host_order order;
  int32_t parallel_result;
  void (*during)(struct host* host); /* called in each callback, if set */
  opt_optimizer optimizer;           /* for `during` */
} host;

#define HOST_INIT \
  { 0, 0, 0, -1, 0, {0, 0, 0}, "", 0, 0, kForward, 0, NULL, NULL }

/* A configuration whose memory, log or jobs are the host's. */
enum host_parts { kMemory = 1, kLog = 2, kJobs = 4 };
opt_context_config host_config(host* host, unsigned parts);

/* A context of such a configuration. */
opt_context host_context(host* host, unsigned parts);

#endif /* OPT_TESTS_C_FIXTURE_H_ */
