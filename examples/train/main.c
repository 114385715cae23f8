/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Trains a small neural network on real images with every update rule of
 * libopt, and compares them. training.c shows how libopt is used.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/train/checkpoint.h"
#include "examples/train/fail.h"
#include "examples/train/interrupt.h"
#include "examples/train/options.h"
#include "examples/train/options_text.h"
#include "examples/train/plan.h"
#include "examples/train/pool.h"
#include "examples/train/report.h"
#include "examples/train/schedule.h"
#include "examples/train/settings.h"
#include "examples/train/training.h"
#include "opt/opt.h"

enum { kExitOk = 0, kExitFailed = 1, kExitUsage = 2 };

/* The checkpoint to go on from, if any. */
typedef struct source {
  opt_checkpoint opened;
  settings settings;
} source;

/* Creates the context, which takes its threads from the pool. */
static int create_context(pool* threads, int count, opt_context* context) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = count;
  config.user = threads;
  config.parallel_for = pool_run;
  if (opt_context_create(&config, context) == OPT_OK) return 0;
  return fail("%s", opt_last_error());
}

/* Every CPU that this process may run on. */
static int count_cpus(void) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  opt_context context = NULL;
  config.threads = OPT_ALL_CORES;
  opt_status status = opt_context_create(&config, &context);
  if (status == OPT_OK) status = opt_context_get_info(context, &info);
  if (status != OPT_OK) fail("%s", opt_last_error());
  opt_context_destroy(context);
  return status == OPT_OK ? info.threads : 0;
}

/* Reads the images; what depends on their number is checked here, before there
 * is anything to lose. */
static int load_data(const options* o, const plan* p, const source* from,
                     laboratory* lab) {
  if (images_load(o->data, "train", &lab->train) != 0 ||
      images_load(o->data, "t10k", &lab->test) != 0) {
    return kExitFailed;
  }
  lab->order = malloc((size_t)lab->train.count * sizeof(*lab->order));
  if (lab->order == NULL) {
    fail("out of memory");
    return kExitFailed;
  }
  if (from->opened != NULL &&
      settings_check_images(&from->settings, o, &lab->train) != 0) {
    return kExitFailed;
  }
  return plan_check_schedules(o, p, lab->train.count) == 0 ? kExitOk
                                                           : kExitUsage;
}

static int run_plan(const plan* p, const laboratory* lab, report* out) {
  run_result* const results = calloc((size_t)p->count, sizeof(run_result));
  if (results == NULL) {
    fail("out of memory");
    return kExitFailed;
  }
  const options* const o = lab->options;
  int code = kExitOk;
  int finished = 0;
  for (int i = 0; i < p->count && code == kExitOk; ++i) {
    run_result* const result = &results[i];
    if (training_run(lab, &p->runs[i], i + 1, p->count, result) != 0 ||
        report_add(out, &p->runs[i], o, result) != 0) {
      code = kExitFailed;
    } else if (!result->finished) {
      code = 128 + interrupted(); /* as the shell says of a killed program */
    } else {
      ++finished;
    }
  }
  table_print(p, o, results, finished);
  if (code > 128) {
    printf("interrupted during %s, after %" PRId64 " steps\n",
           p->runs[finished].label, results[finished].at.step);
  }
  if (o->save != NULL && code != kExitFailed) {
    printf("checkpoint: %s%s\n", o->save,
           code > 128 ? "; go on from it with --resume" : "");
  }
  free(results);
  return code;
}

/* Everything that needs threads. */
static int run_all(const plan* p, laboratory* lab, report* out) {
  const options* const o = lab->options;
  const int threads = o->threads > 0 ? (int)o->threads : count_cpus();
  int code = kExitFailed;
  if (threads < 1) return code;
  pool* const workers = pool_create(threads);
  if (workers == NULL) {
    fail("--threads: cannot start %d: %s", threads, strerror(errno));
    return code;
  }
  if (create_context(workers, threads, &lab->context) != 0) goto done;
  lab->net = network_create(workers);
  if (lab->net == NULL) {
    fail("out of memory");
    goto done;
  }
  heading_print(o, lab->train.count, lab->test.count);
  code = run_plan(p, lab, out);
done:
  network_destroy(lab->net);
  opt_context_destroy(lab->context);
  pool_destroy(workers);
  return code;
}

static int run_with_files(const plan* p, laboratory* lab) {
  report out;
  if (report_open(&out, lab->options->out) != 0) return kExitFailed;
  int code = run_all(p, lab, &out);
  if (report_close(&out) != 0) code = kExitFailed;
  if (code != kExitFailed) {
    printf("loss curves: %s\nresults: %s\n", out.curves.path, out.results.path);
  }
  return code;
}

/* A checkpoint is of one run, and never takes the place of a file that is not
 * the one to go on from. */
static int check_save(const options* o, const plan* p) {
  struct stat save;
  struct stat resume;
  if (o->save == NULL) return 0;
  if (p->count != 1) {
    return fail(
        "--save: a checkpoint is of one run, but %d are planned: name "
        "one with --rule",
        p->count);
  }
  if (stat(o->save, &save) != 0 || !S_ISREG(save.st_mode) ||
      (o->resume != NULL && stat(o->resume, &resume) == 0 &&
       resume.st_dev == save.st_dev && resume.st_ino == save.st_ino)) {
    return 0;
  }
  return fail(
      "--save: %s exists: go on from it with --resume, name another "
      "file, or remove it",
      o->save);
}

/* Plans what is to be trained: what the options say and, if they do not, the
 * checkpoint to go on from. */
static int make_plan(options* o, source* from, plan* p) {
  if (o->resume != NULL) settings_complete(&from->settings, o);
  options_complete(o);
  if (plan_make(o, p) != 0) return -1;
  if (o->resume != NULL && settings_check(&from->settings, o, p) != 0) {
    return -1;
  }
  return check_save(o, p);
}

static int train(options* o, source* from) {
  plan p;
  if (make_plan(o, from, &p) != 0) return kExitUsage;
  interrupt_install();
  laboratory lab = {.options = o, .resumed = from->opened};
  int code = load_data(o, &p, from, &lab);
  if (code == kExitOk) code = run_with_files(&p, &lab);
  free(lab.order);
  images_free(&lab.train);
  images_free(&lab.test);
  return code;
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

static int run_command(options* o) {
  if (o->command == kCommandHelp) {
    for (size_t i = 0; i < sizeof(kOptionsText) / sizeof(*kOptionsText); ++i) {
      fputs(kOptionsText[i], stdout);
    }
    return kExitOk;
  }
  if (o->command == kCommandList) return list(o);
  source from = {.opened = NULL};
  if (o->resume != NULL &&
      checkpoint_open(o->resume, &from.opened, &from.settings) != 0) {
    return kExitFailed;
  }
  const int code = train(o, &from);
  opt_checkpoint_close(from.opened);
  return code;
}

int main(int argc, char** argv) {
  options o;
  if (options_parse(argc, argv, &o) != 0) return kExitUsage;
  const int code = run_command(&o);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fail("cannot write to stdout: %s", strerror(errno));
    return kExitFailed;
  }
  return code;
}
