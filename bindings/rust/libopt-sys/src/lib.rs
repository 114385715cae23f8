// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! The C API of libopt, as its headers declare it. They document it:
//! `include/opt/opt.h`. The crate `libopt` is the safe way to use it.

#![no_std]
#![allow(non_camel_case_types)]

extern crate std;

#[rustfmt::skip]
mod bindings;

pub use bindings::*;
