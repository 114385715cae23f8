// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::ffi::CString;
use std::fmt;
use std::io::{Read, Write};
use std::os::raw::{c_char, c_void};
use std::path::Path;

use libopt_sys as sys;

use crate::checkpoint::{Checkpoint, LoadOptions, LoadReport, SaveOptions};
use crate::context::Context;
use crate::error::{check, Error, Result, Status};
use crate::ffi::{c_path, c_string, owned_text, read, static_text, write, Callback, Sized32};
use crate::lent::{Buffer, Layout, Lent, Pointers};
use crate::options::{AsOptions, Options, RawOptions, ToRule};
use crate::schedule::{AsSchedule, Schedule};
use crate::step::{
    AccumulateOptions, AverageInfo, AverageOptions, GradientReport, GradientWork, ScalerInfo,
    ScalerOptions, StepOptions,
};
use crate::tensor::{DType, Element, Float, TensorInfo, TensorSpec};

/// A parameter group: tensors with their own option values. It is a number
/// alone: given to another optimizer, it means the group of that number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group(pub(crate) i32);

impl Group {
    /// The group that every optimizer has.
    pub const FIRST: Group = Group(0);
    /// The optimizer-wide values, which new groups copy, and every group's.
    pub const ALL: Group = Group(sys::OPT_ALL_GROUPS);

    /// Its number, from 0.
    pub fn number(self) -> i32 {
        self.0
    }
}

/// An optimizer, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OptimizerInfo {
    /// Name of its rule.
    pub rule: &'static str,
    /// Number of groups.
    pub groups: i32,
    /// Tensor indices are below this: what a call is lent.
    pub indices: usize,
    /// Attached tensors.
    pub tensors: usize,
    /// Elements of all attached tensors.
    pub params: u64,
    /// Bytes of state, accumulators included.
    pub state_bytes: u64,
    /// Successful steps.
    pub steps: u64,
    /// Samples accumulated since the last step.
    pub pending_samples: u64,
    /// Steps that were skipped because of Inf or NaN.
    pub skipped: u64,
    /// Tensors that have not had their turn in the open step in slices.
    pub remaining: usize,
}

/// An optimizer, with its state for the tensors that are attached. Dropping it
/// frees all of that at once.
///
/// It can be sent to another thread, and is used by one at a time, which the
/// compiler sees to:
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// shared(libopt::Optimizer::new("adam").unwrap());
/// ```
///
/// So it does to state that is looked at while a step writes it:
///
/// ```compile_fail,E0502
/// let mut optimizer = libopt::Optimizer::new("adam").unwrap();
/// let state = optimizer.state::<f32>(0, "exp_avg").unwrap();
/// optimizer.step([]).unwrap();
/// drop(state[0]);
/// ```
pub struct Optimizer {
    handle: sys::opt_optimizer,
    pointers: Pointers,
    context: Context, // whose callbacks it may need to the end
}

// A handle serves any thread, one call at a time; the pointers are set again by
// each call.
unsafe impl Send for Optimizer {}

impl Drop for Optimizer {
    fn drop(&mut self) {
        unsafe { sys::opt_destroy(self.handle) };
    }
}

impl fmt::Debug for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Optimizer").field("info", &self.info()).finish_non_exhaustive()
    }
}

impl Optimizer {
    /// An optimizer of a rule, on all cores:
    /// `Optimizer::new(AdamW::new().lr(3e-4))` or `Optimizer::new("adamw")`.
    pub fn new(rule: impl ToRule) -> Result<Optimizer> {
        Optimizer::with_context(rule, &Context::all_cores()?)
    }

    /// An optimizer that takes memory and threads from a context.
    pub fn with_context(rule: impl ToRule, context: &Context) -> Result<Optimizer> {
        let name = c_string(rule.name())?;
        let mut handle = std::ptr::null_mut();
        check(unsafe { sys::opt_create(context.handle(), name.as_ptr(), &mut handle) })?;
        let mut made =
            Optimizer { handle, pointers: Pointers::default(), context: context.clone() };
        made.set_options(Group::ALL, &rule.to_options())?;
        Ok(made)
    }

    /// A copy that continues exactly as this one would, in the same context:
    /// rule, groups, options, schedules, loss scaler, average, tensors with
    /// their state, and what was accumulated. No buffers are retained for its
    /// tensors: lend them to its calls, or [`bind`](Self::bind) some.
    ///
    /// ```
    /// use libopt::{rules::Adam, Lent, Optimizer, TensorSpec};
    /// let mut optimizer = Optimizer::new(Adam::new().lr(0.1))?;
    /// optimizer.attach(TensorSpec::new::<f32>("w", 2))?;
    /// let (mut w, grad) = ([0f32; 2], [1f32, -1.]);
    /// optimizer.step([Lent::new(&mut w, &grad)])?;
    /// let (mut trial, mut v) = (optimizer.try_clone()?, w);
    /// trial.step([Lent::new(&mut v, &grad)])?;
    /// optimizer.step([Lent::new(&mut w, &grad)])?;
    /// assert_eq!(v, w);
    /// # Ok::<(), libopt::Error>(())
    /// ```
    pub fn try_clone(&self) -> Result<Optimizer> {
        self.clone_with_context(&self.context)
    }

