/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/training.h"

#include "examples/train/checkpoint.h"
#include "examples/train/clock.h"
#include "examples/train/fail.h"
#include "examples/train/interrupt.h"
#include "examples/train/progress.h"
#include "examples/train/random.h"

/* A run under way. */
typedef struct training {
  const laboratory* lab;
  const planned_run* run;
  settings settings;
  opt_optimizer optimizer;
  int64_t epoch_steps; /* of an epoch */
  int64_t steps;       /* in all */
  int64_t saved;       /* at which step, or -1 */
  bool save_fails;     /* the latest did */
  run_result* result;
  position* at; /* the result's */
  progress shown;
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
    status =
        opt_set_preset(t->optimizer, OPT_ALL_GROUPS, t->lab->options->preset);
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
    t->at->pending_loss +=
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
    t->at->pending_loss +=
        network_gradient(t->lab->net, &t->lab->train, picked, count);
  }
  t->at->pending_images += count;
  const double start = clock_seconds();
  if (status == OPT_OK) {
    status = opt_set(t->optimizer, OPT_ALL_GROUPS, OPT_LR, lr);
  }
  if (status == OPT_OK) status = opt_step(t->optimizer, NULL);
  t->result->optimizer_seconds += clock_seconds() - start;
  return status;
}

/* Closes a point of the loss curve whenever another part of the run is done. */
static void record(const training* t, double lr) {
  position* const at = t->at;
  const int64_t done = at->step;
  if (done * kCurvePoints / t->steps == (done - 1) * kCurvePoints / t->steps) {
    return;
  }
  const int64_t epoch = (done - 1) / t->epoch_steps;
  const int64_t seen = (done - epoch * t->epoch_steps) * t->result->batch;
  const int64_t images = at->images;
  const curve_point point = {
      done,
      (double)epoch + (double)(seen < images ? seen : images) / (double)images,
      lr, at->pending_loss / (double)at->pending_images};
  at->curve[at->point_count++] = point;
  at->pending_loss = 0.0;
  at->pending_images = 0;
}

static double latest_loss(const position* at) {
  return at->point_count > 0 ? at->curve[at->point_count - 1].loss
                             : at->pending_loss / (double)at->pending_images;
}

/* The next step: its images, then the curve. */
static int step_on(training* t) {
  position* const at = t->at;
  const int64_t batch = t->result->batch;
  const int64_t first = at->step % t->epoch_steps * batch;
  if (first == 0) random_shuffle(&at->random, at->order, at->images);
  const int64_t left = at->images - first;
  const double lr = t->run->lr * (1.0 - (double)at->step / (double)t->steps);
  if (step(t, lr, at->order + first, left < batch ? left : batch) != OPT_OK) {
    return fail("%s: %s", t->run->label, opt_last_error());
  }
  ++at->step;
  record(t, lr);
  return 0;
}

/* Saves, unless that has been done since the latest step. */
static int save(training* t) {
  if (t->lab->options->save == NULL || t->saved == t->at->step) return 0;
  if (checkpoint_save(t->lab->options->save, t->optimizer, &t->settings,
                      t->at) != 0) {
    return -1;
  }
  t->saved = t->at->step;
  return 0;
}

/* A save on the way. That it fails is told, but the training goes on: there may
 * be room for the next one. */
static void save_on_the_way(training* t) {
  const int64_t asked = t->lab->options->save_every;
  if (t->at->step % (asked > 0 ? asked : t->epoch_steps) != 0) return;
  if (save(t) == 0) {
    t->save_fails = false;
  } else if (!t->save_fails) {
    t->save_fails = true;
    fail("the training goes on, and saves again later");
  }
}

static int run_steps(training* t) {
  progress_begin(&t->shown, t->run->label, t->at->step, t->steps);
  const double start = clock_seconds();
  int result = 0;
  while (result == 0 && t->at->step < t->steps && interrupted() == 0) {
    result = step_on(t);
    if (result == 0) {
      progress_update(&t->shown, t->at->step, latest_loss(t->at));
      save_on_the_way(t);
    }
  }
  t->result->seconds = clock_seconds() - start;
  progress_end(&t->shown);
  return result;
}

/* New weights, or those of the checkpoint. */
static int begin(training* t) {
  position* const at = t->at;
  const options* const o = t->lab->options;
  at->order = t->lab->order;
  at->images = t->lab->train.count;
  if (t->lab->resumed != NULL) {
    return checkpoint_load(o->resume, t->lab->resumed, t->optimizer, at) == 0
               ? position_check(at, t->steps, o->resume)
               : -1;
  }
  for (int64_t i = 0; i < at->images; ++i) at->order[i] = (int32_t)i;
  at->random = (uint64_t)o->seed;
  network_initialize(t->lab->net, &at->random);
  return 0;
}

int training_run(const laboratory* lab, const planned_run* run, int number,
                 int total, run_result* result) {
  const run_result empty = {.batch = run->batch};
  *result = empty;
  const int64_t images = lab->train.count;
  if (result->batch > images) result->batch = images;
  training t = {.lab = lab,
                .run = run,
                .settings = settings_of(run, lab->options, &lab->train),
                .epoch_steps = (images - 1) / result->batch + 1,
                .saved = -1,
                .result = result,
                .at = &result->at,
                .shown = {.run = number, .runs = total}};
  t.steps = run->epochs * t.epoch_steps;
  int code = create_optimizer(&t) == OPT_OK
                 ? 0
                 : fail("%s: %s", run->label, opt_last_error());
  if (code == 0) code = begin(&t);
  /* Whether the file can be written is known before there is anything to lose.
   */
  if (code == 0) code = save(&t);
  if (code == 0) code = run_steps(&t);
  if (code == 0) code = save(&t);
  opt_destroy(t.optimizer);
  if (code != 0) return -1;
  result->finished = result->at.step == t.steps;
  if (result->finished) {
    result->loss = network_evaluate(lab->net, &lab->train).loss;
    result->accuracy = network_evaluate(lab->net, &lab->test).accuracy;
  }
  return 0;
}
