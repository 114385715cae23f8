// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use libopt_sys as sys;

use crate::buffers::Lent;
use crate::error::{check, Result};
use crate::optimizer::Optimizer;
use crate::raw::Sized32;

/// Which norm of the gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Square root of the sum of squares.
    Two,
    /// Largest absolute value.
    Infinity,
}

/// What to do about Inf and NaN among the gradients.
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
pub struct GradWork {
    per_group: bool,
    loss_scale: f64,
    max_value: f64,
    max_tensor_norm: f64,
    max_norm: f64,
    norm: u32,
    nonfinite: u32,
}

impl GradWork {
    /// Nothing.
    pub fn new() -> GradWork {
        GradWork::default()
    }

    /// The gradients are those of `loss_scale` times the loss.
    pub fn loss_scale(mut self, loss_scale: f64) -> GradWork {
        self.loss_scale = loss_scale;
        self
    }

    /// Clips each element to -max..=max, as PyTorch's `clip_grad_value_`.
    pub fn clip_value(mut self, max: f64) -> GradWork {
        self.max_value = max;
        self
    }

    /// Clips each tensor by its own norm.
    pub fn clip_tensor_norm(mut self, max: f64) -> GradWork {
        self.max_tensor_norm = max;
        self
    }

    /// Clips by the norm over all tensors, as PyTorch's `clip_grad_norm_`.
    pub fn clip_norm(mut self, max: f64) -> GradWork {
        self.max_norm = max;
        self
    }

    /// Clips each group by the norm over its tensors.
    pub fn clip_group_norm(mut self, max: f64) -> GradWork {
        self.per_group = true;
        self.clip_norm(max)
    }

    /// Which norm is meant by all of these.
    pub fn norm(mut self, norm: Norm) -> GradWork {
        self.norm = match norm {
            Norm::Two => sys::OPT_NORM_2,
            Norm::Infinity => sys::OPT_NORM_INF,
        };
        self
    }

    /// What to do about Inf and NaN; nothing otherwise.
    pub fn nonfinite(mut self, nonfinite: Nonfinite) -> GradWork {
        self.nonfinite = match nonfinite {
            Nonfinite::Propagate => sys::OPT_NONFINITE_PROPAGATE,
            Nonfinite::Error => sys::OPT_NONFINITE_ERROR,
            Nonfinite::Skip => sys::OPT_NONFINITE_SKIP,
        };
        self
    }

    pub(crate) fn raw(&self) -> sys::opt_grad_work {
        let mut work = sys::opt_grad_work::initial();
        work.flags = if self.per_group { sys::OPT_CLIP_PER_GROUP } else { 0 };
        work.loss_scale = self.loss_scale;
        work.max_value = self.max_value;
        work.max_tensor_norm = self.max_tensor_norm;
        work.max_norm = self.max_norm;
        work.norm = self.norm as i32;
        work.nonfinite = self.nonfinite as i32;
        work
    }
}

/// What the gradients were like, and what became of them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct GradReport {
    /// Inf or NaN: the call left them alone.
    pub skipped: bool,
    /// The norm over all tensors, before clipping by it.
    pub norm: f64,
    /// What clipping by the norm multiplied them by.
    pub factor: f64,
    /// The first tensor with Inf or NaN.
    pub nonfinite_tensor: Option<usize>,
    /// The norm of each group.
    pub group_norms: Vec<f64>,
}

impl GradReport {
    pub(crate) fn with_room(groups: i32) -> GradReport {
        GradReport { group_norms: vec![0.; groups as usize], ..GradReport::default() }
    }

    /// What C fills; it borrows `self` without the compiler's knowing.
    pub(crate) fn raw(&mut self) -> sys::opt_grad_report {
        let mut raw = sys::opt_grad_report::initial();
        raw.group_norms = self.group_norms.as_mut_ptr();
        raw.group_capacity = self.group_norms.len() as i64;
        raw
    }

