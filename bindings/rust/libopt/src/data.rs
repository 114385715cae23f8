// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::os::raw::c_void;

use libopt_sys as sys;

/// The type of a buffer's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dtype {
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

impl Dtype {
    pub(crate) fn from_code(code: sys::opt_dtype) -> Dtype {
        const F32: i32 = sys::OPT_F32 as i32;
        const F64: i32 = sys::OPT_F64 as i32;
        const U8: i32 = sys::OPT_U8 as i32;
        const I64: i32 = sys::OPT_I64 as i32;
        match code {
            F32 => Dtype::F32,
            F64 => Dtype::F64,
            U8 => Dtype::U8,
            I64 => Dtype::I64,
            other => Dtype::Other(other),
        }
    }

    pub(crate) fn code(self) -> sys::opt_dtype {
        match self {
            Dtype::F32 => sys::OPT_F32 as i32,
            Dtype::F64 => sys::OPT_F64 as i32,
            Dtype::U8 => sys::OPT_U8 as i32,
            Dtype::I64 => sys::OPT_I64 as i32,
            Dtype::Other(code) => code,
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A type that a checkpoint's entries may have: `f32`, `f64`, `u8`, `i64`.
pub trait Element: sealed::Sealed + Copy + Default + 'static {
    /// Which one it is.
    const DTYPE: Dtype;
}

/// A type that parameters and gradients may have: `f32`, `f64`.
pub trait Float: Element {}

macro_rules! element {
    ($($name:ident $dtype:ident),*) => {$(
        impl sealed::Sealed for $name {}
        impl Element for $name {
            const DTYPE: Dtype = Dtype::$dtype;
        }
    )*};
}
element!(f32 F32, f64 F64, u8 U8, i64 I64);
impl Float for f32 {}
impl Float for f64 {}

/// A borrowed array to read, of any element type.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    pub(crate) pointer: *const c_void,
    pub(crate) count: usize,
    pub(crate) dtype: Dtype,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl<'a, T: Element> From<&'a [T]> for Data<'a> {
    fn from(slice: &'a [T]) -> Data<'a> {
        Data {
            pointer: slice.as_ptr().cast(),
            count: slice.len(),
            dtype: T::DTYPE,
            lifetime: std::marker::PhantomData,
        }
    }
}

impl<'a, T: Element> From<&'a Vec<T>> for Data<'a> {
    fn from(vec: &'a Vec<T>) -> Data<'a> {
        vec.as_slice().into()
    }
}

impl<'a, T: Element, const N: usize> From<&'a [T; N]> for Data<'a> {
    fn from(array: &'a [T; N]) -> Data<'a> {
        array.as_slice().into()
    }
}

/// A borrowed array to write, of any element type.
#[derive(Debug)]
pub struct DataMut<'a> {
    pub(crate) pointer: *mut c_void,
    pub(crate) count: usize,
    pub(crate) dtype: Dtype,
    lifetime: std::marker::PhantomData<&'a mut ()>,
}

impl<'a, T: Element> From<&'a mut [T]> for DataMut<'a> {
    fn from(slice: &'a mut [T]) -> DataMut<'a> {
        DataMut {
            pointer: slice.as_mut_ptr().cast(),
            count: slice.len(),
            dtype: T::DTYPE,
            lifetime: std::marker::PhantomData,
        }
    }
}

impl<'a, T: Element> From<&'a mut Vec<T>> for DataMut<'a> {
    fn from(vec: &'a mut Vec<T>) -> DataMut<'a> {
        vec.as_mut_slice().into()
    }
}

impl<'a, T: Element, const N: usize> From<&'a mut [T; N]> for DataMut<'a> {
    fn from(array: &'a mut [T; N]) -> DataMut<'a> {
        array.as_mut_slice().into()
    }
}
