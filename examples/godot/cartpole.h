/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * A pole on a cart that a policy learns to balance, in pieces of work so small
 * that a game can do as many of them in each frame as it has time for:
 *
 *   while (learner_is_busy(learner) && time_is_left()) learner_work(learner);
 */
#ifndef OPT_EXAMPLES_GODOT_CARTPOLE_H_
#define OPT_EXAMPLES_GODOT_CARTPOLE_H_

#include <stdint.h>

#include "opt/opt.h"

enum {
  kInputs = 4,     /* position, speed, angle, speed of the angle */
  kHidden = 32,    /* units of the policy's hidden layer */
  kTensors = 4,    /* weights and biases of two layers */
  kMaxTicks = 200, /* of an episode */
  kEpisodes = 12,  /* of an update */
  kUpdates = 60
};

/* The probability of a push to the right is the logistic function of
 * output · tanh(hidden · inputs + hidden_bias) + output_bias. */
typedef struct policy {
  float hidden[kHidden][kInputs];
  float hidden_bias[kHidden];
  float output[kHidden];
  float output_bias[1];
} policy;

typedef struct cart {
  float state[kInputs];
} cart;

/* One tick of an episode, and what the policy has thought in it. */
typedef struct tick {
  float inputs[kInputs];
  float hidden[kHidden]; /* after tanh */
  float error;           /* the push, 0 or 1, less its probability */
  float gain;            /* sum of later rewards, discounted */
} tick;

typedef enum { kPlaying, kLearning, kStepping, kFinished } learner_phase;

typedef struct learner {
  opt_context context;
  opt_optimizer optimizer;
  opt_status status; /* of the call that failed, else OPT_OK */
  policy params;
  policy grads;
  cart cart;
  uint32_t random;
  learner_phase phase;
  int update;                  /* updates that have been made */
  int episode, first_tick;     /* of the update; of the episode */
  int tick_count, next_tick;   /* recorded; to learn from */
  float mean_gain, gain_scale; /* gains are scaled to mean 0, deviation 1 */
  int64_t next_tensor;         /* whose turn is next in the open step */
  float first_score, score; /* ticks an episode, of the first and last update */
  tick ticks[kEpisodes * kMaxTicks];
} learner;

/* Begins with memory and threads of the host's; `config` may be NULL. */
opt_status learner_start(learner* l, const opt_context_config* config);

/* Does the next piece of work: a tick of the game, the gradient of a tick, the
 * decisions of a step or the slice of one tensor. */
void learner_work(learner* l);

/* Nonzero until all updates are made or a call has failed. */
int learner_is_busy(const learner* l);

opt_status learner_save(const learner* l, const char* path);
void learner_end(learner* l);

#endif /* OPT_EXAMPLES_GODOT_CARTPOLE_H_ */
