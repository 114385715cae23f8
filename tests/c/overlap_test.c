/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Buffers that share memory: every pair of buffers, at every way of lying
 * beside or over each other, attached, bound and lent.
 */

#include "fixture.h"

enum { kLength = 8 };

/* Room for a buffer in the middle and one on each side of it. */
static float memory[3 * kLength];
static float* const kMiddle = memory + kLength;
/* Room for the others, each as long as the longest. */
static float elsewhere[4][kLength + 2];

/* Where the second buffer lies, in elements from the first, which has kLength;
 * its length; and whether the two share memory. */
static const struct {
  int64_t offset;
  int64_t count;
  int overlap;
} kPositions[] = {
    {-kLength, kLength, 0},     /* ends where the other starts */
    {kLength, kLength, 0},      /* starts where the other ends */
    {0, kLength, 1},            /* the same */
    {-kLength + 1, kLength, 1}, /* shares the first element */
    {kLength - 1, kLength, 1},  /* shares the last element */
    {2, 4, 1},                  /* lies within */
    {-1, kLength + 2, 1},       /* lies around */
    {3, 0, 0},                  /* is empty */
};

/* The buffers of two tensors; any two of them may collide. */
enum buffer { kParamA, kGradA, kParamB, kGradB, kBuffers };

static void* pointer_for(enum buffer which, enum buffer first,
                         enum buffer second, int64_t offset) {
  if (which == first) return kMiddle;
  if (which == second) return kMiddle + offset;
  return elsewhere[which];
}

/* Calls `check` for every pair of buffers of different tensors and every
 * position. tensors[0] has kLength elements, tensors[1] the position's. */
static void for_each_pair(void (*check)(opt_tensor tensors[2], int overlap)) {
  for (int first = kParamA; first <= kGradA; ++first) {
    for (int second = kParamB; second <= kGradB; ++second) {
      for (int64_t i = 0; i < COUNT_OF(kPositions); ++i) {
        void* at[kBuffers];
        for (int b = kParamA; b < kBuffers; ++b) {
          at[b] = pointer_for((enum buffer)b, (enum buffer)first,
                              (enum buffer)second, kPositions[i].offset);
        }
        opt_tensor tensors[2] = {
            tensor_of("first", at[kParamA], at[kGradA], kLength),
            tensor_of("second", at[kParamB], at[kGradB], kPositions[i].count)};
        check(tensors, kPositions[i].overlap);
      }
    }
  }
}

static void expect(opt_status status, int overlap) {
  if (overlap) {
    CHECK_FAILS(status, OPT_ERR_OVERLAP, "first");
    CHECK_CONTAINS(opt_last_error(), "second");
  } else {
    CHECK_OK(status);
  }
}

static void attach_together(opt_tensor tensors[2], int overlap) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const uint64_t before = snapshot(optimizer);
  expect(opt_attach(optimizer, tensors, 2, NULL), overlap);
  CHECK(!overlap || snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
}

static void attach_one_by_one(opt_tensor tensors[2], int overlap) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_attach(optimizer, &tensors[1], 1, NULL));
  expect(opt_attach(optimizer, &tensors[0], 1, NULL), overlap);
  CHECK_OK(opt_destroy(optimizer));
}

static void attach_then_bind(opt_tensor tensors[2], int overlap) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  void* const param = tensors[1].param;
  void* const grad = tensors[1].grad;
  tensors[1].param = NULL;
  tensors[1].grad = NULL;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  const uint64_t before = snapshot(optimizer);
  expect(opt_bind(optimizer, 1, param, grad), overlap);
  CHECK(!overlap || snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
}

/* Steps with buffers of which tensor 1's, and also tensor 0's if `both`, are
 * lent. */
static void lend(opt_tensor tensors[2], int overlap, int both) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  void* const lent_params[2] = {both ? tensors[0].param : NULL,
                                tensors[1].param};
  void* const lent_grads[2] = {tensors[0].grad, tensors[1].grad};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  for (int i = both ? 0 : 1; i < 2; ++i) {
    tensors[i].param = NULL;
    tensors[i].grad = NULL;
  }
  args.lent = &lent_buffers;
  lent_buffers.count = 2;
  lent_buffers.params = lent_params;
  lent_buffers.grads = lent_grads;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  expect(opt_step(optimizer, &args), overlap);
  CHECK_EQ(step_of(optimizer, 0), overlap ? 0 : 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void lend_both(opt_tensor tensors[2], int overlap) {
  lend(tensors, overlap, 1);
}

static void lend_the_second(opt_tensor tensors[2], int overlap) {
  lend(tensors, overlap, 0);
}

static void attached_together(void) { for_each_pair(attach_together); }
static void attached_one_by_one(void) { for_each_pair(attach_one_by_one); }
static void bound(void) { for_each_pair(attach_then_bind); }
static void lent(void) { for_each_pair(lend_both); }
static void lent_beside_retained(void) { for_each_pair(lend_the_second); }

static void parameters_and_gradient_of_one_tensor(void) {
  for (int64_t i = 0; i < COUNT_OF(kPositions); ++i) {
    if (kPositions[i].count != kLength) continue;
    const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
    const opt_tensor tensor =
        tensor_of("w", kMiddle, kMiddle + kPositions[i].offset, kLength);
    const opt_status status = opt_attach(optimizer, &tensor, 1, NULL);
    if (kPositions[i].overlap) {
      CHECK_FAILS(status, OPT_ERR_OVERLAP, "w");
    } else {
      CHECK_OK(status);
    }
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void parameters_lent_over_gradients_to_be_zeroed(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensor = tensor_of("w", NULL, elsewhere[0], kLength);
  void* const lent_params[1] = {elsewhere[0]};
  opt_step_args step = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  step.lent = &lent_buffers;
  lent_buffers.count = 1;
  lent_buffers.params = lent_params;
  step.flags = OPT_STEP_ZERO_GRADS;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_REFUSES(optimizer, opt_step(optimizer, &step), OPT_ERR_OVERLAP, "w");
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_step(optimizer, &step), OPT_ERR_OVERLAP, "w");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_detached_tensor_collides_with_nothing(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensor = tensor_of("w", kMiddle, memory, kLength);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void parameters_lent_to_use_accumulated_gradients(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of("first", NULL, NULL, kLength),
                                 tensor_of("second", NULL, NULL, kLength)};
  void* const lent_grads[2] = {elsewhere[0], elsewhere[1]};
  void* const lent_params[2] = {kMiddle, kMiddle + 1};
  opt_accumulate_args accumulate = OPT_ACCUMULATE_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  opt_step_args step = OPT_STEP_ARGS_INIT;
  opt_lent step_lent_buffers = OPT_LENT_INIT;
  accumulate.lent = &lent_buffers;
  step.lent = &step_lent_buffers;
  lent_buffers.count = step_lent_buffers.count = 2;
  lent_buffers.grads = lent_grads;
  step_lent_buffers.params = lent_params;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_OK(opt_accumulate(optimizer, &accumulate));
  CHECK_REFUSES(optimizer, opt_step(optimizer, &step), OPT_ERR_OVERLAP,
                "second");
  CHECK_OK(opt_destroy(optimizer));
}

void overlap_tests(void) {
  RUN(attached_together);
  RUN(attached_one_by_one);
  RUN(bound);
  RUN(lent);
  RUN(lent_beside_retained);
  RUN(parameters_and_gradient_of_one_tensor);
  RUN(parameters_lent_to_use_accumulated_gradients);
  RUN(parameters_lent_over_gradients_to_be_zeroed);
  RUN(a_detached_tensor_collides_with_nothing);
}