    pub(crate) fn finish(mut self, raw: &sys::opt_grad_report) -> GradReport {
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
pub struct LossScaler {
    /// The first scale: 65536.
    pub initial_scale: Option<f64>,
    /// Multiplies the scale after a while without Inf and NaN: 2.
    pub growth_factor: Option<f64>,
    /// Multiplies it when there is one: 0.5.
    pub backoff_factor: Option<f64>,
    /// How many steps are a while: 2000.
    pub growth_interval: Option<u64>,
}

/// A loss scaler, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scaler {
    /// What to multiply the next loss by.
    pub scale: f64,
    /// See [`LossScaler`].
    pub growth_factor: f64,
    /// See [`LossScaler`].
    pub backoff_factor: f64,
    /// See [`LossScaler`].
    pub growth_interval: u64,
    /// Steps in a row since the scale last changed.
    pub good_steps: u64,
    /// Steps skipped because of Inf or NaN.
    pub skipped: u64,
}

type GradCall = unsafe extern "C" fn(
    sys::opt_optimizer,
    *const sys::opt_grad_args,
    *mut sys::opt_grad_report,
) -> sys::opt_status;

impl Optimizer {
    /// Measures gradients as a step would see them; changes nothing.
    pub fn grad_norm<'a>(
        &mut self,
        work: &GradWork,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<GradReport> {
        self.pointers.fill(lent, false)?;
        self.report(sys::opt_grad_norm, work, true)
    }

    /// The same of what was accumulated, or else of the retained gradients.
    pub fn grad_norm_retained(&mut self, work: &GradWork) -> Result<GradReport> {
        self.report(sys::opt_grad_norm, work, false)
    }

    /// Does the work on the gradients in place; they are lent with
    /// [`Lent::grad_mut`].
    pub fn clip_grads<'a>(
        &mut self,
        work: &GradWork,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<GradReport> {
        self.pointers.fill(lent, true)?;
        self.report(sys::opt_clip_grads, work, true)
    }

    /// The same of the retained gradients.
    pub fn clip_grads_retained(&mut self, work: &GradWork) -> Result<GradReport> {
        self.report(sys::opt_clip_grads, work, false)
    }

    fn report(&mut self, call: GradCall, work: &GradWork, lent: bool) -> Result<GradReport> {
        let mut report = GradReport::with_room(self.info()?.groups);
        let mut raw = report.raw();
        let work = work.raw();
        let mut args = sys::opt_grad_args::initial();
        args.work = &work;
        if lent {
            args.count = self.pointers.grads.len() as i64;
            args.grads = self.pointers.grads.as_ptr();
        }
        check(unsafe { call(self.handle, &args, &mut raw) })?;
        Ok(report.finish(&raw))
    }

    /// From now on each step divides the gradients by a scale that adapts.
    pub fn start_scaler(&mut self, scaler: &LossScaler) -> Result<()> {
        let mut config = sys::opt_scaler_config::initial();
        config.initial_scale = scaler.initial_scale.unwrap_or(0.);
        config.growth_factor = scaler.growth_factor.unwrap_or(0.);
        config.backoff_factor = scaler.backoff_factor.unwrap_or(0.);
        config.growth_interval = scaler.growth_interval.unwrap_or(0) as i64;
        check(unsafe { sys::opt_scaler_start(self.handle, &config) })
    }

    /// Ends loss scaling.
    pub fn stop_scaler(&mut self) -> Result<()> {
        check(unsafe { sys::opt_scaler_stop(self.handle) })
    }

    /// Describes the loss scaler, if there is one.
    pub fn scaler(&self) -> Result<Option<Scaler>> {
        let mut info = sys::opt_scaler_info::initial();
        check(unsafe { sys::opt_scaler_get(self.handle, &mut info) })?;
        Ok((info.active != 0).then(|| Scaler {
            scale: info.scale,
            growth_factor: info.growth_factor,
            backoff_factor: info.backoff_factor,
            growth_interval: info.growth_interval as u64,
            good_steps: info.good_steps as u64,
            skipped: info.skipped as u64,
        }))
    }
}
