// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::fmt;
use std::marker::PhantomData;
use std::os::raw::c_void;

use libopt_sys as sys;

use crate::error::{Error, Result, Status};
use crate::ffi::Sized32;
use crate::tensor::{DType, Float};

/// A buffer as C takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub(crate) pointer: *mut c_void,
    pub(crate) count: usize,
    pub(crate) dtype: DType,
}

impl Buffer {
    fn new<T: Float>(pointer: *mut T, count: usize) -> Option<Buffer> {
        let pointer = pointer.cast();
        Some(Buffer { pointer, count, dtype: T::DTYPE })
    }
}

/// The buffers that one tensor lends to a call: its parameters, its gradient, or
/// both.
///
/// The borrow ends with the call, and memory that does not live as long does not
/// compile:
///
/// ```compile_fail,E0597
/// let grad = [1f32];
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::new(&mut gone, &grad);
/// }
/// drop(lent);
/// ```
pub struct Lent<'a> {
    param: Option<Buffer>,
    grad: Option<Buffer>,
    grad_is_mut: bool,
    lifetime: PhantomData<&'a mut ()>,
}

// It stands for the references that it was made of, `&mut [P]` and `&[G]` or
// `&mut [G]`, with P and G f32 or f64: these may go to another thread. Nothing
// can be reached through a shared `Lent`, and a gradient that was lent to be
// read is never written to.
unsafe impl Send for Lent<'_> {}
unsafe impl Sync for Lent<'_> {}

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

impl fmt::Debug for Lent<'_> {
    /// Shows types and lengths, not the elements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |buffer: Buffer| format!("[{:?}; {}]", buffer.dtype, buffer.count);
        f.debug_struct("Lent")
            .field("param", &self.param.map(text))
            .field("grad", &self.grad.map(text))
            .field("grad_is_mut", &self.grad_is_mut)
            .finish()
    }
}

/// Length and types that the buffers of an attached tensor must have.
#[derive(Clone)]
pub(crate) struct Layout {
    pub(crate) name: String,
    pub(crate) count: usize,
    pub(crate) param: DType,
    pub(crate) grad: DType,
}

/// The arrays of pointers that calls lend, kept so that none allocates.
#[derive(Default)]
pub(crate) struct Pointers {
    pub(crate) layouts: Vec<Option<Layout>>,
    pub(crate) params: Vec<*mut c_void>,
    pub(crate) grads: Vec<*mut c_void>,
    /// Whether the slices of the open step set gradients to zero.
    pub(crate) slices_zero: bool,
}

/// The remedies for a wrong number.
const EACH_LENT: &str = "a Lent, Lent::nothing() if it has no gradient";
const EACH_SLICE: &str = "a slice, an empty one if its tensor was detached";

impl Pointers {
    /// The arrays as the C API takes them; valid until the next `fill`.
    pub(crate) fn lent(&self) -> sys::opt_lent {
        let mut lent = sys::opt_lent::initial();
        lent.count = self.params.len() as i64;
        lent.params = self.params.as_ptr();
        lent.grads = self.grads.as_ptr();
        lent
    }

