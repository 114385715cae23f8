/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Statuses and the message of the last failure.
 */

#include <string.h>
#include <threads.h>

#include "fixture.h"

static const struct {
  opt_status status;
  const char* name;
} kStatuses[] = {
    {OPT_OK, "OPT_OK"},
    {OPT_ERR_ARGUMENT, "OPT_ERR_ARGUMENT"},
    {OPT_ERR_HANDLE, "OPT_ERR_HANDLE"},
    {OPT_ERR_BUSY, "OPT_ERR_BUSY"},
    {OPT_ERR_NAME, "OPT_ERR_NAME"},
    {OPT_ERR_VALUE, "OPT_ERR_VALUE"},
    {OPT_ERR_RANGE, "OPT_ERR_RANGE"},
    {OPT_ERR_STATE, "OPT_ERR_STATE"},
    {OPT_ERR_DTYPE, "OPT_ERR_DTYPE"},
    {OPT_ERR_OVERLAP, "OPT_ERR_OVERLAP"},
    {OPT_ERR_STRUCT, "OPT_ERR_STRUCT"},
    {OPT_ERR_MEMORY, "OPT_ERR_MEMORY"},
    {OPT_ERR_LIMIT, "OPT_ERR_LIMIT"},
    {OPT_ERR_INTERNAL, "OPT_ERR_INTERNAL"},
    {OPT_ERR_IO, "OPT_ERR_IO"},
    {OPT_ERR_FORMAT, "OPT_ERR_FORMAT"},
    {OPT_ERR_MISMATCH, "OPT_ERR_MISMATCH"},
    {OPT_ERR_NONFINITE, "OPT_ERR_NONFINITE"},
};

static void every_status_has_its_name_and_number(void) {
  for (int64_t i = 0; i < COUNT_OF(kStatuses); ++i) {
    CHECK_EQ(kStatuses[i].status, i);
    CHECK_STR(opt_status_name(kStatuses[i].status), kStatuses[i].name);
  }
  CHECK_STR(opt_status_name(COUNT_OF(kStatuses)), "unknown status");
  CHECK_STR(opt_status_name(-1), "unknown status");
  CHECK_STR(opt_status_name(INT32_MAX), "unknown status");
}

static void success_clears_the_message(void) {
  int32_t count = 0;
  CHECK_FAILS(opt_rule_count(NULL), OPT_ERR_ARGUMENT, "count");
  CHECK_OK(opt_rule_count(&count));
  CHECK_STR(opt_last_error(), "");
}

static void asking_leaves_the_message_as_it_is(void) {
  CHECK_FAILS(opt_rule_count(NULL), OPT_ERR_ARGUMENT, "count");
  opt_status_name(OPT_OK);
  opt_version();
  opt_build_info();
  CHECK_CONTAINS(opt_last_error(), "count");
  CHECK_CONTAINS(opt_last_error(), "count");
}

static void the_latest_failure_is_told(void) {
  int32_t count = 0;
  opt_rule_info info = OPT_RULE_INFO_INIT;
  CHECK_OK(opt_rule_count(&count));
  CHECK_FAILS(opt_rule_count(NULL), OPT_ERR_ARGUMENT, "count");
  CHECK_FAILS(opt_rule_find("nonesuch", &info), OPT_ERR_NAME, "nonesuch");
  CHECK(strstr(opt_last_error(), "count") == NULL);
}

static void a_long_culprit_leaves_room_for_the_remedy(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  for (int shift = 0; shift < 3; ++shift) {
    char name[3 * 1000 + 4] = "";
    for (int i = 0; i < shift; ++i) strcat(name, "x");
    for (int i = 0; i < 1000; ++i) strcat(name, "\xE2\x82\xAC");
    CHECK_FAILS(opt_set(optimizer, 0, name, 1), OPT_ERR_NAME, "\xE2\x82\xAC");
    const char* const message = opt_last_error();
    const size_t length = strlen(message);
    CHECK(length < 400);
    CHECK_CONTAINS(message, "\xE2\x82\xAC...\xE2\x82\xAC");
    CHECK_CONTAINS(message, "\xAC' (opt_option_at lists them)");
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void a_culprit_that_cannot_be_printed_leaves_the_message_utf_8(void) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  CHECK_FAILS(opt_rule_find("a\xFF\n", &info), OPT_ERR_NAME,
              "'a\xEF\xBF\xBD\xEF\xBF\xBD'");
}

static int fail_in_thread(void* seen) {
  int32_t count = 0;
  int* const ok = seen;
  *ok = strcmp(opt_last_error(), "") == 0;
  *ok = *ok && opt_alias_count(NULL) == OPT_ERR_ARGUMENT;
  *ok = *ok && opt_rule_count(&count) == OPT_OK;
  return 0;
}

static void the_message_is_the_thread_s_own(void) {
  thrd_t thread;
  int ok = 0;
  CHECK_FAILS(opt_rule_count(NULL), OPT_ERR_ARGUMENT, "count");
  CHECK_EQ(thrd_create(&thread, fail_in_thread, &ok), thrd_success);
  CHECK_EQ(thrd_join(thread, NULL), thrd_success);
  CHECK(ok);
  CHECK_CONTAINS(opt_last_error(), "count");
}

void error_tests(void) {
  RUN(every_status_has_its_name_and_number);
  RUN(success_clears_the_message);
  RUN(asking_leaves_the_message_as_it_is);
  RUN(the_latest_failure_is_told);
  RUN(a_long_culprit_leaves_room_for_the_remedy);
  RUN(a_culprit_that_cannot_be_printed_leaves_the_message_utf_8);
  RUN(the_message_is_the_thread_s_own);
}
