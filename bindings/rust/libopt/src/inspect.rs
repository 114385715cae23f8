// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use libopt_sys as sys;

use crate::data::{Dtype, Element, Float};
use crate::error::{check, Error, Result, Status};
use crate::optimizer::{Group, Optimizer};
use crate::raw::{c_string, owned_text, static_text, Sized32};

/// An optimizer, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Info {
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
}

/// An attached tensor, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Number of elements.
    pub count: usize,
    /// Its extents.
    pub shape: Vec<i64>,
    /// Its group.
    pub group: Group,
    /// Type of the parameters and of the state.
    pub param_dtype: Dtype,
    /// Type of the gradients.
    pub grad_dtype: Dtype,
    /// Steps that it has taken.
    pub step: u64,
}

impl Optimizer {
    /// Describes the optimizer.
    pub fn info(&self) -> Result<Info> {
        let mut info = sys::opt_info::initial();
        check(unsafe { sys::opt_get_info(self.handle, &mut info) })?;
        Ok(Info {
            rule: unsafe { static_text(info.rule) },
            groups: info.group_count,
            indices: info.index_count as usize,
            tensors: info.tensor_count as usize,
            params: info.param_count as u64,
            state_bytes: info.state_bytes as u64,
            steps: info.steps as u64,
            pending_samples: info.pending_samples as u64,
            skipped: info.skipped as u64,
        })
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
            param_dtype: Dtype::from_code(info.param_dtype),
            grad_dtype: Dtype::from_code(info.grad_dtype),
            step: info.step as u64,
        })
    }

    /// Finds an attached tensor by its name.
    pub fn find(&self, name: &str) -> Result<usize> {
        let name = c_string(name)?;
        let mut index = 0;
        check(unsafe { sys::opt_find_tensor(self.handle, name.as_ptr(), &mut index) })?;
        Ok(index as usize)
    }

    /// Sets the number of steps that a tensor has taken: the formulas' t.
    pub fn set_tensor_step(&mut self, index: usize, step: u64) -> Result<()> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        check(unsafe { sys::opt_set_tensor_step(self.handle, index as i64, step) })
    }

    /// A look at a slot of a tensor's state, `"exp_avg"`, without copying it.
    /// `T` is the parameter's type.
    pub fn state<T: Float>(&self, index: usize, slot: &str) -> Result<&[T]> {
        let (data, count) = self.view::<T>(index, slot)?;
        Ok(unsafe { std::slice::from_raw_parts(data, count) })
    }

    /// The same to write to, as when state is brought from another library.
    pub fn state_mut<T: Float>(&mut self, index: usize, slot: &str) -> Result<&mut [T]> {
        let (data, count) = self.view::<T>(index, slot)?;
        Ok(unsafe { std::slice::from_raw_parts_mut(data, count) })
    }

    fn view<T: Element>(&self, index: usize, slot: &str) -> Result<(*mut T, usize)> {
        let slot = c_string(slot)?;
        let mut view = sys::opt_view::initial();
        check(unsafe { sys::opt_state_view(self.handle, index as i64, slot.as_ptr(), &mut view) })?;
        let dtype = Dtype::from_code(view.dtype);
        if dtype != T::DTYPE {
            let message = format!("the state of tensor {index} is {dtype:?}, as its parameters");
            return Err(Error::new(Status::Dtype, message));
        }
        if view.count == 0 {
            return Ok((std::ptr::NonNull::dangling().as_ptr(), 0));
        }
        Ok((view.data.cast(), view.count as usize))
    }
}
