/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Callbacks of saves and loads that fail, at every call; that lie; and that
 * call libopt themselves.
 */

#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "model.h"

/* A stream that fails at a call, or goes on for ever. */
typedef struct stream {
  const saved* from; /* to read; NULL: discards what is written */
  int64_t at;
  int64_t calls;
  int64_t failing;         /* which call fails; -1: none */
  int64_t result;          /* what it then returns */
  opt_optimizer optimizer; /* to be called with, if not NULL */
} stream;

static void call_back(const stream* s) {
  if (s->optimizer == NULL) return;
  for (int64_t i = 0; i < kOptimizerCallCount; ++i) {
    CHECK_FAILS(kOptimizerCalls[i].call(s->optimizer), OPT_ERR_BUSY,
                "callback");
  }
}

static int32_t write_some(void* user, const void* data, int64_t size) {
  stream* const s = user;
  call_back(s);
  CHECK(data != NULL && size > 0);
  if (s->calls++ == s->failing) return (int32_t)s->result;
  s->at += size;
  return 0;
}

static int64_t read_some(void* user, void* data, int64_t size) {
  stream* const s = user;
  const int64_t rest = s->from->size - s->at;
  const int64_t count = size < rest ? size : rest;
  call_back(s);
  CHECK(size > 0);
  if (s->calls++ == s->failing) return s->result;
  memcpy(data, s->from->data + s->at, (size_t)count);
  s->at += count;
  return count;
}

static model m;

static opt_status save_to(stream* s) {
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  return opt_save_callback(m.optimizer, write_some, s, &args);
}

static opt_status load_from(stream* s) {
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS;
  return opt_load_callback(m.optimizer, read_some, s, &args);
}

static void a_failed_write_fails_the_save(void) {
  stream s = {NULL, 0, 0, -1, 0, NULL};
  start_model(&m, OPT_RULE_ADAM, 2);
  CHECK_OK(save_to(&s));
  const int64_t calls = s.calls;
  CHECK(calls > 10);
  for (int64_t n = 0; n < calls; ++n) {
    s = (stream){NULL, 0, 0, n, n % 2 == 0 ? 7 : -7, NULL};
    CHECK_REFUSES(m.optimizer, save_to(&s), OPT_ERR_IO,
                  n % 2 == 0 ? "7" : "-7");
    CHECK_EQ(s.calls, n + 1);
  }
  end_model(&m);
}

/* Fails each read in turn with a result, and expects a status. */
static void fail_reads(int64_t result, opt_status status, const char* says) {
  start_model(&m, OPT_RULE_ADAM, 2);
  const saved from = save_model(&m);
  stream s = {&from, 0, 0, -1, 0, NULL};
  CHECK_OK(opt_step(m.optimizer, NULL));
  CHECK_OK(load_from(&s));
  const int64_t calls = s.calls;
  CHECK(calls > 10);
  CHECK_OK(opt_step(m.optimizer, NULL));
  for (int64_t n = 0; n < calls; ++n) {
    /* The last read finds the end: a 0 there is right. */
    if (result == 0 && n == calls - 1) continue;
    s = (stream){&from, 0, 0, n, result, NULL};
    CHECK_REFUSES(m.optimizer, load_from(&s), status, says);
    CHECK_EQ(s.calls, n + 1);
  }
  free(from.data);
  end_model(&m);
}

static void a_failed_read_fails_the_load(void) {
  fail_reads(-1, OPT_ERR_IO, "-1");
  fail_reads(INT64_MIN, OPT_ERR_IO, "returned");
}

static void a_read_of_more_than_was_asked_for_is_no_read(void) {
  fail_reads(INT64_MAX, OPT_ERR_IO, "returned");
}

static void an_early_end_is_a_checkpoint_cut_short(void) {
  fail_reads(0, OPT_ERR_FORMAT, "cut short");
}

static void calls_from_a_callback_are_refused(void) {
  start_model(&m, OPT_RULE_ADAM, 2);
  const saved from = save_model(&m);
  stream s = {NULL, 0, 0, -1, 0, m.optimizer};
  CHECK_OK(save_to(&s));
  CHECK_EQ(s.at, from.size);
  s = (stream){&from, 0, 0, -1, 0, m.optimizer};
  CHECK_OK(load_from(&s));
  CHECK_EQ(s.at, from.size);
  free(from.data);
  end_model(&m);
}

void stream_tests(void) {
  RUN(a_failed_write_fails_the_save);
  RUN(a_failed_read_fails_the_load);
  RUN(a_read_of_more_than_was_asked_for_is_no_read);
  RUN(an_early_end_is_a_checkpoint_cut_short);
  RUN(calls_from_a_callback_are_refused);
}
