// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The options of each rule, typed: opt::AdamW().lr(3e-4).weight_decay(0.1). A
// value that was not given is left alone. Include <opt/opt.hpp>.
// Generated from the rules' descriptors: do not edit, but build the target
// "generate".
#ifndef OPT_HPP_RULES_HPP_
#define OPT_HPP_RULES_HPP_

#include "opt/hpp/error.hpp"
#include "opt/hpp/options.hpp"
#include "opt/opt.h"

// clang-format off

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// sgd: gradient descent: full batch, one sample or mini-batch, with or without
// momentum. Robbins and Monro 1951; Polyak 1964 (momentum); Sutskever et al.
// 2013 (nesterov)
class Sgd : public RuleOptions<Sgd, 10> {
 public:
  static constexpr const char* kRule = "sgd";
  static constexpr const char* kBaseRule = "sgd";

  // learning rate, the step size; in [0, inf), default 0.001
  Sgd& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  Sgd& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default false
  Sgd& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  Sgd& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  Sgd& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // momentum factor, usually in 0..1; 0 keeps no state; in [0, inf), default 0
  Sgd& momentum(double value) {
    return Put("momentum", value);
  }

  // dampening of the gradient that enters the velocity; in [0, 1], default 0
  Sgd& dampening(double value) {
    return Put("dampening", value);
  }

  // Nesterov momentum: step along g + momentum * velocity; default false
  Sgd& nesterov(bool value) {
    return Put("nesterov", value ? 1 : 0);
  }

  // 0, as in PyTorch: the first velocity is the gradient itself, and without
  // momentum there is no dampening; default true
  Sgd& first_step_dampened(bool value) {
    return Put("first_step_dampened", value ? 1 : 0);
  }

  // as in Keras: the velocity holds the learning rate, v = momentum * v - lr *
  // g, and is added to the parameter; default false
  Sgd& lr_in_velocity(bool value) {
    return Put("lr_in_velocity", value ? 1 : 0);
  }
};

// adagrad: adaptive rates from the sum of squared gradients; suits sparse data.
// Duchi, Hazan and Singer 2011
class AdaGrad : public RuleOptions<AdaGrad, 9> {
 public:
  static constexpr const char* kRule = "adagrad";
  static constexpr const char* kBaseRule = "adagrad";

  // learning rate, the step size; in [0, inf), default 0.01
  AdaGrad& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  AdaGrad& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default false
  AdaGrad& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  AdaGrad& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  AdaGrad& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // small number that keeps the denominator from being zero; in [0, inf),
  // default 1e-08
  AdaGrad& eps(double value) {
    return Put("eps", value);
  }

  // where eps is added: sqrt(G + eps) or sqrt(G) + eps; default inside
  enum class EpsPlacement { kInside = 0, kOutside = 1 };
  AdaGrad& eps_placement(EpsPlacement value) {
    return Put("eps_placement", static_cast<double>(value));
  }

  // the rate of step t is lr / (1 + (t - 1) * lr_decay); in [0, inf), default 0
  AdaGrad& lr_decay(double value) {
    return Put("lr_decay", value);
  }

  // what the sum starts at when a tensor is attached; in [0, inf), default 0
  AdaGrad& initial_accumulator(double value) {
    return Put("initial_accumulator", value);
  }
};

// rmsprop: adaptive rates from the moving average of squared gradients.
// Tieleman and Hinton 2012; Graves 2013 (centered)
class RmsProp : public RuleOptions<RmsProp, 11> {
 public:
  static constexpr const char* kRule = "rmsprop";
  static constexpr const char* kBaseRule = "rmsprop";

  // learning rate, the step size; in [0, inf), default 0.001
  RmsProp& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  RmsProp& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default false
  RmsProp& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  RmsProp& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  RmsProp& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // averaging coefficient of the squared gradient; in [0, 1], default 0.9
  RmsProp& alpha(double value) {
    return Put("alpha", value);
  }

  // small number that keeps the denominator from being zero; in [0, inf),
  // default 1e-08
  RmsProp& eps(double value) {
    return Put("eps", value);
  }

