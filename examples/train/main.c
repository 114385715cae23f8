/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Trains a small neural network on real images with every update rule of
 * libopt, and compares them. README.md says in which order to read the files.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/train/checkpoint.h"
#include "examples/train/data.h"
#include "examples/train/network.h"
#include "examples/train/optimizer.h"
#include "examples/train/options.h"
#include "examples/train/report.h"
#include "examples/train/system.h"
#include "examples/train/training.h"
#include "opt/opt.h"

/* Exit statuses; kExitSignal is added to a signal's number, as shells do. */
enum { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitSignal = 128 };

typedef struct program {
  options options;
  settings stored; /* of the checkpoint to go on from, if any */
  plan plan;
  report report;
  pool* threads;
  trainer trainer;
} program;

/* The chapters. Each returns an exit status, and the next one follows if that
 * is kExitOk. */
static int read_checkpoint(program* p); /* the one that --resume names */
static int plan_runs(program* p);       /* which rules, and how long */
static int load_images(program* p);     /* to train with and to test with */
static int open_reports(program* p);    /* losses.csv and results.csv */
static int create_context(program* p);  /* lends libopt the program's threads */
static int create_network(program* p);  /* whose weights libopt updates */
static int make_runs(program* p);       /* trains and tests with every rule */
static int close_all(program* p, int code);

static int train(program* p) {
  p->trainer.options = &p->options;
  int code = read_checkpoint(p);
  if (code == kExitOk) code = plan_runs(p);
  if (code == kExitOk) code = load_images(p);
  if (code == kExitOk) code = open_reports(p);
  if (code == kExitOk) code = create_context(p);
  if (code == kExitOk) code = create_network(p);
  if (code == kExitOk) code = make_runs(p);
  return close_all(p, code);
}

/* Shows what --rule and --schedule take. */
static int list(options* o) {
  plan p;
  options_complete(o);
  if (plan_make(o, &p) != 0) return kExitUsage;
  plan_print(&p);
  putchar('\n');
  schedule_print_kinds();
  return kExitOk;
}

int main(int argc, char** argv) {
  program p = {.threads = NULL};
  if (options_parse(argc, argv, &p.options) != 0) return kExitUsage;
  int code = kExitOk;
  if (p.options.command == kCommandHelp) {
    options_print_help();
  } else if (p.options.command == kCommandList) {
    code = list(&p.options);
  } else {
    code = train(&p);
  }
  if (fflush(stdout) == 0 && !ferror(stdout)) return code;
  fail("cannot write to stdout: %s", strerror(errno));
  return kExitFailed;
}

static int read_checkpoint(program* p) {
  const char* const path = p->options.resume;
  if (path == NULL) return kExitOk;
  return checkpoint_open(path, &p->trainer.resumed, &p->stored) == 0
             ? kExitOk
             : kExitFailed;
}

/* Options that are not on the command line come from the checkpoint, or else
 * from the defaults. */
static int plan_runs(program* p) {
  options* const o = &p->options;
  const bool resumes = o->resume != NULL;
  if (resumes) settings_complete(&p->stored, o);
  options_complete(o);
  if (plan_make(o, &p->plan) != 0 ||
      (resumes && settings_check(&p->stored, o, &p->plan) != 0) ||
      checkpoint_check_path(o, &p->plan) != 0) {
    return kExitUsage;
  }
  return kExitOk;
}

/* Also checks all that depends on the images, while there is nothing to lose.
 */
static int load_images(program* p) {
  const options* const o = &p->options;
  trainer* const t = &p->trainer;
  interrupt_install(); /* from here on Ctrl-C ends the run cleanly */
  if (images_load(o->data, "train", &t->train) != 0 ||
      images_load(o->data, "t10k", &t->test) != 0) {
    return kExitFailed;
  }
  t->order = malloc((size_t)t->train.count * sizeof(*t->order));
  if (t->order == NULL) {
    fail("out of memory");
    return kExitFailed;
  }
  if (o->resume != NULL &&
      settings_check_images(&p->stored, o, &t->train) != 0) {
    return kExitFailed;
  }
  return plan_check_schedules(o, &p->plan, t->train.count) == 0 ? kExitOk
                                                                : kExitUsage;
}

