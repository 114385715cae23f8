// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::os::raw::c_void;

use libopt_sys as sys;

use crate::buffers::{Layout, Pointers};
use crate::context::Context;
use crate::data::Float;
use crate::error::{check, Error, Result, Status};
use crate::options::{Options, Rule, ToRule};
use crate::raw::{c_string, Sized32};
use crate::tensor::Tensor;

/// A parameter group: tensors with option values of their own.
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

/// An optimizer, with its state for the tensors that are attached. Dropping it
/// frees all of that at once.
pub struct Optimizer {
    pub(crate) handle: sys::opt_optimizer,
    pub(crate) pointers: Pointers,
    context: Context, // whose callbacks it may need to the end
}

// A handle serves any thread, one call at a time; the pointers are set anew by
// each call.
unsafe impl Send for Optimizer {}

impl Drop for Optimizer {
    fn drop(&mut self) {
        unsafe { sys::opt_destroy(self.handle) };
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
        made.set_all(Group::ALL, &rule.to_options())?;
        Ok(made)
    }

    /// The context that it was made with.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Adds a group, with a copy of the optimizer-wide option values.
    pub fn add_group(&mut self) -> Result<Group> {
        let mut group = 0;
        check(unsafe { sys::opt_add_group(self.handle, &mut group) })?;
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

    /// Sets typed options of a group: all of them, or none if one is refused.
    pub fn set_options<R: Rule>(&mut self, group: Group, rule: &R) -> Result<()> {
        let own = self.info()?.rule;
        if own != R::BASE {
            let message = format!("options of '{}' are not for an optimizer of '{own}'", R::BASE);
            return Err(Error::new(Status::Name, message));
        }
        let before = self.values()?;
        let result = self.set_all(group, rule.options());
        if result.is_err() {
            for (group, option, value) in before {
                self.set_in(group, option, value)?;
            }
        }
        result
    }

    fn set_all(&mut self, group: Group, options: &Options) -> Result<()> {
        let (preset, values) = options.get();
        if let Some(preset) = preset {
            self.set_preset(group, preset)?;
        }
        values.iter().try_for_each(|(option, value)| self.set_in(group, option, *value))
    }

    /// Every option's value, optimizer-wide and of each group.
    fn values(&self) -> Result<Vec<(Group, &'static str, f64)>> {
        let info = self.info()?;
        let mut values = Vec::new();
        for option in crate::describe::options_of(info.rule)? {
            for group in (-1..info.groups).map(Group) {
                values.push((group, option.name, self.get_in(group, option.name)?));
            }
        }
        Ok(values)
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
    pub fn attach(&mut self, tensor: Tensor) -> Result<usize> {
        unsafe { self.attach_at(&tensor, std::ptr::null_mut(), std::ptr::null_mut()) }
    }

    /// Attaches a tensor whose buffers the optimizer retains, for the calls
    /// that are named so: [`step_retained`](Self::step_retained).
    ///
    /// # Safety
    /// Until the tensor is detached or bound to others, or the optimizer
    /// dropped, both pointers (null: none) must be good for as many elements as
    /// the tensor has, and no reference to them may be live during such a call.
    pub unsafe fn attach_retained<P: Float, G: Float>(
        &mut self,
        tensor: Tensor,
        param: *mut P,
        grad: *mut G,
    ) -> Result<usize> {
        let tensor = Tensor { param: P::DTYPE, grad: G::DTYPE, ..tensor };
        self.attach_at(&tensor, param.cast(), grad.cast())
    }

    unsafe fn attach_at(
        &mut self,
        tensor: &Tensor,
        param: *mut c_void,
        grad: *mut c_void,
    ) -> Result<usize> {
        let name = tensor.name.as_deref().map(c_string).transpose()?;
        let mut raw = sys::opt_tensor::initial();
        raw.group = tensor.group.0;
        raw.param_dtype = tensor.param.code();
        raw.grad_dtype = tensor.grad.code();
        raw.count = tensor.count as i64;
        raw.name = name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
        raw.param = param;
        raw.grad = grad;
        if let Some(shape) = &tensor.shape {
            raw.shape = shape.as_ptr();
            raw.rank = shape.len() as i32;
        }
        let mut index = 0;
        check(sys::opt_attach(self.handle, &raw, 1, &mut index))?;
        let index = index as usize;
        let layouts = &mut self.pointers.layouts;
        if index >= layouts.len() {
            layouts.resize(index + 1, None);
        }
        layouts[index] =
            Some(Layout { count: tensor.count, param: tensor.param, grad: tensor.grad });
        Ok(index)
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
            let message = format!("tensor {index} was attached with other dtypes");
            return Err(Error::new(Status::Dtype, message));
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
}
