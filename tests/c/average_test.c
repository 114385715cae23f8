/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Weight averages: when they are updated and for which tensors; parameters
 * exchanged with them and put back. The averages' values are compared with the
 * formula in tests/rules/average_test.cc.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

static opt_average_config config_of(int32_t kind, double decay) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = decay;
  return config;
}

static opt_average_info average_info(opt_optimizer optimizer) {
  opt_average_info info = OPT_AVERAGE_INFO_INIT;
  CHECK_OK(opt_average_get_info(optimizer, &info));
  return info;
}

static const float* average_of(opt_optimizer optimizer, int64_t index) {
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_state_view(optimizer, index, OPT_SLOT_PARAM_AVERAGE, &view));
  CHECK_EQ(view.count, kCount);
  return view.data;
}

/* Nonzero if the average of a tensor has these values. */
static int average_is(opt_optimizer optimizer, int64_t index,
                      const float* values) {
  return memcmp(average_of(optimizer, index), values, sizeof params[0]) == 0;
}

static void the_first_update_copies_the_parameters_after_the_step(void) {
  for (int32_t kind = OPT_AVERAGE_EMA; kind <= OPT_AVERAGE_SWA; ++kind) {
    const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
    const opt_average_config config = config_of(kind, 0.9);
    CHECK_OK(opt_average_start(optimizer, &config));
    CHECK_EQ(average_info(optimizer).kind, kind);
    CHECK_OK(opt_step(optimizer, NULL));
    CHECK(average_is(optimizer, 0, params[0]));
    CHECK(average_is(optimizer, 1, params[1]));
    CHECK_EQ(average_info(optimizer).updates, 1);
    CHECK_OK(opt_step(optimizer, NULL));
    CHECK(!average_is(optimizer, 0, params[0]));
    CHECK_OK(opt_destroy(optimizer));
  }
}

/* With decay 0, an average is the parameters of its latest update. */
static void start_and_period_say_which_steps_update(void) {
  static const int kFirst[] = {3, 3, 1, 3};
  static const int kPeriod[] = {3, 1, 2, 0};
  for (int64_t i = 0; i < COUNT_OF(kFirst); ++i) {
    const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
    const int period = kPeriod[i] == 0 ? 1 : kPeriod[i];
    opt_average_config config = config_of(OPT_AVERAGE_EMA, 0);
    float latest[kCount];
    int updates = 0;
    config.start = kFirst[i] - 1;
    config.period = kPeriod[i];
    CHECK_OK(opt_average_start(optimizer, &config));
    for (int step = 1; step <= 10; ++step) {
      const int due = step >= kFirst[i] && (step - kFirst[i]) % period == 0;
      CHECK_OK(opt_step(optimizer, NULL));
      if (due) memcpy(latest, params[0], sizeof latest);
      updates += due;
      CHECK_EQ(average_info(optimizer).updates, updates);
      if (updates > 0) CHECK(average_is(optimizer, 0, latest));
      if (updates > 0) CHECK_EQ(average_is(optimizer, 0, params[0]), due);
    }
    CHECK_OK(opt_destroy(optimizer));
  }
}

/* An average with decay 0 shows whether it was updated. */
static void tensors_that_take_no_step_are_averaged_too(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  const opt_average_config config = config_of(OPT_AVERAGE_EMA, 0);
  void* lent[2] = {grads[0], NULL};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.count = 2;
  buffers.grads = lent;
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_EQ(step_of(optimizer, 1), 0);
  CHECK(average_is(optimizer, 1, params[1]));
  fill(params[1], kCount, 50); /* the caller's own change */
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(average_is(optimizer, 1, params[1]));
  fill(params[0], kCount, 51);
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_FROZEN, 1));
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_EQ(step_of(optimizer, 0), 2);
  CHECK(average_is(optimizer, 0, params[0]));
  CHECK_OK(opt_destroy(optimizer));
}

