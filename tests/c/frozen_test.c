/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Frozen tensors and groups: steps leave their parameters, state and step
 * counts unchanged.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

/* Tensors "a" in group 0 and "b" in group 1, after one step. */
static opt_optimizer attached_and_stepped(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAMW, 1);
  attach_in_new_group(optimizer, 1);
  CHECK_OK(opt_step(optimizer, NULL));
  return optimizer;
}

/* All that a step changes of a tensor. */
typedef struct {
  float param[kCount];
  float moments[2][kCount];
  int64_t step;
} tensor_state;

static tensor_state tensor_state_of(opt_optimizer optimizer, int64_t index) {
  static const char* const kSlots[] = {OPT_SLOT_EXP_AVG, OPT_SLOT_EXP_AVG_SQ};
  tensor_state state;
  memset(&state, 0, sizeof state);
  memcpy(state.param, params[index], sizeof state.param);
  for (int k = 0; k < 2; ++k) {
    memcpy(state.moments[k], state_of(optimizer, index, kSlots[k]),
           sizeof state.moments[k]);
  }
  state.step = step_of(optimizer, index);
  return state;
}

static void expect_frozen(opt_optimizer optimizer, int64_t frozen) {
  const tensor_state before = tensor_state_of(optimizer, frozen);
  const tensor_state other = tensor_state_of(optimizer, 1 - frozen);
  CHECK_OK(opt_step(optimizer, NULL));
  const tensor_state after = tensor_state_of(optimizer, frozen);
  CHECK(memcmp(&after, &before, sizeof after) == 0);
  CHECK_EQ(step_of(optimizer, 1 - frozen), other.step + 1);
  CHECK(memcmp(params[1 - frozen], other.param, sizeof other.param) != 0);
}

static void a_frozen_tensor_keeps_parameters_state_and_step(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  expect_frozen(optimizer, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_frozen_group_keeps_parameters_state_and_step(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  CHECK_OK(opt_set(optimizer, 1, OPT_FROZEN, 1));
  expect_frozen(optimizer, 1);
  CHECK_OK(opt_destroy(optimizer));
}

/* As if the steps in between had not been. */
static void a_tensor_that_is_thawed_goes_on_where_it_was(void) {
  opt_optimizer optimizer = attached_and_stepped();
  CHECK_OK(opt_step(optimizer, NULL));
  const tensor_state expected = tensor_state_of(optimizer, 0);
  CHECK_OK(opt_destroy(optimizer));
  optimizer = attached_and_stepped();
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 0));
  CHECK_OK(opt_step(optimizer, NULL));
  const tensor_state got = tensor_state_of(optimizer, 0);
  CHECK(memcmp(&got, &expected, sizeof got) == 0);
  CHECK_EQ(step_of(optimizer, 1), 5);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_gradient_of_a_frozen_tensor_is_zeroed_if_asked_for(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  opt_step_args args = OPT_STEP_ARGS_INIT;
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(grads[0][1] != 0);
  const tensor_state before = tensor_state_of(optimizer, 0);
  args.flags = OPT_STEP_ZERO_GRADS;
  CHECK_OK(opt_step(optimizer, &args));
  const tensor_state after = tensor_state_of(optimizer, 0);
  CHECK(memcmp(&after, &before, sizeof after) == 0);
  for (int i = 0; i < kCount; ++i) CHECK(grads[0][i] == 0 && grads[1][i] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void what_was_accumulated_for_a_frozen_tensor_is_dropped(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  expect_frozen(optimizer, 0);
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 0));
  const float* const sum = state_of(optimizer, 0, OPT_SLOT_GRAD_ACCUMULATOR);
  CHECK(sum[1] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_frozen_tensor_needs_no_parameters(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  CHECK_OK(opt_bind(optimizer, 0, NULL, grads[0]));
  CHECK_FAILS(opt_step(optimizer, NULL), OPT_ERR_STATE, "'a'");
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_OK(opt_destroy(optimizer));
}

/* Its average reads the parameters, zeroing writes the gradient. */
static void what_is_lent_for_a_frozen_tensor_is_checked_where_it_is_used(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  void* lent_params[2] = {(char*)params[0] + 1, params[1]};
  void* lent_grads[2] = {grads[0], grads[1]};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.count = 2;
  buffers.params = lent_params;
  buffers.grads = lent_grads;
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  CHECK_OK(opt_average_start(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                "lent parameter buffer is not aligned");
  lent_params[0] = params[1] + 1;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_OVERLAP, "'a'");
  lent_params[0] = params[0];
  lent_grads[0] = (char*)grads[0] + 1;
  args.flags = OPT_STEP_ZERO_GRADS;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                "lent gradient buffer is not aligned");
  lent_grads[0] = grads[0];
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(grads[0][1] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

/* "a" has parameters and an average, but no gradient to be zeroed. */
static void a_skipped_step_that_zeroes_averages_no_frozen_tensor(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  opt_average_info average = OPT_AVERAGE_INFO_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.nonfinite = OPT_NONFINITE_SKIP;
  args.work = &work;
  args.flags = OPT_STEP_ZERO_GRADS;
  CHECK_OK(opt_average_start(optimizer, NULL));
  CHECK_OK(opt_bind(optimizer, 0, params[0], NULL));
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  grads[1][0] = INFINITY;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_OK(opt_average_get_info(optimizer, &average));
  CHECK_EQ(average.updates, 0);
  const float* const mean = state_of(optimizer, 0, OPT_SLOT_PARAM_AVERAGE);
  CHECK(mean[1] == 0);
  CHECK(grads[1][0] == 0);
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_OK(opt_average_get_info(optimizer, &average));
  CHECK_EQ(average.updates, 1);
  CHECK(memcmp(mean, params[0], sizeof params[0]) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_with_all_frozen_is_a_step(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_FROZEN, 1));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).steps, 2);
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_OK(opt_destroy(optimizer));
}

void frozen_tests(void) {
  RUN(a_frozen_tensor_keeps_parameters_state_and_step);
  RUN(a_frozen_group_keeps_parameters_state_and_step);
  RUN(a_tensor_that_is_thawed_goes_on_where_it_was);
  RUN(the_gradient_of_a_frozen_tensor_is_zeroed_if_asked_for);
  RUN(what_was_accumulated_for_a_frozen_tensor_is_dropped);
  RUN(a_frozen_tensor_needs_no_parameters);
  RUN(what_is_lent_for_a_frozen_tensor_is_checked_where_it_is_used);
  RUN(a_skipped_step_that_zeroes_averages_no_frozen_tensor);
  RUN(a_step_with_all_frozen_is_a_step);
}
