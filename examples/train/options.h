/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line. options.txt says what each option means; it is what --help
 * prints.
 */
#ifndef OPT_EXAMPLES_TRAIN_OPTIONS_H_
#define OPT_EXAMPLES_TRAIN_OPTIONS_H_

#include <stdint.h>

enum { kMaxRuns = 64 };

typedef enum command { kCommandTrain, kCommandHelp, kCommandList } command;

typedef struct options {
  command command;
  const char* rules[kMaxRuns]; /* point into argv */
  int rule_count;              /* 0: all */
  const char* preset;
  double lr;            /* negative: a good one for each rule */
  const char* schedule; /* see planned_schedule */
  int64_t warmup;       /* negative: what suits the schedule */
  double clip;          /* longest gradient; 0: of any length */
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

/* Reads the command line, and writes into it where it splits lists of rules.
 * Options that are not given are NULL, 0 or negative. Returns 0; or -1 after
 * saying which option is wrong, and what is allowed. */
int options_parse(int argc, char** argv, options* o);

/* Gives the options that were not given their defaults. */
void options_complete(options* o);

#endif /* OPT_EXAMPLES_TRAIN_OPTIONS_H_ */
