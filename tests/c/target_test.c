/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * SIMD targets: listed, chosen by name, chosen by the environment.
 */

#define _POSIX_C_SOURCE 200112L /* setenv */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

enum { kSteps = 3 };

static const char kVariable[] = "LIBOPT_TARGET";

static opt_target_info target_at(int32_t index) {
  opt_target_info target = OPT_TARGET_INFO_INIT;
  CHECK_OK(opt_target_at(index, &target));
  return target;
}

static int32_t target_count(void) {
  int32_t count = 0;
  CHECK_OK(opt_target_count(&count));
  return count;
}

static opt_status create_with_target(const char* name, opt_context* context) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.target = name;
  return opt_context_create(&config, context);
}

static void expect_target(opt_context context, const char* name) {
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  CHECK_OK(opt_context_get_info(context, &info));
  CHECK_STR(info.target, name);
}

/* The environment as the default context finds it at its first use, which has
 * to be here. */
static void the_default_context_obeys_the_environment(void) {
  opt_optimizer optimizer = NULL;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  const char* name = NULL;
  CHECK_EQ(setenv(kVariable, "AVX9", 1), 0);
  CHECK_FAILS(opt_create(NULL, OPT_RULE_SGD, &optimizer), OPT_ERR_NAME,
              kVariable);
  CHECK_CONTAINS(opt_last_error(), "AVX9");
  CHECK_FAILS(opt_context_get_info(NULL, &info), OPT_ERR_NAME, kVariable);
  CHECK(optimizer == NULL);
  for (int32_t i = 0; i < target_count(); ++i) {
    if (target_at(i).supported) name = target_at(i).name;
  }
  CHECK_EQ(setenv(kVariable, name, 1), 0);
  expect_target(NULL, name);
  CHECK_EQ(unsetenv(kVariable), 0);
  CHECK_OK(opt_create(NULL, OPT_RULE_SGD, &optimizer));
  CHECK_OK(opt_destroy(optimizer));
}

static void the_best_target_is_the_first_supported(void) {
  opt_context context = NULL;
  int32_t best = 0;
  while (!target_at(best).supported) ++best;
  CHECK_OK(create_with_target(NULL, &context));
  expect_target(context, target_at(best).name);
  CHECK_OK(opt_context_destroy(context));
}

static void each_target_is_chosen_by_name_and_by_environment(void) {
  for (int32_t i = 0; i < target_count(); ++i) {
    const opt_target_info target = target_at(i);
    opt_context context = NULL;
    CHECK(target.supported == 0 || target.supported == 1);
    if (!target.supported) continue;
    CHECK_OK(create_with_target(target.name, &context));
    expect_target(context, target.name);
    CHECK_OK(opt_context_destroy(context));
    CHECK_EQ(setenv(kVariable, target.name, 1), 0);
    CHECK_OK(create_with_target(NULL, &context));
    expect_target(context, target.name);
    CHECK_OK(opt_context_destroy(context));
  }
  CHECK_EQ(unsetenv(kVariable), 0);
}

static void a_target_that_cannot_run_is_refused(void) {
  opt_context context = NULL;
  for (int32_t i = 0; i < target_count(); ++i) {
    const opt_target_info target = target_at(i);
    if (target.supported) continue;
    CHECK_FAILS(create_with_target(target.name, &context), OPT_ERR_NAME,
                target.name);
  }
  CHECK_FAILS(create_with_target("MMX", &context), OPT_ERR_NAME, "MMX");
  CHECK_FAILS(create_with_target("", &context), OPT_ERR_NAME, "target");
  CHECK(context == NULL);
}

static void the_refusal_lists_the_targets(void) {
  opt_context context = NULL;
  CHECK_EQ(setenv(kVariable, "nonsense", 1), 0);
  CHECK_FAILS(create_with_target(NULL, &context), OPT_ERR_NAME, kVariable);
  char message[1024];
  snprintf(message, sizeof message, "%s", opt_last_error());
  CHECK_CONTAINS(message, "nonsense");
  for (int32_t i = 0; i < target_count(); ++i) {
    if (target_at(i).supported) CHECK_CONTAINS(message, target_at(i).name);
  }
  CHECK_EQ(unsetenv(kVariable), 0);
  CHECK(context == NULL);
}

static void the_configuration_goes_before_the_environment(void) {
  const char* name = NULL;
  opt_context context = NULL;
  for (int32_t i = 0; i < target_count(); ++i) {
    if (target_at(i).supported) name = target_at(i).name;
  }
  CHECK_EQ(setenv(kVariable, "nonsense", 1), 0);
  CHECK_OK(create_with_target(name, &context));
  expect_target(context, name);
  CHECK_OK(opt_context_destroy(context));
  CHECK_EQ(unsetenv(kVariable), 0);
}

static void step_on_target(const char* name, float result[kCount]) {
  const opt_tensor tensor = float_tensor(0);
  opt_context context = NULL;
  opt_optimizer optimizer = NULL;
  fill(params[0], kCount, 3);
  CHECK_OK(create_with_target(name, &context));
  CHECK_OK(opt_create(context, OPT_RULE_ADAMW, &optimizer));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  for (int i = 0; i < kSteps; ++i) {
    fill(grads[0], kCount, (uint32_t)i);
    CHECK_OK(opt_step(optimizer, NULL));
  }
  memcpy(result, params[0], sizeof params[0]);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_context_destroy(context));
}

static void every_target_gives_the_same_bytes(void) {
  float expected[kCount];
  float got[kCount];
  step_on_target(NULL, expected);
  for (int32_t i = 0; i < target_count(); ++i) {
    if (!target_at(i).supported) continue;
    step_on_target(target_at(i).name, got);
    CHECK(memcmp(got, expected, sizeof got) == 0);
  }
}

void target_tests(void) {
  RUN(the_default_context_obeys_the_environment);
  RUN(the_best_target_is_the_first_supported);
  RUN(each_target_is_chosen_by_name_and_by_environment);
  RUN(a_target_that_cannot_run_is_refused);
  RUN(the_refusal_lists_the_targets);
  RUN(the_configuration_goes_before_the_environment);
  RUN(every_target_gives_the_same_bytes);
}
