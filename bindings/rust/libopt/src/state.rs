// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::ffi::CString;
use std::io::{Read, Write};
use std::os::raw::{c_char, c_void};
use std::path::Path;

use libopt_sys as sys;

use crate::callback::{read, tell, write, Callback};
use crate::data::{Data, DataMut, Dtype};
use crate::error::{check, Error, Result, Status};
use crate::optimizer::Optimizer;
use crate::raw::{c_path, c_string, Sized32};

/// What a save writes beside the state.
#[derive(Default)]
pub struct Save<'a> {
    retained: bool,
    params: Vec<Data<'a>>,
    entries: Vec<(String, Data<'a>)>,
}

impl<'a> Save<'a> {
    /// The state alone.
    pub fn new() -> Save<'a> {
        Save::default()
    }

    /// And parameters: call it once for each index, in order.
    pub fn param(mut self, param: impl Into<Data<'a>>) -> Save<'a> {
        self.params.push(param.into());
        self
    }

    /// And the retained parameters.
    pub fn retained_params(mut self) -> Save<'a> {
        self.retained = true;
        self
    }

    /// And an array of the caller's own.
    pub fn entry(mut self, name: &str, data: impl Into<Data<'a>>) -> Save<'a> {
        self.entries.push((name.into(), data.into()));
        self
    }
}

/// Why a load reports a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Attached, but not in the checkpoint.
    Missing,
    /// In the checkpoint, but not attached.
    Unexpected,
    /// In both, of another shape or dtype.
    Mismatched,
}

pub(crate) type Report<'a> = dyn FnMut(Mismatch, &str, &str) + 'a;

/// What a load takes, and whom it tells.
#[derive(Default)]
pub struct Load<'a> {
    flags: u32,
    params: Vec<DataMut<'a>>,
    names: Option<Vec<String>>,
    report: Option<Box<Report<'a>>>,
}

impl<'a> Load<'a> {
    /// The state and the options.
    pub fn new() -> Load<'a> {
        Load::default()
    }

    /// And parameters: call it once for each index, in order.
    pub fn param(mut self, param: impl Into<DataMut<'a>>) -> Load<'a> {
        self.flags |= sys::OPT_LOAD_PARAMS;
        self.params.push(param.into());
        self
    }

    /// And the retained parameters.
    pub fn retained_params(mut self) -> Load<'a> {
        self.flags |= sys::OPT_LOAD_PARAMS;
        self
    }

    /// Keeps the optimizer's own option values.
    pub fn keep_options(mut self) -> Load<'a> {
        self.flags |= sys::OPT_LOAD_KEEP_OPTIONS;
        self
    }

    /// A tensor that the checkpoint lacks keeps its state.
    pub fn allow_missing(mut self) -> Load<'a> {
        self.flags |= sys::OPT_LOAD_ALLOW_MISSING;
        self
    }

    /// Tensors of the checkpoint that are not attached are passed over.
    pub fn allow_unexpected(mut self) -> Load<'a> {
        self.flags |= sys::OPT_LOAD_ALLOW_UNEXPECTED;
        self
    }

    /// Loads these tensors alone.
    pub fn only(mut self, names: &[&str]) -> Load<'a> {
        self.names = Some(names.iter().map(|name| name.to_string()).collect());
        self
    }

    /// Tells each name that does not fit, and a sentence about it.
    pub fn report(mut self, report: impl FnMut(Mismatch, &str, &str) + 'a) -> Load<'a> {
        self.report = Some(Box::new(report));
        self
    }
}

impl Optimizer {
    /// Saves to a file, which is replaced as a whole: after a crash it is the
    /// old one or the new one.
    pub fn save_file(&self, path: impl AsRef<Path>, what: &Save<'_>) -> Result<()> {
        let path = c_path(path.as_ref())?;
        self.save(what, |args| unsafe { sys::opt_save_file(self.handle, path.as_ptr(), args) })
    }

