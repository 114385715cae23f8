// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::ffi::CStr;
use std::fmt;

use libopt_sys as sys;

use crate::context::Context;
use crate::describe::{option_info, OptionInfo};
use crate::error::{check, Result};
use crate::ffi::{c_string, slice, some_text, static_text, Sized32};
use crate::options::TypedSchedule;

/// An option's value as a function of the number of steps.
///
/// One schedule is used by one thread at a time:
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// shared(libopt::Schedule::new("cosine").unwrap());
/// ```
///
/// A warm-up of 500 steps, then a cosine:
///
/// ```
/// use libopt::schedules::{Cosine, Linear};
/// use libopt::{rules::AdamW, Group, Optimizer, Schedule};
/// let mut warmup = Schedule::new(Linear::new().total_iters(500))?;
/// warmup.then(500, Cosine::new(9500))?;
/// let mut optimizer = Optimizer::new(AdamW::new().lr(3e-4))?;
/// optimizer.set_schedule(Group::ALL, "lr", &warmup)?;
/// assert_eq!(optimizer.scheduled(Group::ALL, "lr")?, warmup.value(3e-4, 0)?);
/// # Ok::<(), libopt::Error>(())
/// ```
pub struct Schedule {
    pub(crate) handle: sys::opt_schedule,
    _context: Context, // whose callbacks it may need to the end
}

// A handle serves any thread, one call at a time.
unsafe impl Send for Schedule {}

impl Drop for Schedule {
    fn drop(&mut self) {
        unsafe { sys::opt_schedule_destroy(self.handle) };
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").finish_non_exhaustive()
    }
}

impl Schedule {
    pub(crate) fn from_handle(handle: sys::opt_schedule, context: Context) -> Schedule {
        Schedule { handle, _context: context }
    }

    /// A schedule by its typed options,
    /// [`Cosine::new(9500)`](crate::schedules::Cosine), or by the name of a kind
    /// that [`schedule_kinds`] lists, `"cosine"`.
    pub fn new(kind: impl ToSchedule) -> Result<Schedule> {
        kind.to_schedule()
    }

    fn of_kind(kind: &str) -> Result<Schedule> {
        let (kind, context) = (c_string(kind)?, Context::all_cores()?);
        let mut handle = std::ptr::null_mut();
        check(unsafe { sys::opt_schedule_create(context.handle(), kind.as_ptr(), &mut handle) })?;
        Ok(Schedule::from_handle(handle, context))
    }

    /// The same with an option set.
    pub fn with(mut self, option: &str, value: f64) -> Result<Schedule> {
        self.set(option, value)?;
        Ok(self)
    }

    /// Sets an option of a schedule of one part.
    pub fn set(&mut self, option: &str, value: f64) -> Result<()> {
        let option = c_string(option)?;
        check(unsafe { sys::opt_schedule_set(self.handle, option.as_ptr(), value) })
    }

    /// Reads an option.
    pub fn get(&self, option: &str) -> Result<f64> {
        let option = c_string(option)?;
        let mut value = 0.;
        check(unsafe { sys::opt_schedule_get(self.handle, option.as_ptr(), &mut value) })?;
        Ok(value)
    }

    /// Sets the milestones of a kind that has some: ticks in ascending order.
    pub fn set_milestones(&mut self, ticks: &[i64]) -> Result<()> {
        let (pointer, count) = (ticks.as_ptr(), ticks.len() as i64);
        check(unsafe { sys::opt_schedule_set_milestones(self.handle, pointer, count) })
    }

    /// This many steps after its last part began, a copy of `next` takes over.
    pub fn then(&mut self, steps: u64, next: impl AsSchedule) -> Result<()> {
        let steps = i64::try_from(steps).unwrap_or(i64::MAX);
        next.lend(|next| check(unsafe { sys::opt_schedule_then(self.handle, steps, next.handle) }))
    }

    /// The value of this one becomes the base of a copy of `other`.
    pub fn chain(&mut self, other: impl AsSchedule) -> Result<()> {
        other.lend(|other| check(unsafe { sys::opt_schedule_chain(self.handle, other.handle) }))
    }

    /// The value at a step, 0 for the first; `base` is the option's own.
    pub fn value(&self, base: f64, step: u64) -> Result<f64> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let mut value = 0.;
        check(unsafe { sys::opt_schedule_value(self.handle, base, step, &mut value) })?;
        Ok(value)
    }

    /// Its parts: one, and those of every schedule that was appended to it or
    /// stacked on it.
    pub fn parts(&self) -> Result<Vec<SchedulePart>> {
        let mut count = 0;
        check(unsafe { sys::opt_schedule_part_count(self.handle, &mut count) })?;
        (0..count).map(|index| self.part(index)).collect()
    }

    fn part(&self, index: i32) -> Result<SchedulePart> {
        let mut info = sys::opt_schedule_part_info::initial();
        check(unsafe { sys::opt_schedule_part_at(self.handle, index, &mut info) })?;
        let kind = find_kind(unsafe { CStr::from_ptr(info.kind) })?;
        let names = schedule_options_of(kind.name)?.into_iter().map(|option| option.name);
        let values = unsafe { slice(info.options, info.option_count.into()) };
        Ok(SchedulePart {
            kind: kind.name,
            begin: info.begin as u64,
            end: (info.end != i64::MAX).then_some(info.end as u64),
            options: names.zip(values.iter().copied()).collect(),
            milestones: unsafe { slice(info.milestones, info.milestone_count) }.to_vec(),
        })
    }
}

