/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * A small harness for tests in C that speaks TAP: "ok 3 - topic: name", or
 * "not ok 3 - topic: name # file:line: expected ..., got ...", and the plan
 * "1..N" at the end. A test goes on after a failed check; its line tells the
 * first one.
 */
#ifndef OPT_TESTS_C_CHECK_H_
#define OPT_TESTS_C_CHECK_H_

#include <stddef.h>
#include <stdint.h>

#include "opt/opt.h"

/* Restricts the run to these topics and tests, by their identifiers; without
 * any, all run. */
void check_select(int count, char** names);

/* Runs the tests of a topic. */
void check_topic(const char* topic, void (*tests)(void));

/* Runs a test of the topic; `name` is its identifier, printed with spaces. */
void check_run(const char* name, void (*test)(void));
#define RUN(test) check_run(#test, test)

/* Every topic's function. */
#define TOPIC(name) void name##_tests(void);
#include "topics.inc"
#undef TOPIC

/* Prints the plan and returns the exit status of the program: a failure also
 * if nothing ran. */
int check_finish(void);

/* Nonzero if a CHECK_STATUS has seen this status. */
int check_status_seen(opt_status status);

/* The checks. Each reports at most one failure, with the texts given. */
void check_fail(const char* file, int line, const char* expected,
                const char* got);
void check_equal(const char* file, int line, int64_t got, int64_t expected,
                 const char* text);
void check_string(const char* file, int line, const char* got,
                  const char* expected);
void check_contains(const char* file, int line, const char* got,
                    const char* part);
/* Also checks the message: empty after OPT_OK, else with `part` in it. */
void check_status(const char* file, int line, opt_status got,
                  opt_status expected, const char* part, const char* text);

#define CHECK(condition) \
  ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, #condition, "false"))
#define CHECK_EQ(got, expected) \
  check_equal(__FILE__, __LINE__, (int64_t)(got), (int64_t)(expected), #got)
#define CHECK_STR(got, expected) \
  check_string(__FILE__, __LINE__, (got), (expected))
#define CHECK_CONTAINS(got, part) \
  check_contains(__FILE__, __LINE__, (got), (part))
#define CHECK_OK(call) \
  check_status(__FILE__, __LINE__, (call), OPT_OK, "", #call)
/* The call is refused, and the message mentions `part`. */
#define CHECK_FAILS(call, status, part) \
  check_status(__FILE__, __LINE__, (call), (status), (part), #call)

#endif /* OPT_TESTS_C_CHECK_H_ */