    /// The same with memory and threads of another context.
    pub fn clone_with_context(&self, context: &Context) -> Result<Optimizer> {
        let mut handle = std::ptr::null_mut();
        check(unsafe { sys::opt_clone(self.handle, context.handle(), &mut handle) })?;
        let pointers = Pointers { layouts: self.pointers.layouts.clone(), ..Pointers::default() };
        Ok(Optimizer { handle, pointers, context: context.clone() })
    }

    /// The context that it was made with.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Describes the optimizer.
    pub fn info(&self) -> Result<OptimizerInfo> {
        let mut info = sys::opt_info::initial();
        check(unsafe { sys::opt_get_info(self.handle, &mut info) })?;
        Ok(OptimizerInfo {
            rule: unsafe { static_text(info.rule) },
            groups: info.group_count,
            indices: info.index_count as usize,
            tensors: info.tensor_count as usize,
            params: info.param_count as u64,
            state_bytes: info.state_bytes as u64,
            steps: info.steps as u64,
            pending_samples: info.pending_samples as u64,
            skipped: info.skipped as u64,
            remaining: info.remaining as usize,
        })
    }

    /// Adds a group, with a copy of the optimizer-wide option values.
    pub fn add_group(&mut self) -> Result<Group> {
        self.add_group_with(&Options::new())
    }

    /// Adds a group that begins with the optimizer-wide option values, or with
    /// those of a preset, and then takes its own values.
    ///
    /// ```
    /// use libopt::{rules::AdamW, Optimizer};
    /// let mut optimizer = Optimizer::new(AdamW::new().lr(3e-4))?;
    /// let biases = optimizer.add_group_with(&AdamW::new().weight_decay(0.))?;
    /// assert_eq!(optimizer.get_in(biases, "lr")?, 3e-4);
    /// # Ok::<(), libopt::Error>(())
    /// ```
    pub fn add_group_with(&mut self, options: &impl AsOptions) -> Result<Group> {
        let raw = self.own_options(options)?;
        let (preset, values, count) = (raw.preset(), raw.values(), raw.count());
        let mut group = 0;
        check(unsafe { sys::opt_add_group(self.handle, preset, values, count, &mut group) })?;
        Ok(Group(group))
    }

    /// Sets an option of all groups; it acts from the next step on.
    pub fn set(&mut self, option: &str, value: f64) -> Result<()> {
        self.set_in(Group::ALL, option, value)
    }

    /// Sets an option of a group.
    pub fn set_in(&mut self, group: Group, option: &str, value: f64) -> Result<()> {
        let option = c_string(option)?;
        check(unsafe { sys::opt_set(self.handle, group.0, option.as_ptr(), value) })
    }

    /// Sets several options of a group: those of a preset first, then the other
    /// values. Either all are set or none.
    ///
    /// ```
    /// use libopt::{rules::Adam, Group, Optimizer, Options};
    /// let mut optimizer = Optimizer::new("adam")?;
    /// optimizer.set_options(Group::FIRST, &Adam::new().lr(1e-4).eps(1e-6))?;
    /// optimizer.set_options(Group::FIRST, &Options::new().set("lr", 1e-5))?;
    /// # Ok::<(), libopt::Error>(())
    /// ```
    pub fn set_options(&mut self, group: Group, options: &impl AsOptions) -> Result<()> {
        let raw = self.own_options(options)?;
        let (preset, values, count) = (raw.preset(), raw.values(), raw.count());
        check(unsafe { sys::opt_set_options(self.handle, group.0, preset, values, count) })
    }

    /// Refuses typed options of another rule.
    fn own_options(&self, options: &impl AsOptions) -> Result<RawOptions> {
        let own = self.info()?.rule;
        match options.rule() {
            Some(rule) if rule != own => {
                let message = format!(
                    "options of '{rule}' are not for an optimizer of '{own}': give options of \
                     '{own}'"
                );
                Err(Error::new(Status::Name, message))
            }
            _ => RawOptions::new(options.as_options()),
        }
    }

    /// Reads the optimizer-wide value of an option.
    pub fn get(&self, option: &str) -> Result<f64> {
        self.get_in(Group::ALL, option)
    }

    /// Reads an option of a group.
    pub fn get_in(&self, group: Group, option: &str) -> Result<f64> {
        let option = c_string(option)?;
        let mut value = 0.;
        check(unsafe { sys::opt_get(self.handle, group.0, option.as_ptr(), &mut value) })?;
        Ok(value)
    }

    /// Sets every option of a group to the values of a preset: `"pytorch"`.
    pub fn set_preset(&mut self, group: Group, preset: &str) -> Result<()> {
        let preset = c_string(preset)?;
        check(unsafe { sys::opt_set_preset(self.handle, group.0, preset.as_ptr()) })
    }

    /// Attaches a tensor, allocates its state, and returns its index: the
    /// lowest that is free. Its buffers are lent to each call.
    pub fn attach(&mut self, tensor: TensorSpec) -> Result<usize> {
        unsafe { self.attach_at(&tensor, std::ptr::null_mut(), std::ptr::null_mut()) }
    }

