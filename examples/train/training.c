/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/training.h"

#include <math.h>
#include <stdbool.h>

#include "examples/train/checkpoint.h"
#include "examples/train/optimizer.h"
#include "examples/train/system.h"

/* A run in progress. */
typedef struct training {
  const trainer* shared;
  const planned_run* run;
  settings settings;
  opt_optimizer optimizer;
  int64_t epoch_steps; /* of an epoch */
  int64_t steps;       /* in all */
  int64_t saved;       /* at which step, or -1 */
  bool save_fails;     /* the latest one did */
  run_result* result;
  position* at; /* the result's */
  progress shown;
} training;

/* Computes the gradient of some images, and adds their losses to the sums. */
static void compute_gradient(training* t, const int64_t* picked,
                             int64_t count) {
  const double loss =
      network_gradient(t->shared->net, &t->shared->train, picked, count);
  t->at->pending_loss += loss;
  t->at->epoch_loss += loss;
}

/* Adds up the gradients of a batch that is too large for the network to take
 * at once. */
static opt_status accumulate_batch(training* t, const int64_t* picked,
                                   int64_t count) {
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  args.flags = OPT_ACCUMULATE_MEANS;
  opt_status status = OPT_OK;
  for (int64_t i = 0; i < count && status == OPT_OK; i += args.samples) {
    args.samples = count - i < kMaxMicroBatch ? count - i : kMaxMicroBatch;
    compute_gradient(t, picked + i, args.samples);
    const double start = clock_seconds();
    status = opt_accumulate(t->optimizer, &args);
    t->result->optimizer_seconds += clock_seconds() - start;
  }
  return status;
}

/* Updates the weights by the gradient, which --clip may shorten. */
static opt_status update(training* t) {
  const double max_norm = t->shared->options->clip;
  if (max_norm == 0.0) return opt_step(t->optimizer, NULL);
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_grad_report outcome = OPT_GRAD_REPORT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  work.max_norm = max_norm;
  args.work = &work;
  args.report = &outcome;
  const opt_status status = opt_step(t->optimizer, &args);
  if (status != OPT_OK) return status;
  position* const at = t->at;
  if (outcome.factor != 1.0) ++at->clipped_steps;
  if (outcome.norm > at->largest_norm || isnan(outcome.norm)) {
    at->largest_norm = outcome.norm;
  }
  return OPT_OK;
}

/* Makes one step with the mean gradient of some images. */
static opt_status step_on_batch(training* t, const int64_t* picked,
                                int64_t count) {
  opt_status status = OPT_OK;
  if (count > kMaxMicroBatch) {
    status = accumulate_batch(t, picked, count);
  } else {
    compute_gradient(t, picked, count);
  }
  t->at->pending_images += count;
  const double start = clock_seconds();
  if (status == OPT_OK) status = update(t);
  t->result->optimizer_seconds += clock_seconds() - start;
  return status;
}

/* Adds a point to the loss curve if another hundredth of the run is done. */
static void record(const training* t, double lr) {
  position* const at = t->at;
  const int64_t done = at->step;
  if (done * kCurvePoints / t->steps == (done - 1) * kCurvePoints / t->steps) {
    return;
  }
  const int64_t epoch = (done - 1) / t->epoch_steps;
  const int64_t whole = (done - epoch * t->epoch_steps) * t->result->batch;
  const int64_t seen = whole < at->images ? whole : at->images;
  loss_curve* const curve = &at->curve;
  curve->step[curve->count] = done;
  curve->epoch[curve->count] =
      (double)epoch + (double)seen / (double)at->images;
  curve->lr[curve->count] = lr;
  curve->loss[curve->count] = at->pending_loss / (double)at->pending_images;
  ++curve->count;
  at->pending_loss = 0.0;
  at->pending_images = 0;
}

static double latest_loss(const position* at) {
  return at->curve.count > 0 ? at->curve.loss[at->curve.count - 1]
                             : at->pending_loss / (double)at->pending_images;
}

/* At the end of an epoch, gives its mean loss to the schedule: a plateau goes
 * by it. */
static opt_status report_epoch(training* t) {
  position* const at = t->at;
  if (at->step % t->epoch_steps != 0) return OPT_OK;
  const double loss = at->epoch_loss / (double)at->images;
  at->epoch_loss = 0.0;
  return opt_report_metric(t->optimizer, OPT_ALL_GROUPS, loss);
}

