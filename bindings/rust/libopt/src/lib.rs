// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Deep-learning optimizers: you own flat parameter and gradient buffers,
//! libopt makes the update step, with the same bits on every machine, compiler
//! and number of threads.
//!
//! ```
//! use libopt::{rules::Adam, Lent, Optimizer, TensorSpec};
//!
//! let mut line = [0f32; 2]; // y = line[0] * x + line[1]
//! let mut optimizer = Optimizer::new(Adam::new().lr(0.1))?;
//! optimizer.attach(TensorSpec::new::<f32>("line", 2))?;
//! for _ in 0..500 {
//!     let mut grad = [0f32; 2];
//!     for (x, y) in [(0., 1.), (1., 3.), (2., 5.), (3., 7.)] {
//!         let error = line[0] * x + line[1] - y;
//!         grad[0] += error * x / 4.;
//!         grad[1] += error / 4.;
//!     }
//!     optimizer.step([Lent::new(&mut line, &grad)])?;
//! }
//! assert!((line[0] - 2.).abs() < 0.01 && (line[1] - 1.).abs() < 0.01);
//! # Ok::<(), libopt::Error>(())
//! ```
//!
//! Tensors are attached by name and length; buffers are **lent** to each call as
//! slices, so that nothing is copied and nothing is kept. Every call returns a
//! [`Result`], and one that fails has changed nothing; [`Error`] has the status
//! and the message of the C library, which names the culprit and the remedy.
//!
//! An [`Optimizer`] can be sent to another thread, and is used by one at a time.
//! Memory that is gone before a call is through with it, and state that is looked
//! at while a step writes it, do not compile; the pages of the types show it.
//!
//! Unlike in C, the default [`Context`] of this crate computes on all cores.

#![deny(missing_debug_implementations, missing_docs)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme; // its program is tested

mod checkpoint;
mod context;
mod describe;
mod error;
mod ffi;
mod lent;
mod messages;
mod optimizer;
mod options;
#[rustfmt::skip]
pub mod rules;
mod schedule;
#[rustfmt::skip]
pub mod schedules;
mod step;
mod tensor;

pub use checkpoint::{Checkpoint, CheckpointEntry, Data, DataMut};
pub use checkpoint::{LoadFinding, LoadFindingKind, LoadOptions, LoadReport, SaveOptions};
pub use context::{shutdown, Context, ContextBuilder, ContextInfo, LogLevel};
pub use describe::*;
pub use error::{Error, Result, Status};
pub use lent::Lent;
pub use optimizer::{Group, Optimizer, OptimizerInfo};
pub use options::{AsOptions, Options, ToRule, TypedRule, TypedSchedule};
pub use schedule::{schedule_kinds, schedule_options_of, Schedule, ScheduleKind, SchedulePart};
pub use schedule::{AsSchedule, ToSchedule};
pub use step::{AccumulateOptions, AverageInfo, AverageOptions, ScalerInfo, ScalerOptions};
pub use step::{GradientReport, GradientWork, Nonfinite, Norm, StepOptions};
pub use tensor::{DType, Element, Float, TensorInfo, TensorSpec};

/// The C API, for what this crate does not have.
pub use libopt_sys as sys;
