// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

/**
 * Gradient descent: full batch, one sample or mini-batch, with or without momentum.
 *
 * <pre>{@code
 * g = grad + weight_decay * param
 * v = momentum * v + (1 - dampening) * g
 * param = param - lr * v
 * nesterov: param = param - lr * (g + momentum * v)
 * }</pre>
 *
 * <p>State: {@code momentum_buffer} (velocity v, with {@code momentum}). Reference: Robbins and
 * Monro 1951; Polyak 1964 (momentum); Sutskever et al. 2013 (nesterov).
 */
public final class Sgd {
  private Sgd() {}

  /**
   * Starts the description of an optimizer.
   *
   * @return a builder with the defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Describes an optimizer. */
  public static final class Builder extends RuleBuilder<Builder> {
    private Builder() {
      super("sgd");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Learning rate, the step size. Default: 0.001; preset pytorch: 0.001; range: [0, infinity).
     *
     * @param lr the option {@code lr}
     * @return this builder
     */
    public Builder lr(double lr) {
      return set("lr", lr);
    }

    /**
     * Weight decay coefficient (L2). Default: 0; preset pytorch: 0; range: [0, infinity).
     *
     * @param weightDecay the option {@code weight_decay}
     * @return this builder
     */
    public Builder weightDecay(double weightDecay) {
      return set("weight_decay", weightDecay);
    }

    /**
     * Weight decay acts on the parameter (subtract lr * weight_decay * parameter), not through the
     * gradient. Default: false; preset pytorch: false.
     *
     * @param decoupledWeightDecay the option {@code decoupled_weight_decay}
     * @return this builder
     */
    public Builder decoupledWeightDecay(boolean decoupledWeightDecay) {
      return set("decoupled_weight_decay", decoupledWeightDecay ? 1 : 0);
    }

    /**
     * Ascend: flip the gradient's sign before weight decay. Default: false; preset pytorch: false.
     *
     * @param maximize the option {@code maximize}
     * @return this builder
     */
    public Builder maximize(boolean maximize) {
      return set("maximize", maximize ? 1 : 0);
    }

    /**
     * Steps pass the group's tensors over: parameters, state and step count stay. Default: false;
     * preset pytorch: false.
     *
     * @param frozen the option {@code frozen}
     * @return this builder
     */
    public Builder frozen(boolean frozen) {
      return set("frozen", frozen ? 1 : 0);
    }

    /**
     * Momentum factor, usually in 0..1; 0 keeps no state. Default: 0; preset pytorch: 0; range: [0,
     * infinity).
     *
     * @param momentum the option {@code momentum}
     * @return this builder
     */
    public Builder momentum(double momentum) {
      return set("momentum", momentum);
    }

    /**
     * Dampening of the gradient that enters the velocity. Default: 0; preset pytorch: 0; range: [0,
     * 1].
     *
     * @param dampening the option {@code dampening}
     * @return this builder
     */
    public Builder dampening(double dampening) {
      return set("dampening", dampening);
    }

    /**
     * Nesterov momentum: step along g + momentum * velocity. Default: false; preset pytorch: false.
     *
     * @param nesterov the option {@code nesterov}
     * @return this builder
     */
    public Builder nesterov(boolean nesterov) {
      return set("nesterov", nesterov ? 1 : 0);
    }

    /**
     * 0, as in PyTorch: the first velocity is the gradient itself, and without momentum there is no
     * dampening. Default: true; preset pytorch: false.
     *
     * @param firstStepDampened the option {@code first_step_dampened}
     * @return this builder
     */
    public Builder firstStepDampened(boolean firstStepDampened) {
      return set("first_step_dampened", firstStepDampened ? 1 : 0);
    }

    /**
     * As in Keras: the velocity holds the learning rate, v = momentum * v - lr * g, and is added to
     * the parameter. Default: false; preset pytorch: false.
     *
     * @param lrInVelocity the option {@code lr_in_velocity}
     * @return this builder
     */
    public Builder lrInVelocity(boolean lrInVelocity) {
      return set("lr_in_velocity", lrInVelocity ? 1 : 0);
    }
  }
}