static int open_reports(program* p) {
  return report_open(&p->report, p->options.out) == 0 ? kExitOk : kExitFailed;
}

static int library_failed(void) {
  fail("%s", opt_last_error());
  return kExitFailed;
}

/* The CPUs that this process may run on: as many as a context of libopt's own
 * would have threads. 0 after an error message. */
static int count_cpus(void) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  opt_context context = NULL;
  config.threads = OPT_ALL_CORES;
  if (opt_context_create(&config, &context) != OPT_OK ||
      opt_context_get_info(context, &info) != OPT_OK) {
    library_failed();
  }
  if (opt_context_destroy(context) != OPT_OK) library_failed();
  return info.threads;
}

/* The network needs threads too, so the program starts them, and libopt borrows
 * them through parallel_for. */
static int create_context(program* p) {
  const int count =
      p->options.threads > 0 ? (int)p->options.threads : count_cpus();
  if (count < 1) return kExitFailed;
  p->threads = pool_create(count);
  if (p->threads == NULL) {
    fail("--threads: cannot start %d: %s", count, strerror(errno));
    return kExitFailed;
  }
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = count;
  config.user = p->threads;
  config.parallel_for = pool_run;
  return opt_context_create(&config, &p->trainer.context) == OPT_OK
             ? kExitOk
             : library_failed();
}

static int create_network(program* p) {
  p->trainer.net = network_create(p->threads);
  if (p->trainer.net != NULL) return kExitOk;
  fail("out of memory");
  return kExitFailed;
}

/* Trains and tests with one rule after the other; `finished` counts those that
 * came to their end. */
static int run_plan(program* p, run_result* results, int* finished) {
  for (int i = 0; i < p->plan.count; ++i) {
    const planned_run* const run = &p->plan.runs[i];
    run_result* const result = &results[i];
    if (training_run(&p->trainer, run, i + 1, p->plan.count, result) != 0 ||
        report_add(&p->report, run, &p->options, result) != 0) {
      return kExitFailed;
    }
    if (!result->finished) return kExitSignal + interrupted();
    ++*finished;
  }
  return kExitOk;
}

static void print_outcome(const program* p, const run_result* results,
                          int finished, int code) {
  const options* const o = &p->options;
  table_print(&p->plan, o, results, finished);
  if (code > kExitSignal) {
    printf("interrupted during %s, after %" PRId64 " steps\n",
           p->plan.runs[finished].label, results[finished].at.step);
  }
  if (o->save != NULL && code != kExitFailed) {
    printf("checkpoint: %s%s\n", o->save,
           code > kExitSignal ? "; go on from it with --resume" : "");
  }
}

static int make_runs(program* p) {
  run_result* const results = calloc((size_t)p->plan.count, sizeof(*results));
  if (results == NULL) {
    fail("out of memory");
    return kExitFailed;
  }
  heading_print(&p->options, p->trainer.train.count, p->trainer.test.count);
  int finished = 0;
  int code = run_plan(p, results, &finished);
  print_outcome(p, results, finished, code);
  free(results);
  if (report_close(&p->report) != 0) code = kExitFailed;
  if (code != kExitFailed) {
    printf("loss curves: %s\nresults: %s\n", p->report.curves.path,
           p->report.results.path);
  }
  return code;
}

/* Releases what the chapters acquired; what they did not is NULL. The context
 * goes after its optimizers, and the threads go after the context. */
static int close_all(program* p, int code) {
  trainer* const t = &p->trainer;
  if (report_close(&p->report) != 0) code = kExitFailed;
  if (opt_checkpoint_close(t->resumed) != OPT_OK) code = library_failed();
  if (opt_context_destroy(t->context) != OPT_OK) code = library_failed();
  network_destroy(t->net);
  pool_destroy(p->threads);
  free(t->order);
  images_free(&t->train);
  images_free(&t->test);
  return code;
}
