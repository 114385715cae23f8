// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Generated from the rules' descriptors: do not edit, but build the target
// "generate".

//! The options of each rule, typed. A value that was not given is left alone.
//!
//! ```
//! use libopt::{rules::AdamW, Optimizer};
//! let optimizer = Optimizer::new(AdamW::new().lr(3e-4).weight_decay(0.1))?;
//! # Ok::<(), libopt::Error>(())
//! ```

use crate::options::{Options, Rule};

/// sgd: gradient descent: full batch, one sample or mini-batch, with or without
/// momentum. Robbins and Monro 1951; Polyak 1964 (momentum); Sutskever et al.
/// 2013 (nesterov)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sgd {
    options: Options,
}

impl Sgd {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.001
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default false
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// momentum factor, usually in 0..1; 0 keeps no state; in \[0, inf),
    /// default 0
    pub fn momentum(mut self, value: f64) -> Self {
        self.options.put("momentum", value);
        self
    }

    /// dampening of the gradient that enters the velocity; in \[0, 1\], default
    /// 0
    pub fn dampening(mut self, value: f64) -> Self {
        self.options.put("dampening", value);
        self
    }

    /// Nesterov momentum: step along g + momentum \* velocity; default false
    pub fn nesterov(mut self, value: bool) -> Self {
        self.options.put("nesterov", value as u8 as f64);
        self
    }

    /// 0, as in PyTorch: the first velocity is the gradient itself, and without
    /// momentum there is no dampening; default true
    pub fn first_step_dampened(mut self, value: bool) -> Self {
        self.options.put("first_step_dampened", value as u8 as f64);
        self
    }

    /// as in Keras: the velocity holds the learning rate, v = momentum \* v -
    /// lr \* g, and is added to the parameter; default false
    pub fn lr_in_velocity(mut self, value: bool) -> Self {
        self.options.put("lr_in_velocity", value as u8 as f64);
        self
    }
}

impl Rule for Sgd {
    const NAME: &'static str = "sgd";
    const BASE: &'static str = "sgd";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// where eps is added: sqrt(G + eps) or sqrt(G) + eps
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdaGradEpsPlacement {
    /// `inside`
    Inside,
    /// `outside`
    Outside,
}

/// adagrad: adaptive rates from the sum of squared gradients; suits sparse
/// data. Duchi, Hazan and Singer 2011
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdaGrad {
    options: Options,
}

impl AdaGrad {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.01
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default false
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// small number that keeps the denominator from being zero; in \[0, inf),
    /// default 1e-08
    pub fn eps(mut self, value: f64) -> Self {
        self.options.put("eps", value);
        self
    }

    /// where eps is added: sqrt(G + eps) or sqrt(G) + eps; default inside
    pub fn eps_placement(mut self, value: AdaGradEpsPlacement) -> Self {
        self.options.put("eps_placement", value as u8 as f64);
        self
    }

    /// the rate of step t is lr / (1 + (t - 1) \* lr_decay); in \[0, inf),
    /// default 0
    pub fn lr_decay(mut self, value: f64) -> Self {
        self.options.put("lr_decay", value);
        self
    }

    /// what the sum starts at when a tensor is attached; in \[0, inf), default
    /// 0
    pub fn initial_accumulator(mut self, value: f64) -> Self {
        self.options.put("initial_accumulator", value);
        self
    }
}

impl Rule for AdaGrad {
    const NAME: &'static str = "adagrad";
    const BASE: &'static str = "adagrad";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// where eps is added: sqrt(E + eps) or sqrt(E) + eps
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RmsPropEpsPlacement {
    /// `inside`
    Inside,
    /// `outside`
    Outside,
}

/// rmsprop: adaptive rates from the moving average of squared gradients.
/// Tieleman and Hinton 2012; Graves 2013 (centered)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RmsProp {
    options: Options,
}

impl RmsProp {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.001
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default false
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// averaging coefficient of the squared gradient; in \[0, 1\], default 0.9
    pub fn alpha(mut self, value: f64) -> Self {
        self.options.put("alpha", value);
        self
    }

    /// small number that keeps the denominator from being zero; in \[0, inf),
    /// default 1e-08
    pub fn eps(mut self, value: f64) -> Self {
        self.options.put("eps", value);
        self
    }

    /// where eps is added: sqrt(E + eps) or sqrt(E) + eps; default inside
    pub fn eps_placement(mut self, value: RmsPropEpsPlacement) -> Self {
        self.options.put("eps_placement", value as u8 as f64);
        self
    }