/* Picks the next images, steps, and records how it went. */
static opt_status next_step(training* t) {
  position* const at = t->at;
  const int64_t batch = t->result->batch;
  const int64_t first = at->step % t->epoch_steps * batch;
  if (first == 0) random_shuffle(&at->random, at->order, at->images);
  const int64_t left = at->images - first;
  double lr = 0.0;
  opt_status status = opt_get_scheduled(t->optimizer, 0, OPT_LR, &lr);
  if (status == OPT_OK) {
    status = step_on_batch(t, at->order + first, left < batch ? left : batch);
  }
  if (status != OPT_OK) return status;
  ++at->step;
  record(t, lr);
  return report_epoch(t);
}

static int library_error(const training* t) {
  return fail("%s: %s", t->run->label, opt_last_error());
}

/* Saves, unless that has been done since the latest step. */
static int save(training* t) {
  const char* const path = t->shared->options->save;
  if (path == NULL || t->saved == t->at->step) return 0;
  if (checkpoint_save(path, t->optimizer, &t->settings, t->at) != 0) return -1;
  t->saved = t->at->step;
  return 0;
}

/* Saves on the way, when it is time. A failure is reported, but the training
 * goes on: the next save may find room on the disk. */
static void save_on_the_way(training* t) {
  const int64_t asked = t->shared->options->save_every;
  if (t->at->step % (asked > 0 ? asked : t->epoch_steps) != 0) return;
  if (save(t) == 0) {
    t->save_fails = false;
  } else if (!t->save_fails) {
    t->save_fails = true;
    fail("the training goes on, and saves again later");
  }
}

static int run_steps(training* t) {
  const position* const at = t->at;
  t->shown.first = at->step;
  progress_begin(&t->shown);
  const double start = clock_seconds();
  int result = 0;
  while (result == 0 && at->step < t->steps && interrupted() == 0) {
    if (next_step(t) != OPT_OK) {
      result = library_error(t);
    } else {
      progress_update(&t->shown, at->step, latest_loss(at));
      save_on_the_way(t);
    }
  }
  t->result->seconds = clock_seconds() - start;
  progress_end(&t->shown);
  return result;
}

/* Starts with new weights, or with those of the checkpoint. */
static int begin(training* t) {
  position* const at = t->at;
  const options* const o = t->shared->options;
  at->order = t->shared->order;
  at->images = t->shared->train.count;
  if (t->shared->resumed != NULL) {
    return checkpoint_load(o->resume, t->shared->resumed, t->optimizer,
                           t->steps, at);
  }
  for (int64_t i = 0; i < at->images; ++i) at->order[i] = i;
  at->random = (uint64_t)o->seed;
  network_initialize(t->shared->net, &at->random);
  return 0;
}

/* Tests the weights, and their averages if they are kept. */
static int evaluate(training* t) {
  run_result* const result = t->result;
  network* const net = t->shared->net;
  const images* const test = &t->shared->test;
  result->loss = network_evaluate(net, &t->shared->train).loss;
  result->accuracy = network_evaluate(net, test).accuracy;
  if (t->shared->options->ema < 0.0) return 0;
  if (opt_swap_eval_weights(t->optimizer, NULL) != OPT_OK)
    return library_error(t);
  result->average_accuracy = network_evaluate(net, test).accuracy;
  if (opt_swap_eval_weights(t->optimizer, NULL) != OPT_OK)
    return library_error(t);
  return 0;
}

int training_run(const trainer* shared, const planned_run* run, int number,
                 int total, run_result* result) {
  const int64_t count = shared->train.count;
  const run_result empty = {.batch = run->batch < count ? run->batch : count};
  *result = empty;
  training t = {.shared = shared,
                .run = run,
                .settings = settings_of(run, shared->options, &shared->train),
                .epoch_steps = plan_epoch_steps(run, count),
                .saved = -1,
                .result = result,
                .at = &result->at};
  t.steps = run->epochs * t.epoch_steps;
  const progress shown = {
      .label = run->label, .run = number, .runs = total, .steps = t.steps};
  t.shown = shown;
  int code = optimizer_create(shared->context, run, shared->options,
                              shared->net, t.steps, &t.optimizer);
  if (code == 0) code = begin(&t);
  if (code == 0) code = save(&t); /* can it? better known before than after */
  if (code == 0) code = run_steps(&t);
  if (code == 0) code = save(&t);
  result->finished = code == 0 && result->at.step == t.steps;
  if (result->finished) code = evaluate(&t);
  if (opt_destroy(t.optimizer) != OPT_OK) code = library_error(&t);
  return code;
}
