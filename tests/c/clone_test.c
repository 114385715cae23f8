/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Copies of optimizers.
 */

#include <string.h>

#include "host.h"
#include "model.h"

/* An optimizer in the middle of everything: three tensors of which one was
 * detached, two groups, a schedule with a metric, an average, a scaler,
 * attributes, and accumulated gradients. */
static opt_optimizer busy(const char* rule) {
  const opt_optimizer optimizer = attached(rule, 2);
  opt_schedule plateau = NULL;
  attach_in_new_group(optimizer, 2);
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_PLATEAU, &plateau));
  CHECK_OK(opt_schedule_set(plateau, OPT_PATIENCE, 1));
  CHECK_OK(opt_set_schedule(optimizer, OPT_ALL_GROUPS, OPT_LR, plateau));
  CHECK_OK(opt_schedule_destroy(plateau));
  CHECK_OK(opt_set(optimizer, 1, OPT_WEIGHT_DECAY, 0.125));
  CHECK_OK(opt_set_attribute(optimizer, 2, OPT_TENSOR_LR_FACTOR, 0.5));
  CHECK_OK(opt_average_start(optimizer, NULL));
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 1));
  CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 2));
  CHECK_OK(opt_detach(optimizer, 1));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_accumulate(optimizer, NULL));
  return optimizer;
}

static void a_clone_has_the_whole_state(void) {
  const char* const rules[] = {OPT_RULE_SGD, OPT_RULE_MOMENTUM,
                               OPT_RULE_ADAGRAD, OPT_RULE_ADAMW};
  for (int64_t i = 0; i < COUNT_OF(rules); ++i) {
    const opt_optimizer optimizer = busy(rules[i]);
    opt_optimizer clone = NULL;
    const uint64_t before = snapshot(optimizer);
    CHECK_OK(opt_clone(optimizer, NULL, &clone));
    CHECK(snapshot(optimizer) == before);
    CHECK(same_state(optimizer, clone));
    CHECK_EQ(info_of(clone).state_bytes, info_of(optimizer).state_bytes);
    CHECK_EQ(info_of(clone).pending_samples, 1);
    CHECK_OK(opt_destroy(optimizer));
    CHECK_OK(opt_destroy(clone));
  }
}

static void a_clone_steps_to_the_same_bits(void) {
  static float copies[kTensors][kCount];
  const opt_optimizer optimizer = busy(OPT_RULE_ADAM);
  opt_optimizer clone = NULL;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args clipped = OPT_STEP_ARGS_INIT;
  work.max_norm = 0.125;
  clipped.work = &work;
  CHECK_OK(opt_clone(optimizer, NULL, &clone));
  memcpy(copies, params, sizeof copies);
  CHECK_OK(opt_bind(clone, 0, copies[0], grads[0]));
  CHECK_OK(opt_bind(clone, 2, copies[2], grads[2]));
  for (int step = 0; step < 5; ++step) {
    CHECK_OK(opt_step(optimizer, &clipped));
    CHECK_OK(opt_step(clone, &clipped));
    CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 3));
    CHECK_OK(opt_report_metric(clone, OPT_ALL_GROUPS, 3));
    CHECK(memcmp(copies, params, sizeof copies) == 0);
    CHECK(same_state(optimizer, clone));
  }
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(clone));
}

static void a_clone_goes_its_own_way(void) {
  const opt_optimizer optimizer = busy(OPT_RULE_ADAM);
  opt_optimizer clone = NULL;
  opt_lent lent = OPT_LENT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  float moved[2][kCount] = {{0}};
  void* const lent_params[3] = {moved[0], NULL, moved[1]};
  CHECK_OK(opt_clone(optimizer, NULL, &clone));
  const uint64_t before = snapshot(optimizer);
  lent.count = 3;
  lent.params = lent_params;
  args.lent = &lent;
  CHECK_OK(opt_step(clone, &args));
  CHECK_OK(opt_set(clone, 0, OPT_LR, 0.75));
  CHECK_OK(opt_average_stop(clone));
  CHECK(snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_step(clone, &args));
  CHECK_OK(opt_destroy(clone));
}

static void a_clone_does_not_step_before_it_has_buffers(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  opt_optimizer clone = NULL;
  CHECK_OK(opt_clone(optimizer, NULL, &clone));
  CHECK_REFUSES(clone, opt_step(clone, NULL), OPT_ERR_STATE, "opt_bind");
  CHECK_OK(opt_bind(clone, 0, params[0], grads[0]));
  CHECK_REFUSES(clone, opt_step(clone, NULL), OPT_ERR_STATE, "'b'");
  CHECK_OK(opt_bind(clone, 1, params[1], grads[1]));
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_step(clone, NULL));
  CHECK_EQ(step_of(clone, 1), 1);
  CHECK_OK(opt_destroy(clone));
}

