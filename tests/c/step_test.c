/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Steps over retained buffers.
 */

#include <string.h>

#include "fixture.h"

/* Two tensors of ones, with the gradients 0, 1, 2, ... and a rate of 1/2. */
static opt_optimizer attached_ones(const char* rule) {
  const opt_optimizer optimizer = attached(rule, 2);
  for (int i = 0; i < kCount; ++i) {
    params[0][i] = params[1][i] = 1;
    grads[0][i] = grads[1][i] = (float)i;
  }
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 0.5));
  return optimizer;
}

static void a_step_follows_the_gradient(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  CHECK_OK(opt_step(optimizer, NULL));
  for (int i = 0; i < kCount; ++i) {
    CHECK(params[0][i] == 1 - 0.5F * (float)i);
    CHECK(params[1][i] == 1 - 0.5F * (float)i);
    CHECK(grads[0][i] == (float)i);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void steps_are_counted(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  const opt_step_args args = OPT_STEP_ARGS_INIT;
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_EQ(info_of(optimizer).steps, 2);
  CHECK_EQ(step_of(optimizer, 0), 2);
  CHECK_EQ(step_of(optimizer, 1), 2);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_without_gradient_keeps_everything(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_ADAM);
  float before[kCount];
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_bind(optimizer, 1, params[1], NULL));
  const void* const moment = state_of(optimizer, 1, OPT_SLOT_EXP_AVG);
  memcpy(before, moment, sizeof before);
  const float param = params[1][3];
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[1][3] == param);
  CHECK(memcmp(moment, before, sizeof before) == 0);
  CHECK_EQ(step_of(optimizer, 0), 2);
  CHECK_EQ(step_of(optimizer, 1), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_gradient_without_parameter_is_refused(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  CHECK_OK(opt_bind(optimizer, 1, NULL, grads[1]));
  CHECK_REFUSES(optimizer, opt_step(optimizer, NULL), OPT_ERR_STATE, "'b'");
  CHECK_OK(opt_bind(optimizer, 1, params[1], grads[1]));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_may_zero_the_gradients(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  const float zeros[kCount] = {0};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.flags = OPT_STEP_ZERO_GRADS;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(params[0][2] == 0);
  CHECK(memcmp(grads[0], zeros, sizeof zeros) == 0);
  CHECK(memcmp(grads[1], zeros, sizeof zeros) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void unknown_flags_are_refused(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  const uint32_t flags[] = {4, 8, UINT32_C(1) << 31};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  for (int64_t i = 0; i < COUNT_OF(flags); ++i) {
    args.flags = flags[i];
    CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                  "flag");
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void a_rate_of_zero_moves_nothing_and_counts(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 0));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][5] == 1);
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_option_acts_from_the_next_step_on(void) {
  const opt_optimizer optimizer = attached_ones(OPT_RULE_SGD);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][1] == 0.5F);
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.25));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][1] == 0.25F);
  CHECK_OK(opt_destroy(optimizer));
}

static void any_mix_of_dtypes_steps(void) {
  const opt_dtype dtypes[2] = {OPT_F32, OPT_F64};
  for (int p = 0; p < 2; ++p) {
    for (int g = 0; g < 2; ++g) {
      const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
      double wide[2] = {1, 0.5};
      float narrow[2] = {1, 0.5F};
      opt_tensor tensor = tensor_of("w", NULL, NULL, 1);
      tensor.param_dtype = dtypes[p];
      tensor.grad_dtype = dtypes[g];
      tensor.param = p == 0 ? (void*)&narrow[0] : (void*)&wide[0];
      tensor.grad = g == 0 ? (void*)&narrow[1] : (void*)&wide[1];
      CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.5));
      CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
      CHECK_OK(opt_step(optimizer, NULL));
      CHECK((p == 0 ? (double)narrow[0] : wide[0]) == 0.75);
      CHECK_OK(opt_destroy(optimizer));
    }
  }
}

void step_tests(void) {
  RUN(a_step_follows_the_gradient);
  RUN(steps_are_counted);
  RUN(a_tensor_without_gradient_keeps_everything);
  RUN(a_gradient_without_parameter_is_refused);
  RUN(a_step_may_zero_the_gradients);
  RUN(unknown_flags_are_refused);
  RUN(a_rate_of_zero_moves_nothing_and_counts);
  RUN(an_option_acts_from_the_next_step_on);
  RUN(any_mix_of_dtypes_steps);
}
