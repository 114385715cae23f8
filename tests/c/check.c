/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { kNameSize = 128, kDetailSize = 2048, kStatusCount = 64 };

static struct {
  int selected_count;
  char** selected;
  const char* topic;
  int tests;
  int failed_tests;
  int failures; /* of the running test */
  char detail[kDetailSize];
  char status_seen[kStatusCount];
} state;

static const char* base_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

void check_select(int count, char** names) {
  state.selected_count = count;
  state.selected = names;
}

static int is_selected(const char* name) {
  for (int i = 0; i < state.selected_count; ++i) {
    if (strcmp(state.selected[i], name) == 0) return 1;
  }
  return state.selected_count == 0;
}

void check_topic(const char* topic, void (*tests)(void)) {
  state.topic = topic;
  tests();
}

void check_run(const char* name, void (*test)(void)) {
  char sentence[kNameSize];
  if (!is_selected(state.topic) && !is_selected(name)) return;
  snprintf(sentence, sizeof sentence, "%s", name);
  for (char* c = sentence; *c != '\0'; ++c) {
    if (*c == '_') *c = ' ';
  }
  state.failures = 0;
  test();
  ++state.tests;
  if (state.failures == 0) {
    printf("ok %d - %s: %s\n", state.tests, state.topic, sentence);
  } else {
    ++state.failed_tests;
    printf("not ok %d - %s: %s # %s\n", state.tests, state.topic, sentence,
           state.detail);
  }
  fflush(stdout);
}

int check_finish(void) {
  printf("1..%d\n", state.tests);
  if (state.tests == 0) fprintf(stderr, "no topic or test has that name\n");
  return state.failed_tests == 0 && state.tests > 0 ? 0 : 1;
}

int check_status_seen(opt_status status) {
  return status >= 0 && status < kStatusCount && state.status_seen[status];
}

void check_fail(const char* file, int line, const char* expected,
                const char* got) {
  if (state.failures++ == 0) {
    snprintf(state.detail, sizeof state.detail, "%s:%d: expected %s, got %s",
             base_name(file), line, expected, got);
  }
}

void check_equal(const char* file, int line, int64_t got, int64_t expected,
                 const char* text) {
  if (got == expected) return;
  char want[kNameSize];
  char have[kNameSize];
  snprintf(want, sizeof want, "%s == %" PRId64, text, expected);
  snprintf(have, sizeof have, "%" PRId64, got);
  check_fail(file, line, want, have);
}

void check_string(const char* file, int line, const char* got,
                  const char* expected) {
  if (got != NULL && strcmp(got, expected) == 0) return;
  check_fail(file, line, expected, got == NULL ? "NULL" : got);
}

void check_contains(const char* file, int line, const char* got,
                    const char* part) {
  if (got != NULL && strstr(got, part) != NULL) return;
  char want[kNameSize];
  snprintf(want, sizeof want, "a text with '%s'", part);
  check_fail(file, line, want, got == NULL ? "NULL" : got);
}

void check_status(const char* file, int line, opt_status got,
                  opt_status expected, const char* part, const char* text) {
  const char* message = opt_last_error();
  if (got >= 0 && got < kStatusCount) state.status_seen[got] = 1;
  if (got != expected) {
    char want[kDetailSize / 2];
    char have[kDetailSize / 2];
    snprintf(want, sizeof want, "%s from %s", opt_status_name(expected), text);
    snprintf(have, sizeof have, "%s (%.512s)", opt_status_name(got), message);
    check_fail(file, line, want, have);
  } else if (expected == OPT_OK) {
    check_string(file, line, message, "");
  } else if (message[0] == '\0') {
    check_fail(file, line, "a message", "none");
  } else {
    check_contains(file, line, message, part);
  }
}
