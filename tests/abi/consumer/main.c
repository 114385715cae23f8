/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * One step of gradient descent with an installed libopt.
 */
#include <opt/opt.h>
#include <stdio.h>

int main(void) {
  float param[3] = {1, 2, 3};
  float grad[3] = {2, 2, 2};
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.count = 3;
  tensor.param = param;
  tensor.grad = grad;
  opt_optimizer optimizer = NULL;
  if (opt_create(NULL, OPT_RULE_SGD, &optimizer) != OPT_OK ||
      opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 0.5) != OPT_OK ||
      opt_attach(optimizer, &tensor, 1, NULL) != OPT_OK ||
      opt_step(optimizer, NULL) != OPT_OK) {
    puts(opt_last_error());
    return 1;
  }
  printf("%g %g %g\n", param[0], param[1], param[2]);
  return opt_destroy(optimizer) != OPT_OK;
}
