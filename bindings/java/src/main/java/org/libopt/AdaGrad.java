// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

/**
 * Adaptive rates from the sum of squared gradients; suits sparse data.
 *
 * <pre>{@code
 * g = grad + weight_decay * param
 * G = G + g^2
 * param = param - lr / sqrt(G + eps) * g
 * }</pre>
 *
 * <p>State: {@code sum} (sum of squared gradients G). Reference: Duchi, Hazan and Singer 2011.
 */
public final class AdaGrad {
  private AdaGrad() {}

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
      super("adagrad");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Learning rate, the step size. Default: 0.01; preset pytorch: 0.01; range: [0, infinity).
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
     * Small number that keeps the denominator from being zero. Default: 1e-08; preset pytorch:
     * 1e-10; range: [0, infinity).
     *
     * @param eps the option {@code eps}
     * @return this builder
     */
    public Builder eps(double eps) {
      return set("eps", eps);
    }

    /**
     * Where eps is added: sqrt(G + eps) or sqrt(G) + eps. Default: INSIDE; preset pytorch: OUTSIDE.
     *
     * @param epsPlacement the option {@code eps_placement}
     * @return this builder
     */
    public Builder epsPlacement(EpsPlacement epsPlacement) {
      return set("eps_placement", epsPlacement.ordinal());
    }

    /**
     * The rate of step t is lr / (1 + (t - 1) * lr_decay). Default: 0; preset pytorch: 0; range:
     * [0, infinity).
     *
     * @param lrDecay the option {@code lr_decay}
     * @return this builder
     */
    public Builder lrDecay(double lrDecay) {
      return set("lr_decay", lrDecay);
    }

    /**
     * What the sum starts at when a tensor is attached. Default: 0; preset pytorch: 0; range: [0,
     * infinity).
     *
     * @param initialAccumulator the option {@code initial_accumulator}
     * @return this builder
     */
    public Builder initialAccumulator(double initialAccumulator) {
      return set("initial_accumulator", initialAccumulator);
    }
  }
}
