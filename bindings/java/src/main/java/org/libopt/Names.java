// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

/** Names as constants, so that a typo is a compile error. */
public final class Names {
  private Names() {}

  /**
   * Gradient descent: full batch, one sample or mini-batch, with or without momentum.
   */
  public static final String RULE_SGD = "sgd";

  /**
   * Adaptive rates from the sum of squared gradients; suits sparse data.
   */
  public static final String RULE_ADAGRAD = "adagrad";

  /**
   * Adaptive rates from the moving average of squared gradients.
   */
  public static final String RULE_RMSPROP = "rmsprop";

  /**
   * Adaptive rates from bias-corrected first and second moments.
   */
  public static final String RULE_ADAM = "adam";

  /**
   * Adam with decoupled weight decay.
   */
  public static final String RULE_ADAMW = "adamw";

  /**
   * The sign of an averaged gradient, with decoupled weight decay.
   */
  public static final String RULE_LION = "lion";

  /**
   * Gradient descent: sgd with momentum 0.
   */
  public static final String RULE_GD = "gd";

  /**
   * Sgd with momentum 0.9.
   */
  public static final String RULE_MOMENTUM = "momentum";

  /**
   * Learning rate, the step size.
   */
  public static final String LR = "lr";

  /**
   * Weight decay coefficient (L2).
   */
  public static final String WEIGHT_DECAY = "weight_decay";

  /**
   * Weight decay acts on the parameter (subtract lr * weight_decay * parameter), not through the
   * gradient.
   */
  public static final String DECOUPLED_WEIGHT_DECAY = "decoupled_weight_decay";

  /**
   * Ascend: flip the gradient's sign before weight decay.
   */
  public static final String MAXIMIZE = "maximize";

  /**
   * Steps pass the group's tensors over: parameters, state and step count stay.
   */
  public static final String FROZEN = "frozen";

  /**
   * Momentum factor, usually in 0..1; 0 keeps no state.
   */
  public static final String MOMENTUM = "momentum";

  /**
   * Dampening of the gradient that enters the velocity.
   */
  public static final String DAMPENING = "dampening";

  /**
   * Nesterov momentum: step along g + momentum * velocity.
   */
  public static final String NESTEROV = "nesterov";

  /**
   * 0, as in PyTorch: the first velocity is the gradient itself, and without momentum there is no
   * dampening.
   */
  public static final String FIRST_STEP_DAMPENED = "first_step_dampened";

  /**
   * As in Keras: the velocity holds the learning rate, v = momentum * v - lr * g, and is added to
   * the parameter.
   */
  public static final String LR_IN_VELOCITY = "lr_in_velocity";

  /**
   * Small number that keeps the denominator from being zero.
   */
  public static final String EPS = "eps";

  /**
   * Where eps is added: sqrt(G + eps) or sqrt(G) + eps.
   */
  public static final String EPS_PLACEMENT = "eps_placement";

  /**
   * The rate of step t is lr / (1 + (t - 1) * lr_decay).
   */
  public static final String LR_DECAY = "lr_decay";

  /**
   * What the sum starts at when a tensor is attached.
   */
  public static final String INITIAL_ACCUMULATOR = "initial_accumulator";

  /**
   * Averaging coefficient of the squared gradient.
   */
  public static final String ALPHA = "alpha";

  /**
   * Divide by the standard deviation: E - (average of g)^2, not below 0, in place of E.
   */
  public static final String CENTERED = "centered";

  /**
   * Averaging coefficient of the first moment.
   */
  public static final String BETA1 = "beta1";

  /**
   * Averaging coefficient of the second moment.
   */
  public static final String BETA2 = "beta2";

  /**
   * A second eps, always inside the root, as in Optax.
   */
  public static final String EPS_ROOT = "eps_root";

  /**
   * Divide by the running maximum of the second moment.
   */
  public static final String AMSGRAD = "amsgrad";

  /**
   * Correct the moments for their start at zero.
   */
  public static final String BIAS_CORRECTION = "bias_correction";

  /**
   * Steps in a tick, in which the schedule counts: those of an epoch for a schedule by epochs.
   */
  public static final String INTERVAL = "interval";

  /**
   * Factor of the base value at first.
   */
  public static final String FACTOR = "factor";

  /**
   * Ticks with the factor.
   */
  public static final String TOTAL_ITERS = "total_iters";

  /**
   * Factor of the base value at tick 0.
   */
  public static final String START_FACTOR = "start_factor";

  /**
   * Factor of the base value at the end.
   */
  public static final String END_FACTOR = "end_factor";

  /**
   * Ticks from one decay to the next.
   */
  public static final String STEP_SIZE = "step_size";

  /**
   * Factor of each decay.
   */
  public static final String GAMMA = "gamma";

  /**
   * Exponent; 1: a straight line.
   */
  public static final String POWER = "power";

  /**
   * The value at the end, or the lowest.
   */
  public static final String ETA_MIN = "eta_min";

  /**
   * Ticks from the base value to eta_min.
   */
  public static final String T_MAX = "t_max";

  /**
   * Ticks of the first decay.
   */
  public static final String T_0 = "t_0";

  /**
   * Factor of the length of each next decay.
   */
  public static final String T_MULT = "t_mult";

  /**
   * Ticks of the cycle.
   */
  public static final String TOTAL_STEPS = "total_steps";

  /**
   * Part of the cycle in which the value rises.
   */
  public static final String PCT_START = "pct_start";

  /**
   * Along a cosine or a straight line.
   */
  public static final String ANNEAL = "anneal";

