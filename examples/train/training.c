/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/training.h"

#include <math.h>

#include "examples/train/checkpoint.h"
#include "examples/train/clock.h"
#include "examples/train/fail.h"
#include "examples/train/interrupt.h"
#include "examples/train/optimizer.h"
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

/* The gradient of some images, whose losses are added to the others'. */
static void find_gradient(training* t, const int32_t* picked, int64_t count) {
  const double loss =
      network_gradient(t->lab->net, &t->lab->train, picked, count);
  t->at->pending_loss += loss;
  t->at->epoch_loss += loss;
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
    find_gradient(t, picked + i, args.samples);
    const double start = clock_seconds();
    status = opt_accumulate(t->optimizer, &args);
    t->result->optimizer_seconds += clock_seconds() - start;
  }
  return status;
}

/* Updates the weights, by a gradient that is not longer than --clip allows. */
static opt_status update(training* t) {
  const double max_norm = t->lab->options->clip;
  if (max_norm == 0.0) return opt_step(t->optimizer, NULL);
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  work.max_norm = max_norm;
  args.work = &work;
  args.report = &report;
  const opt_status status = opt_step(t->optimizer, &args);
  if (status != OPT_OK) return status;
  position* const at = t->at;
  if (report.factor != 1.0) ++at->clipped_steps;
  if (report.norm > at->largest_norm || isnan(report.norm)) {
    at->largest_norm = report.norm;
  }
  return OPT_OK;
}

/* One step with the mean gradient of some images. */
static opt_status step(training* t, const int32_t* picked, int64_t count) {
  opt_status status = OPT_OK;
  if (count > kMaxMicroBatch) {
    status = accumulate_batch(t, picked, count);
  } else {
    find_gradient(t, picked, count);
  }
  t->at->pending_images += count;
  const double start = clock_seconds();
  if (status == OPT_OK) status = update(t);
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

/* Tells a schedule that waits for it, as a plateau does, how the epoch went. */
static opt_status report_epoch(training* t) {
  position* const at = t->at;
  if (at->step % t->epoch_steps != 0) return OPT_OK;
  const double loss = at->epoch_loss / (double)at->images;
  at->epoch_loss = 0.0;
  return opt_report_metric(t->optimizer, OPT_ALL_GROUPS, loss);
}

/* The next step: its images, then the curve. */
static int step_on(training* t) {
  position* const at = t->at;
  const int64_t batch = t->result->batch;
  const int64_t first = at->step % t->epoch_steps * batch;
  if (first == 0) random_shuffle(&at->random, at->order, at->images);
  const int64_t left = at->images - first;
  double lr = 0.0;
  opt_status status = opt_get_scheduled(t->optimizer, 0, OPT_LR, &lr);
  if (status == OPT_OK) {
    status = step(t, at->order + first, left < batch ? left : batch);
  }
  if (status == OPT_OK) {
    ++at->step;
    record(t, lr);
    status = report_epoch(t);
  }
  return status == OPT_OK ? 0 : fail("%s: %s", t->run->label, opt_last_error());
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

/* Tests the weights, and their averages if they are kept. */
static int evaluate(training* t) {
  run_result* const result = t->result;
  network* const net = t->lab->net;
  result->loss = network_evaluate(net, &t->lab->train).loss;
  result->accuracy = network_evaluate(net, &t->lab->test).accuracy;
  if (t->lab->options->ema < 0.0) return 0;
  opt_status status = opt_average_swap(t->optimizer, NULL);
  if (status == OPT_OK) {
    result->average_accuracy = network_evaluate(net, &t->lab->test).accuracy;
    status = opt_average_swap(t->optimizer, NULL);
  }
  return status == OPT_OK ? 0 : fail("%s: %s", t->run->label, opt_last_error());
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
                .epoch_steps = plan_epoch_steps(run, images),
                .saved = -1,
                .result = result,
                .at = &result->at,
                .shown = {.run = number, .runs = total}};
  t.steps = run->epochs * t.epoch_steps;
  int code = optimizer_create(lab->context, run, lab->options, lab->net,
                              t.steps, &t.optimizer);
  if (code == 0) code = begin(&t);
  /* Whether the file can be written is known before there is anything to lose.
   */
  if (code == 0) code = save(&t);
  if (code == 0) code = run_steps(&t);
  if (code == 0) code = save(&t);
  result->finished = code == 0 && result->at.step == t.steps;
  if (result->finished) code = evaluate(&t);
  opt_destroy(t.optimizer);
  return code;
}
