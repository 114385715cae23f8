// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::fmt;
use std::marker::PhantomData;
use std::os::raw::{c_char, c_void};
use std::path::Path;

use libopt_sys as sys;

use crate::context::Context;
use crate::error::{check, Error, Result, Status};
use crate::ffi::{c_path, c_string, owned_text, slice, Sized32};
use crate::tensor::{DType, Element};

/// The contents of a save beside the state.
///
/// ```compile_fail,E0597
/// let options;
/// {
///     let gone = [1f32];
///     options = libopt::SaveOptions::new().param(&gone);
/// }
/// drop(options);
/// ```
#[derive(Debug, Default)]
pub struct SaveOptions<'a> {
    pub(crate) retained: bool,
    pub(crate) params: Vec<Data<'a>>,
    pub(crate) entries: Vec<(String, Data<'a>)>,
}

impl<'a> SaveOptions<'a> {
    /// The state alone.
    pub fn new() -> SaveOptions<'a> {
        SaveOptions::default()
    }

    /// Also saves parameters: call it once for each index, in order, and with
    /// an empty slice for the index of a detached tensor.
    pub fn param(mut self, param: impl Into<Data<'a>>) -> SaveOptions<'a> {
        self.params.push(param.into());
        self
    }

    /// Also saves the retained parameters.
    pub fn retained_params(mut self) -> SaveOptions<'a> {
        self.retained = true;
        self
    }

    /// Also saves one of the caller's own arrays.
    pub fn entry(mut self, name: &str, data: impl Into<Data<'a>>) -> SaveOptions<'a> {
        self.entries.push((name.into(), data.into()));
        self
    }
}

/// Why a name did not fit in a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoadFindingKind {
    /// Attached, but not in the checkpoint.
    Missing,
    /// In the checkpoint, but not attached.
    Unexpected,
    /// In both, of another shape or type.
    Mismatched,
}

/// A name that did not fit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoadFinding {
    /// Why it did not.
    pub kind: LoadFindingKind,
    /// `"fc1.weight/exp_avg"`
    pub name: String,
    /// A sentence about it.
    pub detail: String,
}

/// Every name that did not fit when a checkpoint was loaded.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoadReport {
    /// In the order in which the load came upon them.
    pub findings: Vec<LoadFinding>,
}

impl LoadReport {
    /// Adds a finding of a load to the report at `user`.
    pub(crate) unsafe extern "C" fn add(
        user: *mut c_void,
        kind: i32,
        name: *const c_char,
        detail: *const c_char,
    ) {
        const MISSING: i32 = sys::OPT_REPORT_MISSING as i32;
        const UNEXPECTED: i32 = sys::OPT_REPORT_UNEXPECTED as i32;
        let kind = match kind {
            MISSING => LoadFindingKind::Missing,
            UNEXPECTED => LoadFindingKind::Unexpected,
            _ => LoadFindingKind::Mismatched,
        };
        let (name, detail) = (owned_text(name), owned_text(detail));
        (*user.cast::<LoadReport>()).findings.push(LoadFinding { kind, name, detail });
    }
}

/// The parts that a load takes, and the differences that it tolerates.
///
/// ```compile_fail,E0597
/// let options;
/// {
///     let mut gone = [1f32];
///     options = libopt::LoadOptions::new().param(&mut gone);
/// }
/// drop(options);
/// ```
#[derive(Debug, Default)]
pub struct LoadOptions<'a> {
    pub(crate) flags: u32,
    pub(crate) params: Vec<DataMut<'a>>,
    pub(crate) names: Option<Vec<String>>,
    pub(crate) report: Option<&'a mut LoadReport>,
}

impl<'a> LoadOptions<'a> {
    /// The state and the options.
    pub fn new() -> LoadOptions<'a> {
        LoadOptions::default()
    }

    /// Also loads parameters: call it once for each index, in order, and with
    /// an empty slice for the index of a detached tensor.
    pub fn param(mut self, param: impl Into<DataMut<'a>>) -> LoadOptions<'a> {
        self.flags |= sys::OPT_LOAD_PARAMS;
        self.params.push(param.into());
        self
    }

    /// Also loads the retained parameters.
    pub fn retained_params(mut self) -> LoadOptions<'a> {
        self.flags |= sys::OPT_LOAD_PARAMS;
        self
    }

    /// Keeps the optimizer's own option values, schedules, attributes of tensors
    /// and way of averaging, and the groups that its tensors are in.
    pub fn keep_options(mut self) -> LoadOptions<'a> {
        self.flags |= sys::OPT_LOAD_KEEP_OPTIONS;
        self
    }

    /// A tensor that the checkpoint lacks keeps its state.
    pub fn allow_missing(mut self) -> LoadOptions<'a> {
        self.flags |= sys::OPT_LOAD_ALLOW_MISSING;
        self
    }

    /// Tensors of the checkpoint that are not attached are passed over.
    pub fn allow_unexpected(mut self) -> LoadOptions<'a> {
        self.flags |= sys::OPT_LOAD_ALLOW_UNEXPECTED;
        self
    }

    /// Loads these tensors alone.
    pub fn names(mut self, names: &[&str]) -> LoadOptions<'a> {
        self.names = Some(names.iter().map(|name| name.to_string()).collect());
        self
    }

    /// Fills a report of each name that does not fit, even by a load that
    /// fails.
    pub fn report(mut self, report: &'a mut LoadReport) -> LoadOptions<'a> {
        self.report = Some(report);
        self
    }
}