/// A part of a schedule. The parts act in their order: each whose turn it is
/// takes what those before it give, at first the option's own value, as its
/// base.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SchedulePart {
    /// Name of its kind: `"cosine"`.
    pub kind: &'static str,
    /// The first step of its turn, from which it counts.
    pub begin: u64,
    /// The step after its turn; `None`: its turn does not end.
    pub end: Option<u64>,
    /// Every option of its kind, with its value.
    pub options: Vec<(&'static str, f64)>,
    /// Its milestones, in ticks; empty for a kind without any.
    pub milestones: Vec<i64>,
}

impl SchedulePart {
    /// The value of an option, if the part's kind has it.
    pub fn option(&self, name: &str) -> Option<f64> {
        self.options.iter().find(|(option, _)| *option == name).map(|(_, value)| *value)
    }
}

/// A new schedule: typed options, or the name of a kind.
pub trait ToSchedule {
    /// Makes it.
    fn to_schedule(&self) -> Result<Schedule>;
}

impl<T: TypedSchedule> ToSchedule for T {
    fn to_schedule(&self) -> Result<Schedule> {
        let mut made = Schedule::of_kind(T::KIND)?;
        for (option, value) in self.options().values() {
            made.set(option, *value)?;
        }
        if !self.options().milestones().is_empty() {
            made.set_milestones(self.options().milestones())?;
        }
        Ok(made)
    }
}

impl ToSchedule for &str {
    fn to_schedule(&self) -> Result<Schedule> {
        Schedule::of_kind(self)
    }
}

impl ToSchedule for &String {
    fn to_schedule(&self) -> Result<Schedule> {
        Schedule::of_kind(self)
    }
}

/// A schedule for a call that copies it: a [`Schedule`], or what one is made of.
pub trait AsSchedule {
    /// Lends it to `copy`, and returns what that returns.
    fn lend<R>(&self, copy: impl FnOnce(&Schedule) -> Result<R>) -> Result<R>;
}

impl AsSchedule for &Schedule {
    fn lend<R>(&self, copy: impl FnOnce(&Schedule) -> Result<R>) -> Result<R> {
        copy(self)
    }
}

impl<T: ToSchedule> AsSchedule for T {
    fn lend<R>(&self, copy: impl FnOnce(&Schedule) -> Result<R>) -> Result<R> {
        copy(&self.to_schedule()?)
    }
}

/// A kind of schedule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScheduleKind {
    /// `"cosine"`
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Plain text; t is the tick.
    pub formula: &'static str,
    /// The publication.
    pub reference: &'static str,
    /// PyTorch's class.
    pub pytorch: Option<&'static str>,
    /// Takes milestones.
    pub has_milestones: bool,
    /// Depends on [`Optimizer::report_metric`](crate::Optimizer::report_metric).
    pub has_metric: bool,
    options: i32,
}

fn kind_info(info: &sys::opt_schedule_kind_info) -> ScheduleKind {
    unsafe {
        ScheduleKind {
            name: static_text(info.name),
            summary: static_text(info.summary),
            formula: static_text(info.formula),
            reference: static_text(info.reference),
            pytorch: some_text(info.pytorch),
            has_milestones: info.flags & sys::OPT_SCHEDULE_HAS_MILESTONES != 0,
            has_metric: info.flags & sys::OPT_SCHEDULE_HAS_METRIC != 0,
            options: info.option_count,
        }
    }
}

fn find_kind(name: &CStr) -> Result<ScheduleKind> {
    let mut info = sys::opt_schedule_kind_info::initial();
    check(unsafe { sys::opt_schedule_kind_find(name.as_ptr(), &mut info) })?;
    Ok(kind_info(&info))
}

/// All kinds of schedules.
pub fn schedule_kinds() -> Result<Vec<ScheduleKind>> {
    let mut count = 0;
    check(unsafe { sys::opt_schedule_kind_count(&mut count) })?;
    let kind = |i| {
        let mut info = sys::opt_schedule_kind_info::initial();
        check(unsafe { sys::opt_schedule_kind_at(i, &mut info) })?;
        Ok(kind_info(&info))
    };
    (0..count).map(kind).collect()
}

/// The options of a kind of schedule.
pub fn schedule_options_of(kind: &str) -> Result<Vec<OptionInfo>> {
    let name = c_string(kind)?;
    let option = |i| {
        let mut info = sys::opt_option_info::initial();
        check(unsafe { sys::opt_schedule_option_at(name.as_ptr(), i, &mut info) })?;
        Ok(option_info(&info))
    };
    (0..find_kind(&name)?.options).map(option).collect()
}
