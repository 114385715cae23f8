// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use libopt_sys as sys;

use crate::buffers::Lent;
use crate::error::{check, Result};
use crate::gradient::{GradReport, GradWork};
use crate::optimizer::Optimizer;
use crate::raw::Sized32;

/// How a step is made. The default is: nothing special.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub(crate) flags: u32,
    pub(crate) work: Option<GradWork>,
}

impl Step {
    /// Nothing special.
    pub fn new() -> Step {
        Step::default()
    }

    /// Zeroes the gradients in the same pass over memory. They are lent with
    /// [`Lent::zeroing`].
    pub fn zero_grads(mut self) -> Step {
        self.flags |= sys::OPT_ZERO_GRADS;
        self
    }

    /// Uses the sum of accumulated gradients, not their mean.
    pub fn sum(mut self) -> Step {
        self.flags |= sys::OPT_SUM;
        self
    }

    /// Work on the gradients before the rule sees them.
    pub fn work(mut self, work: GradWork) -> Step {
        self.work = Some(work);
        self
    }
}

/// How gradients are accumulated.
#[derive(Clone, Debug)]
pub struct Accumulation {
    flags: u32,
    samples: i64,
}

impl Accumulation {
    /// Of a micro-batch of this many samples, 1 or more.
    pub fn of(samples: u64) -> Accumulation {
        Accumulation { flags: 0, samples: i64::try_from(samples).unwrap_or(i64::MAX) }
    }

    /// The gradients are means over the samples, not sums.
    pub fn means(mut self) -> Accumulation {
        self.flags |= sys::OPT_GRADS_ARE_MEANS;
        self
    }

    /// Zeroes the gradients, which are lent with [`Lent::grad_mut`].
    pub fn zero_grads(mut self) -> Accumulation {
        self.flags |= sys::OPT_ZERO_GRADS;
        self
    }
}

/// Which buffers a call uses.
enum Source {
    Lent,
    Accumulated,
    Retained,
}

impl Optimizer {
    /// Makes a step over every tensor that is lent with a gradient: one item
    /// for each index, in order. Copies nothing, and but for its first call
    /// allocates nothing.
    ///
    /// Fails with [`Status`](crate::Status) `Argument` (too few or too many
    /// items, another length), `Dtype`, `Range` (something for a detached
    /// tensor), `State` (a gradient without parameters, or while accumulated
    /// gradients wait).
    pub fn step<'a>(&mut self, lent: impl IntoIterator<Item = Lent<'a>>) -> Result<()> {
        self.step_with(&Step::default(), lent)
    }

    /// A step with flags, or with work on the gradients.
    pub fn step_with<'a>(
        &mut self,
        how: &Step,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, how.flags & sys::OPT_ZERO_GRADS != 0)?;
        self.run_step(how, Source::Lent, None)
    }

    /// The same; tells what the gradients were like, at the cost of a norm.
    pub fn step_and_report<'a>(
        &mut self,
        how: &Step,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<GradReport> {
        self.pointers.fill(lent, how.flags & sys::OPT_ZERO_GRADS != 0)?;
        let mut report = GradReport::with_room(self.info()?.groups);
        let mut raw = report.raw();
        self.run_step(how, Source::Lent, Some(&mut raw))?;
        Ok(report.finish(&raw))
    }

    /// A step with what was accumulated; only parameters are lent.
    pub fn step_accumulated<'a>(
        &mut self,
        how: &Step,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, false)?;
        self.run_step(how, Source::Accumulated, None)
    }

    /// A step with the retained buffers.
    pub fn step_retained(&mut self, how: &Step) -> Result<()> {
        self.run_step(how, Source::Retained, None)
    }

    fn run_step(
        &mut self,
        how: &Step,
        source: Source,
        report: Option<&mut sys::opt_grad_report>,
    ) -> Result<()> {
        let work = how.work.as_ref().map(GradWork::raw);
        let mut args = sys::opt_step_args::initial();
        args.flags = how.flags;
        if !matches!(source, Source::Retained) {
            args.count = self.pointers.params.len() as i64;
            args.params = self.pointers.params.as_ptr();
        }
        if matches!(source, Source::Lent) {
            args.grads = self.pointers.grads.as_ptr();
        }
        args.work = work.as_ref().map_or(std::ptr::null(), |work| work);
        args.report = report.map_or(std::ptr::null_mut(), |report| report);
        check(unsafe { sys::opt_step(self.handle, &args) })
    }

    /// Adds gradients to accumulators of the library, for a later
    /// [`step_accumulated`](Self::step_accumulated) with their mean.
    pub fn accumulate<'a>(
        &mut self,
        how: &Accumulation,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, how.flags & sys::OPT_ZERO_GRADS != 0)?;
        self.run_accumulate(how, true)
    }

    /// The same of the retained gradients.
    pub fn accumulate_retained(&mut self, how: &Accumulation) -> Result<()> {
        self.run_accumulate(how, false)
    }

    fn run_accumulate(&mut self, how: &Accumulation, lent: bool) -> Result<()> {
        let mut args = sys::opt_accumulate_args::initial();
        args.flags = how.flags;
        args.samples = how.samples;
        if lent {
            args.count = self.pointers.grads.len() as i64;
            args.grads = self.pointers.grads.as_ptr();
        }
        check(unsafe { sys::opt_accumulate(self.handle, &args) })
    }

    /// Forgets what was accumulated since the last step.
    pub fn discard(&mut self) -> Result<()> {
        check(unsafe { sys::opt_discard(self.handle) })
    }

    /// Sets gradients to zero; they are lent with [`Lent::grad_mut`].
    pub fn zero_grad<'a>(&mut self, lent: impl IntoIterator<Item = Lent<'a>>) -> Result<()> {
        self.pointers.fill(lent, true)?;
        let mut args = sys::opt_zero_grad_args::initial();
        args.count = self.pointers.grads.len() as i64;
        args.grads = self.pointers.grads.as_ptr();
        check(unsafe { sys::opt_zero_grad(self.handle, &args) })
    }

    /// Sets the retained gradients to zero.
    pub fn zero_grad_retained(&mut self) -> Result<()> {
        check(unsafe { sys::opt_zero_grad(self.handle, std::ptr::null()) })
    }
}
