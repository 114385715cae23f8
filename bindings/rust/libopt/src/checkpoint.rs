// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::marker::PhantomData;
use std::path::Path;

use libopt_sys as sys;

use crate::context::Context;
use crate::data::{Dtype, Element};
use crate::error::{check, Error, Result, Status};
use crate::raw::{c_path, c_string, owned_text, Sized32};

/// A look into a checkpoint, without an optimizer: state and options,
/// parameters, and the entries that the caller saved. Dropping it closes the
/// file.
pub struct Checkpoint<'a> {
    handle: sys::opt_checkpoint,
    _context: Context,
    _data: PhantomData<&'a [u8]>,
}

// A handle serves any thread, one call at a time.
unsafe impl Send for Checkpoint<'_> {}

impl Drop for Checkpoint<'_> {
    fn drop(&mut self) {
        unsafe { sys::opt_checkpoint_close(self.handle) };
    }
}

/// An array in a checkpoint.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EntryInfo {
    /// `"fc1.weight/exp_avg"`; of the caller's own its name.
    pub name: String,
    /// Type of the elements.
    pub dtype: Dtype,
    /// Number of elements.
    pub count: usize,
    /// Size of the data.
    pub bytes: usize,
    /// Its extents.
    pub shape: Vec<i64>,
    /// Whether it is an entry of the caller's own.
    pub is_own: bool,
}

impl<'a> Checkpoint<'a> {
    /// Opens a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Checkpoint<'static>> {
        let (path, context) = (c_path(path.as_ref())?, Context::all_cores()?);
        let mut handle = std::ptr::null_mut();
        check(unsafe {
            sys::opt_checkpoint_open_file(context.handle(), path.as_ptr(), &mut handle)
        })?;
        Ok(Checkpoint { handle, _context: context, _data: PhantomData })
    }

    /// Opens one in memory.
    pub fn from_memory(data: &'a [u8]) -> Result<Checkpoint<'a>> {
        let context = Context::all_cores()?;
        let (pointer, size) = (data.as_ptr().cast(), data.len() as i64);
        let mut handle = std::ptr::null_mut();
        check(unsafe {
            sys::opt_checkpoint_open_memory(context.handle(), pointer, size, &mut handle)
        })?;
        Ok(Checkpoint { handle, _context: context, _data: PhantomData })
    }

    /// All entries, in order.
    pub fn entries(&self) -> Result<Vec<EntryInfo>> {
        let mut count = 0;
        check(unsafe { sys::opt_checkpoint_count(self.handle, &mut count) })?;
        (0..count as usize).map(|index| self.entry(index)).collect()
    }

    /// Describes the entry at an index.
    pub fn entry(&self, index: usize) -> Result<EntryInfo> {
        let mut info = sys::opt_entry_info::initial();
        check(unsafe { sys::opt_checkpoint_at(self.handle, index as i64, &mut info) })?;
        let shape = match info.rank {
            0 => Vec::new(),
            rank => unsafe { std::slice::from_raw_parts(info.shape, rank as usize) }.to_vec(),
        };
        Ok(EntryInfo {
            name: unsafe { owned_text(info.name) },
            dtype: Dtype::from_code(info.dtype),
            count: info.count as usize,
            bytes: info.bytes as usize,
            shape,
            is_own: info.own != 0,
        })
    }

    /// The index of an entry of the caller's own, or of another by its whole
    /// name.
    pub fn find(&self, name: &str) -> Result<usize> {
        let name = c_string(name)?;
        let mut index = 0;
        check(unsafe { sys::opt_checkpoint_find(self.handle, name.as_ptr(), &mut index) })?;
        Ok(index as usize)
    }

    /// The verified data of an entry, whose type is `T`.
    pub fn read<T: Element>(&self, name: &str) -> Result<Vec<T>> {
        self.read_at(self.find(name)?)
    }

    /// The same by its index.
    pub fn read_at<T: Element>(&self, index: usize) -> Result<Vec<T>> {
        let info = self.entry(index)?;
        if info.dtype != T::DTYPE {
            let message = format!("'{}' is {:?}, not {:?}", info.name, info.dtype, T::DTYPE);
            return Err(Error::new(Status::Dtype, message));
        }
        let mut data = vec![T::default(); info.count];
        let (pointer, size) = (data.as_mut_ptr().cast(), info.bytes as i64);
        check(unsafe { sys::opt_checkpoint_read(self.handle, index as i64, pointer, size) })?;
        Ok(data)
    }
}
