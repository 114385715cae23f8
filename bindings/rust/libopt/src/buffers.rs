// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::marker::PhantomData;
use std::os::raw::c_void;

use crate::data::{Dtype, Float};
use crate::error::{Error, Result, Status};

/// A buffer as C takes it.
#[derive(Clone, Copy)]
pub(crate) struct Buffer {
    pub(crate) pointer: *mut c_void,
    pub(crate) count: usize,
    pub(crate) dtype: Dtype,
}

impl Buffer {
    fn new<T: Float>(pointer: *mut T, count: usize) -> Option<Buffer> {
        let pointer = pointer.cast();
        Some(Buffer { pointer, count, dtype: T::DTYPE })
    }
}

/// What one tensor lends to a call: its parameters, its gradient, or both. The
/// borrow ends with the call.
pub struct Lent<'a> {
    param: Option<Buffer>,
    grad: Option<Buffer>,
    grad_is_mut: bool,
    lifetime: PhantomData<&'a mut ()>,
}

impl<'a> Lent<'a> {
    /// Parameters, and the gradient to step along.
    pub fn new<P: Float, G: Float>(param: &'a mut [P], grad: &'a [G]) -> Lent<'a> {
        Lent { param: Buffer::new(param.as_mut_ptr(), param.len()), ..Lent::grad(grad) }
    }

    /// Parameters, and a gradient that may be zeroed: see `zero_grads`.
    pub fn zeroing<P: Float, G: Float>(param: &'a mut [P], grad: &'a mut [G]) -> Lent<'a> {
        Lent { param: Buffer::new(param.as_mut_ptr(), param.len()), ..Lent::grad_mut(grad) }
    }

    /// Parameters without a gradient: a step passes the tensor over, unless
    /// gradients have been accumulated for it.
    pub fn param<P: Float>(param: &'a mut [P]) -> Lent<'a> {
        Lent { param: Buffer::new(param.as_mut_ptr(), param.len()), ..Lent::nothing() }
    }

    /// A gradient to accumulate or to measure.
    pub fn grad<G: Float>(grad: &'a [G]) -> Lent<'a> {
        // Written to by calls that zero or clip alone, which want grad_is_mut.
        let pointer = grad.as_ptr() as *mut G;
        Lent { grad: Buffer::new(pointer, grad.len()), ..Lent::nothing() }
    }

    /// A gradient that the call may change: zero or clip.
    pub fn grad_mut<G: Float>(grad: &'a mut [G]) -> Lent<'a> {
        let grad = Buffer::new(grad.as_mut_ptr(), grad.len());
        Lent { grad, grad_is_mut: true, ..Lent::nothing() }
    }

    /// Nothing, for a tensor without a gradient, or for the index of a detached
    /// one.
    pub fn nothing() -> Lent<'a> {
        Lent { param: None, grad: None, grad_is_mut: false, lifetime: PhantomData }
    }
}

/// What an attached tensor's buffers have to be.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) count: usize,
    pub(crate) param: Dtype,
    pub(crate) grad: Dtype,
}

/// The arrays of pointers that calls lend, kept so that none allocates.
#[derive(Default)]
pub(crate) struct Pointers {
    pub(crate) layouts: Vec<Option<Layout>>,
    pub(crate) params: Vec<*mut c_void>,
    pub(crate) grads: Vec<*mut c_void>,
}

impl Pointers {
    /// Sets the arrays to what is lent, one item for each index.
    /// `writes_grads`: whether the call changes gradients.
    pub(crate) fn fill<'a>(
        &mut self,
        lent: impl IntoIterator<Item = Lent<'a>>,
        writes_grads: bool,
    ) -> Result<()> {
        let count = self.layouts.len();
        self.params.clear();
        self.grads.clear();
        for (index, item) in lent.into_iter().enumerate() {
            let layout = match self.layouts.get(index) {
                Some(layout) => layout.as_ref(),
                None => return Err(wrong_number("more", count)),
            };
            if writes_grads && item.grad.is_some() && !item.grad_is_mut {
                return Err(Error::new(
                    Status::Argument,
                    format!(
                        "the gradient of tensor {index} is lent to read, but this call \
                         changes it: lend it with Lent::zeroing or Lent::grad_mut"
                    ),
                ));
            }
            self.params.push(pointer(item.param, layout, index, |l| l.param, "parameters")?);
            self.grads.push(pointer(item.grad, layout, index, |l| l.grad, "gradients")?);
        }
        if self.params.len() < count {
            return Err(wrong_number("fewer", count));
        }
        Ok(())
    }
}

fn wrong_number(what: &str, count: usize) -> Error {
    Error::new(
        Status::Argument,
        format!(
            "{what} tensors were lent than there are: lend one for each of the {count} indices, \
             Lent::nothing() for one without a gradient"
        ),
    )
}

/// The pointer of a buffer that fits its tensor; null for none.
fn pointer(
    buffer: Option<Buffer>,
    layout: Option<&Layout>,
    index: usize,
    dtype: impl Fn(&Layout) -> Dtype,
    what: &str,
) -> Result<*mut c_void> {
    let buffer = match buffer {
        None => return Ok(std::ptr::null_mut()),
        Some(buffer) => buffer,
    };
    let layout = layout.ok_or_else(|| {
        Error::new(Status::Range, format!("tensor {index} was detached: lend it nothing"))
    })?;
    if buffer.dtype != dtype(layout) {
        return Err(Error::new(
            Status::Dtype,
            format!(
                "the {what} of tensor {index} are lent as {:?}, but attached as {:?}",
                buffer.dtype,
                dtype(layout)
            ),
        ));
    }
    if buffer.count != layout.count {
        return Err(Error::new(
            Status::Argument,
            format!(
                "the {what} of tensor {index} are lent with {} elements, but attached with {}",
                buffer.count, layout.count
            ),
        ));
    }
    Ok(buffer.pointer)
}