  /**
   * Come down to the first value as the value rose, and from there to the last in a third phase.
   */
  public static final String THREE_PHASE = "three_phase";

  /**
   * The first value is base / div_factor.
   */
  public static final String DIV_FACTOR = "div_factor";

  /**
   * The last value is the first / final_div_factor.
   */
  public static final String FINAL_DIV_FACTOR = "final_div_factor";

  /**
   * For a momentum: from the base to min_value and back.
   */
  public static final String INVERSE = "inverse";

  /**
   * With inverse: the lowest value.
   */
  public static final String MIN_VALUE = "min_value";

  /**
   * The value at the peak: above the base, or below it for a momentum.
   */
  public static final String PEAK_VALUE = "peak_value";

  /**
   * Ticks from the base to the peak.
   */
  public static final String STEP_SIZE_UP = "step_size_up";

  /**
   * And back; 0: as step_size_up.
   */
  public static final String STEP_SIZE_DOWN = "step_size_down";

  /**
   * Height of each peak: the same, half of the last, or times gamma^t.
   */
  public static final String MODE = "mode";

  /**
   * Ticks until the highest value; 0: none.
   */
  public static final String WARMUP_STEPS = "warmup_steps";

  /**
   * 0: the highest value is the base; else the width of the model, and the base a factor, as the
   * paper has it.
   */
  public static final String D_MODEL = "d_model";

  /**
   * Ticks at the base value.
   */
  public static final String STABLE_STEPS = "stable_steps";

  /**
   * Ticks of the way down.
   */
  public static final String DECAY_STEPS = "decay_steps";

  /**
   * The way down: a straight line, a cosine, or 1 - sqrt.
   */
  public static final String DECAY = "decay";

  /**
   * Reports in a row that may be no better than the best.
   */
  public static final String PATIENCE = "patience";

  /**
   * How much better counts as better.
   */
  public static final String THRESHOLD = "threshold";

  /**
   * The threshold is a share of the best metric, or a difference.
   */
  public static final String THRESHOLD_MODE = "threshold_mode";

  /**
   * Reports after a reduction that count as none.
   */
  public static final String COOLDOWN = "cooldown";

  /**
   * A preset of several rules.
   */
  public static final String PRESET_TEXTBOOK = "textbook";

  /**
   * A preset of several rules.
   */
  public static final String PRESET_PYTORCH = "pytorch";

  /**
   * What was accumulated since the last step.
   */
  public static final String SLOT_GRAD_ACCUMULATOR = "grad_accumulator";

  /**
   * The average of the parameters.
   */
  public static final String SLOT_PARAM_AVERAGE = "param_average";

  /**
   * Velocity v.
   */
  public static final String SLOT_MOMENTUM_BUFFER = "momentum_buffer";

  /**
   * Sum of squared gradients G.
   */
  public static final String SLOT_SUM = "sum";

  /**
   * Moving average of squared gradients E.
   */
  public static final String SLOT_SQUARE_AVG = "square_avg";

  /**
   * Moving average of gradients.
   */
  public static final String SLOT_GRAD_AVG = "grad_avg";

  /**
   * First moment m.
   */
  public static final String SLOT_EXP_AVG = "exp_avg";

  /**
   * Second moment v.
   */
  public static final String SLOT_EXP_AVG_SQ = "exp_avg_sq";

  /**
   * Running maximum of v.
   */
  public static final String SLOT_MAX_EXP_AVG_SQ = "max_exp_avg_sq";

  /**
   * A constant factor of the base for a while, then the base.
   */
  public static final String SCHEDULE_CONSTANT = "constant";

  /**
   * A straight line from one factor of the base to another.
   */
  public static final String SCHEDULE_LINEAR = "linear";

  /**
   * A factor every so many ticks.
   */
  public static final String SCHEDULE_STEP = "step";

  /**
   * A factor at each milestone.
   */
  public static final String SCHEDULE_MULTI_STEP = "multi_step";

  /**
   * A factor at each tick.
   */
  public static final String SCHEDULE_EXPONENTIAL = "exponential";

  /**
   * A power of the part that is left.
   */
  public static final String SCHEDULE_POLYNOMIAL = "polynomial";

  /**
   * A cosine from the base to eta_min, and back after it.
   */
  public static final String SCHEDULE_COSINE = "cosine";

  /**
   * Cosine decays from the base towards eta_min, one after another.
   */
  public static final String SCHEDULE_COSINE_RESTARTS = "cosine_restarts";

  /**
   * Up to the base and down to far below the start; or, for a momentum, the inverse.
   */
  public static final String SCHEDULE_ONE_CYCLE = "one_cycle";

  /**
   * Up and down between the base and a peak, again and again.
   */
  public static final String SCHEDULE_CYCLIC = "cyclic";

  /**
   * A straight line up, then the inverse square root of the tick (Noam).
   */
  public static final String SCHEDULE_INVERSE_SQRT = "inverse_sqrt";

  /**
   * Up, level, and down (WSD, trapezoidal).
   */
  public static final String SCHEDULE_WARMUP_STABLE_DECAY = "warmup_stable_decay";

  /**
   * A factor when the reported metric has stopped getting better.
   */
  public static final String SCHEDULE_PLATEAU = "plateau";

  /**
   * Multiplies the learning rate.
   */
  public static final String TENSOR_LR_FACTOR = "lr_factor";

  /**
   * Multiplies the weight decay; 0 for biases and norms.
   */
  public static final String TENSOR_WEIGHT_DECAY_FACTOR = "weight_decay_factor";

  /**
   * Steps pass the tensor over: parameters, state and step count stay.
   */
  public static final String TENSOR_FROZEN = "frozen";
}
