/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/training.h"

#include "examples/train/clock.h"
#include "examples/train/fail.h"
#include "examples/train/interrupt.h"
#include "examples/train/progress.h"
#include "examples/train/random.h"

/* A run under way. */
typedef struct training {
  const laboratory* lab;
  const planned_run* run;
  opt_optimizer optimizer;
  int64_t steps;       /* in all */
  double pending_loss; /* sum since the latest point of the curve */
  int64_t pending_images;
  run_result* result;
} training;

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

static opt_status create_optimizer(training* t) {
  opt_status status = opt_create(t->lab->context, t->run->rule, &t->optimizer);
  if (status == OPT_OK) {
    status = opt_set_preset(t->optimizer, OPT_ALL_GROUPS, t->lab->preset);
  }
  if (status == OPT_OK) status = attach_tensors(t->optimizer, t->lab->net);
  return status;
}

/* Adds up the gradients of a batch that is too large for the network to take
 * at once. */
static opt_status accumulate_batch(training* t, const int32_t* picked,
                                   int64_t count) {
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  args.flags = OPT_GRADS_ARE_MEANS;
  opt_status status = OPT_OK;
  for (int64_t i = 0; i < count && status == OPT_OK; i += args.samples) {
    args.samples = count - i < kMaxMicroBatch ? count - i : kMaxMicroBatch;
    t->pending_loss +=
        network_gradient(t->lab->net, &t->lab->train, picked + i, args.samples);
    const double start = clock_seconds();
    status = opt_accumulate(t->optimizer, &args);
    t->result->optimizer_seconds += clock_seconds() - start;
  }
  return status;
}

/* One step with the mean gradient of some images. */
static opt_status step(training* t, double lr, const int32_t* picked,
                       int64_t count) {
  opt_status status = OPT_OK;
  if (count > kMaxMicroBatch) {
    status = accumulate_batch(t, picked, count);
  } else {
    t->pending_loss +=
        network_gradient(t->lab->net, &t->lab->train, picked, count);
  }
  t->pending_images += count;
  const double start = clock_seconds();
  if (status == OPT_OK) {
    status = opt_set(t->optimizer, OPT_ALL_GROUPS, OPT_LR, lr);
  }
  if (status == OPT_OK) status = opt_step(t->optimizer, NULL);
  t->result->optimizer_seconds += clock_seconds() - start;
  return status;
}

/* Closes a point of the loss curve whenever another part of the run is done. */
static void record(training* t, double epoch, double lr) {
  run_result* const result = t->result;
  const int64_t done = result->steps;
  if (done * kCurvePoints / t->steps == (done - 1) * kCurvePoints / t->steps) {
    return;
  }
  const curve_point point = {done, epoch, lr,
                             t->pending_loss / (double)t->pending_images};
  result->curve[result->point_count++] = point;
  t->pending_loss = 0.0;
  t->pending_images = 0;
}

static double latest_loss(const training* t) {
  const run_result* const result = t->result;
  return result->point_count > 0 ? result->curve[result->point_count - 1].loss
                                 : t->pending_loss / (double)t->pending_images;
}

static opt_status run_epochs(training* t, uint64_t* random, progress* shown) {
  const laboratory* const lab = t->lab;
  const int64_t images = lab->train.count;
  const int64_t batch = t->result->batch;
  for (int64_t i = 0; i < images; ++i) lab->order[i] = (int32_t)i;
  for (int64_t epoch = 0; epoch < t->run->epochs; ++epoch) {
    random_shuffle(random, lab->order, images);
    for (int64_t i = 0; i < images; i += batch) {
      if (interrupted()) return OPT_OK;
      const int64_t count = images - i < batch ? images - i : batch;
      const double lr =
          t->run->lr * (1.0 - (double)t->result->steps / (double)t->steps);
      const opt_status status = step(t, lr, lab->order + i, count);
      if (status != OPT_OK) return status;
      ++t->result->steps;
      record(t, (double)epoch + (double)(i + count) / (double)images, lr);
      progress_update(shown, t->result->steps, latest_loss(t));
    }
  }
  return OPT_OK;
}

int training_run(const laboratory* lab, const planned_run* run, int number,
                 int total, run_result* result) {
  const run_result empty = {.point_count = 0};
  *result = empty;
  training t = {.lab = lab, .run = run, .result = result};
  result->batch = run->batch < lab->train.count ? run->batch : lab->train.count;
  t.steps = run->epochs * ((lab->train.count - 1) / result->batch + 1);
  uint64_t random = lab->seed;
  network_initialize(lab->net, &random);
  opt_status status = create_optimizer(&t);
  if (status == OPT_OK) {
    progress shown;
    progress_begin(&shown, run->label, number, total, t.steps);
    const double start = clock_seconds();
    status = run_epochs(&t, &random, &shown);
    result->seconds = clock_seconds() - start;
    progress_end(&shown);
  }
  if (status != OPT_OK) fail("%s: %s", run->label, opt_last_error());
  opt_destroy(t.optimizer);
  if (status != OPT_OK) return -1;
  result->finished = result->steps == t.steps;
  if (result->finished) {
    result->loss = network_evaluate(lab->net, &lab->train).loss;
    result->accuracy = network_evaluate(lab->net, &lab->test).accuracy;
  }
  return 0;
}
