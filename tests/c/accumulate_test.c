/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Adding up gradients over samples, and stepping with their mean or sum.
 */

#include "fixture.h"

static void accumulate(opt_optimizer optimizer, float grad, int64_t samples,
                       uint32_t flags) {
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  args.samples = samples;
  args.flags = flags;
  for (int i = 0; i < kCount; ++i) grads[0][i] = grads[1][i] = grad;
  CHECK_OK(opt_accumulate(optimizer, &args));
}

static void a_step_uses_the_mean_over_all_samples(void) {
  const opt_optimizer optimizer = descent(2);
  accumulate(optimizer, 6, 1, 0);
  accumulate(optimizer, 10, 3, 0);
  CHECK_EQ(info_of(optimizer).pending_samples, 4);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -4);
  CHECK(params[1][kCount - 1] == -4);
  CHECK_EQ(info_of(optimizer).pending_samples, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void without_arguments_one_sample_is_added(void) {
  const opt_optimizer optimizer = descent(2);
  grads[0][0] = 3;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  grads[0][0] = 5;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).pending_samples, 2);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -4);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_may_use_the_sum(void) {
  const opt_optimizer optimizer = descent(2);
  opt_step_args args = OPT_STEP_ARGS_INIT;
  accumulate(optimizer, 6, 1, 0);
  accumulate(optimizer, 10, 3, 0);
  args.flags = OPT_STEP_SUM;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(params[0][1] == -16);
  CHECK_OK(opt_destroy(optimizer));
}

static void means_are_weighted_by_their_samples(void) {
  const opt_optimizer optimizer = descent(2);
  accumulate(optimizer, 2, 1, OPT_ACCUMULATE_MEANS);
  accumulate(optimizer, 6, 3, OPT_ACCUMULATE_MEANS);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][1] == -5);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_mean_counts_samples_without_a_gradient_as_well(void) {
  const opt_optimizer optimizer = descent(2);
  void* const only_b[2] = {NULL, grads[1]};
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  accumulate(optimizer, 8, 1, 0);
  args.samples = 3;
  args.lent = &buffers;
  buffers.count = 2;
  buffers.grads = only_b;
  CHECK_OK(opt_accumulate(optimizer, &args));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -2);
  CHECK(params[1][0] == -4);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_without_any_gradient_is_skipped(void) {
  const opt_optimizer optimizer = descent(2);
  void* const only_b[2] = {NULL, grads[1]};
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.count = 2;
  buffers.grads = only_b;
  grads[1][0] = 1;
  CHECK_OK(opt_accumulate(optimizer, &args));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(step_of(optimizer, 0), 0);
  CHECK_EQ(step_of(optimizer, 1), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_next_step_uses_the_gradients_again(void) {
  const opt_optimizer optimizer = descent(2);
  accumulate(optimizer, 8, 2, 0);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -4);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -12);
  accumulate(optimizer, 2, 1, 0);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -14);
  CHECK_OK(opt_destroy(optimizer));
}

static void accumulating_may_zero_the_gradients(void) {
  const opt_optimizer optimizer = descent(2);
  accumulate(optimizer, 8, 1, OPT_ACCUMULATE_ZERO_GRADS);
  CHECK(grads[0][0] == 0);
  CHECK(grads[1][kCount - 1] == 0);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -8);
  CHECK_OK(opt_destroy(optimizer));
}

static void discard_forgets_what_was_added(void) {
  const opt_optimizer optimizer = descent(2);
  CHECK_OK(opt_discard(optimizer));
  accumulate(optimizer, 100, 5, 0);
  CHECK_OK(opt_discard(optimizer));
  CHECK_EQ(info_of(optimizer).pending_samples, 0);
  accumulate(optimizer, 2, 1, 0);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -2);
  CHECK_OK(opt_destroy(optimizer));
}

static void accumulators_count_as_state(void) {
  const opt_optimizer optimizer = descent(2);
  const int64_t bytes = 2 * (int64_t)sizeof grads[0];
  CHECK_EQ(info_of(optimizer).state_bytes, 0);
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes, bytes);
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes, bytes);
  CHECK_OK(opt_detach(optimizer, 1));
  CHECK_EQ(info_of(optimizer).state_bytes, bytes / 2);
  CHECK_OK(opt_destroy(optimizer));
}

static void too_few_samples_are_refused(void) {
  const opt_optimizer optimizer = descent(2);
  const int64_t samples[] = {0, -1, INT64_MIN};
  for (int64_t i = 0; i < COUNT_OF(samples); ++i) {
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    args.samples = samples[i];
    CHECK_REFUSES(optimizer, opt_accumulate(optimizer, &args), OPT_ERR_ARGUMENT,
                  "samples");
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void more_samples_than_can_be_counted_are_refused(void) {
  const opt_optimizer optimizer = descent(2);
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  args.samples = INT64_MAX;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_accumulate(optimizer, &args), OPT_ERR_ARGUMENT,
                "1 to 4611686018427387902; 1 are accumulated already");
  CHECK_OK(opt_destroy(optimizer));
}

static void bad_flags_counts_and_pointers_are_refused(void) {
  const opt_optimizer optimizer = descent(2);
  void* const lent[2] = {(char*)grads[0] + 1, grads[1]};
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.flags = 4;
  CHECK_REFUSES(optimizer, opt_accumulate(optimizer, &args), OPT_ERR_ARGUMENT,
                "flag");
  args.flags = 0;
  args.lent = &buffers;
  buffers.grads = lent;
  buffers.count = 1;
  CHECK_REFUSES(optimizer, opt_accumulate(optimizer, &args), OPT_ERR_ARGUMENT,
                "count");
  buffers.count = 2;
  CHECK_REFUSES(optimizer, opt_accumulate(optimizer, &args), OPT_ERR_ARGUMENT,
                "a");
  CHECK_OK(opt_destroy(optimizer));
}

static void lent_gradients_are_refused_while_others_wait(void) {
  const opt_optimizer optimizer = descent(2);
  void* const lent[2] = {grads[0], grads[1]};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.count = 2;
  buffers.grads = lent;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_STATE,
                "accumulat");
  CHECK_OK(opt_discard(optimizer));
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_OK(opt_destroy(optimizer));
}

void accumulate_tests(void) {
  RUN(a_step_uses_the_mean_over_all_samples);
  RUN(without_arguments_one_sample_is_added);
  RUN(a_step_may_use_the_sum);
  RUN(means_are_weighted_by_their_samples);
  RUN(the_mean_counts_samples_without_a_gradient_as_well);
  RUN(a_tensor_without_any_gradient_is_skipped);
  RUN(the_next_step_uses_the_gradients_again);
  RUN(accumulating_may_zero_the_gradients);
  RUN(discard_forgets_what_was_added);
  RUN(accumulators_count_as_state);
  RUN(too_few_samples_are_refused);
  RUN(more_samples_than_can_be_counted_are_refused);
  RUN(bad_flags_counts_and_pointers_are_refused);
  RUN(lent_gradients_are_refused_while_others_wait);
}
