/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Follows each update rule of libopt down Rosenbrock's narrow valley,
 *   f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, least at (1, 1),
 * and prints the paths as CSV: rule, learning rate, step, x, y, f. Each rule
 * gets the learning rate of a fixed ladder that brings it deepest without ever
 * throwing it higher than the start.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "examples/catalogue/rule_names.h"
#include "opt/opt.h"

enum { kMaxRules = 64, kSteps = 500 };

static const double kStart[2] = {-1.0, 2.0};

static const double kLearningRates[] = {1.0,  0.5,  0.2,   0.1,   0.05,
                                        0.02, 0.01, 0.005, 0.002, 0.001,
                                        5e-4, 2e-4, 1e-4};

enum { kRateCount = sizeof(kLearningRates) / sizeof(kLearningRates[0]) };

typedef struct path {
  double lr;
  double point[kSteps + 1][2];
} path;

static double height(const double* point) {
  const double a = 1.0 - point[0];
  const double b = point[1] - point[0] * point[0];
  return a * a + 100.0 * b * b;
}

static void gradient(const double* point, double* grad) {
  const double b = point[1] - point[0] * point[0];
  grad[0] = -2.0 * (1.0 - point[0]) - 400.0 * b * point[0];
  grad[1] = 200.0 * b;
}

/* Takes kSteps steps with the rate path->lr. */
static opt_status follow(const char* rule, path* way) {
  double point[2] = {kStart[0], kStart[1]};
  double grad[2] = {0.0, 0.0};
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.name = "point";
  tensor.count = 2;
  tensor.param_dtype = OPT_F64;
  tensor.grad_dtype = OPT_F64;
  tensor.param = point;
  tensor.grad = grad;

  opt_optimizer optimizer = NULL;
  opt_status status = opt_create(NULL, rule, &optimizer);
  if (status == OPT_OK) {
    status = opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, way->lr);
  }
  if (status == OPT_OK) status = opt_attach(optimizer, &tensor, 1, NULL);
  for (int i = 0; i <= kSteps && status == OPT_OK; ++i) {
    memcpy(way->point[i], point, sizeof(point));
    gradient(point, grad);
    status = opt_step(optimizer, NULL);
  }
  if (status != OPT_OK) fprintf(stderr, "valley: %s\n", opt_last_error());
  opt_destroy(optimizer);
  return status;
}

static bool stays_below_start(const path* way) {
  for (int i = 1; i <= kSteps; ++i) {
    if (!(height(way->point[i]) <= height(kStart))) return false;
  }
  return true;
}

/* Finds the path that ends lowest, of all learning rates. */
static opt_status best_path(const char* rule, path* best) {
  double lowest = height(kStart);
  for (int i = 0; i < kRateCount; ++i) {
    path way = {.lr = kLearningRates[i]};
    const opt_status status = follow(rule, &way);
    if (status != OPT_OK) return status;
    const double end = height(way.point[kSteps]);
    if (end < lowest && stays_below_start(&way)) {
      lowest = end;
      *best = way;
    }
  }
  return OPT_OK;
}

int main(void) {
  const char* rules[kMaxRules];
  const int count = rule_names(rules, kMaxRules);
  printf("rule,lr,step,x,y,f\n");
  for (int r = 0; r < count; ++r) {
    path way = {.lr = 0.0};
    if (best_path(rules[r], &way) != OPT_OK) return 1;
    for (int i = 0; i <= kSteps; ++i) {
      printf("%s,%g,%d,%.17g,%.17g,%.17g\n", rules[r], way.lr, i,
             way.point[i][0], way.point[i][1], height(way.point[i]));
    }
  }
  if (fflush(stdout) == 0) return 0;
  fprintf(stderr, "valley: cannot write: %s\n", strerror(errno));
  return 1;
}
