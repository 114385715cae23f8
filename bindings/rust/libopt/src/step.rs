// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! How steps are made, and what they do beside the update: work on the
//! gradients, accumulation, loss scaling, weight averages.

use libopt_sys as sys;

use crate::ffi::Sized32;

/// How a step is made: from the gradients as they are, unless told otherwise.
#[derive(Clone, Debug, Default)]
pub struct StepOptions {
    pub(crate) flags: u32,
    pub(crate) work: Option<GradientWork>,
}

impl StepOptions {
    /// A step from the gradients as they are.
    pub fn new() -> StepOptions {
        StepOptions::default()
    }

    /// Zeroes the gradients in the same pass over memory. They are lent with
    /// [`Lent::zeroing`](crate::Lent::zeroing).
    pub fn zero_grads(mut self) -> StepOptions {
        self.flags |= sys::OPT_STEP_ZERO_GRADS;
        self
    }

    /// Uses the sum of accumulated gradients, not their mean.
    pub fn sum(mut self) -> StepOptions {
        self.flags |= sys::OPT_STEP_SUM;
        self
    }

    /// Work on the gradients before the rule sees them.
    pub fn work(mut self, work: GradientWork) -> StepOptions {
        self.work = Some(work);
        self
    }
}

/// How gradients are accumulated.
#[derive(Clone, Debug)]
pub struct AccumulateOptions {
    pub(crate) flags: u32,
    pub(crate) samples: i64,
}

impl AccumulateOptions {
    /// Of a micro-batch of this many samples, 1 or more.
    pub fn of(samples: u64) -> AccumulateOptions {
        AccumulateOptions { flags: 0, samples: i64::try_from(samples).unwrap_or(i64::MAX) }
    }

    /// The gradients are means over the samples, not sums.
    pub fn means(mut self) -> AccumulateOptions {
        self.flags |= sys::OPT_ACCUMULATE_MEANS;
        self
    }

    /// Zeroes the gradients, which are lent with [`Lent::grad_mut`](crate::Lent::grad_mut).
    pub fn zero_grads(mut self) -> AccumulateOptions {
        self.flags |= sys::OPT_ACCUMULATE_ZERO_GRADS;
        self
    }
}

/// Which norm of the gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Square root of the sum of squares.
    Two,
    /// Largest absolute value.
    Infinity,
}

/// The way to deal with Inf and NaN among the gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonfinite {
    /// Nothing, at no cost.
    Propagate,
    /// Fail, with the tensor's name; nothing has changed.
    Error,
    /// Skip the step, which then succeeds.
    Skip,
}

/// Work on the gradients before the rule sees them, done in the order of these
/// methods. Each number is > 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GradientWork {
    per_group: bool,
    loss_scale: f64,
    max_value: f64,
    max_tensor_norm: f64,
    max_norm: f64,
    norm: u32,
    nonfinite: u32,
}

impl GradientWork {
    /// Nothing.
    pub fn new() -> GradientWork {
        GradientWork::default()
    }

    /// The gradients are those of `loss_scale` times the loss.
    pub fn loss_scale(mut self, loss_scale: f64) -> GradientWork {
        self.loss_scale = loss_scale;
        self
    }

    /// Clips each element to -max..=max, as PyTorch's `clip_grad_value_`.
    pub fn max_value(mut self, max: f64) -> GradientWork {
        self.max_value = max;
        self
    }

    /// Clips each tensor by its own norm.
    pub fn max_tensor_norm(mut self, max: f64) -> GradientWork {
        self.max_tensor_norm = max;
        self
    }

    /// Clips by the norm over all tensors, as PyTorch's `clip_grad_norm_`.
    pub fn max_norm(mut self, max: f64) -> GradientWork {
        self.max_norm = max;
        self
    }

    /// [`GradientWork::max_norm`] bounds the norm of each group instead.
    pub fn per_group(mut self) -> GradientWork {
        self.per_group = true;
        self
    }

    /// Which norm is meant by all of these.
    pub fn norm(mut self, norm: Norm) -> GradientWork {
        self.norm = match norm {
            Norm::Two => sys::OPT_NORM_2,
            Norm::Infinity => sys::OPT_NORM_INF,
        };
        self
    }

    /// How to deal with Inf and NaN; not at all otherwise.
    pub fn nonfinite(mut self, nonfinite: Nonfinite) -> GradientWork {
        self.nonfinite = match nonfinite {
            Nonfinite::Propagate => sys::OPT_NONFINITE_PROPAGATE,
            Nonfinite::Error => sys::OPT_NONFINITE_ERROR,
            Nonfinite::Skip => sys::OPT_NONFINITE_SKIP,
        };
        self
    }

