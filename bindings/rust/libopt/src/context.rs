// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::CStr;
use std::fmt;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use libopt_sys as sys;

use crate::error::{check, Result};
use crate::ffi::{c_string, static_text, Sized32};

/// Severity of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// The call did its work, but not as configured.
    Warning,
    /// Threads started and joined, target chosen.
    Info,
}

type Log = dyn Fn(LogLevel, &str) + Send + Sync;
type ParallelFor = dyn Fn(i64, &(dyn Fn(i64) + Sync)) + Send + Sync;

#[derive(Default)]
struct Callbacks {
    memory: Option<Box<dyn GlobalAlloc + Send + Sync>>,
    log: Option<Box<Log>>,
    parallel_for: Option<Box<ParallelFor>>,
}

/// How a context is set up: one thread unless told otherwise.
#[derive(Default)]
pub struct ContextBuilder {
    threads: i32,
    spin_microseconds: i32,
    target: Option<String>,
    callbacks: Callbacks,
}

impl ContextBuilder {
    /// Number of threads that may compute, the calling one included.
    pub fn threads(mut self, threads: u32) -> Self {
        self.threads = i32::try_from(threads).unwrap_or(i32::MAX);
        self
    }

    /// As many threads as there are CPUs.
    pub fn all_cores(mut self) -> Self {
        self.threads = sys::OPT_ALL_CORES;
        self
    }

    /// How long each thread spins, waiting for more work, after a step before
    /// it sleeps: 0 for a short time, up to 1,000,000. Waking a thread that
    /// sleeps takes long enough for a short step not to be worth it; so if
    /// little happens between two steps, a time longer than those pauses makes
    /// them faster.
    pub fn spin_microseconds(mut self, spin_microseconds: u32) -> Self {
        self.spin_microseconds = i32::try_from(spin_microseconds).unwrap_or(i32::MAX);
        self
    }

    /// The SIMD target to use, as [`targets`](crate::targets) lists them.
    pub fn target(mut self, target: &str) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Where all memory of the context's optimizers comes from.
    pub fn memory(mut self, memory: impl GlobalAlloc + Send + Sync + 'static) -> Self {
        self.callbacks.memory = Some(Box::new(memory));
        self
    }

    /// Takes lines of text. A panic in it is passed over.
    pub fn log(mut self, log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> Self {
        self.callbacks.log = Some(Box::new(log));
        self
    }

    /// The host's job system: calls the function once for every number from 0
    /// to the count, on any threads, and returns when all calls have. If it
    /// panics, the calling thread makes the calls that are missing.
    pub fn parallel_for(
        mut self,
        parallel_for: impl Fn(i64, &(dyn Fn(i64) + Sync)) + Send + Sync + 'static,
    ) -> Self {
        self.callbacks.parallel_for = Some(Box::new(parallel_for));
        self
    }

    /// Creates the context.
    pub fn build(self) -> Result<Context> {
        let target = self.target.as_deref().map(c_string).transpose()?;
        let mut inner = Inner { handle: std::ptr::null_mut(), callbacks: Box::new(self.callbacks) };
        let mut config = sys::opt_context_config::initial();
        config.threads = self.threads;
        config.spin_microseconds = self.spin_microseconds;
        config.user = (&*inner.callbacks as *const Callbacks as *mut Callbacks).cast();
        if inner.callbacks.memory.is_some() {
            config.allocate = Some(allocate);
            config.release = Some(release);
        }
        if inner.callbacks.log.is_some() {
            config.log = Some(log);
        }
        if inner.callbacks.parallel_for.is_some() {
            config.parallel_for = Some(parallel_for);
        }
        config.target = target.as_ref().map_or(std::ptr::null(), |target| target.as_ptr());
        check(unsafe { sys::opt_context_create(&config, &mut inner.handle) })?;
        Ok(Context { inner: Arc::new(inner) })
    }
}

struct Inner {
    handle: sys::opt_context,
    callbacks: Box<Callbacks>, // whose address C knows
}

// Handles serve any thread, and so do the callbacks.
unsafe impl Send for Inner {}
unsafe impl Sync for Inner {}

impl Drop for Inner {
    fn drop(&mut self) {
        // The last user is gone: nothing calls back any more.
        unsafe { sys::opt_context_destroy(self.handle) };
    }
}

impl fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextBuilder")
            .field("threads", &self.threads)
            .field("spin_microseconds", &self.spin_microseconds)
            .field("target", &self.target)
            .field("memory", &self.callbacks.memory.is_some())
            .field("log", &self.callbacks.log.is_some())
            .field("parallel_for", &self.callbacks.parallel_for.is_some())
            .finish()
    }
}

