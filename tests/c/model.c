/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void start_model(model* m, const char* rule, int64_t steps) {
  static const int64_t shape[2] = {2, 3};
  int32_t group = 0;
  fill(m->w, kWeights, 1);
  fill(m->dw, kWeights, 2);
  for (int i = 0; i < kBiases; ++i) {
    m->b[i] = 0.25 * i - 1;
    m->db[i] = 1.5 - i;
  }
  opt_tensor tensors[2] = {tensor_of("w", m->w, m->dw, kWeights),
                           tensor_of("b", NULL, NULL, kBiases)};
  tensors[0].shape = shape;
  tensors[0].rank = 2;
  tensors[1].param_dtype = OPT_F64;
  tensors[1].grad_dtype = OPT_F64;
  tensors[1].param = m->b;
  tensors[1].grad = m->db;
  m->optimizer = new_optimizer(rule);
  CHECK_OK(opt_add_group(m->optimizer, NULL, NULL, 0, &group));
  CHECK_OK(opt_set(m->optimizer, group, OPT_LR, 0.125));
  tensors[1].group = group;
  CHECK_OK(opt_attach(m->optimizer, tensors, 2, NULL));
  for (int64_t i = 0; i < steps; ++i) CHECK_OK(opt_step(m->optimizer, NULL));
}

void end_model(model* m) { CHECK_OK(opt_destroy(m->optimizer)); }

saved save_of(opt_optimizer optimizer, const opt_save_args* args) {
  saved s = {NULL, 0};
  CHECK_OK(opt_save_memory(optimizer, NULL, 0, &s.size, args));
  s.data = malloc((size_t)s.size);
  CHECK_OK(opt_save_memory(optimizer, s.data, s.size, NULL, args));
  return s;
}

saved save_model(const model* m) {
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  return save_of(m->optimizer, &args);
}

opt_status load_saved(opt_optimizer optimizer, const saved* s, uint32_t flags) {
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = flags;
  return opt_load_memory(optimizer, s->data, s->size, &args);
}

void take_report(void* user, int32_t kind, const char* name,
                 const char* detail) {
  reports* const r = user;
  const char* const kinds[] = {"?", "missing", "unexpected", "mismatched"};
  const size_t used = strlen(r->text);
  CHECK(kind >= OPT_REPORT_MISSING && kind <= OPT_REPORT_MISMATCHED);
  CHECK(detail != NULL && detail[0] != '\0');
  snprintf(r->text + used, sizeof r->text - used, "%s %s\n", kinds[kind], name);
  ++r->count;
}

int same_state(opt_optimizer a, opt_optimizer b) {
  const saved of_a = save_of(a, NULL);
  const saved of_b = save_of(b, NULL);
  const int same = of_a.size == of_b.size &&
                   memcmp(of_a.data, of_b.data, (size_t)of_a.size) == 0;
  free(of_a.data);
  free(of_b.data);
  return same;
}