    pub(crate) fn raw(&self) -> sys::opt_grad_work {
        let mut work = sys::opt_grad_work::initial();
        work.flags = if self.per_group { sys::OPT_GRAD_WORK_CLIP_PER_GROUP } else { 0 };
        work.loss_scale = self.loss_scale;
        work.max_value = self.max_value;
        work.max_tensor_norm = self.max_tensor_norm;
        work.max_norm = self.max_norm;
        work.norm = self.norm as i32;
        work.nonfinite = self.nonfinite as i32;
        work
    }
}

/// How the gradients were, and what became of them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GradientReport {
    /// Inf or NaN: the call left them alone.
    pub skipped: bool,
    /// The norm over all tensors, before clipping by it.
    pub norm: f64,
    /// The factor that clipping by the norm multiplied them by.
    pub factor: f64,
    /// The first tensor with Inf or NaN.
    pub nonfinite_tensor: Option<usize>,
    /// The norm of each group.
    pub group_norms: Vec<f64>,
}

impl GradientReport {
    pub(crate) fn with_room(groups: i32) -> GradientReport {
        GradientReport { group_norms: vec![0.; groups as usize], ..GradientReport::default() }
    }

    /// The struct that C fills; it borrows `self` without the compiler's knowing.
    pub(crate) fn raw(&mut self) -> sys::opt_grad_report {
        let mut raw = sys::opt_grad_report::initial();
        raw.group_norms = self.group_norms.as_mut_ptr();
        raw.group_capacity = self.group_norms.len() as i64;
        raw
    }

    pub(crate) fn finish(mut self, raw: &sys::opt_grad_report) -> GradientReport {
        self.skipped = raw.skipped != 0;
        self.norm = raw.norm;
        self.factor = raw.factor;
        self.nonfinite_tensor = usize::try_from(raw.nonfinite_tensor).ok();
        self
    }
}

/// How dynamic loss scaling is set up; what is `None` is the default, that of
/// PyTorch's `GradScaler`.
#[derive(Clone, Debug, Default)]
pub struct ScalerOptions {
    /// The first scale; default 65536.
    pub initial_scale: Option<f64>,
    /// Factor of the scale after `growth_interval` steps without Inf or NaN;
    /// default 2.
    pub growth_factor: Option<f64>,
    /// Factor of the scale after a step with Inf or NaN; default 0.5.
    pub backoff_factor: Option<f64>,
    /// Steps without Inf or NaN before the scale grows; default 2000.
    pub growth_interval: Option<u64>,
}

/// A loss scaler, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScalerInfo {
    /// The factor for the next loss.
    pub scale: f64,
    /// See [`ScalerOptions`].
    pub growth_factor: f64,
    /// See [`ScalerOptions`].
    pub backoff_factor: f64,
    /// See [`ScalerOptions`].
    pub growth_interval: u64,
    /// Steps in a row since the scale last changed.
    pub good_steps: u64,
    /// Steps skipped because of Inf or NaN.
    pub skipped: u64,
}

/// Which average of the parameters is kept, and when it is updated: with every
/// step unless told otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct AverageOptions {
    pub(crate) kind: u32,
    pub(crate) decay: f64,
    pub(crate) start: i64,
    pub(crate) period: i64,
    pub(crate) flags: u32,
}

impl AverageOptions {
    /// An exponential moving average; the decay is in 0..=1.
    pub fn ema(decay: f64) -> AverageOptions {
        AverageOptions { kind: sys::OPT_AVERAGE_EMA, decay, start: 0, period: 0, flags: 0 }
    }

    /// The mean of the parameters at its updates: stochastic weight averaging,
    /// Izmailov et al. 2018, arXiv:1803.05407.
    pub fn swa() -> AverageOptions {
        AverageOptions { kind: sys::OPT_AVERAGE_SWA, ..AverageOptions::ema(0.) }
    }

    /// Of an EMA: the decay grows to its value, so that the average leaves the
    /// first parameters behind sooner.
    pub fn warmup(mut self) -> AverageOptions {
        self.flags |= sys::OPT_AVERAGE_WARMUP;
        self
    }

    /// Number of steps before the first update.
    pub fn start(mut self, steps: u64) -> AverageOptions {
        self.start = i64::try_from(steps).unwrap_or(i64::MAX);
        self
    }

    /// Number of steps from one update to the next.
    pub fn period(mut self, steps: u64) -> AverageOptions {
        self.period = i64::try_from(steps).unwrap_or(i64::MAX);
        self
    }
}

/// An average, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AverageInfo {
    /// Which average, and when it is updated.
    pub options: AverageOptions,
    /// Steps that updated it.
    pub updates: u64,
}
