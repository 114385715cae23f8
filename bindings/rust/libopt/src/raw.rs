// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! What C's conventions look like from Rust.

use std::ffi::{CStr, CString};
use std::os::raw::c_char;

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
    opt_load_args,
    opt_option_info,
    opt_preset_info,
    opt_rule_info,
    opt_save_args,
    opt_scaler_config,
    opt_scaler_info,
    opt_schedule_kind_info,
    opt_slot_info,
    opt_step_args,
    opt_swap_args,
    opt_target_info,
    opt_tensor,
    opt_tensor_info,
    opt_view,
    opt_zero_grad_args,
);

/// A string for C.
pub(crate) fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::new(Status::Name, format!("{text:?} contains a NUL")))
}

/// A path for C.
pub(crate) fn c_path(path: &std::path::Path) -> Result<CString> {
    use std::os::unix::ffi::OsStrExt;
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| Error::new(Status::Argument, format!("{path:?} contains a NUL")))
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

/// A copy of a string of C's.
///
/// # Safety
/// `text` is a string.
pub(crate) unsafe fn owned_text(text: *const c_char) -> String {
    CStr::from_ptr(text).to_string_lossy().into_owned()
}
