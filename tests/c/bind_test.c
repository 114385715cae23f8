/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Re-binding and detaching.
 */

#include <string.h>

#include "fixture.h"

static void binding_keeps_state_and_step(void) {
  const opt_optimizer moved = attached(OPT_RULE_ADAM, 1);
  float expected[kCount];
  CHECK_OK(opt_step(moved, NULL));
  CHECK_OK(opt_step(moved, NULL));
  memcpy(expected, params[0], sizeof expected);
  CHECK_OK(opt_destroy(moved));

  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  CHECK_OK(opt_step(optimizer, NULL));
  memcpy(params[1], params[0], sizeof params[0]);
  memcpy(grads[1], grads[0], sizeof grads[0]);
  CHECK_OK(opt_bind(optimizer, 0, params[1], grads[1]));
  memset(params[0], 0, sizeof params[0]);
  memset(grads[0], 0, sizeof grads[0]);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(memcmp(params[1], expected, sizeof expected) == 0);
  CHECK_EQ(step_of(optimizer, 0), 2);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_same_buffers_may_be_bound_again(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  CHECK_OK(opt_bind(optimizer, 0, params[0], grads[0]));
  CHECK_OK(opt_bind(optimizer, 0, grads[0], params[0]));
  CHECK_OK(opt_tensor_at(optimizer, 0, &info));
  CHECK(info.param == grads[0]);
  CHECK(info.grad == params[0]);
  CHECK_OK(opt_destroy(optimizer));
}

static void bound_to_nothing_a_tensor_waits_for_lent_buffers(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  CHECK_OK(opt_bind(optimizer, 0, NULL, NULL));
  CHECK_OK(opt_tensor_at(optimizer, 0, &info));
  CHECK(info.param == NULL);
  CHECK(info.grad == NULL);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(step_of(optimizer, 0), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void misaligned_buffers_are_refused(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  CHECK_REFUSES(optimizer,
                opt_bind(optimizer, 0, (char*)params[1] + 1, grads[1]),
                OPT_ERR_ARGUMENT, "'a'");
  CHECK_REFUSES(optimizer,
                opt_bind(optimizer, 0, params[1], (char*)grads[1] + 2),
                OPT_ERR_ARGUMENT, "'a'");
  CHECK_OK(opt_destroy(optimizer));
}

static void an_index_of_no_tensor_is_refused(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  const opt_tensor second = tensor_of("v", NULL, NULL, 1);
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_attach(optimizer, &second, 1, NULL));
  CHECK_OK(opt_detach(optimizer, 0));
  const int64_t indices[] = {0, 2, -1, INT64_MAX, INT64_MIN};
  for (int64_t i = 0; i < COUNT_OF(indices); ++i) {
    const int64_t index = indices[i];
    CHECK_REFUSES(optimizer, opt_bind(optimizer, index, NULL, NULL),
                  OPT_ERR_RANGE, "tensor");
    CHECK_REFUSES(optimizer, opt_detach(optimizer, index), OPT_ERR_RANGE,
                  "tensor");
    CHECK_REFUSES(optimizer, opt_tensor_at(optimizer, index, &info),
                  OPT_ERR_RANGE, "tensor");
    CHECK_REFUSES(optimizer,
                  opt_state_view(optimizer, index, OPT_SLOT_EXP_AVG, &view),
                  OPT_ERR_RANGE, "tensor");
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_attached_again_starts_afresh(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  const opt_tensor tensor = float_tensor(0);
  const float zeros[kCount] = {0};
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_EQ(step_of(optimizer, 0), 0);
  CHECK(memcmp(state_of(optimizer, 0, OPT_SLOT_EXP_AVG), zeros, sizeof zeros) ==
        0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_detached_tensor_is_left_in_peace(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  float before[kCount];
  CHECK_OK(opt_detach(optimizer, 0));
  memcpy(before, params[0], sizeof before);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_zero_grads(optimizer, NULL));
  CHECK(memcmp(params[0], before, sizeof before) == 0);
  CHECK(grads[0][0] != 0);
  CHECK_OK(opt_destroy(optimizer));
}

void bind_tests(void) {
  RUN(binding_keeps_state_and_step);
  RUN(the_same_buffers_may_be_bound_again);
  RUN(bound_to_nothing_a_tensor_waits_for_lent_buffers);
  RUN(misaligned_buffers_are_refused);
  RUN(an_index_of_no_tensor_is_refused);
  RUN(a_tensor_attached_again_starts_afresh);
  RUN(a_detached_tensor_is_left_in_peace);
}
