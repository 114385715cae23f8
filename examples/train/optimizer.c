/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/optimizer.h"

#include "examples/train/fail.h"
#include "examples/train/schedule.h"

static opt_status attach_tensors(opt_optimizer optimizer, const network* net) {
  const network_tensor* const from = network_tensors(net);
  opt_tensor tensors[kNetworkTensors];
  for (int i = 0; i < kNetworkTensors; ++i) {
    const opt_tensor init = OPT_TENSOR_INIT;
    tensors[i] = init;
    tensors[i].name = from[i].name;
    tensors[i].count = from[i].count;
    tensors[i].shape = from[i].shape;
    tensors[i].rank = from[i].rank;
    tensors[i].param = from[i].param;
    tensors[i].grad = from[i].grad;
  }
  return opt_attach(optimizer, tensors, kNetworkTensors, NULL);
}

static opt_status start_average(opt_optimizer optimizer, const options* o) {
  if (o->ema < 0.0) return OPT_OK;
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.decay = o->ema;
  config.flags = OPT_AVERAGE_WARMUP;
  return opt_average_start(optimizer, &config);
}

int optimizer_create(opt_context context, const planned_run* run,
                     const options* o, const network* net, int64_t steps,
                     opt_optimizer* optimizer) {
  opt_status status = opt_create(context, run->rule, optimizer);
  if (status == OPT_OK) {
    status = opt_set_preset(*optimizer, OPT_ALL_GROUPS, o->preset);
  }
  if (status == OPT_OK) status = attach_tensors(*optimizer, net);
  if (o->resume == NULL) {
    opt_schedule schedule = NULL;
    const planned_schedule plan = {o->schedule, o->warmup, steps, run->lr};
    if (status == OPT_OK && schedule_make(context, &plan, &schedule) != 0) {
      return -1;
    }
    if (status == OPT_OK) {
      status = opt_set(*optimizer, OPT_ALL_GROUPS, OPT_LR, run->lr);
    }
    if (status == OPT_OK) {
      status = opt_set_schedule(*optimizer, OPT_ALL_GROUPS, OPT_LR, schedule);
    }
    opt_schedule_destroy(schedule);
    if (status == OPT_OK) status = start_average(*optimizer, o);
  }
  return status == OPT_OK ? 0 : fail("%s: %s", run->label, opt_last_error());
}
