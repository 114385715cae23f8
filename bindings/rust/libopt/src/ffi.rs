// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! C's conventions: structs led by their size, strings, and callbacks, through
//! which no panic may unwind.

use std::any::Any;
use std::ffi::{CStr, CString};
use std::io::{self, ErrorKind, Read, Write};
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use libopt_sys as sys;

use crate::error::{Error, Result, Status};

/// A struct that is led by its size, and is otherwise 0.
///
/// # Safety
/// All zeros must be a value of the struct.
pub(crate) unsafe trait Sized32: Sized {
    fn initial() -> Self;
}

macro_rules! sized {
    ($($name:ident),* $(,)?) => {$(
        unsafe impl Sized32 for sys::$name {
            fn initial() -> Self {
                // Numbers, null pointers and no callbacks.
                let mut value: Self = unsafe { std::mem::zeroed() };
                value.struct_size = std::mem::size_of::<Self>() as u32;
                value
            }
        }
    )*};
}

sized!(
    opt_accumulate_args,
    opt_alias_info,
    opt_average_config,
    opt_average_info,
    opt_context_config,
    opt_context_info,
    opt_entry,
    opt_entry_info,
    opt_grad_args,
    opt_grad_report,
    opt_grad_work,
    opt_info,
    opt_lent,
    opt_load_args,
    opt_option_info,
    opt_preset_info,
    opt_rule_info,
    opt_save_args,
    opt_scaler_config,
    opt_scaler_info,
    opt_schedule_kind_info,
    opt_schedule_part_info,
    opt_slot_info,
    opt_step_args,
    opt_target_info,
    opt_tensor,
    opt_tensor_info,
    opt_view,
);

/// A string for C.
pub(crate) fn c_string(text: &str) -> Result<CString> {
    CString::new(text)
        .map_err(|_| Error::new(Status::Name, format!("{text:?} contains a NUL: leave it out")))
}

/// A path for C: its bytes, or on Windows UTF-8.
pub(crate) fn c_path(path: &std::path::Path) -> Result<CString> {
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
    #[cfg(not(unix))]
    let bytes = path.to_str().map(str::as_bytes).ok_or_else(|| {
        Error::new(Status::Argument, format!("{path:?} is no Unicode: give another path"))
    })?;
    CString::new(bytes)
        .map_err(|_| Error::new(Status::Argument, format!("{path:?} contains a NUL: leave it out")))
}

/// A string of C's that lives as long as the library; "" if there is none.
///
/// # Safety
/// `text` is null or such a string.
pub(crate) unsafe fn static_text(text: *const c_char) -> &'static str {
    if text.is_null() {
        return "";
    }
    CStr::from_ptr(text).to_str().unwrap_or_default()
}

/// The same, if there is one.
///
/// # Safety
/// As for [`static_text`].
pub(crate) unsafe fn some_text(text: *const c_char) -> Option<&'static str> {
    (!text.is_null()).then(|| static_text(text))
}

/// A copy of a string of C's.
///
/// # Safety
/// `text` is a string.
pub(crate) unsafe fn owned_text(text: *const c_char) -> String {
    CStr::from_ptr(text).to_string_lossy().into_owned()
}

/// An array of C's; empty if there is none.
///
/// # Safety
/// `data` is null, or valid for `count` elements as long as the slice lives.
pub(crate) unsafe fn slice<'a, T>(data: *const T, count: i64) -> &'a [T] {
    if data.is_null() || count == 0 {
        return &[];
    }
    std::slice::from_raw_parts(data, count as usize)
}

type Panic = Box<dyn Any + Send>;

/// A reader or a writer that C calls back. A panic or an error, which cannot
/// cross C, is kept.
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
        match self.error {
            Some(error) => result.map_err(|failure| failure.caused_by(error)),
            None => result,
        }
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
            Ok(count) if count > bytes.len() => {
                let message =
                    format!("it claims {count} bytes, but {} were asked for", bytes.len());
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
            result => return result,
        }
    });
    count.map_or(-1, |n| n as i64)
}
