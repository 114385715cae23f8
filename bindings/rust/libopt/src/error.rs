// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::ffi::CStr;
use std::fmt;

use libopt_sys as sys;

use crate::messages::translated;

/// The kind of a failure: the library's `OPT_ERR_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// A null, negative, misaligned or ill-shaped argument.
    Argument,
    /// A closed or foreign handle.
    Handle,
    /// Another call is using the optimizer.
    Busy,
    /// An unknown, duplicate or malformed name.
    Name,
    /// An option's value is outside of its range.
    Value,
    /// An index past the end, or of a detached tensor.
    Range,
    /// The right call at the wrong time.
    State,
    /// An element type that does not fit.
    DType,
    /// Two buffers share memory that is written.
    Overlap,
    /// A struct of another version of the library.
    Struct,
    /// An allocation failed.
    Memory,
    /// A fixed limit of the library is reached.
    Limit,
    /// A fault of the library itself.
    Internal,
    /// A file, reader or writer failed.
    Io,
    /// Not a checkpoint, or a damaged one.
    Format,
    /// Checkpoint and optimizer do not fit together.
    Mismatch,
    /// Inf or NaN among the gradients.
    Nonfinite,
    /// A status of a newer library.
    Other(i32),
}

const STATUSES: [Status; 17] = [
    Status::Argument,
    Status::Handle,
    Status::Busy,
    Status::Name,
    Status::Value,
    Status::Range,
    Status::State,
    Status::DType,
    Status::Overlap,
    Status::Struct,
    Status::Memory,
    Status::Limit,
    Status::Internal,
    Status::Io,
    Status::Format,
    Status::Mismatch,
    Status::Nonfinite,
];

impl Status {
    fn from_code(code: i32) -> Status {
        let known = STATUSES.get((code as usize).wrapping_sub(1));
        known.copied().unwrap_or(Status::Other(code))
    }

    /// The number that C has for it: `OPT_ERR_ARGUMENT` is 1.
    pub fn code(self) -> i32 {
        match self {
            Status::Other(code) => code,
            known => STATUSES.iter().position(|s| *s == known).unwrap() as i32 + 1,
        }
    }

    /// Its name in C: `"OPT_ERR_BUSY"`.
    pub fn name(self) -> &'static str {
        let name = unsafe { CStr::from_ptr(sys::opt_status_name(self.code())) };
        name.to_str().unwrap_or_default()
    }
}

/// A call that failed. It has changed nothing.
#[derive(Debug)]
pub struct Error {
    status: Status,
    message: String,
    source: Option<std::io::Error>,
}

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Error {
        let message = message.into();
        Error { status, message, source: None }
    }

    /// The failure of a call whose reader or writer has failed.
    pub(crate) fn caused_by(self, source: std::io::Error) -> Error {
        let message = format!("the caller's reader or writer failed: {source}");
        Error { message, source: Some(source), ..self }
    }

    /// The kind of failure.
    pub fn status(&self) -> Status {
        self.status
    }

    /// A sentence that names the culprit, the bound and the remedy.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    /// The error of the reader or writer that failed.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// Makes a result of what C returned.
pub(crate) fn check(status: sys::opt_status) -> Result<()> {
    if status == 0 {
        return Ok(());
    }
    let message = unsafe { CStr::from_ptr(sys::opt_last_error()) };
    Err(Error::new(Status::from_code(status), translated(&message.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_the_number_and_the_name_of_c() {
        for (i, status) in STATUSES.iter().enumerate() {
            let variant = format!("OPT_ERR_{status:?}").to_uppercase();
            assert_eq!((status.name(), status.code()), (&*variant, i as i32 + 1));
            assert_eq!(Status::from_code(status.code()), *status);
        }
        let unknown = Status::from_code(STATUSES.len() as i32 + 1);
        assert!(matches!(unknown, Status::Other(_)) && !unknown.name().starts_with("OPT_ERR_"));
    }
}