    /// Attaches a tensor whose buffers the optimizer retains, for the calls
    /// that are named so: [`step_retained`](Self::step_retained).
    ///
    /// # Safety
    /// Until the tensor is detached or bound to others, or the optimizer
    /// dropped, both pointers (null: none) must be valid for as many elements as
    /// the tensor has, and no reference to them may be live during such a call.
    pub unsafe fn attach_retained<P: Float, G: Float>(
        &mut self,
        tensor: TensorSpec,
        param: *mut P,
        grad: *mut G,
    ) -> Result<usize> {
        let tensor = TensorSpec { param: P::DTYPE, grad: G::DTYPE, ..tensor };
        self.attach_at(&tensor, param.cast(), grad.cast())
    }

    unsafe fn attach_at(
        &mut self,
        tensor: &TensorSpec,
        param: *mut c_void,
        grad: *mut c_void,
    ) -> Result<usize> {
        let name = tensor.name.as_deref().map(c_string).transpose()?;
        let mut raw = tensor.raw();
        raw.name = name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
        raw.param = param;
        raw.grad = grad;
        let mut index = 0;
        check(sys::opt_attach(self.handle, &raw, 1, &mut index))?;
        let index = index as usize;
        let name = self.tensor(index)?.name; // which C has made up if it was not given
        let layouts = &mut self.pointers.layouts;
        if index >= layouts.len() {
            layouts.resize(index + 1, None);
        }
        layouts[index] =
            Some(Layout { name, count: tensor.count, param: tensor.param, grad: tensor.grad });
        Ok(index)
    }

    /// Bytes of state that [`attach`](Self::attach) would allocate for these
    /// tensors.
    pub fn state_bytes(&self, tensors: &[TensorSpec]) -> Result<u64> {
        let raw: Vec<_> = tensors.iter().map(TensorSpec::raw).collect();
        let (pointer, count) = (raw.as_ptr(), raw.len() as i64);
        let mut bytes = 0;
        check(unsafe { sys::opt_state_bytes(self.handle, pointer, count, &mut bytes) })?;
        Ok(bytes as u64)
    }

    /// Gives an attached tensor other retained buffers; its state stays.
    ///
    /// # Safety
    /// As for [`attach_retained`](Self::attach_retained).
    pub unsafe fn bind<P: Float, G: Float>(
        &mut self,
        index: usize,
        param: *mut P,
        grad: *mut G,
    ) -> Result<()> {
        let info = self.tensor(index)?;
        if (info.param_dtype, info.grad_dtype) != (P::DTYPE, G::DTYPE) {
            let message = format!(
                "tensor '{}': it was attached with parameters of {} and gradients of {}, not {} \
                 and {}",
                info.name,
                info.param_dtype,
                info.grad_dtype,
                P::DTYPE,
                G::DTYPE
            );
            return Err(Error::new(Status::DType, message));
        }
        check(sys::opt_bind(self.handle, index as i64, param.cast(), grad.cast()))
    }

    /// Detaches a tensor and frees its state; its index may be given again.
    pub fn detach(&mut self, index: usize) -> Result<()> {
        check(unsafe { sys::opt_detach(self.handle, index as i64) })?;
        let layouts = &mut self.pointers.layouts;
        layouts[index] = None;
        while let Some(None) = layouts.last() {
            layouts.pop();
        }
        Ok(())
    }

    /// Describes an attached tensor.
    pub fn tensor(&self, index: usize) -> Result<TensorInfo> {
        let mut info = sys::opt_tensor_info::initial();
        check(unsafe { sys::opt_tensor_at(self.handle, index as i64, &mut info) })?;
        let shape = unsafe { std::slice::from_raw_parts(info.shape, info.rank as usize) };
        Ok(TensorInfo {
            name: unsafe { owned_text(info.name) },
            count: info.count as usize,
            shape: shape.to_vec(),
            group: Group(info.group),
            param_dtype: DType::from_code(info.param_dtype),
            grad_dtype: DType::from_code(info.grad_dtype),
            step: info.step as u64,
        })
    }

    /// Finds an attached tensor by its name.
    pub fn find_tensor(&self, name: &str) -> Result<usize> {
        let name = c_string(name)?;
        let mut index = 0;
        check(unsafe { sys::opt_tensor_find(self.handle, name.as_ptr(), &mut index) })?;
        Ok(index as usize)
    }

    /// Moves a tensor to another group; its state and step count stay.
    pub fn set_tensor_group(&mut self, index: usize, group: Group) -> Result<()> {
        check(unsafe { sys::opt_tensor_set_group(self.handle, index as i64, group.0) })
    }

