/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The contract of the C API, tested from C: all topics in one process, so that
 * the last test can tell which statuses were never seen. With arguments, the
 * topics of these names alone.
 */

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "topics.h"

/* "target" comes first: it needs the default context unused. */
static const struct {
  const char* name;
  void (*run)(void);
} kTopics[] = {
    {"target", target_tests},
    {"handle", handle_tests},
    {"bad handle", bad_handle_tests},
    {"null argument", null_argument_tests},
    {"option", option_tests},
    {"group", group_tests},
    {"attach", attach_tests},
    {"tensor name", tensor_name_tests},
    {"overlap", overlap_tests},
    {"bind", bind_tests},
    {"step", step_tests},
    {"lent", lent_tests},
    {"accumulate", accumulate_tests},
    {"zero grad", zero_grad_tests},
    {"grad norm", grad_norm_tests},
    {"clip", clip_tests},
    {"clip border", clip_border_tests},
    {"clip f64", clip_f64_tests},
    {"nonfinite", nonfinite_tests},
    {"scaler", scaler_tests},
    {"attribute", attribute_tests},
    {"frozen", frozen_tests},
    {"average", average_tests},
    {"average swap", average_swap_tests},
    {"struct size", struct_size_tests},
    {"struct array", struct_array_tests},
    {"describe", describe_tests},
    {"view", view_tests},
    {"context", context_tests},
    {"parallel for", parallel_for_tests},
    {"callback", callback_tests},
    {"state save", state_save_tests},
    {"state stream", state_stream_tests},
    {"state load", state_load_tests},
    {"state target", state_target_tests},
    {"checkpoint", checkpoint_tests},
    {"schedule", schedule_tests},
    {"schedule call", schedule_call_tests},
    {"schedule handle", schedule_handle_tests},
    {"error", error_tests},
    {"shutdown", shutdown_tests},
};

/* OPT_ERR_INTERNAL takes a callback that throws: tests/unit has one. */
static void every_status_was_seen(void) {
  for (opt_status status = OPT_OK; status <= OPT_ERR_NONFINITE; ++status) {
    if (status != OPT_ERR_INTERNAL && !check_status_seen(status)) {
      check_fail(__FILE__, __LINE__, opt_status_name(status), "never");
    }
  }
}

static int wanted(const char* name, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], name) == 0) return 1;
  }
  return argc == 1;
}

int main(int argc, char** argv) {
  for (size_t i = 0; i < sizeof kTopics / sizeof *kTopics; ++i) {
    if (!wanted(kTopics[i].name, argc, argv)) continue;
    check_topic(kTopics[i].name);
    kTopics[i].run();
  }
  if (argc == 1) {
    check_topic("all");
    RUN(every_status_was_seen);
  }
  return check_finish();
}
