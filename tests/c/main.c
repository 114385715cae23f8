/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The contract of the C API, tested from C: all topics in one process, so that
 * the last test can tell which statuses were never seen.
 *
 *   c_api [<topic> | <test>]...
 *
 * Both are identifiers, as in topics.inc and after RUN: "clip",
 * "a_loss_scale_is_divided_out".
 */

#include "check.h"

/* OPT_ERR_INTERNAL takes a callback that throws: tests/unit has one. */
static void every_status_was_seen(void) {
  for (opt_status status = OPT_OK; status <= OPT_ERR_NONFINITE; ++status) {
    if (status != OPT_ERR_INTERNAL && !check_status_seen(status)) {
      check_fail(__FILE__, __LINE__, opt_status_name(status), "never");
    }
  }
}

static void all_tests(void) { RUN(every_status_was_seen); }

int main(int argc, char** argv) {
  check_select(argc - 1, argv + 1);
#define TOPIC(name) check_topic(#name, name##_tests);
#include "topics.inc"
#undef TOPIC
  if (argc == 1) check_topic("all", all_tests);
  return check_finish();
}