static void a_clone_gives_free_indices_as_its_original_would(void) {
  const opt_optimizer optimizer = busy(OPT_RULE_SGD);
  opt_optimizer clone = NULL;
  opt_tensor tensors[2] = {tensor_of("x", NULL, NULL, 1),
                           tensor_of("y", NULL, NULL, 1)};
  int64_t indices[2] = {-1, -1};
  CHECK_OK(opt_clone(optimizer, NULL, &clone));
  CHECK_EQ(info_of(clone).index_count, 3);
  CHECK_OK(opt_attach(clone, tensors, 2, indices));
  CHECK_EQ(indices[0], 1);
  CHECK_EQ(indices[1], 3);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(clone));
}

/* An option that acts on the state at attach alone may be too large for it by
 * now. */
static void a_clone_has_options_beyond_its_tensors_dtype(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAGRAD, 1);
  opt_optimizer clone = NULL;
  double value = 0;
  CHECK_OK(opt_set(optimizer, 0, OPT_INITIAL_ACCUMULATOR, 1e300));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_clone(optimizer, NULL, &clone));
  CHECK(same_state(optimizer, clone));
  CHECK_OK(opt_get(clone, 0, OPT_INITIAL_ACCUMULATOR, &value));
  CHECK(value == 1e300);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(clone));
}

/* An alias' own values are what its presets set, after a copy as before. */
static void a_clone_has_the_alias_of_its_original(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_MOMENTUM);
  opt_optimizer clone = NULL;
  double momentum = 0;
  CHECK_OK(opt_clone(optimizer, NULL, &clone));
  CHECK_OK(opt_set(clone, OPT_ALL_GROUPS, OPT_MOMENTUM, 0.5));
  CHECK_OK(opt_set_preset(clone, OPT_ALL_GROUPS, OPT_PRESET_PYTORCH));
  CHECK_OK(opt_get(clone, 0, OPT_MOMENTUM, &momentum));
  CHECK(momentum == 0.9);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(clone));
}

static void a_clone_takes_memory_from_its_context(void) {
  const opt_optimizer optimizer = busy(OPT_RULE_ADAM);
  host host = HOST_INIT;
  const opt_context context = host_context(&host, kMemory);
  opt_optimizer clone = NULL;
  CHECK_OK(opt_clone(optimizer, context, &clone));
  CHECK_OK(opt_context_destroy(context));
  CHECK(host.live_bytes > info_of(clone).state_bytes);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(clone));
  CHECK_EQ(host.live_blocks, 0);
  CHECK_EQ(host.mistakes, 0);
}

static void a_clone_may_have_a_context_of_its_own(void) {
  const opt_optimizer optimizer = busy(OPT_RULE_ADAM);
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context context = NULL;
  opt_optimizer clone = NULL;
  opt_target_info target = OPT_TARGET_INFO_INIT;
  int32_t count = 0;
  CHECK_OK(opt_target_count(&count));
  CHECK_OK(opt_target_at(count - 1, &target));
  config.threads = 2;
  config.target = target.name;
  CHECK_OK(opt_context_create(&config, &context));
  CHECK_OK(opt_clone(optimizer, context, &clone));
  CHECK_OK(opt_context_destroy(context));
  CHECK(same_state(optimizer, clone));
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(clone));
}

static void what_cannot_be_cloned_is_refused(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  opt_optimizer clone = NULL;
  CHECK_REFUSES(optimizer, opt_clone(optimizer, NULL, NULL), OPT_ERR_ARGUMENT,
                "'clone'");
  CHECK_FAILS(opt_clone(NULL, NULL, &clone), OPT_ERR_HANDLE, "");
  CHECK_OK(opt_average_start(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_FAILS(opt_clone(optimizer, NULL, &clone), OPT_ERR_STATE,
              "opt_swap_eval_weights");
  CHECK(clone == NULL);
  CHECK_OK(opt_destroy(optimizer));
}

void clone_tests(void) {
  RUN(a_clone_has_the_whole_state);
  RUN(a_clone_steps_to_the_same_bits);
  RUN(a_clone_goes_its_own_way);
  RUN(a_clone_does_not_step_before_it_has_buffers);
  RUN(a_clone_gives_free_indices_as_its_original_would);
  RUN(a_clone_has_options_beyond_its_tensors_dtype);
  RUN(a_clone_has_the_alias_of_its_original);
  RUN(a_clone_takes_memory_from_its_context);
  RUN(a_clone_may_have_a_context_of_its_own);
  RUN(what_cannot_be_cloned_is_refused);
}