    /// divide by the standard deviation: E - (average of g)^2, not below 0, in
    /// place of E; default false
    pub fn centered(mut self, value: bool) -> Self {
        self.options.put("centered", value as u8 as f64);
        self
    }

    /// momentum factor on the scaled gradient; 0 keeps no such state; in \[0,
    /// inf), default 0
    pub fn momentum(mut self, value: f64) -> Self {
        self.options.put("momentum", value);
        self
    }

    /// as in Keras and Optax: the momentum buffer holds the learning rate;
    /// default false
    pub fn lr_in_velocity(mut self, value: bool) -> Self {
        self.options.put("lr_in_velocity", value as u8 as f64);
        self
    }
}

impl Rule for RmsProp {
    const NAME: &'static str = "rmsprop";
    const BASE: &'static str = "rmsprop";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in Keras,
/// to the square root of the uncorrected v
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdamEpsPlacement {
    /// `inside`
    Inside,
    /// `outside`
    Outside,
    /// `hat`
    Hat,
}

/// adam: adaptive rates from bias-corrected first and second moments. Kingma
/// and Ba 2015, arXiv:1412.6980; Reddi et al. 2018 (amsgrad)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adam {
    options: Options,
}

impl Adam {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.001
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default false
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// averaging coefficient of the first moment; in \[0, 1), default 0.9
    pub fn beta1(mut self, value: f64) -> Self {
        self.options.put("beta1", value);
        self
    }

    /// averaging coefficient of the second moment; in \[0, 1), default 0.999
    pub fn beta2(mut self, value: f64) -> Self {
        self.options.put("beta2", value);
        self
    }

    /// small number that keeps the denominator from being zero; in \[0, inf),
    /// default 1e-08
    pub fn eps(mut self, value: f64) -> Self {
        self.options.put("eps", value);
        self
    }

    /// where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in
    /// Keras, to the square root of the uncorrected v; default inside
    pub fn eps_placement(mut self, value: AdamEpsPlacement) -> Self {
        self.options.put("eps_placement", value as u8 as f64);
        self
    }

    /// a second eps, always inside the root, as in Optax; in \[0, inf), default
    /// 0
    pub fn eps_root(mut self, value: f64) -> Self {
        self.options.put("eps_root", value);
        self
    }

    /// divide by the running maximum of the second moment; default false
    pub fn amsgrad(mut self, value: bool) -> Self {
        self.options.put("amsgrad", value as u8 as f64);
        self
    }

    /// correct the moments for their start at zero; default true
    pub fn bias_correction(mut self, value: bool) -> Self {
        self.options.put("bias_correction", value as u8 as f64);
        self
    }
}

impl Rule for Adam {
    const NAME: &'static str = "adam";
    const BASE: &'static str = "adam";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in Keras,
/// to the square root of the uncorrected v
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdamWEpsPlacement {
    /// `inside`
    Inside,
    /// `outside`
    Outside,
    /// `hat`
    Hat,
}

/// adamw: Adam with decoupled weight decay. Loshchilov and Hutter 2019,
/// arXiv:1711.05101
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdamW {
    options: Options,
}

impl AdamW {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.001
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0.01
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default true
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// averaging coefficient of the first moment; in \[0, 1), default 0.9
    pub fn beta1(mut self, value: f64) -> Self {
        self.options.put("beta1", value);
        self
    }

    /// averaging coefficient of the second moment; in \[0, 1), default 0.999
    pub fn beta2(mut self, value: f64) -> Self {
        self.options.put("beta2", value);
        self
    }

    /// small number that keeps the denominator from being zero; in \[0, inf),
    /// default 1e-08
    pub fn eps(mut self, value: f64) -> Self {
        self.options.put("eps", value);
        self
    }

    /// where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in
    /// Keras, to the square root of the uncorrected v; default inside
    pub fn eps_placement(mut self, value: AdamWEpsPlacement) -> Self {
        self.options.put("eps_placement", value as u8 as f64);
        self
    }

    /// a second eps, always inside the root, as in Optax; in \[0, inf), default
    /// 0
    pub fn eps_root(mut self, value: f64) -> Self {
        self.options.put("eps_root", value);
        self
    }

    /// divide by the running maximum of the second moment; default false
    pub fn amsgrad(mut self, value: bool) -> Self {
        self.options.put("amsgrad", value as u8 as f64);
        self
    }

    /// correct the moments for their start at zero; default true
    pub fn bias_correction(mut self, value: bool) -> Self {
        self.options.put("bias_correction", value as u8 as f64);
        self
    }
}

impl Rule for AdamW {
    const NAME: &'static str = "adamw";
    const BASE: &'static str = "adamw";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// lion: the sign of an averaged gradient, with decoupled weight decay. Chen et
/// al. 2023, arXiv:2302.06675
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lion {
    options: Options,
}

impl Lion {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 1e-04
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default true
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// share of the moving average in the interpolation; in \[0, 1), default
    /// 0.9
    pub fn beta1(mut self, value: f64) -> Self {
        self.options.put("beta1", value);
        self
    }

