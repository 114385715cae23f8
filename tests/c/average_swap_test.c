/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Parameters exchanged with their averages, and put back.
 */

#include <string.h>

#include "fixture.h"
#include "topics.h"

enum { kCount = 37 };

static float params[2][kCount];
static float grads[2][kCount];
static float averages[2][kCount];
static float trained[2][kCount];

/* Tensors "a" and "b" after three steps of an EMA; copies of what they are. */
static opt_optimizer averaged(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  opt_tensor tensors[2];
  for (int i = 0; i < 2; ++i) {
    fill(params[i], kCount, (uint32_t)i);
    fill(grads[i], kCount, (uint32_t)(10 + i));
    tensors[i] = tensor_of(i == 0 ? "a" : "b", params[i], grads[i], kCount);
  }
  config.decay = 0.75;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_OK(opt_average_start(optimizer, &config));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  for (int64_t i = 0; i < 2; ++i) {
    opt_view view = OPT_VIEW_INIT;
    CHECK_OK(opt_state_view(optimizer, i, OPT_SLOT_PARAM_AVERAGE, &view));
    memcpy(averages[i], view.data, sizeof averages[i]);
  }
  memcpy(trained, params, sizeof trained);
  CHECK(memcmp(averages, trained, sizeof trained) != 0);
  return optimizer;
}

static int swapped(opt_optimizer optimizer) {
  opt_average_info info = OPT_AVERAGE_INFO_INIT;
  CHECK_OK(opt_average_get(optimizer, &info));
  return info.swapped;
}

static void a_swap_exchanges_and_a_second_puts_back(void) {
  const opt_optimizer optimizer = averaged();
  const uint64_t before = snapshot(optimizer);
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK_EQ(swapped(optimizer), 1);
  CHECK(memcmp(params, averages, sizeof params) == 0);
  CHECK_OK(opt_state_view(optimizer, 0, OPT_SLOT_PARAM_AVERAGE, &view));
  CHECK(memcmp(view.data, trained[0], sizeof trained[0]) == 0);
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK_EQ(swapped(optimizer), 0);
  CHECK(memcmp(params, trained, sizeof params) == 0);
  CHECK(snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
}

static opt_status step(opt_optimizer optimizer) {
  return opt_step(optimizer, NULL);
}
static opt_status accumulate(opt_optimizer optimizer) {
  return opt_accumulate(optimizer, NULL);
}
static opt_status save(opt_optimizer optimizer) {
  int64_t size = 0;
  return opt_save_memory(optimizer, NULL, 0, &size, NULL);
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

static void what_would_train_or_keep_the_averages_waits(void) {
  static opt_status (*const kCalls[])(opt_optimizer) = {
      step, accumulate, save, load, start, opt_average_stop, detach};
  const opt_optimizer optimizer = averaged();
  CHECK_OK(opt_average_swap(optimizer, NULL));
  for (int64_t i = 0; i < COUNT_OF(kCalls); ++i) {
    CHECK_REFUSES(optimizer, kCalls[i](optimizer), OPT_ERR_STATE,
                  "opt_average_swap");
  }
  CHECK_OK(opt_zero_grad(optimizer, NULL));
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void parameters_that_are_lent_are_swapped(void) {
  const opt_optimizer optimizer = averaged();
  opt_swap_args args = OPT_SWAP_ARGS_INIT;
  void* lent[2] = {NULL, params[1]};
  CHECK_OK(opt_bind(optimizer, 1, NULL, NULL));
  CHECK_REFUSES(optimizer, opt_average_swap(optimizer, NULL), OPT_ERR_STATE,
                "'b'");
  CHECK(memcmp(params, trained, sizeof params) == 0);
  args.count = 2;
  args.params = lent;
  CHECK_OK(opt_average_swap(optimizer, &args));
  CHECK(memcmp(params, averages, sizeof params) == 0);
  CHECK_OK(opt_average_swap(optimizer, &args));
  CHECK(memcmp(params, trained, sizeof params) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void arguments_that_do_not_fit_are_refused(void) {
  const opt_optimizer optimizer = averaged();
  opt_swap_args args = OPT_SWAP_ARGS_INIT;
  void* lent[2] = {NULL, NULL};
  args.flags = 1;
  CHECK_REFUSES(optimizer, opt_average_swap(optimizer, &args), OPT_ERR_ARGUMENT,
                "flags 1");
  args.flags = 0;
  args.params = lent;
  args.count = 1;
  CHECK_REFUSES(optimizer, opt_average_swap(optimizer, &args), OPT_ERR_ARGUMENT,
                "index_count is 2");
  args.count = 2;
  lent[0] = (char*)params[0] + 1;
  CHECK_REFUSES(optimizer, opt_average_swap(optimizer, &args), OPT_ERR_ARGUMENT,
                "aligned");
  lent[0] = params[1] + 1;
  CHECK_REFUSES(optimizer, opt_average_swap(optimizer, &args), OPT_ERR_OVERLAP,
                "'b'");
  lent[0] = NULL;
  CHECK_OK(opt_average_swap(optimizer, &args));
  CHECK_OK(opt_destroy(optimizer));
}

static void without_an_average_there_is_nothing_to_swap(void) {
  const opt_optimizer optimizer = averaged();
  CHECK_OK(opt_average_stop(optimizer));
  CHECK_REFUSES(optimizer, opt_average_swap(optimizer, NULL), OPT_ERR_STATE,
                "opt_average_start");
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
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK(memcmp(late, before, sizeof late) == 0);
  CHECK(memcmp(params, trained, sizeof params) == 0);
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK_OK(opt_detach(optimizer, 2));
  CHECK_OK(opt_destroy(optimizer));
}

static void destroying_while_swapped_leaves_the_averages(void) {
  const opt_optimizer optimizer = averaged();
  CHECK_OK(opt_average_swap(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
  CHECK(memcmp(params, averages, sizeof params) == 0);
}

void average_swap_tests(void) {
  RUN(a_swap_exchanges_and_a_second_puts_back);
  RUN(what_would_train_or_keep_the_averages_waits);
  RUN(parameters_that_are_lent_are_swapped);
  RUN(arguments_that_do_not_fit_are_refused);
  RUN(without_an_average_there_is_nothing_to_swap);
  RUN(a_tensor_attached_while_swapped_is_left_alone);
  RUN(destroying_while_swapped_leaves_the_averages);
}
