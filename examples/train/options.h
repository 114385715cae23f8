/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line, and the runs that it asks for.
 * options.txt explains each option; --help prints it.
 */
#ifndef OPT_EXAMPLES_TRAIN_OPTIONS_H_
#define OPT_EXAMPLES_TRAIN_OPTIONS_H_

#include <stdint.h>

enum { kMaxRuns = 64 };

/* Images of a batch that stand for the whole data set. */
#define FULL_BATCH INT64_MAX

typedef enum command { kCommandTrain, kCommandHelp, kCommandList } command;

typedef struct options {
  command command;
  const char* rules[kMaxRuns]; /* names in argv or in a checkpoint's settings */
  int rule_count;              /* 0: all */
  const char* preset;
  double lr;            /* negative: a good one for each rule */
  const char* schedule; /* as planned_schedule.text in optimizer.h */
  int64_t warmup;       /* negative: what suits the schedule */
  double clip;          /* longest gradient; 0: any length */
  double ema;           /* decay of the averages; negative: none are kept */
  int64_t epochs;       /* 0: a good number for each rule */
  int64_t batch;        /* images of a mini-batch */
  int64_t threads;      /* 0: all CPUs */
  int64_t seed;
  const char* data;
  const char* out;
  const char* save;   /* the checkpoint to write, or NULL */
  const char* resume; /* the checkpoint to go on from, or NULL */
  int64_t save_every; /* steps; 0: at the end of each epoch */
} options;

/* Reads the command line; a list of rules is split in place. Options that are
 * not given are NULL, 0 or negative. Returns 0; or -1 after reporting which
 * option is wrong, and what is allowed. */
int options_parse(int argc, char** argv, options* o);

/* Gives the options that are still missing their defaults. */
void options_complete(options* o);

/* Prints options.txt. */
void options_print_help(void);

/* One training run. */
typedef struct planned_run {
  const char* label; /* its name for --rule: "gd", "minibatch", "adam" */
  const char* rule;  /* its name for opt_create() */
  int64_t batch;     /* images of a step, or FULL_BATCH */
  int64_t epochs;
  double lr; /* that the schedule starts from, or rises to */
} planned_run;

typedef struct plan {
  planned_run runs[kMaxRuns];
  int count;
} plan;

/* Plans the runs that the options ask for; without --rule one for each form of
 * gradient descent and for every other rule that libopt has. Returns 0; or -1
 * after reporting which rule or preset does not exist. */
int plan_make(const options* o, plan* p);

/* The steps of an epoch with that many training images. */
int64_t plan_epoch_steps(const planned_run* run, int64_t image_count);

/* Checks that the schedule of the options fits each run with that many training
 * images. Returns 0; or -1 after reporting which it does not fit, and why. */
int plan_check_schedules(const options* o, const plan* p, int64_t image_count);

/* Prints a plan as a table. */
void plan_print(const plan* p);

#endif /* OPT_EXAMPLES_TRAIN_OPTIONS_H_ */