/// Where an optimizer gets memory, threads and SIMD instructions from. Clones
/// share it; its optimizers keep it alive.
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("info", &self.info()).finish_non_exhaustive()
    }
}

/// A context, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ContextInfo {
    /// Threads that may compute.
    pub threads: u32,
    /// How long they spin, waiting for more work, in microseconds; 0: a short
    /// time.
    pub spin_microseconds: u32,
    /// Name of its SIMD target.
    pub target: &'static str,
}

impl Context {
    /// Sets up a separate context.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// The default of this crate: all cores, shared by all who ask for it. Its
    /// threads end with its last optimizer.
    pub fn all_cores() -> Result<Context> {
        static SHARED: Mutex<Option<Weak<Inner>>> = Mutex::new(None);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inner) = shared.as_ref().and_then(Weak::upgrade) {
            return Ok(Context { inner });
        }
        let context = Context::builder().all_cores().build()?;
        *shared = Some(Arc::downgrade(&context.inner));
        Ok(context)
    }

    /// Its threads, how long they spin, and its SIMD target.
    pub fn info(&self) -> Result<ContextInfo> {
        let mut info = sys::opt_context_info::initial();
        check(unsafe { sys::opt_context_get_info(self.handle(), &mut info) })?;
        let target = unsafe { static_text(info.target) };
        Ok(ContextInfo {
            threads: info.threads as u32,
            spin_microseconds: info.spin_microseconds as u32,
            target,
        })
    }

    pub(crate) fn handle(&self) -> sys::opt_context {
        self.inner.handle
    }
}

/// Joins the threads of C's own default context, which calls of
/// [`sys`](crate::sys) may have used. Fails while an optimizer, a schedule, a
/// checkpoint or a context is alive.
///
/// ```
/// use libopt::{Checkpoint, Optimizer, SaveOptions, Schedule};
/// let (optimizer, schedule) = (Optimizer::new("adam")?, Schedule::new("cosine")?);
/// let bytes = optimizer.save_memory(&SaveOptions::new())?;
/// let checkpoint = Checkpoint::from_memory(&bytes)?;
/// assert!(libopt::shutdown().is_err());
/// drop((optimizer, schedule, checkpoint));
/// libopt::shutdown()?;
/// # Ok::<(), libopt::Error>(())
/// ```
pub fn shutdown() -> Result<()> {
    check(unsafe { sys::opt_shutdown() })
}

unsafe fn callbacks<'a>(user: *mut c_void) -> &'a Callbacks {
    &*user.cast::<Callbacks>()
}

fn layout(size: i64, alignment: i64) -> Layout {
    // Both are the library's: in range, the alignment a power of two.
    Layout::from_size_align(size.max(1) as usize, alignment as usize).unwrap()
}

unsafe extern "C" fn allocate(user: *mut c_void, size: i64, alignment: i64) -> *mut c_void {
    let memory = callbacks(user).memory.as_ref();
    catch_unwind(AssertUnwindSafe(|| {
        memory.map_or(std::ptr::null_mut(), |memory| memory.alloc(layout(size, alignment)).cast())
    }))
    .unwrap_or(std::ptr::null_mut())
}

unsafe extern "C" fn release(user: *mut c_void, block: *mut c_void, size: i64, alignment: i64) {
    if let Some(memory) = &callbacks(user).memory {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            memory.dealloc(block.cast(), layout(size, alignment));
        }));
    }
}

unsafe extern "C" fn log(user: *mut c_void, level: i32, message: *const c_char) {
    let warning = level == sys::OPT_LOG_WARNING as i32;
    let level = if warning { LogLevel::Warning } else { LogLevel::Info };
    if let Some(log) = &callbacks(user).log {
        let message = CStr::from_ptr(message).to_string_lossy();
        let _ = catch_unwind(AssertUnwindSafe(|| log(level, &message)));
    }
}

/// A loop's body, which any thread may call.
struct Task {
    function: unsafe extern "C" fn(*mut c_void, i64),
    data: *mut c_void,
}
unsafe impl Sync for Task {}

impl Task {
    fn call(&self, i: i64) {
        unsafe { (self.function)(self.data, i) }
    }
}

unsafe extern "C" fn parallel_for(
    user: *mut c_void,
    count: i64,
    function: Option<unsafe extern "C" fn(*mut c_void, i64)>,
    data: *mut c_void,
) -> i32 {
    match (&callbacks(user).parallel_for, function) {
        (Some(run), Some(function)) => {
            let task = Task { function, data };
            let result = catch_unwind(AssertUnwindSafe(|| run(count, &|i| task.call(i))));
            i32::from(result.is_err())
        }
        _ => 1,
    }
}