  // where eps is added: sqrt(E + eps) or sqrt(E) + eps; default inside
  enum class EpsPlacement { kInside = 0, kOutside = 1 };
  RmsProp& eps_placement(EpsPlacement value) {
    return Put("eps_placement", static_cast<double>(value));
  }

  // divide by the standard deviation: E - (average of g)^2, not below 0, in
  // place of E; default false
  RmsProp& centered(bool value) {
    return Put("centered", value ? 1 : 0);
  }

  // momentum factor on the scaled gradient; 0 keeps no such state; in [0, inf),
  // default 0
  RmsProp& momentum(double value) {
    return Put("momentum", value);
  }

  // as in Keras and Optax: the momentum buffer holds the learning rate; default
  // false
  RmsProp& lr_in_velocity(bool value) {
    return Put("lr_in_velocity", value ? 1 : 0);
  }
};

// adam: adaptive rates from bias-corrected first and second moments. Kingma and
// Ba 2015, arXiv:1412.6980; Reddi et al. 2018 (amsgrad)
class Adam : public RuleOptions<Adam, 12> {
 public:
  static constexpr const char* kRule = "adam";
  static constexpr const char* kBaseRule = "adam";

  // learning rate, the step size; in [0, inf), default 0.001
  Adam& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  Adam& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default false
  Adam& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  Adam& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  Adam& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // averaging coefficient of the first moment; in [0, 1), default 0.9
  Adam& beta1(double value) {
    return Put("beta1", value);
  }

  // averaging coefficient of the second moment; in [0, 1), default 0.999
  Adam& beta2(double value) {
    return Put("beta2", value);
  }

  // small number that keeps the denominator from being zero; in [0, inf),
  // default 1e-08
  Adam& eps(double value) {
    return Put("eps", value);
  }

  // where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in Keras,
  // to the square root of the uncorrected v; default inside
  enum class EpsPlacement { kInside = 0, kOutside = 1, kHat = 2 };
  Adam& eps_placement(EpsPlacement value) {
    return Put("eps_placement", static_cast<double>(value));
  }

  // a second eps, always inside the root, as in Optax; in [0, inf), default 0
  Adam& eps_root(double value) {
    return Put("eps_root", value);
  }

  // divide by the running maximum of the second moment; default false
  Adam& amsgrad(bool value) {
    return Put("amsgrad", value ? 1 : 0);
  }

  // correct the moments for their start at zero; default true
  Adam& bias_correction(bool value) {
    return Put("bias_correction", value ? 1 : 0);
  }
};

// adamw: Adam with decoupled weight decay. Loshchilov and Hutter 2019,
// arXiv:1711.05101
class AdamW : public RuleOptions<AdamW, 12> {
 public:
  static constexpr const char* kRule = "adamw";
  static constexpr const char* kBaseRule = "adamw";

  // learning rate, the step size; in [0, inf), default 0.001
  AdamW& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0.01
  AdamW& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default true
  AdamW& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  AdamW& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  AdamW& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // averaging coefficient of the first moment; in [0, 1), default 0.9
  AdamW& beta1(double value) {
    return Put("beta1", value);
  }

  // averaging coefficient of the second moment; in [0, 1), default 0.999
  AdamW& beta2(double value) {
    return Put("beta2", value);
  }

  // small number that keeps the denominator from being zero; in [0, inf),
  // default 1e-08
  AdamW& eps(double value) {
    return Put("eps", value);
  }

  // where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in Keras,
  // to the square root of the uncorrected v; default inside
  enum class EpsPlacement { kInside = 0, kOutside = 1, kHat = 2 };
  AdamW& eps_placement(EpsPlacement value) {
    return Put("eps_placement", static_cast<double>(value));
  }

  // a second eps, always inside the root, as in Optax; in [0, inf), default 0
  AdamW& eps_root(double value) {
    return Put("eps_root", value);
  }

  // divide by the running maximum of the second moment; default false
  AdamW& amsgrad(bool value) {
    return Put("amsgrad", value ? 1 : 0);
  }

  // correct the moments for their start at zero; default true
  AdamW& bias_correction(bool value) {
    return Put("bias_correction", value ? 1 : 0);
  }
};

