// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Readers, writers and reports, as C calls them.

use std::any::Any;
use std::ffi::CStr;
use std::io::{self, ErrorKind, Read, Write};
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use libopt_sys as sys;

use crate::error::Result;
use crate::state::{Mismatch, Report};

type Panic = Box<dyn Any + Send>;

/// What C calls back. A panic or an error, which cannot cross C, is kept.
pub(crate) struct Callback<F> {
    function: F,
    panic: Option<Panic>,
    error: Option<io::Error>,
}

impl<F> Callback<F> {
    pub(crate) fn new(function: F) -> Callback<F> {
        Callback { function, panic: None, error: None }
    }

    /// Runs what C asks for; nothing unwinds into it.
    fn run<T>(&mut self, run: impl FnOnce(&mut F) -> io::Result<T>) -> Option<T> {
        match catch_unwind(AssertUnwindSafe(|| run(&mut self.function))) {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                self.error = Some(error);
                None
            }
            Err(panic) => {
                self.panic = Some(panic);
                None
            }
        }
    }

    pub(crate) fn finish<T>(self, result: Result<T>) -> Result<T> {
        if let Some(panic) = self.panic {
            resume_unwind(panic);
        }
        let error = self.error;
        result.map_err(|failure| failure.with_source(error))
    }
}

pub(crate) unsafe extern "C" fn write<W: Write>(
    user: *mut c_void,
    data: *const c_void,
    size: i64,
) -> i32 {
    let callback = &mut *user.cast::<Callback<W>>();
    let bytes = std::slice::from_raw_parts(data.cast::<u8>(), size as usize);
    i32::from(callback.run(|writer| writer.write_all(bytes)).is_none())
}

pub(crate) unsafe extern "C" fn read<R: Read>(
    user: *mut c_void,
    data: *mut c_void,
    size: i64,
) -> i64 {
    let callback = &mut *user.cast::<Callback<R>>();
    // A reader may look at what it is given.
    std::ptr::write_bytes(data.cast::<u8>(), 0, size as usize);
    let bytes = std::slice::from_raw_parts_mut(data.cast::<u8>(), size as usize);
    let count = callback.run(|reader| loop {
        match reader.read(bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => return result,
        }
    });
    // A reader that claims more than it was asked for is a failing one.
    count.filter(|n| *n <= size as usize).map_or(-1, |n| n as i64)
}

pub(crate) unsafe extern "C" fn tell(
    user: *mut c_void,
    kind: i32,
    name: *const c_char,
    detail: *const c_char,
) {
    const MISSING: i32 = sys::OPT_LOAD_MISSING as i32;
    const UNEXPECTED: i32 = sys::OPT_LOAD_UNEXPECTED as i32;
    let kind = match kind {
        MISSING => Mismatch::Missing,
        UNEXPECTED => Mismatch::Unexpected,
        _ => Mismatch::Mismatched,
    };
    let callback = &mut *user.cast::<Callback<Box<Report<'_>>>>();
    let (name, detail) = (CStr::from_ptr(name), CStr::from_ptr(detail));
    callback.run(|report| {
        report(kind, &name.to_string_lossy(), &detail.to_string_lossy());
        Ok(())
    });
}
