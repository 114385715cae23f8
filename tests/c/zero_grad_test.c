/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Zeroing the gradients.
 */

#include "fixture.h"
#include "topics.h"

enum { kCount = 40 };

static float params[2][kCount];
static float grads[2][kCount];
static float lent_grads[2][kCount];

static opt_optimizer attached(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of("a", params[0], grads[0], kCount),
                                 tensor_of("b", params[1], grads[1], kCount)};
  for (int i = 0; i < 2; ++i) {
    fill(grads[i], kCount, (uint32_t)i);
    fill(lent_grads[i], kCount, (uint32_t)i);
  }
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  return optimizer;
}

static int is_zero(const float* values) {
  for (int i = 0; i < kCount; ++i) {
    if (values[i] != 0) return 0;
  }
  return 1;
}

static void retained_gradients_become_zero(void) {
  const opt_optimizer optimizer = attached();
  CHECK_OK(opt_zero_grad(optimizer, NULL));
  CHECK(is_zero(grads[0]));
  CHECK(is_zero(grads[1]));
  CHECK_EQ(step_of(optimizer, 0), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void lent_gradients_become_zero_and_NULL_is_left_out(void) {
  const opt_optimizer optimizer = attached();
  void* const lent[2] = {NULL, lent_grads[1]};
  opt_zero_grad_args args = OPT_ZERO_GRAD_ARGS_INIT;
  args.count = 2;
  args.grads = lent;
  CHECK_OK(opt_zero_grad(optimizer, &args));
  CHECK(!is_zero(lent_grads[0]));
  CHECK(is_zero(lent_grads[1]));
  CHECK(!is_zero(grads[0]));
  CHECK(!is_zero(grads[1]));
  CHECK_OK(opt_destroy(optimizer));
}

static void what_was_accumulated_stays(void) {
  const opt_optimizer optimizer = attached();
  opt_info info = OPT_INFO_INIT;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_zero_grad(optimizer, NULL));
  CHECK_OK(opt_get_info(optimizer, &info));
  CHECK_EQ(info.pending_samples, 1);
  params[0][1] = 0;
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][1] != 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void bad_arguments_are_refused(void) {
  const opt_optimizer optimizer = attached();
  void* const lent[2] = {lent_grads[0], (char*)lent_grads[1] + 2};
  void* const same[2] = {lent_grads[0], lent_grads[0]};
  opt_zero_grad_args args = OPT_ZERO_GRAD_ARGS_INIT;
  args.flags = OPT_ZERO_GRADS;
  CHECK_REFUSES(optimizer, opt_zero_grad(optimizer, &args), OPT_ERR_ARGUMENT,
                "flag");
  args.flags = 0;
  args.grads = lent;
  args.count = 3;
  CHECK_REFUSES(optimizer, opt_zero_grad(optimizer, &args), OPT_ERR_ARGUMENT,
                "count");
  args.count = 2;
  CHECK_REFUSES(optimizer, opt_zero_grad(optimizer, &args), OPT_ERR_ARGUMENT,
                "b");
  CHECK(!is_zero(lent_grads[0]));
  args.grads = same;
  CHECK_REFUSES(optimizer, opt_zero_grad(optimizer, &args), OPT_ERR_OVERLAP,
                "a");
  CHECK(!is_zero(lent_grads[0]));
  CHECK_OK(opt_destroy(optimizer));
}

void zero_grad_tests(void) {
  RUN(retained_gradients_become_zero);
  RUN(lent_gradients_become_zero_and_NULL_is_left_out);
  RUN(what_was_accumulated_stays);
  RUN(bad_arguments_are_refused);
}
