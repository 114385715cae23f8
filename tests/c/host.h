/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * A host whose callbacks count, record and misbehave on demand.
 *
 *   host host = HOST_INIT;
 *   const opt_context context = host_context(&host, kMemory | kLog);
 *   ...
 *   CHECK_EQ(host.live_blocks, 0);
 */
#ifndef OPT_TESTS_C_HOST_H_
#define OPT_TESTS_C_HOST_H_

#include <stdint.h>

#include "opt/opt.h"

/* The order in which a host's parallel_for runs the calls, and which. */
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

#endif /* OPT_TESTS_C_HOST_H_ */