    /// averaging coefficient of the gradient; in \[0, 1), default 0.99
    pub fn beta2(mut self, value: f64) -> Self {
        self.options.put("beta2", value);
        self
    }
}

impl Rule for Lion {
    const NAME: &'static str = "lion";
    const BASE: &'static str = "lion";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// gd: gradient descent: sgd with momentum 0
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gd {
    options: Options,
}

impl Gd {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.001
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default false
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// momentum factor, usually in 0..1; 0 keeps no state; in \[0, inf),
    /// default 0
    pub fn momentum(mut self, value: f64) -> Self {
        self.options.put("momentum", value);
        self
    }

    /// dampening of the gradient that enters the velocity; in \[0, 1\], default
    /// 0
    pub fn dampening(mut self, value: f64) -> Self {
        self.options.put("dampening", value);
        self
    }

    /// Nesterov momentum: step along g + momentum \* velocity; default false
    pub fn nesterov(mut self, value: bool) -> Self {
        self.options.put("nesterov", value as u8 as f64);
        self
    }

    /// 0, as in PyTorch: the first velocity is the gradient itself, and without
    /// momentum there is no dampening; default true
    pub fn first_step_dampened(mut self, value: bool) -> Self {
        self.options.put("first_step_dampened", value as u8 as f64);
        self
    }

    /// as in Keras: the velocity holds the learning rate, v = momentum \* v -
    /// lr \* g, and is added to the parameter; default false
    pub fn lr_in_velocity(mut self, value: bool) -> Self {
        self.options.put("lr_in_velocity", value as u8 as f64);
        self
    }
}

impl Rule for Gd {
    const NAME: &'static str = "gd";
    const BASE: &'static str = "sgd";

    fn options(&self) -> &Options {
        &self.options
    }
}

/// momentum: sgd with momentum 0.9
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Momentum {
    options: Options,
}

impl Momentum {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }

    /// learning rate, the step size; in \[0, inf), default 0.001
    pub fn lr(mut self, value: f64) -> Self {
        self.options.put("lr", value);
        self
    }

    /// weight decay coefficient (L2); in \[0, inf), default 0
    pub fn weight_decay(mut self, value: f64) -> Self {
        self.options.put("weight_decay", value);
        self
    }

    /// weight decay acts on the parameter (subtract lr \* weight_decay \*
    /// parameter), not through the gradient; default false
    pub fn decoupled_weight_decay(mut self, value: bool) -> Self {
        self.options.put("decoupled_weight_decay", value as u8 as f64);
        self
    }

    /// ascend: flip the gradient's sign before weight decay; default false
    pub fn maximize(mut self, value: bool) -> Self {
        self.options.put("maximize", value as u8 as f64);
        self
    }

    /// steps pass the group's tensors over: parameters, state and step count
    /// stay; default false
    pub fn frozen(mut self, value: bool) -> Self {
        self.options.put("frozen", value as u8 as f64);
        self
    }

    /// momentum factor, usually in 0..1; 0 keeps no state; in \[0, inf),
    /// default 0.9
    pub fn momentum(mut self, value: f64) -> Self {
        self.options.put("momentum", value);
        self
    }

    /// dampening of the gradient that enters the velocity; in \[0, 1\], default
    /// 0
    pub fn dampening(mut self, value: f64) -> Self {
        self.options.put("dampening", value);
        self
    }

    /// Nesterov momentum: step along g + momentum \* velocity; default false
    pub fn nesterov(mut self, value: bool) -> Self {
        self.options.put("nesterov", value as u8 as f64);
        self
    }

    /// 0, as in PyTorch: the first velocity is the gradient itself, and without
    /// momentum there is no dampening; default true
    pub fn first_step_dampened(mut self, value: bool) -> Self {
        self.options.put("first_step_dampened", value as u8 as f64);
        self
    }

    /// as in Keras: the velocity holds the learning rate, v = momentum \* v -
    /// lr \* g, and is added to the parameter; default false
    pub fn lr_in_velocity(mut self, value: bool) -> Self {
        self.options.put("lr_in_velocity", value as u8 as f64);
        self
    }
}

impl Rule for Momentum {
    const NAME: &'static str = "momentum";
    const BASE: &'static str = "sgd";

    fn options(&self) -> &Options {
        &self.options
    }
}
