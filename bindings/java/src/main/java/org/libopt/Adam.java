// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

/**
 * Adaptive rates from bias-corrected first and second moments.
 *
 * <pre>{@code
 * g = grad + weight_decay * param
 * m = beta1 * m + (1 - beta1) * g
 * v = beta2 * v + (1 - beta2) * g^2
 * m_hat = m / (1 - beta1^t)
 * v_hat = v / (1 - beta2^t)
 * param = param - lr / sqrt(v_hat + eps) * m_hat
 * }</pre>
 *
 * <p>State: {@code exp_avg} (first moment m), {@code exp_avg_sq} (second moment v), {@code
 * max_exp_avg_sq} (running maximum of v, with {@code amsgrad}). Reference: Kingma and Ba 2015,
 * arXiv:1412.6980; Reddi et al. 2018 (amsgrad).
 */
public final class Adam {
  private Adam() {}

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
    OUTSIDE,
    /** {@code hat}. */
    HAT
  }

  /** Describes an optimizer. */
  public static final class Builder extends RuleBuilder<Builder> {
    private Builder() {
      super("adam");
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
     * Averaging coefficient of the first moment. Default: 0.9; preset pytorch: 0.9; range: [0, 1).
     *
     * @param beta1 the option {@code beta1}
     * @return this builder
     */
    public Builder beta1(double beta1) {
      return set("beta1", beta1);
    }

    /**
     * Averaging coefficient of the second moment. Default: 0.999; preset pytorch: 0.999; range: [0,
     * 1).
     *
     * @param beta2 the option {@code beta2}
     * @return this builder
     */
    public Builder beta2(double beta2) {
      return set("beta2", beta2);
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
     * Where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in Keras, to the square root
     * of the uncorrected v. Default: INSIDE; preset pytorch: OUTSIDE.
     *
     * @param epsPlacement the option {@code eps_placement}
     * @return this builder
     */
    public Builder epsPlacement(EpsPlacement epsPlacement) {
      return set("eps_placement", epsPlacement.ordinal());
    }

    /**
     * A second eps, always inside the root, as in Optax. Default: 0; preset pytorch: 0; range: [0,
     * infinity).
     *
     * @param epsRoot the option {@code eps_root}
     * @return this builder
     */
    public Builder epsRoot(double epsRoot) {
      return set("eps_root", epsRoot);
    }

    /**
     * Divide by the running maximum of the second moment. Default: false; preset pytorch: false.
     *
     * @param amsgrad the option {@code amsgrad}
     * @return this builder
     */
    public Builder amsgrad(boolean amsgrad) {
      return set("amsgrad", amsgrad ? 1 : 0);
    }

    /**
     * Correct the moments for their start at zero. Default: true; preset pytorch: true.
     *
     * @param biasCorrection the option {@code bias_correction}
     * @return this builder
     */
    public Builder biasCorrection(boolean biasCorrection) {
      return set("bias_correction", biasCorrection ? 1 : 0);
    }
  }
}
