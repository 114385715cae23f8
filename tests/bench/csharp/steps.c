/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The calls that those of C# are compared with. */

#include <stdlib.h>

#include "opt/opt.h"

void bench_steps(int count);
int bench_nothing(const void* argument);

static opt_optimizer optimizer;
static float param[1];
static float grad[1];

/* Steps one tensor of one element, as the program does. */
void bench_steps(int count) {
  if (optimizer == NULL) {
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.count = 1;
    tensor.param = param;
    tensor.grad = grad;
    if (opt_create(NULL, OPT_RULE_SGD, &optimizer) != OPT_OK ||
        opt_attach(optimizer, &tensor, 1, NULL) != OPT_OK) {
      abort();
    }
  }
  for (int i = 0; i < count; ++i) opt_step(optimizer, NULL);
}

int bench_nothing(const void* argument) { return argument != NULL; }
