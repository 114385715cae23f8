/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "examples/godot/cartpole.h"

#include <math.h>
#include <string.h>

static const float kDiscount = 0.98F;

/* ---- The game ---- */

/* In [0, 1). */
static float draw(learner* l) {
  l->random ^= l->random << 13;
  l->random ^= l->random >> 17;
  l->random ^= l->random << 5;
  return (float)(l->random >> 8) / 16777216.0F;
}

static void reset_cart(learner* l) {
  for (int i = 0; i < kInputs; ++i) {
    l->cart.state[i] = 0.1F * (draw(l) - 0.5F);
  }
}

/* Moves the cart for a fiftieth of a second (Barto, Sutton and Anderson, 1983).
 * Returns 0 when the pole has fallen or the track has ended. */
static int push(cart* c, int right) {
  const float gravity = 9.8F, pole = 0.1F, total = 1.1F, half_length = 0.5F;
  const float force = right ? 10.0F : -10.0F, dt = 0.02F;
  float* const s = c->state;
  const float sine = sinf(s[2]), cosine = cosf(s[2]);
  const float pull = (force + pole * half_length * s[3] * s[3] * sine) / total;
  const float turn =
      (gravity * sine - cosine * pull) /
      (half_length * (4.0F / 3.0F - pole * cosine * cosine / total));
  const float speed_up = pull - pole * half_length * turn * cosine / total;
  s[0] += dt * s[1];
  s[1] += dt * speed_up;
  s[2] += dt * s[3];
  s[3] += dt * turn;
  return fabsf(s[0]) < 2.4F && fabsf(s[2]) < 0.21F;
}

/* The probability of a push to the right. */
static float think(const policy* p, tick* t) {
  float sum = p->output_bias[0];
  for (int j = 0; j < kHidden; ++j) {
    float x = p->hidden_bias[j];
    for (int i = 0; i < kInputs; ++i) x += p->hidden[j][i] * t->inputs[i];
    t->hidden[j] = tanhf(x);
    sum += p->output[j] * t->hidden[j];
  }
  return 1 / (1 + expf(-sum));
}

/* ---- Learning ---- */

/* The return of each tick of an episode: one point for each tick after it. */
static void sum_gains(learner* l) {
  float gain = 0;
  for (int i = l->tick_count - 1; i >= l->first_tick; --i) {
    gain = 1 + kDiscount * gain;
    l->ticks[i].gain = gain;
  }
}

static void scale_gains(learner* l) {
  const float count = (float)l->tick_count;
  float sum = 0, squares = 0;
  for (int i = 0; i < l->tick_count; ++i) sum += l->ticks[i].gain;
  l->mean_gain = sum / count;
  for (int i = 0; i < l->tick_count; ++i) {
    const float off = l->ticks[i].gain - l->mean_gain;
    squares += off * off;
  }
  l->gain_scale = 1 / (sqrtf(squares / count) + 1e-6F);
}

static void begin_update(learner* l) {
  l->episode = l->tick_count = l->first_tick = l->next_tick = 0;
  l->phase = l->update < kUpdates ? kPlaying : kFinished;
  reset_cart(l);
}

static void play(learner* l) {
  tick* const t = &l->ticks[l->tick_count++];
  memcpy(t->inputs, l->cart.state, sizeof t->inputs);
  const float probability = think(&l->params, t);
  const int right = draw(l) < probability;
  t->error = (float)right - probability;
  if (push(&l->cart, right) && l->tick_count - l->first_tick < kMaxTicks) {
    return;
  }
  sum_gains(l);
  l->first_tick = l->tick_count;
  reset_cart(l);
  if (++l->episode < kEpisodes) return;
  l->score = (float)l->tick_count / kEpisodes;
  if (l->update == 0) l->first_score = l->score;
  scale_gains(l);
  memset(&l->grads, 0, sizeof l->grads);
  l->phase = kLearning;
}

/* Adds the gradient of -gain · log(probability of what was done) of a tick. */
static void learn(learner* l) {
  const tick* const t = &l->ticks[l->next_tick++];
  const float gain = (t->gain - l->mean_gain) * l->gain_scale;
  const float d = -t->error * gain / (float)l->tick_count;
  policy* const g = &l->grads;
  g->output_bias[0] += d;
  for (int j = 0; j < kHidden; ++j) {
    const float back =
        d * l->params.output[j] * (1 - t->hidden[j] * t->hidden[j]);
    g->output[j] += d * t->hidden[j];
    g->hidden_bias[j] += back;
    for (int i = 0; i < kInputs; ++i) g->hidden[j][i] += back * t->inputs[i];
  }
  if (l->next_tick < l->tick_count) return;
  l->next_tensor = -1;
  l->phase = kStepping;
}

/* The first piece decides for all tensors, each other one is a slice. */
static void step(learner* l) {
  int64_t remaining = 0;
  if (l->next_tensor < 0) {
    opt_grad_work work = OPT_GRAD_WORK_INIT;
    opt_step_args args = OPT_STEP_ARGS_INIT;
    work.max_norm = 1;
    args.work = &work;
    l->status = opt_step_begin(l->optimizer, &args, &remaining);
  } else {
    l->status =
        opt_step_slice(l->optimizer, NULL, &l->next_tensor, 1, &remaining);
  }
  ++l->next_tensor;
  if (l->status != OPT_OK || remaining > 0) return;
  ++l->update;
  begin_update(l);
}

void learner_work(learner* l) {
  if (l->phase == kPlaying) {
    play(l);
  } else if (l->phase == kLearning) {
    learn(l);
  } else if (l->phase == kStepping) {
    step(l);
  }
}

int learner_is_busy(const learner* l) {
  return l->phase != kFinished && l->status == OPT_OK;
}

/* ---- Beginning and end ---- */

static opt_tensor tensor_of(const char* name, float* param, float* grad,
                            int64_t count) {
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.name = name;
  tensor.count = count;
  tensor.param = param;
  tensor.grad = grad;
  return tensor;
}

static opt_status attach(learner* l) {
  policy* const p = &l->params;
  policy* const g = &l->grads;
  const opt_tensor tensors[kTensors] = {
      tensor_of("hidden", p->hidden[0], g->hidden[0], kHidden * kInputs),
      tensor_of("hidden_bias", p->hidden_bias, g->hidden_bias, kHidden),
      tensor_of("output", p->output, g->output, kHidden),
      tensor_of("output_bias", p->output_bias, g->output_bias, 1),
  };
  return opt_attach(l->optimizer, tensors, kTensors, NULL);
}

opt_status learner_start(learner* l, const opt_context_config* config) {
  memset(l, 0, sizeof *l);
  l->random = 2463534242U;
  for (int j = 0; j < kHidden; ++j) {
    for (int i = 0; i < kInputs; ++i) l->params.hidden[j][i] = draw(l) - 0.5F;
    l->params.output[j] = 0.2F * (draw(l) - 0.5F);
  }
  l->status = opt_context_create(config, &l->context);
  if (l->status == OPT_OK) {
    l->status = opt_create(l->context, OPT_RULE_ADAMW, &l->optimizer);
  }
  if (l->status == OPT_OK) {
    l->status = opt_set(l->optimizer, OPT_ALL_GROUPS, OPT_LR, 0.02);
  }
  if (l->status == OPT_OK) l->status = attach(l);
  begin_update(l);
  return l->status;
}

opt_status learner_save(const learner* l, const char* path) {
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  return opt_save_file(l->optimizer, path, &args);
}

void learner_end(learner* l) {
  opt_destroy(l->optimizer);
  opt_context_destroy(l->context);
}