    /// Sets the arrays to the buffers that are lent, one item for each index.
    /// `writes_grads`: whether the call changes gradients.
    pub(crate) fn fill<'a>(
        &mut self,
        lent: impl IntoIterator<Item = Lent<'a>>,
        writes_grads: bool,
    ) -> Result<()> {
        self.params.clear();
        self.grads.clear();
        for (index, item) in lent.into_iter().enumerate() {
            if index >= self.layouts.len() {
                return Err(self.wrong_number("more", EACH_LENT));
            }
            let (param, grad) = self.pointers_of(index, &item, writes_grads)?;
            self.params.push(param);
            self.grads.push(grad);
        }
        if self.params.len() < self.layouts.len() {
            return Err(self.wrong_number("fewer", EACH_LENT));
        }
        Ok(())
    }

    /// The same for a slice: one item for each of some indices, the others stay.
    pub(crate) fn fill_slice<'a>(
        &mut self,
        indices: &[usize],
        lent: impl IntoIterator<Item = Lent<'a>>,
    ) -> Result<()> {
        self.params.resize(self.layouts.len(), std::ptr::null_mut());
        self.grads.resize(self.layouts.len(), std::ptr::null_mut());
        let mut items = 0;
        for (place, item) in lent.into_iter().enumerate() {
            items += 1;
            let index = match indices.get(place) {
                Some(&index) if index < self.layouts.len() => index,
                _ => continue, // refused below or by the call itself
            };
            let (param, grad) = self.pointers_of(index, &item, self.slices_zero)?;
            self.params[index] = param;
            self.grads[index] = grad;
        }
        if items == indices.len() {
            return Ok(());
        }
        let message = format!(
            "{items} tensors are lent to a slice of {}: give each of its indices a Lent",
            indices.len()
        );
        Err(Error::new(Status::Argument, message))
    }

    /// Checks what is lent for an index that there is.
    fn pointers_of(
        &self,
        index: usize,
        item: &Lent<'_>,
        writes_grads: bool,
    ) -> Result<(*mut c_void, *mut c_void)> {
        let layout = self.layouts[index].as_ref();
        if writes_grads && item.grad.is_some() && !item.grad_is_mut {
            return Err(Error::new(
                Status::Argument,
                format!(
                    "{}: its gradient is lent to read, but this call changes it: lend it \
                     with Lent::zeroing or Lent::grad_mut",
                    layout.map_or_else(|| format!("tensor {index}"), Layout::title)
                ),
            ));
        }
        Ok((
            pointer(item.param, layout, index, |l| l.param, "parameters")?,
            pointer(item.grad, layout, index, |l| l.grad, "gradients")?,
        ))
    }

    fn wrong_number(&self, what: &str, each: &str) -> Error {
        let message = match self.layouts.len() {
            0 => {
                "something is lent, but no tensor is attached: call Optimizer::attach first".into()
            }
            count => format!(
                "{what} tensors are lent than are attached: give each of the {count} indices {each}"
            ),
        };
        Error::new(Status::Argument, message)
    }

    /// Checks the parameters that a save or a load is given, one for each index
    /// or none at all.
    pub(crate) fn checked(&self, params: impl Iterator<Item = Buffer>) -> Result<Vec<*mut c_void>> {
        let mut pointers = Vec::new();
        for (index, buffer) in params.enumerate() {
            let layout = match self.layouts.get(index) {
                Some(layout) => layout.as_ref(),
                None => return Err(self.wrong_number("more", EACH_SLICE)),
            };
            // A detached tensor's place is held by an empty slice.
            let buffer = Some(buffer).filter(|b| layout.is_some() || b.count > 0);
            pointers.push(pointer(buffer, layout, index, |l| l.param, "parameters")?);
        }
        if !pointers.is_empty() && pointers.len() < self.layouts.len() {
            return Err(self.wrong_number("fewer", EACH_SLICE));
        }
        Ok(pointers)
    }
}

impl Layout {
    /// The tensor as messages name it.
    pub(crate) fn title(&self) -> String {
        format!("tensor '{}'", self.name)
    }
}

/// The pointer of a buffer that fits its tensor; null for none.
fn pointer(
    buffer: Option<Buffer>,
    layout: Option<&Layout>,
    index: usize,
    dtype: impl Fn(&Layout) -> DType,
    what: &str,
) -> Result<*mut c_void> {
    let buffer = match buffer {
        None => return Ok(std::ptr::null_mut()),
        Some(buffer) => buffer,
    };
    let layout = layout.ok_or_else(|| {
        let message = format!("tensor {index} was detached: give nothing for it");
        Error::new(Status::Range, message)
    })?;
    let own = dtype(layout);
    if buffer.dtype != own {
        let (title, lent) = (layout.title(), buffer.dtype);
        let message = format!("{title}: its {what} were attached as {own}, but lent as {lent}");
        return Err(Error::new(Status::DType, message));
    }
    if buffer.count != layout.count {
        let (title, count, lent) = (layout.title(), layout.count, buffer.count);
        let message = format!("{title}: it has {count} elements, but {lent} {what} are lent");
        return Err(Error::new(Status::Argument, message));
    }
    Ok(buffer.pointer)
}

/// Parameters that are gone, lent in the other ways.
///
/// ```compile_fail,E0597
/// let mut grad = [1f32];
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::zeroing(&mut gone, &mut grad);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::param(&mut gone);
/// }
/// drop(lent);
/// ```
#[cfg(doctest)]
struct ParamsThatAreGone;

/// Gradients that are gone.
///
/// ```compile_fail,E0597
/// let mut param = [1f32];
/// let lent;
/// {
///     let gone = [1f32];
///     lent = libopt::Lent::new(&mut param, &gone);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let lent;
/// {
///     let gone = [1f32];
///     lent = libopt::Lent::grad(&gone);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::grad_mut(&mut gone);
/// }
/// drop(lent);
/// ```
#[cfg(doctest)]
struct GradsThatAreGone;
