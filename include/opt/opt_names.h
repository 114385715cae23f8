/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Names as constants, so that a typo is a compile error. Include <opt/opt.h>.
 * Generated from the descriptors of rules and schedules: do not edit, but build
 * the target "generate".
 */
#ifndef OPT_OPT_NAMES_H_
#define OPT_OPT_NAMES_H_

/* Rules and their aliases. */

/* gradient descent: full batch, one sample or mini-batch, with or without
 * momentum */
#define OPT_RULE_SGD "sgd"

/* adaptive rates from the sum of squared gradients; suits sparse data */
#define OPT_RULE_ADAGRAD "adagrad"

/* adaptive rates from the moving average of squared gradients */
#define OPT_RULE_RMSPROP "rmsprop"

/* adaptive rates from bias-corrected first and second moments */
#define OPT_RULE_ADAM "adam"

/* Adam with decoupled weight decay */
#define OPT_RULE_ADAMW "adamw"

/* the sign of an averaged gradient, with decoupled weight decay */
#define OPT_RULE_LION "lion"

/* gradient descent: sgd with momentum 0 */
#define OPT_RULE_GD "gd"

/* sgd with momentum 0.9 */
#define OPT_RULE_MOMENTUM "momentum"

/* Options, and the values of those that are a choice. */

/* learning rate, the step size */
#define OPT_LR "lr"

/* weight decay coefficient (L2) */
#define OPT_WEIGHT_DECAY "weight_decay"

/* weight decay acts on the parameter (subtract lr * weight_decay * parameter),
 * not through the gradient */
#define OPT_DECOUPLED_WEIGHT_DECAY "decoupled_weight_decay"

/* ascend: flip the gradient's sign before weight decay */
#define OPT_MAXIMIZE "maximize"

/* steps pass the group's tensors over: parameters, state and step count stay */
#define OPT_FROZEN "frozen"

/* momentum factor, usually in 0..1; 0 keeps no state */
#define OPT_MOMENTUM "momentum"

/* dampening of the gradient that enters the velocity */
#define OPT_DAMPENING "dampening"

/* Nesterov momentum: step along g + momentum * velocity */
#define OPT_NESTEROV "nesterov"

/* 0, as in PyTorch: the first velocity is the gradient itself, and without
 * momentum there is no dampening */
#define OPT_FIRST_STEP_DAMPENED "first_step_dampened"

/* as in Keras: the velocity holds the learning rate, v = momentum * v - lr * g,
 * and is added to the parameter */
#define OPT_LR_IN_VELOCITY "lr_in_velocity"

/* small number that keeps the denominator from being zero */
#define OPT_EPS "eps"

/* where eps is added: sqrt(G + eps) or sqrt(G) + eps */
#define OPT_EPS_PLACEMENT "eps_placement"
#define OPT_EPS_PLACEMENT_INSIDE 0
#define OPT_EPS_PLACEMENT_OUTSIDE 1
#define OPT_EPS_PLACEMENT_HAT 2

/* the rate of step t is lr / (1 + (t - 1) * lr_decay) */
#define OPT_LR_DECAY "lr_decay"

/* what the sum starts at when a tensor is attached */
#define OPT_INITIAL_ACCUMULATOR "initial_accumulator"

/* averaging coefficient of the squared gradient */
#define OPT_ALPHA "alpha"

/* divide by the standard deviation: E - (average of g)^2, not below 0, in place
 * of E */
#define OPT_CENTERED "centered"

/* averaging coefficient of the first moment */
#define OPT_BETA1 "beta1"

/* averaging coefficient of the second moment */
#define OPT_BETA2 "beta2"

/* a second eps, always inside the root, as in Optax */
#define OPT_EPS_ROOT "eps_root"

/* divide by the running maximum of the second moment */
#define OPT_AMSGRAD "amsgrad"

/* correct the moments for their start at zero */
#define OPT_BIAS_CORRECTION "bias_correction"

/* Attributes of a tensor. */

/* multiplies the learning rate */
#define OPT_TENSOR_LR_FACTOR "lr_factor"

/* multiplies the weight decay; 0 for biases and norms */
#define OPT_TENSOR_WEIGHT_DECAY_FACTOR "weight_decay_factor"

/* steps pass the tensor over: parameters, state and step count stay */
#define OPT_TENSOR_FROZEN "frozen"

/* Presets. */

/* of sgd, adagrad, rmsprop, adam, adamw, lion */
#define OPT_PRESET_TEXTBOOK "textbook"

/* of sgd, adagrad, rmsprop, adam, adamw */
#define OPT_PRESET_PYTORCH "pytorch"

/* State slots. */

/* what opt_accumulate() has added up */
#define OPT_SLOT_GRAD_ACCUMULATOR "grad_accumulator"

/* what opt_average_start() keeps */
#define OPT_SLOT_PARAM_AVERAGE "param_average"

/* velocity v */
#define OPT_SLOT_MOMENTUM_BUFFER "momentum_buffer"

/* sum of squared gradients G */
#define OPT_SLOT_SUM "sum"

/* moving average of squared gradients E */
#define OPT_SLOT_SQUARE_AVG "square_avg"

/* moving average of gradients */
#define OPT_SLOT_GRAD_AVG "grad_avg"

/* first moment m */
#define OPT_SLOT_EXP_AVG "exp_avg"

/* second moment v */
#define OPT_SLOT_EXP_AVG_SQ "exp_avg_sq"

/* running maximum of v */
#define OPT_SLOT_MAX_EXP_AVG_SQ "max_exp_avg_sq"

/* Kinds of schedules. */

