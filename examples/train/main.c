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

#include "examples/train/fail.h"
#include "examples/train/interrupt.h"
#include "examples/train/options.h"
#include "examples/train/options_text.h"
#include "examples/train/plan.h"
#include "examples/train/pool.h"
#include "examples/train/report.h"
#include "examples/train/training.h"
#include "opt/opt.h"

enum { kExitOk = 0, kExitFailed = 1, kExitUsage = 2, kExitInterrupted = 130 };

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

static int load_data(const char* dir, laboratory* lab) {
  if (images_load(dir, "train", &lab->train) != 0 ||
      images_load(dir, "t10k", &lab->test) != 0) {
    return -1;
  }
  lab->order = malloc((size_t)lab->train.count * sizeof(*lab->order));
  return lab->order != NULL ? 0 : fail("out of memory");
}

static int run_plan(const plan* p, const laboratory* lab, curve_file* curves) {
  run_result* const results = calloc((size_t)p->count, sizeof(run_result));
  if (results == NULL) {
    fail("out of memory");
    return kExitFailed;
  }
  int code = kExitOk;
  int finished = 0;
  for (int i = 0; i < p->count && code == kExitOk; ++i) {
    run_result* const result = &results[i];
    if (training_run(lab, &p->runs[i], i + 1, p->count, result) != 0 ||
        curve_file_add(curves, &p->runs[i], lab->preset, result) != 0) {
      code = kExitFailed;
    } else if (!result->finished) {
      code = kExitInterrupted;
    } else {
      ++finished;
    }
  }
  table_print(p, lab->preset, results, finished);
  if (code == kExitInterrupted) {
    printf("interrupted during %s, after %" PRId64 " steps\n",
           p->runs[finished].label, results[finished].steps);
  }
  free(results);
  return code;
}

/* Everything that needs the data and the threads. */
static int run_all(const options* o, const plan* p, curve_file* curves) {
  laboratory lab = {.preset = o->preset, .seed = o->seed};
  const int threads = o->threads > 0 ? (int)o->threads : count_cpus();
  int code = kExitFailed;
  pool* workers = NULL;
  if (threads < 1 || load_data(o->data, &lab) != 0) goto done;
  workers = pool_create(threads);
  if (workers == NULL) {
    fail("--threads: cannot start %d: %s", threads, strerror(errno));
    goto done;
  }
  if (create_context(workers, threads, &lab.context) != 0) goto done;
  lab.net = network_create(workers);
  if (lab.net == NULL) {
    fail("out of memory");
    goto done;
  }
  printf("libopt %s; %" PRId64 " images to train, %" PRId64
         " to test, from %s; preset %s, seed %" PRIu64 "\n",
         opt_version(), lab.train.count, lab.test.count, o->data, o->preset,
         o->seed);
  fflush(stdout);
  code = run_plan(p, &lab, curves);
done:
  network_destroy(lab.net);
  opt_context_destroy(lab.context);
  pool_destroy(workers);
  free(lab.order);
  images_free(&lab.train);
  images_free(&lab.test);
  return code;
}

static int run_command(const options* o) {
  if (o->command == kCommandHelp) {
    fputs(kOptionsText, stdout);
    return kExitOk;
  }
  plan p;
  if (plan_make(o, &p) != 0) return kExitUsage;
  if (o->command == kCommandList) {
    plan_print(&p);
    return kExitOk;
  }
  interrupt_install();
  curve_file curves;
  if (curve_file_open(&curves, o->out) != 0) return kExitFailed;
  int code = run_all(o, &p, &curves);
  if (curve_file_close(&curves) != 0) code = kExitFailed;
  if (code != kExitFailed) printf("loss curves: %s\n", curves.path);
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