// lion: the sign of an averaged gradient, with decoupled weight decay. Chen et
// al. 2023, arXiv:2302.06675
class Lion : public RuleOptions<Lion, 7> {
 public:
  static constexpr const char* kRule = "lion";
  static constexpr const char* kBaseRule = "lion";

  // learning rate, the step size; in [0, inf), default 1e-04
  Lion& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  Lion& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default true
  Lion& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  Lion& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  Lion& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // share of the moving average in the interpolation; in [0, 1), default 0.9
  Lion& beta1(double value) {
    return Put("beta1", value);
  }

  // averaging coefficient of the gradient; in [0, 1), default 0.99
  Lion& beta2(double value) {
    return Put("beta2", value);
  }
};

// gd: gradient descent: sgd with momentum 0
class Gd : public RuleOptions<Gd, 10> {
 public:
  static constexpr const char* kRule = "gd";
  static constexpr const char* kBaseRule = "sgd";

  // learning rate, the step size; in [0, inf), default 0.001
  Gd& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  Gd& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default false
  Gd& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  Gd& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  Gd& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // momentum factor, usually in 0..1; 0 keeps no state; in [0, inf), default 0
  Gd& momentum(double value) {
    return Put("momentum", value);
  }

  // dampening of the gradient that enters the velocity; in [0, 1], default 0
  Gd& dampening(double value) {
    return Put("dampening", value);
  }

  // Nesterov momentum: step along g + momentum * velocity; default false
  Gd& nesterov(bool value) {
    return Put("nesterov", value ? 1 : 0);
  }

  // 0, as in PyTorch: the first velocity is the gradient itself, and without
  // momentum there is no dampening; default true
  Gd& first_step_dampened(bool value) {
    return Put("first_step_dampened", value ? 1 : 0);
  }

  // as in Keras: the velocity holds the learning rate, v = momentum * v - lr *
  // g, and is added to the parameter; default false
  Gd& lr_in_velocity(bool value) {
    return Put("lr_in_velocity", value ? 1 : 0);
  }
};

// momentum: sgd with momentum 0.9
class Momentum : public RuleOptions<Momentum, 10> {
 public:
  static constexpr const char* kRule = "momentum";
  static constexpr const char* kBaseRule = "sgd";

  // learning rate, the step size; in [0, inf), default 0.001
  Momentum& lr(double value) {
    return Put("lr", value);
  }

  // weight decay coefficient (L2); in [0, inf), default 0
  Momentum& weight_decay(double value) {
    return Put("weight_decay", value);
  }

  // weight decay acts on the parameter (subtract lr * weight_decay *
  // parameter), not through the gradient; default false
  Momentum& decoupled_weight_decay(bool value) {
    return Put("decoupled_weight_decay", value ? 1 : 0);
  }

  // ascend: flip the gradient's sign before weight decay; default false
  Momentum& maximize(bool value) {
    return Put("maximize", value ? 1 : 0);
  }

  // steps pass the group's tensors over: parameters, state and step count stay;
  // default false
  Momentum& frozen(bool value) {
    return Put("frozen", value ? 1 : 0);
  }

  // momentum factor, usually in 0..1; 0 keeps no state; in [0, inf), default
  // 0.9
  Momentum& momentum(double value) {
    return Put("momentum", value);
  }

  // dampening of the gradient that enters the velocity; in [0, 1], default 0
  Momentum& dampening(double value) {
    return Put("dampening", value);
  }

  // Nesterov momentum: step along g + momentum * velocity; default false
  Momentum& nesterov(bool value) {
    return Put("nesterov", value ? 1 : 0);
  }

  // 0, as in PyTorch: the first velocity is the gradient itself, and without
  // momentum there is no dampening; default true
  Momentum& first_step_dampened(bool value) {
    return Put("first_step_dampened", value ? 1 : 0);
  }

  // as in Keras: the velocity holds the learning rate, v = momentum * v - lr *
  // g, and is added to the parameter; default false
  Momentum& lr_in_velocity(bool value) {
    return Put("lr_in_velocity", value ? 1 : 0);
  }
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

// clang-format on

#endif  // OPT_HPP_RULES_HPP_
