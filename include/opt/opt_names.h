/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Names as constants, so that a typo is a compile error. Include <opt/opt.h>.
 * Generated from the rules' descriptors: do not edit, but build the target
 * "generate".
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

/* Presets. */

/* of sgd, adagrad, rmsprop, adam, adamw, lion */
#define OPT_PRESET_TEXTBOOK "textbook"

/* of sgd, adagrad, rmsprop, adam, adamw */
#define OPT_PRESET_PYTORCH "pytorch"

/* State slots. */

/* what opt_accumulate() has added up */
#define OPT_SLOT_GRAD_ACCUMULATOR "grad_accumulator"

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

#endif /* OPT_OPT_NAMES_H_ */