    /// Saves to memory.
    pub fn save_memory(&self, what: &Save<'_>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.save(what, |args| unsafe {
            let mut size = 0;
            let none = std::ptr::null_mut();
            let status = sys::opt_save_memory(self.handle, none, 0, &mut size, args);
            if status != 0 {
                return status;
            }
            bytes.resize(size as usize, 0);
            let buffer = bytes.as_mut_ptr().cast();
            sys::opt_save_memory(self.handle, buffer, size, std::ptr::null_mut(), args)
        })?;
        Ok(bytes)
    }

    /// Saves to a writer. If that fails, its error is the source of this one.
    pub fn save_to<W: Write>(&self, writer: W, what: &Save<'_>) -> Result<()> {
        let mut callback = Callback::new(writer);
        let user: *mut Callback<W> = &mut callback;
        let result = self.save(what, |args| unsafe {
            sys::opt_save_callback(self.handle, Some(write::<W>), user.cast(), args)
        });
        callback.finish(result)
    }

    fn save(
        &self,
        what: &Save<'_>,
        save: impl FnOnce(&sys::opt_save_args) -> sys::opt_status,
    ) -> Result<()> {
        let mut names: Vec<CString> = Vec::new();
        let mut entries = Vec::new();
        for (name, data) in &what.entries {
            let mut entry = sys::opt_entry::initial();
            names.push(c_string(name)?);
            entry.name = names[names.len() - 1].as_ptr();
            entry.dtype = data.dtype.code();
            entry.count = data.count as i64;
            entry.data = data.pointer;
            entries.push(entry);
        }
        let mut args = sys::opt_save_args::initial();
        args.entry_count = entries.len() as i64;
        args.entries = entries.as_ptr();
        // C takes no const here, and only reads.
        let params =
            what.params.iter().map(|data| (data.pointer as *mut _, data.count, data.dtype));
        let params = self.lend(params)?;
        if what.retained || !params.is_empty() {
            args.flags = sys::OPT_SAVE_PARAMS;
        }
        if !params.is_empty() {
            args.count = params.len() as i64;
            args.params = params.as_ptr();
        }
        check(save(&args))
    }

    /// Loads a file into an optimizer of the same rule whose tensors have been
    /// attached: matched by name, shape and dtype.
    pub fn load_file(&mut self, path: impl AsRef<Path>, how: Load<'_>) -> Result<()> {
        let path = c_path(path.as_ref())?;
        let handle = self.handle;
        self.load(how, |args| unsafe { sys::opt_load_file(handle, path.as_ptr(), args) })
    }

    /// Loads from memory.
    pub fn load_memory(&mut self, data: &[u8], how: Load<'_>) -> Result<()> {
        let handle = self.handle;
        self.load(how, |args| unsafe {
            sys::opt_load_memory(handle, data.as_ptr().cast(), data.len() as i64, args)
        })
    }

    /// Loads from a reader. If that fails, its error is the source of this one.
    pub fn load_from<R: Read>(&mut self, reader: R, how: Load<'_>) -> Result<()> {
        let mut callback = Callback::new(reader);
        let user: *mut Callback<R> = &mut callback;
        let handle = self.handle;
        let result = self.load(how, |args| unsafe {
            sys::opt_load_callback(handle, Some(read::<R>), user.cast(), args)
        });
        callback.finish(result)
    }

    fn load(
        &mut self,
        how: Load<'_>,
        load: impl FnOnce(&sys::opt_load_args) -> sys::opt_status,
    ) -> Result<()> {
        let names = how.names.iter().flatten().map(|name| c_string(name));
        let names: Vec<CString> = names.collect::<Result<_>>()?;
        let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        pointers.push(std::ptr::null()); // so that an empty list is not null
        let params = how.params.iter().map(|data| (data.pointer, data.count, data.dtype));
        let params = self.lend(params)?;
        let mut args = sys::opt_load_args::initial();
        args.flags = how.flags;
        if how.names.is_some() {
            args.name_count = names.len() as i64;
            args.names = pointers.as_ptr();
        }
        if !params.is_empty() {
            args.count = params.len() as i64;
            args.params = params.as_ptr();
        }
        let mut callback = how.report.map(Callback::new);
        if let Some(callback) = &mut callback {
            args.user = (callback as *mut Callback<Box<Report<'_>>>).cast();
            args.report = Some(tell);
        }
        let result = check(load(&args));
        match callback {
            Some(callback) => callback.finish(result),
            None => result,
        }
    }

    /// Checks lent parameters, one for each index or none at all.
    fn lend(
        &self,
        params: impl Iterator<Item = (*mut c_void, usize, Dtype)>,
    ) -> Result<Vec<*mut c_void>> {
        let mut pointers = Vec::new();
        for (index, (pointer, count, dtype)) in params.enumerate() {
            let layout = self.pointers.layouts.get(index).copied().flatten();
            if layout.map(|layout| (layout.count, layout.param)) != Some((count, dtype)) {
                let message = format!(
                    "parameter {index}, {count} elements of {dtype:?}, is not as its tensor \
                     was attached"
                );
                return Err(Error::new(Status::Argument, message));
            }
            pointers.push(pointer);
        }
        Ok(pointers)
    }
}
