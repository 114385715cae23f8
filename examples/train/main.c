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

enum { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitSignal = 128 };

typedef struct program {
  options options;
  settings stored; /* of the checkpoint to go on from, if any */
  plan plan;
  report report;
  pool* threads;
  trainer trainer;
} program;

/* The story. Each chapter returns an exit status; all but the last run only if
 * the one before succeeded. */
static int read_checkpoint(program* p); /* that --resume names */
static int plan_runs(program* p);       /* which rules, how they are trained */
static int load_images(program* p);     /* to train with and to test with */
static int open_reports(program* p);    /* losses.csv and results.csv */
static int create_context(program* p);  /* where libopt gets its threads */
static int create_network(program* p);  /* the weights that libopt updates */
static int run_plan(program* p);        /* trains, tests, prints the table */
static int close_all(program* p, int code);

static int train(program* p) {
  int code = read_checkpoint(p);
  if (code == kExitOk) code = plan_runs(p);
  if (code == kExitOk) code = load_images(p);
  if (code == kExitOk) code = open_reports(p);
  if (code == kExitOk) code = create_context(p);
  if (code == kExitOk) code = create_network(p);
  if (code == kExitOk) code = run_plan(p);
  return close_all(p, code);
}

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

/* What the command line does not say, the checkpoint does; what neither says
 * has a default. */
static int plan_runs(program* p) {
  options* const o = &p->options;
  const bool resumes = o->resume != NULL;
  if (resumes) settings_complete(&p->stored, o);
  options_complete(o);
  p->trainer.options = o;
  return plan_make(o, &p->plan) == 0 &&
                 (!resumes || settings_check(&p->stored, o, &p->plan) == 0) &&
                 checkpoint_check_path(o, &p->plan) == 0
             ? kExitOk
             : kExitUsage;
}

/* Also checks whatever depends on the images, before there is anything to
 * lose. */
static int load_images(program* p) {
  const options* const o = &p->options;
  trainer* const t = &p->trainer;
  interrupt_install();
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

/* Every CPU that this process may run on: as many threads as a context of
 * libopt's own would have. 0: the message is printed. */
static int count_cpus(void) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  opt_context context = NULL;
  config.threads = OPT_ALL_CORES;
  if (opt_context_create(&config, &context) != OPT_OK ||
      opt_context_get_info(context, &info) != OPT_OK ||
      opt_context_destroy(context) != OPT_OK) {
    fail("%s", opt_last_error());
    return 0;
  }
  return info.threads;
}

/* The program has threads already: it lends them to libopt. */
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
  if (opt_context_create(&config, &p->trainer.context) == OPT_OK) {
    return kExitOk;
  }
  fail("%s", opt_last_error());
  return kExitFailed;
}

static int create_network(program* p) {
  p->trainer.net = network_create(p->threads);
  if (p->trainer.net != NULL) return kExitOk;
  fail("out of memory");
  return kExitFailed;
}

/* Makes the planned runs, one after the other. `finished` counts those that
 * came to their end. */
static int train_all(program* p, run_result* results, int* finished) {
  for (int i = 0; i < p->plan.count; ++i) {
    const planned_run* const run = &p->plan.runs[i];
    if (training_run(&p->trainer, run, i + 1, p->plan.count, &results[i]) !=
            0 ||
        report_add(&p->report, run, &p->options, &results[i]) != 0) {
      return kExitFailed;
    }
    if (!results[i].finished) {
      return kExitSignal + interrupted(); /* as the shell has it */
    }
    ++*finished;
  }
  return kExitOk;
}

static int run_plan(program* p) {
  const options* const o = &p->options;
  run_result* const results = calloc((size_t)p->plan.count, sizeof(run_result));
  if (results == NULL) {
    fail("out of memory");
    return kExitFailed;
  }
  heading_print(o, p->trainer.train.count, p->trainer.test.count);
  int finished = 0;
  int code = train_all(p, results, &finished);
  table_print(&p->plan, o, results, finished);
  if (code > kExitSignal) {
    printf("interrupted during %s, after %" PRId64 " steps\n",
           p->plan.runs[finished].label, results[finished].at.step);
  }
  if (o->save != NULL && code != kExitFailed) {
    printf("checkpoint: %s%s\n", o->save,
           code > kExitSignal ? "; go on from it with --resume" : "");
  }
  free(results);
  if (report_close(&p->report) != 0) code = kExitFailed;
  if (code != kExitFailed) {
    printf("loss curves: %s\nresults: %s\n", p->report.curves.path,
           p->report.results.path);
  }
  return code;
}

/* Releases what the chapters acquired; that which is NULL they did not. */
static int close_all(program* p, int code) {
  trainer* const t = &p->trainer;
  if (report_close(&p->report) != 0) code = kExitFailed;
  network_destroy(t->net);
  if (opt_checkpoint_close(t->resumed) != OPT_OK) {
    fail("%s", opt_last_error());
    code = kExitFailed;
  }
  if (opt_context_destroy(t->context) != OPT_OK) {
    fail("%s", opt_last_error());
    code = kExitFailed;
  }
  pool_destroy(p->threads); /* after the context that uses it */
  free(t->order);
  images_free(&t->train);
  images_free(&t->test);
  return code;
}
