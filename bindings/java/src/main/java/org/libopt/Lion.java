// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

/**
 * The sign of an averaged gradient, with decoupled weight decay.
 *
 * <pre>{@code
 * c = beta1 * m + (1 - beta1) * grad
 * m = beta2 * m + (1 - beta2) * grad
 * param = param - lr * sign(c) - lr * weight_decay * param
 * }</pre>
 *
 * <p>State: {@code exp_avg} (moving average of gradients m). Reference: Chen et al. 2023,
 * arXiv:2302.06675.
 */
public final class Lion {
  private Lion() {}

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
      super("lion");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Learning rate, the step size. Default: 1e-04; range: [0, infinity).
     *
     * @param lr the option {@code lr}
     * @return this builder
     */
    public Builder lr(double lr) {
      return set("lr", lr);
    }

    /**
     * Weight decay coefficient (L2). Default: 0; range: [0, infinity).
     *
     * @param weightDecay the option {@code weight_decay}
     * @return this builder
     */
    public Builder weightDecay(double weightDecay) {
      return set("weight_decay", weightDecay);
    }

    /**
     * Weight decay acts on the parameter (subtract lr * weight_decay * parameter), not through the
     * gradient. Default: true.
     *
     * @param decoupledWeightDecay the option {@code decoupled_weight_decay}
     * @return this builder
     */
    public Builder decoupledWeightDecay(boolean decoupledWeightDecay) {
      return set("decoupled_weight_decay", decoupledWeightDecay ? 1 : 0);
    }

    /**
     * Ascend: flip the gradient's sign before weight decay. Default: false.
     *
     * @param maximize the option {@code maximize}
     * @return this builder
     */
    public Builder maximize(boolean maximize) {
      return set("maximize", maximize ? 1 : 0);
    }

    /**
     * Steps pass the group's tensors over: parameters, state and step count stay. Default: false.
     *
     * @param frozen the option {@code frozen}
     * @return this builder
     */
    public Builder frozen(boolean frozen) {
      return set("frozen", frozen ? 1 : 0);
    }

    /**
     * Share of the moving average in the interpolation. Default: 0.9; range: [0, 1).
     *
     * @param beta1 the option {@code beta1}
     * @return this builder
     */
    public Builder beta1(double beta1) {
      return set("beta1", beta1);
    }

    /**
     * Averaging coefficient of the gradient. Default: 0.99; range: [0, 1).
     *
     * @param beta2 the option {@code beta2}
     * @return this builder
     */
    public Builder beta2(double beta2) {
      return set("beta2", beta2);
    }
  }
}