/// A borrowed array to read, of any element type: made from slices, vectors and
/// arrays.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    pub(crate) pointer: *const c_void,
    pub(crate) count: usize,
    pub(crate) dtype: DType,
    lifetime: PhantomData<&'a ()>,
}

// It stands for a `&[T]` of an `Element`, which is Sync.
unsafe impl Send for Data<'_> {}
unsafe impl Sync for Data<'_> {}

impl<'a, T: Element> From<&'a [T]> for Data<'a> {
    fn from(slice: &'a [T]) -> Data<'a> {
        Data {
            pointer: slice.as_ptr().cast(),
            count: slice.len(),
            dtype: T::DTYPE,
            lifetime: PhantomData,
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

/// A borrowed array to write, of any element type: made from slices, vectors and
/// arrays.
#[derive(Debug)]
pub struct DataMut<'a> {
    pub(crate) pointer: *mut c_void,
    pub(crate) count: usize,
    pub(crate) dtype: DType,
    lifetime: PhantomData<&'a mut ()>,
}

// It stands for a `&mut [T]` of an `Element`, which is Send; a shared one gives
// nothing away.
unsafe impl Send for DataMut<'_> {}
unsafe impl Sync for DataMut<'_> {}

impl<'a, T: Element> From<&'a mut [T]> for DataMut<'a> {
    fn from(slice: &'a mut [T]) -> DataMut<'a> {
        DataMut {
            pointer: slice.as_mut_ptr().cast(),
            count: slice.len(),
            dtype: T::DTYPE,
            lifetime: PhantomData,
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

/// A look into a checkpoint, without an optimizer: state and options,
/// parameters, and the entries that the caller saved. Dropping it closes the
/// file.
///
/// ```compile_fail,E0597
/// let checkpoint;
/// {
///     let gone = vec![1u8];
///     checkpoint = libopt::Checkpoint::from_memory(&gone).unwrap();
/// }
/// drop(checkpoint);
/// ```
pub struct Checkpoint<'a> {
    pub(crate) handle: sys::opt_checkpoint,
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

impl fmt::Debug for Checkpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint").field("entries", &self.count()).finish_non_exhaustive()
    }
}

/// An array in a checkpoint.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckpointEntry {
    /// `"fc1.weight/exp_avg"`; of the caller's own its name.
    pub name: String,
    /// Type of the elements.
    pub dtype: DType,
    /// Number of elements.
    pub count: usize,
    /// Size of the data.
    pub bytes: usize,
    /// Its extents.
    pub shape: Vec<i64>,
    /// Whether it is one of the caller's own entries.
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

    /// Number of entries.
    pub fn count(&self) -> Result<usize> {
        let mut count = 0;
        check(unsafe { sys::opt_checkpoint_count(self.handle, &mut count) })?;
        Ok(count as usize)
    }

    /// All entries, in order.
    pub fn entries(&self) -> Result<Vec<CheckpointEntry>> {
        (0..self.count()?).map(|index| self.entry(index)).collect()
    }

    /// Describes the entry at an index.
    pub fn entry(&self, index: usize) -> Result<CheckpointEntry> {
        let mut info = sys::opt_entry_info::initial();
        check(unsafe { sys::opt_checkpoint_at(self.handle, index as i64, &mut info) })?;
        Ok(CheckpointEntry {
            name: unsafe { owned_text(info.name) },
            dtype: DType::from_code(info.dtype),
            count: info.count as usize,
            bytes: info.bytes as usize,
            shape: unsafe { slice(info.shape, info.rank.into()) }.to_vec(),
            is_own: info.own != 0,
        })
    }

    /// The index of one of the caller's own entries, or of another by its whole
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
            let message = format!("entry '{}' is {}, not {}", info.name, info.dtype, T::DTYPE);
            return Err(Error::new(Status::DType, message));
        }
        let mut data = vec![T::default(); info.count];
        let (pointer, size) = (data.as_mut_ptr().cast(), info.bytes as i64);
        check(unsafe { sys::opt_checkpoint_read(self.handle, index as i64, pointer, size) })?;
        Ok(data)
    }
}

/// An entry that is gone.
///
/// ```compile_fail,E0597
/// let options;
/// {
///     let gone = [1f32];
///     options = libopt::SaveOptions::new().entry("epoch", &gone);
/// }
/// drop(options);
/// ```
#[cfg(doctest)]
struct EntryThatIsGone;