static void parameters_that_a_step_does_not_know_are_not_averaged(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  const opt_average_config config = config_of(OPT_AVERAGE_EMA, 0);
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  float before[kCount];
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_OK(opt_step(optimizer, NULL));
  memcpy(before, params[1], sizeof before);
  CHECK_OK(opt_bind(optimizer, 1, NULL, NULL));
  fill(params[1], kCount, 50);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(average_is(optimizer, 1, before));
  void* lent[2] = {NULL, params[1]};
  args.lent = &buffers;
  buffers.count = 2;
  buffers.params = lent;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(average_is(optimizer, 1, params[1]));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_attached_later_begins_its_own_average(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  const opt_average_config config = config_of(OPT_AVERAGE_SWA, 0);
  static float late[kCount];
  static float late_grads[kCount];
  const opt_tensor tensor = tensor_of("late", late, late_grads, kCount);
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  fill(late, kCount, 3);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(average_is(optimizer, 2, late));
  CHECK_EQ(average_info(optimizer).updates, 3);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_detached_tensor_takes_its_average_along(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  const opt_average_config config = config_of(OPT_AVERAGE_SWA, 0);
  const opt_tensor again = float_tensor(0);
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(!average_is(optimizer, 1, params[1]));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_attach(optimizer, &again, 1, NULL)); /* in its place */
  CHECK(!average_is(optimizer, 0, params[0]));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(average_is(optimizer, 0, params[0]));
  CHECK_OK(opt_destroy(optimizer));
}

static void averages_count_as_state_until_they_are_stopped(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  const int64_t before = info_of(optimizer).state_bytes;
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_average_start(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes,
           before + 2 * (int64_t)sizeof params[0]);
  CHECK(average_info(optimizer).decay == 0.999);
  CHECK_EQ(average_info(optimizer).period, 1);
  CHECK_OK(opt_average_stop(optimizer));
  CHECK_OK(opt_average_stop(optimizer));
  CHECK_EQ(info_of(optimizer).state_bytes, before);
  CHECK_EQ(average_info(optimizer).kind, 0);
  CHECK_REFUSES(optimizer,
                opt_state_view(optimizer, 0, OPT_SLOT_PARAM_AVERAGE, &view),
                OPT_ERR_NAME, "opt_average_start");
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void an_average_that_has_no_update_yet_is_shown_as_zeros(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  CHECK_OK(opt_average_start(optimizer, NULL));
  const float* const average = average_of(optimizer, 0);
  for (int i = 0; i < kCount; ++i) CHECK(average[i] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_second_start_keeps_what_was_averaged_if_the_kind_is_the_same(
    void) {
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  opt_average_config config = config_of(OPT_AVERAGE_EMA, 0.9);
  float average[kCount];
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_OK(opt_step(optimizer, NULL));
  memcpy(average, params[0], sizeof average);
  config.decay = 1; /* stays what it is */
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(average_is(optimizer, 0, average));
  CHECK_EQ(average_info(optimizer).updates, 2);
  config.kind = OPT_AVERAGE_SWA;
  CHECK_OK(opt_average_start(optimizer, &config));
  CHECK_EQ(average_info(optimizer).updates, 0);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(average_is(optimizer, 0, params[0]));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_configuration_that_cannot_be_is_refused(void) {
  static const struct {
    opt_average_config config;
    opt_status status;
    const char* part;
  } kBad[] = {
#define CONFIG(kind, decay, start, period, flags, reserved) \
  {sizeof(opt_average_config), kind, decay, start, period, flags, reserved}
      {CONFIG(0, 0.5, 0, 0, 0, 0), OPT_ERR_ARGUMENT, "kind is 0"},
      {CONFIG(3, 0.5, 0, 0, 0, 0), OPT_ERR_ARGUMENT, "OPT_AVERAGE_EMA"},
      {CONFIG(1, -0.5, 0, 0, 0, 0), OPT_ERR_VALUE, "[0, 1]"},
      {CONFIG(1, 1.5, 0, 0, 0, 0), OPT_ERR_VALUE, "decay cannot be 1.5"},
      {CONFIG(1, NAN, 0, 0, 0, 0), OPT_ERR_VALUE, "decay"},
      {CONFIG(1, 0.5, -1, 0, 0, 0), OPT_ERR_ARGUMENT, "start is -1"},
      {CONFIG(1, 0.5, 0, -1, 0, 0), OPT_ERR_ARGUMENT, "period is -1"},
      {CONFIG(1, 0.5, INT64_MAX, 0, 0, 0), OPT_ERR_ARGUMENT, "start"},
      {CONFIG(1, 0.5, 0, 0, 2, 0), OPT_ERR_ARGUMENT, "flags is 2"},
      {CONFIG(2, 0.5, 0, 0, 1, 0), OPT_ERR_ARGUMENT, "OPT_AVERAGE_WARMUP"},
      {CONFIG(1, 0.5, 0, 0, 0, 1), OPT_ERR_ARGUMENT, "reserved"},
  };
  const opt_optimizer optimizer = attached(OPT_RULE_GD, 2);
  for (int started = 0; started < 2; ++started) {
    for (int64_t i = 0; i < COUNT_OF(kBad); ++i) {
      CHECK_REFUSES(optimizer, opt_average_start(optimizer, &kBad[i].config),
                    kBad[i].status, kBad[i].part);
    }
    CHECK_OK(opt_average_start(optimizer, NULL));
    CHECK_OK(opt_step(optimizer, NULL));
  }
  CHECK_OK(opt_destroy(optimizer));
}

static float averages[2][kCount];
static float trained[2][kCount];

/* Two tensors after three steps with an average; copies of both. */
static opt_optimizer averaged(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  const opt_average_config config = config_of(OPT_AVERAGE_EMA, 0.75);
  CHECK_OK(opt_average_start(optimizer, &config));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  for (int i = 0; i < 2; ++i) {
    memcpy(averages[i], average_of(optimizer, i), sizeof averages[i]);
    memcpy(trained[i], params[i], sizeof trained[i]);
    CHECK(memcmp(averages[i], trained[i], sizeof trained[i]) != 0);
  }
  return optimizer;
}

static void a_swap_exchanges_and_a_second_puts_back(void) {
  const opt_optimizer optimizer = averaged();
  const uint64_t before = snapshot(optimizer);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_EQ(average_info(optimizer).swapped, 1);
  CHECK(memcmp(params, averages, sizeof trained) == 0);
  CHECK(average_is(optimizer, 0, trained[0]));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_EQ(average_info(optimizer).swapped, 0);
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK(snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
}

static opt_status step(opt_optimizer optimizer) {
  return opt_step(optimizer, NULL);
}
static opt_status accumulate(opt_optimizer optimizer) {
  return opt_accumulate(optimizer, NULL);
}
static opt_status load(opt_optimizer optimizer) {
  return opt_load_memory(optimizer, "", 0, NULL);
}
static opt_status start(opt_optimizer optimizer) {
  return opt_average_start(optimizer, NULL);
}
static opt_status detach(opt_optimizer optimizer) {
  return opt_detach(optimizer, 0);
}

static void what_would_train_or_change_the_averages_waits(void) {
  static opt_status (*const kCalls[])(opt_optimizer) = {
      step, accumulate, load, start, opt_average_stop, detach};
  const opt_optimizer optimizer = averaged();
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  for (int64_t i = 0; i < COUNT_OF(kCalls); ++i) {
    CHECK_REFUSES(optimizer, kCalls[i](optimizer), OPT_ERR_STATE,
                  "opt_swap_eval_weights");
  }
  CHECK_OK(opt_zero_grads(optimizer, NULL));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void parameters_that_are_lent_are_swapped(void) {
  const opt_optimizer optimizer = averaged();
  opt_lent args = OPT_LENT_INIT;
  void* lent[2] = {NULL, params[1]};
  CHECK_OK(opt_bind(optimizer, 1, NULL, NULL));
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, NULL),
                OPT_ERR_STATE, "'b'");
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  args.count = 2;
  args.params = lent;
  CHECK_OK(opt_swap_eval_weights(optimizer, &args));
  CHECK(memcmp(params, averages, sizeof trained) == 0);
  CHECK_OK(opt_swap_eval_weights(optimizer, &args));
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void arguments_of_a_swap_that_do_not_fit_are_refused(void) {
  const opt_optimizer optimizer = averaged();
  opt_lent args = OPT_LENT_INIT;
  void* lent[2] = {NULL, NULL};
  args.reserved = 1;
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, &args),
                OPT_ERR_ARGUMENT, "reserved");
  args.reserved = 0;
  args.params = lent;
  args.count = 1;
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, &args),
                OPT_ERR_ARGUMENT, "index_count is 2");
  args.count = 2;
  lent[0] = (char*)params[0] + 1;
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, &args),
                OPT_ERR_ARGUMENT, "aligned");
  lent[0] = params[1] + 1;
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, &args),
                OPT_ERR_OVERLAP, "'b'");
  lent[0] = NULL;
  CHECK_OK(opt_swap_eval_weights(optimizer, &args));
  CHECK_OK(opt_destroy(optimizer));
}