    /// Sets the number of steps that a tensor has taken: the formulas' t.
    pub fn set_tensor_step(&mut self, index: usize, step: u64) -> Result<()> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        check(unsafe { sys::opt_tensor_set_step(self.handle, index as i64, step) })
    }

    /// A look at a slot of a tensor's state, `"exp_avg"`, without copying it.
    /// `T` is the slot's type: the parameter's, or that of
    /// [`Slot::dtype`](crate::Slot::dtype); a number is one `f64`.
    pub fn state<T: Float>(&self, index: usize, slot: &str) -> Result<&[T]> {
        let (data, count) = self.view::<T>(index, slot)?;
        Ok(unsafe { std::slice::from_raw_parts(data, count) })
    }

    /// The same to write to, as when state is brought from another library.
    /// A slot that a group shares is written for all its tensors.
    pub fn state_mut<T: Float>(&mut self, index: usize, slot: &str) -> Result<&mut [T]> {
        let (data, count) = self.view::<T>(index, slot)?;
        Ok(unsafe { std::slice::from_raw_parts_mut(data, count) })
    }

    fn view<T: Element>(&self, index: usize, slot: &str) -> Result<(*mut T, usize)> {
        let name = c_string(slot)?;
        let mut view = sys::opt_view::initial();
        check(unsafe { sys::opt_state_view(self.handle, index as i64, name.as_ptr(), &mut view) })?;
        let dtype = DType::from_code(view.dtype);
        if dtype != T::DTYPE {
            let (name, asked) = (self.tensor(index)?.name, T::DTYPE);
            let message = format!("tensor '{name}': its state '{slot}' is {dtype}, not {asked}");
            return Err(Error::new(Status::DType, message));
        }
        if view.count == 0 {
            return Ok((std::ptr::NonNull::dangling().as_ptr(), 0));
        }
        Ok((view.data.cast(), view.count as usize))
    }

    /// Sets an attribute of one tensor: `"lr_factor"`, `"weight_decay_factor"`,
    /// `"frozen"`.
    pub fn set_attribute(&mut self, index: usize, attribute: &str, value: f64) -> Result<()> {
        let name = c_string(attribute)?;
        check(unsafe { sys::opt_set_attribute(self.handle, index as i64, name.as_ptr(), value) })
    }

    /// Reads an attribute of one tensor.
    pub fn get_attribute(&self, index: usize, attribute: &str) -> Result<f64> {
        let name = c_string(attribute)?;
        let mut value = 0.;
        check(unsafe {
            sys::opt_get_attribute(self.handle, index as i64, name.as_ptr(), &mut value)
        })?;
        Ok(value)
    }

    /// Makes a step over every tensor that is lent with a gradient: one item
    /// for each index, in order. Copies nothing, and but for its first call
    /// allocates nothing.
    ///
    /// Fails with [`Status`](crate::Status) `Argument` (too few or too many
    /// items, another length), `DType`, `Range` (something for a detached
    /// tensor), `State` (a gradient without parameters, or while accumulated
    /// gradients wait).
    pub fn step<'a>(&mut self, lent: impl IntoIterator<Item = Lent<'a>>) -> Result<()> {
        self.step_with(&StepOptions::default(), lent)
    }

    /// A step with flags, or with work on the gradients.
    pub fn step_with<'a>(
        &mut self,
        options: &StepOptions,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, options.flags & sys::OPT_STEP_ZERO_GRADS != 0)?;
        self.run_step(options, Source::Lent, None, false)
    }

    /// The same; tells what the gradients were like, at the cost of a norm.
    pub fn step_and_report<'a>(
        &mut self,
        options: &StepOptions,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<GradientReport> {
        self.pointers.fill(lent, options.flags & sys::OPT_STEP_ZERO_GRADS != 0)?;
        let mut report = GradientReport::with_room(self.info()?.groups);
        let mut raw = report.raw();
        self.run_step(options, Source::Lent, Some(&mut raw), false)?;
        Ok(report.finish(&raw))
    }

    /// A step with what was accumulated; only parameters are lent.
    pub fn step_accumulated<'a>(
        &mut self,
        options: &StepOptions,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, false)?;
        self.run_step(options, Source::Accumulated, None, false)
    }

    /// A step with the retained buffers.
    pub fn step_retained(&mut self, options: &StepOptions) -> Result<()> {
        self.run_step(options, Source::Retained, None, false)
    }

    fn run_step(
        &mut self,
        options: &StepOptions,
        source: Source,
        report: Option<&mut sys::opt_grad_report>,
        begins: bool,
    ) -> Result<()> {
        let work = options.work.as_ref().map(GradientWork::raw);
        let mut args = sys::opt_step_args::initial();
        args.flags = options.flags;
        let mut lent = self.pointers.lent();
        if matches!(source, Source::Accumulated) {
            lent.grads = std::ptr::null();
        }
        if !matches!(source, Source::Retained) {
            args.lent = &lent;
        }
        args.work = work.as_ref().map_or(std::ptr::null(), |work| work);
        args.report = report.map_or(std::ptr::null_mut(), |report| report);
        check(unsafe {
            match begins {
                true => sys::opt_step_begin(self.handle, &args, std::ptr::null_mut()),
                false => sys::opt_step(self.handle, &args),
            }
        })
    }

    /// Begins a step in slices, for a program that must go on after a few
    /// milliseconds: it decides everything that concerns all tensors, and
    /// [`step_slice`](Self::step_slice) then updates those of some indices.
    /// Returns the number of tensors that must have their turn; the step ends
    /// when there are none, as is the case at once if it is skipped.
    ///
    /// The buffers are lent for one call; each slice is lent its own once more.
    /// While the step is open, what would disturb it fails with
    /// [`Status::State`].
    ///
    /// ```
    /// use libopt::{rules::AdamW, Lent, Optimizer, StepOptions, TensorSpec};
    /// let (mut weights, gradients) = (vec![vec![0.5f32; 9]; 3], vec![vec![0.1f32; 9]; 3]);
    /// let mut optimizer = Optimizer::new(AdamW::new())?;
    /// for name in ["a", "b", "c"] {
    ///     optimizer.attach(TensorSpec::new::<f32>(name, 9))?;
    /// }
    /// let lent = weights.iter_mut().zip(&gradients).map(|(w, g)| Lent::new(w, g));
    /// let mut remaining = optimizer.begin_step(&StepOptions::new(), lent)?;
    /// while remaining > 0 {
    ///     let index = 3 - remaining; // one tensor in each frame
    ///     let lent = Lent::new(&mut weights[index], &gradients[index]);
    ///     remaining = optimizer.step_slice(&[index], [lent])?;
    /// }
    /// # Ok::<(), libopt::Error>(())
    /// ```
    pub fn begin_step<'a>(
        &mut self,
        options: &StepOptions,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<usize> {
        self.pointers.fill(lent, options.flags & sys::OPT_STEP_ZERO_GRADS != 0)?;
        self.run_begin(options, Source::Lent)
    }

    /// The same with what was accumulated; only parameters are lent.
    pub fn begin_step_accumulated<'a>(
        &mut self,
        options: &StepOptions,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<usize> {
        self.pointers.fill(lent, false)?;
        self.run_begin(options, Source::Accumulated)
    }

    /// The same with the retained buffers.
    pub fn begin_step_retained(&mut self, options: &StepOptions) -> Result<usize> {
        self.run_begin(options, Source::Retained)
    }

    fn run_begin(&mut self, options: &StepOptions, source: Source) -> Result<usize> {
        self.run_step(options, source, None, true)?;
        self.pointers.slices_zero = options.flags & sys::OPT_STEP_ZERO_GRADS != 0;
        Ok(self.info()?.remaining)
    }

    /// Gives the tensors of some indices their turn in the open step, and
    /// returns how many have not had theirs. One item is lent for each index,
    /// in their order.
    ///
    /// Fails with [`Status`](crate::Status) `Argument` (a tensor that has had
    /// its turn), `Range` (no tensor at an index), `State` (no step is open).
    pub fn step_slice<'a>(
        &mut self,
        indices: &[usize],
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<usize> {
        self.pointers.fill_slice(indices, lent)?;
        let lent = self.pointers.lent();
        self.run_slice(indices, &lent)
    }

    /// The same with the retained buffers.
    pub fn step_slice_retained(&mut self, indices: &[usize]) -> Result<usize> {
        self.run_slice(indices, std::ptr::null())
    }

    /// Gives all tensors that remain their turn, with the retained buffers.
    pub fn step_remaining_retained(&mut self) -> Result<()> {
        let (all, none) = (i64::from(sys::OPT_REMAINING), std::ptr::null());
        check(unsafe {
            sys::opt_step_slice(self.handle, std::ptr::null(), none, all, std::ptr::null_mut())
        })
    }

    fn run_slice(&mut self, indices: &[usize], lent: *const sys::opt_lent) -> Result<usize> {
        let indices: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
        let (data, count) = (indices.as_ptr(), indices.len() as i64);
        let mut remaining = 0;
        check(unsafe { sys::opt_step_slice(self.handle, lent, data, count, &mut remaining) })?;
        Ok(remaining as usize)
    }

    /// Ends the open step early: the tensors that remain are left out of it. If
    /// none has had its turn, nothing has changed.
    pub fn abandon_step(&mut self) -> Result<()> {
        check(unsafe { sys::opt_step_abandon(self.handle) })
    }

    /// Adds gradients to accumulators of the library, for a later
    /// [`step_accumulated`](Self::step_accumulated) with their mean.
    pub fn accumulate<'a>(
        &mut self,
        options: &AccumulateOptions,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, options.flags & sys::OPT_ACCUMULATE_ZERO_GRADS != 0)?;
        self.run_accumulate(options, true)
    }

    /// The same of the retained gradients.
    pub fn accumulate_retained(&mut self, options: &AccumulateOptions) -> Result<()> {
        self.run_accumulate(options, false)
    }

    fn run_accumulate(&mut self, options: &AccumulateOptions, lent: bool) -> Result<()> {
        let mut args = sys::opt_accumulate_args::initial();
        args.flags = options.flags;
        args.samples = options.samples;
        let buffers = self.pointers.lent();
        if lent {
            args.lent = &buffers;
        }
        check(unsafe { sys::opt_accumulate(self.handle, &args) })
    }

    /// Forgets what was accumulated since the last step.
    pub fn discard(&mut self) -> Result<()> {
        check(unsafe { sys::opt_discard(self.handle) })
    }

    /// Sets gradients to zero; they are lent with [`Lent::grad_mut`].
    pub fn zero_grads<'a>(&mut self, lent: impl IntoIterator<Item = Lent<'a>>) -> Result<()> {
        self.pointers.fill(lent, true)?;
        let lent = self.pointers.lent();
        check(unsafe { sys::opt_zero_grads(self.handle, &lent) })
    }

    /// Sets the retained gradients to zero.
    pub fn zero_grads_retained(&mut self) -> Result<()> {
        check(unsafe { sys::opt_zero_grads(self.handle, std::ptr::null()) })
    }

    /// Measures gradients as a step would see them; changes nothing.
    pub fn grad_norm<'a>(
        &mut self,
        work: &GradientWork,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<GradientReport> {
        self.pointers.fill(lent, false)?;
        self.report(sys::opt_grad_norm, work, true)
    }

    /// The same of what was accumulated, or else of the retained gradients.
    pub fn grad_norm_retained(&mut self, work: &GradientWork) -> Result<GradientReport> {
        self.report(sys::opt_grad_norm, work, false)
    }

    /// Does the work on the gradients in place; they are lent with
    /// [`Lent::grad_mut`].
    pub fn clip_grads<'a>(
        &mut self,
        work: &GradientWork,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<GradientReport> {
        self.pointers.fill(lent, true)?;
        self.report(sys::opt_clip_grads, work, true)
    }

    /// The same of the retained gradients.
    pub fn clip_grads_retained(&mut self, work: &GradientWork) -> Result<GradientReport> {
        self.report(sys::opt_clip_grads, work, false)
    }

    fn report(
        &mut self,
        call: GradCall,
        work: &GradientWork,
        lent: bool,
    ) -> Result<GradientReport> {
        let mut report = GradientReport::with_room(self.info()?.groups);
        let mut raw = report.raw();
        let work = work.raw();
        let mut args = sys::opt_grad_args::initial();
        args.work = &work;
        let buffers = self.pointers.lent();
        if lent {
            args.lent = &buffers;
        }
        check(unsafe { call(self.handle, &args, &mut raw) })?;
        Ok(report.finish(&raw))
    }

    /// From now on each step divides the gradients by a scale that adapts.
    pub fn start_scaler(&mut self, options: &ScalerOptions) -> Result<()> {
        let mut config = sys::opt_scaler_config::initial();
        config.initial_scale = options.initial_scale.unwrap_or(0.);
        config.growth_factor = options.growth_factor.unwrap_or(0.);
        config.backoff_factor = options.backoff_factor.unwrap_or(0.);
        config.growth_interval = options.growth_interval.unwrap_or(0) as i64;
        check(unsafe { sys::opt_scaler_start(self.handle, &config) })
    }

    /// Sets the scale of the active loss scaler, as when a run comes from
    /// another library.
    pub fn set_scale(&mut self, scale: f64) -> Result<()> {
        check(unsafe { sys::opt_scaler_set_scale(self.handle, scale) })
    }

    /// Ends loss scaling.
    pub fn stop_scaler(&mut self) -> Result<()> {
        check(unsafe { sys::opt_scaler_stop(self.handle) })
    }

    /// Describes the loss scaler, if there is one.
    pub fn scaler(&self) -> Result<Option<ScalerInfo>> {
        let mut info = sys::opt_scaler_info::initial();
        check(unsafe { sys::opt_scaler_get_info(self.handle, &mut info) })?;
        Ok((info.active != 0).then_some(ScalerInfo {
            scale: info.scale,
            growth_factor: info.growth_factor,
            backoff_factor: info.backoff_factor,
            growth_interval: info.growth_interval as u64,
            good_steps: info.good_steps as u64,
            skipped: info.skipped as u64,
        }))
    }

    /// Keeps an average of the parameters from now on; see the slot
    /// `"param_average"` with [`state`](Self::state).
    pub fn start_average(&mut self, options: &AverageOptions) -> Result<()> {
        let mut config = sys::opt_average_config::initial();
        config.kind = options.kind as i32;
        config.decay = options.decay;
        config.start = options.start;
        config.period = options.period;
        config.flags = options.flags;
        check(unsafe { sys::opt_average_start(self.handle, &config) })
    }

    /// Stops averaging and frees the averages.
    pub fn stop_average(&mut self) -> Result<()> {
        check(unsafe { sys::opt_average_stop(self.handle) })
    }

    /// How the parameters are averaged, if they are.
    pub fn average(&self) -> Result<Option<AverageInfo>> {
        let mut info = sys::opt_average_info::initial();
        check(unsafe { sys::opt_average_get_info(self.handle, &mut info) })?;
        let options = AverageOptions {
            kind: info.kind as u32,
            decay: info.decay,
            start: info.start,
            period: info.period,
            flags: info.flags,
        };
        let updates = info.updates as u64;
        Ok((info.kind != 0).then_some(AverageInfo { options, updates }))
    }

    /// Exchanges the parameters, which are lent with [`Lent::param`], with the
    /// evaluation weights: the averages, if an average is kept, else the rule's
    /// own, or else the slow weights of lookahead. The next call, with the same
    /// parameters, puts them back; meanwhile steps and loads fail. A checkpoint
    /// that is saved meanwhile holds the parameters as state, and after its
    /// load they are put back by such a call.
    pub fn swap_eval_weights<'a>(
        &mut self,
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.pointers.fill(lent, false)?;
        let lent = self.pointers.lent();
        check(unsafe { sys::opt_swap_eval_weights(self.handle, &lent) })
    }

    /// The same with the retained parameters.
    pub fn swap_eval_weights_retained(&mut self) -> Result<()> {
        check(unsafe { sys::opt_swap_eval_weights(self.handle, std::ptr::null()) })
    }

    /// Whether the evaluation weights are in the parameters' buffers, where
    /// [`Optimizer::swap_eval_weights`] has put them.
    pub fn is_swapped(&self) -> Result<bool> {
        let mut info = sys::opt_average_info::initial();
        check(unsafe { sys::opt_average_get_info(self.handle, &mut info) })?;
        Ok(info.swapped != 0)
    }

    /// Copies the evaluation weights of one tensor, whose dtype and length the
    /// slice has, and changes nothing else. All weights but averages need the
    /// parameters, which are lent with [`Lent::param`].
    pub fn read_eval_weights<'a, T: Float>(
        &mut self,
        index: usize,
        weights: &mut [T],
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.check_weights(index, weights)?;
        self.pointers.fill(lent, false)?;
        let (lent, to) = (self.pointers.lent(), weights.as_mut_ptr().cast());
        check(unsafe { sys::opt_read_eval_weights(self.handle, &lent, index as i64, to) })
    }

    /// The same with the retained parameters, and of an average.
    pub fn read_eval_weights_retained<T: Float>(
        &self,
        index: usize,
        weights: &mut [T],
    ) -> Result<()> {
        self.check_weights(index, weights)?;
        let (none, to) = (std::ptr::null(), weights.as_mut_ptr().cast());
        check(unsafe { sys::opt_read_eval_weights(self.handle, none, index as i64, to) })
    }

    fn check_weights<T: Float>(&self, index: usize, weights: &[T]) -> Result<()> {
        let info = self.tensor(index)?;
        if info.param_dtype != T::DTYPE {
            let dtype = info.param_dtype;
            let message = format!("the weights of tensor {index} are {dtype:?}, as its parameters");
            return Err(Error::new(Status::DType, message));
        }
        if info.count != weights.len() {
            let (count, length) = (info.count, weights.len());
            let message = format!("tensor {index} has {count} elements, the slice {length}");
            return Err(Error::new(Status::Argument, message));
        }
        Ok(())
    }

    /// Schedules an option from the next step on, with a copy of the schedule.
    pub fn set_schedule(
        &mut self,
        group: Group,
        option: &str,
        schedule: impl AsSchedule,
    ) -> Result<()> {
        let option = c_string(option)?;
        schedule.lend(|made| {
            check(unsafe {
                sys::opt_set_schedule(self.handle, group.0, option.as_ptr(), made.handle)
            })
        })
    }

    /// Removes the schedule of an option.
    pub fn remove_schedule(&mut self, group: Group, option: &str) -> Result<()> {
        let option = c_string(option)?;
        let none = std::ptr::null_mut();
        check(unsafe { sys::opt_set_schedule(self.handle, group.0, option.as_ptr(), none) })
    }

    /// A copy of the schedule of an option, if it has one.
    pub fn copy_schedule(&self, group: Group, option: &str) -> Result<Option<Schedule>> {
        let option = c_string(option)?;
        let mut handle = std::ptr::null_mut();
        check(unsafe {
            sys::opt_copy_schedule(self.handle, group.0, option.as_ptr(), &mut handle)
        })?;
        let context = self.context().clone();
        Ok((!handle.is_null()).then(|| Schedule::from_handle(handle, context)))
    }

    /// The value of an option that the next step uses.
    pub fn scheduled(&self, group: Group, option: &str) -> Result<f64> {
        let option = c_string(option)?;
        let mut value = 0.;
        check(unsafe {
            sys::opt_get_scheduled(self.handle, group.0, option.as_ptr(), &mut value)
        })?;
        Ok(value)
    }

    /// Feeds a metric, such as a validation loss, to plateau schedules.
    pub fn report_metric(&mut self, group: Group, metric: f64) -> Result<()> {
        check(unsafe { sys::opt_report_metric(self.handle, group.0, metric) })
    }

    /// Saves to a file, which is replaced as a whole: after a crash it is the
    /// old one or the new one.
    pub fn save_file(&self, path: impl AsRef<Path>, options: &SaveOptions<'_>) -> Result<()> {
        let path = c_path(path.as_ref())?;
        self.save(options, |args| unsafe { sys::opt_save_file(self.handle, path.as_ptr(), args) })
    }

    /// Saves to memory.
    pub fn save_memory(&self, options: &SaveOptions<'_>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.save(options, |args| unsafe {
            let mut size = 0;
            let none = std::ptr::null_mut();
            let status = sys::opt_save_memory(self.handle, none, 0, &mut size, args);
            if status != 0 {
                return status;
            }
            bytes.resize(size as usize, 0);
            let buffer = bytes.as_mut_ptr().cast();
            sys::opt_save_memory(self.handle, buffer, size, std::ptr::null_mut(), args)
        })?;
        Ok(bytes)
    }

    /// Saves to a writer. If that fails, its error is the source of this one.
    pub fn save_to<W: Write>(&self, writer: W, options: &SaveOptions<'_>) -> Result<()> {
        let mut callback = Callback::new(writer);
        let user: *mut Callback<W> = &mut callback;
        let result = self.save(options, |args| unsafe {
            sys::opt_save_callback(self.handle, Some(write::<W>), user.cast(), args)
        });
        callback.finish(result)
    }

    fn save(
        &self,
        options: &SaveOptions<'_>,
        save: impl FnOnce(&sys::opt_save_args) -> sys::opt_status,
    ) -> Result<()> {
        let mut names: Vec<CString> = Vec::new();
        let mut entries = Vec::new();
        for (name, data) in &options.entries {
            let mut entry = sys::opt_entry::initial();
            names.push(c_string(name)?);
            entry.name = names[names.len() - 1].as_ptr();
            entry.dtype = data.dtype.code();
            entry.count = data.count as i64;
            entry.data = data.pointer;
            entries.push(entry);
        }
        let mut args = sys::opt_save_args::initial();
        args.entry_count = entries.len() as i64;
        args.entries = entries.as_ptr();
        // C takes no const here, and only reads.
        let params = self.pointers.checked(options.params.iter().map(|data| Buffer {
            pointer: data.pointer as *mut _,
            count: data.count,
            dtype: data.dtype,
        }))?;
        if options.retained || !params.is_empty() {
            args.flags = sys::OPT_SAVE_PARAMS;
        }
        let mut lent = sys::opt_lent::initial();
        if !params.is_empty() {
            lent.count = params.len() as i64;
            lent.params = params.as_ptr();
            args.lent = &lent;
        }
        check(save(&args))
    }

    /// Loads a file into an optimizer of the same rule that has as many groups,
    /// and the same tensors in them: matched by name, shape and dtype. A file that
    /// does not exist is [`Status`](crate::Status) `Io`, as is one that cannot be
    /// read.
    pub fn load_file(&mut self, path: impl AsRef<Path>, options: LoadOptions<'_>) -> Result<()> {
        let path = c_path(path.as_ref())?;
        let handle = self.handle;
        self.load(options, |args| unsafe { sys::opt_load_file(handle, path.as_ptr(), args) })
    }

    /// Loads from memory.
    pub fn load_memory(&mut self, data: &[u8], options: LoadOptions<'_>) -> Result<()> {
        let handle = self.handle;
        self.load(options, |args| unsafe {
            sys::opt_load_memory(handle, data.as_ptr().cast(), data.len() as i64, args)
        })
    }

    /// Loads from a reader. If that fails, its error is the source of this one.
    pub fn load_from<R: Read>(&mut self, reader: R, options: LoadOptions<'_>) -> Result<()> {
        let mut callback = Callback::new(reader);
        let user: *mut Callback<R> = &mut callback;
        let handle = self.handle;
        let result = self.load(options, |args| unsafe {
            sys::opt_load_callback(handle, Some(read::<R>), user.cast(), args)
        });
        callback.finish(result)
    }

    /// Loads from a checkpoint that has been opened, and perhaps looked into; it
    /// stays open.
    pub fn load_checkpoint(
        &mut self,
        checkpoint: &Checkpoint<'_>,
        options: LoadOptions<'_>,
    ) -> Result<()> {
        let handle = self.handle;
        self.load(options, |args| unsafe {
            sys::opt_load_checkpoint(handle, checkpoint.handle, args)
        })
    }

    fn load(
        &mut self,
        options: LoadOptions<'_>,
        load: impl FnOnce(&sys::opt_load_args) -> sys::opt_status,
    ) -> Result<()> {
        let names = options.names.iter().flatten().map(|name| c_string(name));
        let names: Vec<CString> = names.collect::<Result<_>>()?;
        let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        pointers.push(std::ptr::null()); // so that an empty list is not null
        let params = self.pointers.checked(options.params.iter().map(|data| Buffer {
            pointer: data.pointer,
            count: data.count,
            dtype: data.dtype,
        }))?;
        let mut args = sys::opt_load_args::initial();
        args.flags = options.flags;
        if options.names.is_some() {
            args.name_count = names.len() as i64;
            args.names = pointers.as_ptr();
        }
        let mut lent = sys::opt_lent::initial();
        if !params.is_empty() {
            lent.count = params.len() as i64;
            lent.params = params.as_ptr();
            args.lent = &lent;
        }
        if let Some(report) = options.report {
            report.findings.clear();
            args.user = (report as *mut LoadReport).cast();
            args.report = Some(LoadReport::add);
        }
        check(load(&args))
    }
}

/// Which buffers a call uses.
enum Source {
    Lent,
    Accumulated,
    Retained,
}

type GradCall = unsafe extern "C" fn(
    sys::opt_optimizer,
    *const sys::opt_grad_args,
    *mut sys::opt_grad_report,
) -> sys::opt_status;

/// State of a tensor that is detached, and of an optimizer that is gone.
///
/// ```compile_fail,E0502
/// let mut optimizer = libopt::Optimizer::new("adam").unwrap();
/// let state = optimizer.state::<f32>(0, "exp_avg").unwrap();
/// optimizer.detach(0).unwrap();
/// drop(state[0]);
/// ```
/// ```compile_fail,E0505
/// let mut optimizer = libopt::Optimizer::new("adam").unwrap();
/// let state = optimizer.state_mut::<f32>(0, "exp_avg").unwrap();
/// drop(optimizer);
/// state[0] = 1.;
/// ```
#[cfg(doctest)]
struct StateThatIsGone;
