// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

/**
 * Adaptive rates from the moving average of squared gradients.
 *
 * <pre>{@code
 * g = grad + weight_decay * param
 * E = alpha * E + (1 - alpha) * g^2
 * param = param - lr / sqrt(E + eps) * g
 * }</pre>
 *
 * <p>State: {@code square_avg} (moving average of squared gradients E), {@code momentum_buffer}
 * (velocity of the scaled gradient, with {@code momentum}), {@code grad_avg} (moving average of
 * gradients, with {@code centered}). Reference: Tieleman and Hinton 2012; Graves 2013 (centered).
 */
public final class RmsProp {
  private RmsProp() {}

  /**
   * Starts the description of an optimizer.
   *
   * @return a builder with the defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Values of the option {@code eps_placement}. */
  public enum EpsPlacement {
    /** {@code inside}. */
    INSIDE,
    /** {@code outside}. */
    OUTSIDE
  }

  /** Describes an optimizer. */
  public static final class Builder extends RuleBuilder<Builder> {
    private Builder() {
      super("rmsprop");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Learning rate, the step size. Default: 0.001; preset pytorch: 0.01; range: [0, infinity).
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
     * Averaging coefficient of the squared gradient. Default: 0.9; preset pytorch: 0.99; range: [0,
     * 1].
     *
     * @param alpha the option {@code alpha}
     * @return this builder
     */
    public Builder alpha(double alpha) {
      return set("alpha", alpha);
    }

    /**
     * Averaging coefficient of the squared gradient. Default: 0.9; preset pytorch: 0.99; range: [0,
     * 1].
     *
     * @param beta the option {@code beta}
     * @return this builder
     */
    public Builder beta(double beta) {
      return set("beta", beta);
    }

    /**
     * Small number that keeps the denominator from being zero. Default: 1e-08; preset pytorch:
     * 1e-08; range: [0, infinity).
     *
     * @param eps the option {@code eps}
     * @return this builder
     */
    public Builder eps(double eps) {
      return set("eps", eps);
    }

    /**
     * Where eps is added: sqrt(E + eps) or sqrt(E) + eps. Default: INSIDE; preset pytorch: OUTSIDE.
     *
     * @param epsPlacement the option {@code eps_placement}
     * @return this builder
     */
    public Builder epsPlacement(EpsPlacement epsPlacement) {
      return set("eps_placement", epsPlacement.ordinal());
    }

    /**
     * Divide by the standard deviation: E - (average of g)^2, not below 0, in place of E. Default:
     * false; preset pytorch: false.
     *
     * @param centered the option {@code centered}
     * @return this builder
     */
    public Builder centered(boolean centered) {
      return set("centered", centered ? 1 : 0);
    }

    /**
     * Momentum factor on the scaled gradient; 0 keeps no such state. Default: 0; preset pytorch: 0;
     * range: [0, infinity).
     *
     * @param momentum the option {@code momentum}
     * @return this builder
     */
    public Builder momentum(double momentum) {
      return set("momentum", momentum);
    }

    /**
     * As in Keras and Optax: the momentum buffer holds the learning rate. Default: false; preset
     * pytorch: false.
     *
     * @param lrInVelocity the option {@code lr_in_velocity}
     * @return this builder
     */
    public Builder lrInVelocity(boolean lrInVelocity) {
      return set("lr_in_velocity", lrInVelocity ? 1 : 0);
    }
  }
}