/* a constant factor of the base for a while, then the base */
#define OPT_SCHEDULE_CONSTANT "constant"

/* a straight line from one factor of the base to another */
#define OPT_SCHEDULE_LINEAR "linear"

/* a factor every so many ticks */
#define OPT_SCHEDULE_STEP "step"

/* a factor at each milestone */
#define OPT_SCHEDULE_MULTI_STEP "multi_step"

/* a factor at each tick */
#define OPT_SCHEDULE_EXPONENTIAL "exponential"

/* a power of the part that is left */
#define OPT_SCHEDULE_POLYNOMIAL "polynomial"

/* a cosine from the base to eta_min, and back after it */
#define OPT_SCHEDULE_COSINE "cosine"

/* cosine decays from the base towards eta_min, one after another */
#define OPT_SCHEDULE_COSINE_RESTARTS "cosine_restarts"

/* up to the base and down to far below the start; or, for a momentum, the
 * inverse */
#define OPT_SCHEDULE_ONE_CYCLE "one_cycle"

/* up and down between the base and a peak, again and again */
#define OPT_SCHEDULE_CYCLIC "cyclic"

/* a straight line up, then the inverse square root of the tick (Noam) */
#define OPT_SCHEDULE_INVERSE_SQRT "inverse_sqrt"

/* up, level, and down (WSD, trapezoidal) */
#define OPT_SCHEDULE_WARMUP_STABLE_DECAY "warmup_stable_decay"

/* a factor when the reported metric has stopped getting better */
#define OPT_SCHEDULE_PLATEAU "plateau"

/* Options of schedules. */

/* steps in a tick, in which the schedule counts: those of an epoch for a
 * schedule by epochs */
#define OPT_INTERVAL "interval"

/* factor of the base value at first */
#define OPT_FACTOR "factor"

/* ticks with the factor */
#define OPT_TOTAL_ITERS "total_iters"

/* factor of the base value at tick 0 */
#define OPT_START_FACTOR "start_factor"

/* factor of the base value at the end */
#define OPT_END_FACTOR "end_factor"

/* ticks from one decay to the next */
#define OPT_STEP_SIZE "step_size"

/* factor of each decay */
#define OPT_GAMMA "gamma"

/* exponent; 1: a straight line */
#define OPT_POWER "power"

/* the value at the end, or the lowest */
#define OPT_ETA_MIN "eta_min"

/* ticks from the base value to eta_min */
#define OPT_T_MAX "t_max"

/* ticks of the first decay */
#define OPT_T_0 "t_0"

/* factor of the length of each next decay */
#define OPT_T_MULT "t_mult"

/* ticks of the cycle */
#define OPT_TOTAL_STEPS "total_steps"

/* part of the cycle in which the value rises */
#define OPT_PCT_START "pct_start"

/* along a cosine or a straight line */
#define OPT_ANNEAL "anneal"

/* come down to the first value as the value rose, and from there to the last in
 * a third phase */
#define OPT_THREE_PHASE "three_phase"

/* the first value is base / div_factor */
#define OPT_DIV_FACTOR "div_factor"

/* the last value is the first / final_div_factor */
#define OPT_FINAL_DIV_FACTOR "final_div_factor"

/* for a momentum: from the base to min_value and back */
#define OPT_INVERSE "inverse"

/* with inverse: the lowest value */
#define OPT_MIN_VALUE "min_value"

/* the value at the peak: above the base, or below it for a momentum */
#define OPT_PEAK_VALUE "peak_value"

/* ticks from the base to the peak */
#define OPT_STEP_SIZE_UP "step_size_up"

/* and back; 0: as step_size_up */
#define OPT_STEP_SIZE_DOWN "step_size_down"

/* height of each peak: the same, half of the last, or times gamma^t */
#define OPT_MODE "mode"

/* ticks until the highest value; 0: none */
#define OPT_WARMUP_STEPS "warmup_steps"

/* 0: the highest value is the base; else the width of the model, and the base a
 * factor, as the paper has it */
#define OPT_D_MODEL "d_model"

/* ticks at the base value */
#define OPT_STABLE_STEPS "stable_steps"

/* ticks of the way down */
#define OPT_DECAY_STEPS "decay_steps"

/* the way down: a straight line, a cosine, or 1 - sqrt */
#define OPT_DECAY "decay"

/* reports in a row that may be no better than the best */
#define OPT_PATIENCE "patience"

/* how much better counts as better */
#define OPT_THRESHOLD "threshold"

/* the threshold is a share of the best metric, or a difference */
#define OPT_THRESHOLD_MODE "threshold_mode"

/* reports after a reduction that count as none */
#define OPT_COOLDOWN "cooldown"

/* Values of those that are a choice. */
#define OPT_SCHEDULE_ONE_CYCLE_ANNEAL_COS 0
#define OPT_SCHEDULE_ONE_CYCLE_ANNEAL_LINEAR 1
#define OPT_SCHEDULE_CYCLIC_MODE_TRIANGULAR 0
#define OPT_SCHEDULE_CYCLIC_MODE_TRIANGULAR2 1
#define OPT_SCHEDULE_CYCLIC_MODE_EXP_RANGE 2
#define OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_LINEAR 0
#define OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_COSINE 1
#define OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_SQRT 2
#define OPT_SCHEDULE_PLATEAU_MODE_MIN 0
#define OPT_SCHEDULE_PLATEAU_MODE_MAX 1
#define OPT_SCHEDULE_PLATEAU_THRESHOLD_MODE_REL 0
#define OPT_SCHEDULE_PLATEAU_THRESHOLD_MODE_ABS 1

#endif /* OPT_OPT_NAMES_H_ */