static void without_an_average_there_is_nothing_to_swap(void) {
  const opt_optimizer optimizer = averaged();
  CHECK_OK(opt_average_stop(optimizer));
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, NULL),
                OPT_ERR_STATE, "opt_average_start");
  CHECK_OK(opt_destroy(optimizer));
}

/* A tensor without an update of its own stays what it is. */
static void a_tensor_attached_while_swapped_is_left_alone(void) {
  const opt_optimizer optimizer = averaged();
  static float late[kCount];
  float before[kCount];
  const opt_tensor tensor = tensor_of("late", late, NULL, kCount);
  fill(late, kCount, 5);
  memcpy(before, late, sizeof before);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK(memcmp(late, before, sizeof late) == 0);
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_detach(optimizer, 2));
  CHECK_OK(opt_destroy(optimizer));
}

static void destroying_while_swapped_leaves_the_averages(void) {
  const opt_optimizer optimizer = averaged();
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
  CHECK(memcmp(params, averages, sizeof trained) == 0);
}

void average_tests(void) {
  RUN(the_first_update_copies_the_parameters_after_the_step);
  RUN(start_and_period_say_which_steps_update);
  RUN(tensors_that_take_no_step_are_averaged_too);
  RUN(parameters_that_a_step_does_not_know_are_not_averaged);
  RUN(a_tensor_attached_later_begins_its_own_average);
  RUN(a_detached_tensor_takes_its_average_along);
  RUN(averages_count_as_state_until_they_are_stopped);
  RUN(an_average_that_has_no_update_yet_is_shown_as_zeros);
  RUN(a_second_start_keeps_what_was_averaged_if_the_kind_is_the_same);
  RUN(a_configuration_that_cannot_be_is_refused);
  RUN(a_swap_exchanges_and_a_second_puts_back);
  RUN(what_would_train_or_change_the_averages_waits);
  RUN(parameters_that_are_lent_are_swapped);
  RUN(arguments_of_a_swap_that_do_not_fit_are_refused);
  RUN(without_an_average_there_is_nothing_to_swap);
  RUN(a_tensor_attached_while_swapped_is_left_alone);
  RUN(destroying_while_swapped_leaves_the_averages);
}
