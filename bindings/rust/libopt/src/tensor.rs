// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::fmt;

use libopt_sys as sys;

use crate::ffi::Sized32;
use crate::optimizer::Group;

/// The type of a buffer's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DType {
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `u8`, in entries of a checkpoint only.
    U8,
    /// `i64`, in entries of a checkpoint only.
    I64,
    /// One that libopt does not compute with.
    Other(i32),
}

impl DType {
    pub(crate) fn from_code(code: sys::opt_dtype) -> DType {
        const F32: i32 = sys::OPT_F32 as i32;
        const F64: i32 = sys::OPT_F64 as i32;
        const U8: i32 = sys::OPT_U8 as i32;
        const I64: i32 = sys::OPT_I64 as i32;
        match code {
            F32 => DType::F32,
            F64 => DType::F64,
            U8 => DType::U8,
            I64 => DType::I64,
            other => DType::Other(other),
        }
    }

    pub(crate) fn code(self) -> sys::opt_dtype {
        match self {
            DType::F32 => sys::OPT_F32 as i32,
            DType::F64 => sys::OPT_F64 as i32,
            DType::U8 => sys::OPT_U8 as i32,
            DType::I64 => sys::OPT_I64 as i32,
            DType::Other(code) => code,
        }
    }
}

impl fmt::Display for DType {
    /// The type's name in Rust: `f32`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DType::F32 => f.write_str("f32"),
            DType::F64 => f.write_str("f64"),
            DType::U8 => f.write_str("u8"),
            DType::I64 => f.write_str("i64"),
            DType::Other(code) => write!(f, "dtype {code}"),
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A type that a checkpoint's entries may have: `f32`, `f64`, `u8`, `i64`.
pub trait Element: sealed::Sealed + Copy + Default + Send + Sync + 'static {
    /// Which one it is.
    const DTYPE: DType;
}

/// A type that parameters and gradients may have: `f32`, `f64`.
pub trait Float: Element {}

macro_rules! element {
    ($($name:ident $dtype:ident),*) => {$(
        impl sealed::Sealed for $name {}
        impl Element for $name {
            const DTYPE: DType = DType::$dtype;
        }
    )*};
}
element!(f32 F32, f64 F64, u8 U8, i64 I64);
impl Float for f32 {}
impl Float for f64 {}

/// A parameter tensor to attach: flat and contiguous, of `f32` or `f64`.
#[derive(Clone, Debug)]
pub struct TensorSpec {
    pub(crate) name: Option<String>,
    pub(crate) count: usize,
    pub(crate) shape: Option<Vec<i64>>,
    pub(crate) group: Group,
    pub(crate) param: DType,
    pub(crate) grad: DType,
}

impl TensorSpec {
    /// A tensor of `count` elements of type `P`, with gradients of the same
    /// type. Names are unique in an optimizer; checkpoints know tensors by them.
    pub fn new<P: Float>(name: impl Into<String>, count: usize) -> TensorSpec {
        TensorSpec::with_grad::<P, P>(name, count)
    }

    /// A tensor of type `P` with gradients of type `G`.
    pub fn with_grad<P: Float, G: Float>(name: impl Into<String>, count: usize) -> TensorSpec {
        let name = Some(name.into()).filter(|name| !name.is_empty());
        let (param, grad) = (P::DTYPE, G::DTYPE);
        TensorSpec { name, count, shape: None, group: Group::FIRST, param, grad }
    }

    /// Extents whose product is the number of elements; one extent otherwise.
    pub fn shape(mut self, shape: &[i64]) -> TensorSpec {
        self.shape = Some(shape.to_vec());
        self
    }

    /// The group whose options it follows; the first otherwise.
    pub fn group(mut self, group: Group) -> TensorSpec {
        self.group = group;
        self
    }

    /// As C takes it, without a name and buffers; valid as long as `self` is.
    pub(crate) fn raw(&self) -> sys::opt_tensor {
        let mut raw = sys::opt_tensor::initial();
        raw.group = self.group.0;
        raw.param_dtype = self.param.code();
        raw.grad_dtype = self.grad.code();
        raw.count = self.count as i64;
        if let Some(shape) = &self.shape {
            raw.shape = shape.as_ptr();
            raw.rank = shape.len() as i32;
        }
        raw
    }
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
    pub param_dtype: DType,
    /// Type of the gradients.
    pub grad_dtype: DType,
    /// Steps that it has taken.
    pub step: u64,
}
