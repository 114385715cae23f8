/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The start of most of the tests in C: an optimizer with up to three small
 * tensors, whose buffers every test may fill as it needs them.
 *
 *   const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
 *   CHECK_OK(opt_step(optimizer, NULL));
 *   CHECK(params[0][0] != before);
 *   CHECK_OK(opt_destroy(optimizer));
 */
#ifndef OPT_TESTS_C_FIXTURE_H_
#define OPT_TESTS_C_FIXTURE_H_

#include <stdint.h>

#include "check.h"
#include "snapshot.h"

#define COUNT_OF(array) ((int64_t)(sizeof(array) / sizeof *(array)))

/* The call is refused and `optimizer` is afterwards as it was. */
#define CHECK_REFUSES(optimizer, call, status, part) \
  do {                                               \
    const uint64_t before_ = snapshot(optimizer);    \
    CHECK_FAILS(call, status, part);                 \
    CHECK(snapshot(optimizer) == before_);           \
  } while (0)

/* kCount: whole vectors and a tail on every SIMD target. */
enum { kTensors = 3, kCount = 37 };

/* The buffers of the float tensors "a", "b" and "c". */
extern float params[kTensors][kCount];
extern float grads[kTensors][kCount];
/* The buffers of a tensor of doubles. */
extern double wide_params[kCount];
extern double wide_grads[kCount];

/* An optimizer of the default context, without tensors. */
opt_optimizer new_optimizer(const char* rule);

/* A float tensor with retained buffers, in group 0. */
opt_tensor tensor_of(const char* name, float* param, float* grad,
                     int64_t count);

/* The float tensor over params[i] and grads[i]. */
opt_tensor float_tensor(int i);

/* The tensor of doubles over wide_params and wide_grads. */
opt_tensor wide_tensor(const char* name);

/* An optimizer with the first `tensors` float tensors, in group 0. Fills all of
 * params and grads with different numbers. */
opt_optimizer attached(const char* rule, int tensors);

/* The same by gradient descent with a rate of 1, and params and grads all 0: a
 * step leaves minus the gradient that it used. */
opt_optimizer descent(int tensors);

/* Attaches the float tensor i as well, in a new group. */
void attach_in_new_group(opt_optimizer optimizer, int i);

/* Fills an array with numbers that depend on `seed` and the index alone, in
 * [-1, 1). */
void fill(float* values, int64_t count, uint32_t seed);

/* The optimizer's description. */
opt_info info_of(opt_optimizer optimizer);

/* The step count of a tensor, or -1. */
int64_t step_of(opt_optimizer optimizer, int64_t index);

/* The state of a tensor in a slot; NULL and a failed check if it has none. */
const void* state_of(opt_optimizer optimizer, int64_t index, const char* slot);

#endif /* OPT_TESTS_C_FIXTURE_H_ */
