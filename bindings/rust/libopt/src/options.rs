// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::ffi::CString;
use std::os::raw::c_char;

use libopt_sys as sys;

use crate::error::Result;
use crate::ffi::c_string;

/// A preset and values of options, as the types of [`rules`](mod@crate::rules)
/// and [`schedules`](mod@crate::schedules) collect them, or by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    preset: Option<String>,
    values: Vec<(String, f64)>,
    milestones: Vec<i64>,
}

impl Options {
    /// Leaves every option as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those of [`set`](Self::set).
    pub fn preset(mut self, preset: &str) -> Self {
        self.set_preset(preset);
        self
    }

    /// Sets one option by its name.
    pub fn set(mut self, option: &str, value: f64) -> Self {
        self.put(option, value);
        self
    }

    pub(crate) fn set_preset(&mut self, preset: &str) {
        self.preset = Some(preset.into());
    }

    pub(crate) fn put(&mut self, option: &str, value: f64) {
        self.values.retain(|(name, _)| name != option);
        self.values.push((option.into(), value));
    }

    pub(crate) fn set_milestones(&mut self, ticks: Vec<i64>) {
        self.milestones = ticks;
    }

    pub(crate) fn milestones(&self) -> &[i64] {
        &self.milestones
    }

    pub(crate) fn values(&self) -> &[(String, f64)] {
        &self.values
    }
}

/// A preset and values of options as C takes them.
pub(crate) struct RawOptions {
    preset: Option<CString>,
    values: Vec<sys::opt_option_value>,
    _names: Vec<CString>, // of the values
}

impl RawOptions {
    pub(crate) fn new(options: &Options) -> Result<RawOptions> {
        let preset = options.preset.as_deref().map(c_string).transpose()?;
        let names = options.values.iter().map(|(name, _)| c_string(name));
        let names: Vec<CString> = names.collect::<Result<_>>()?;
        let values = names.iter().zip(&options.values).map(|(name, (_, value))| {
            sys::opt_option_value { option: name.as_ptr(), value: *value }
        });
        Ok(RawOptions { preset, values: values.collect(), _names: names })
    }

    /// Null if there is none.
    pub(crate) fn preset(&self) -> *const c_char {
        self.preset.as_ref().map_or(std::ptr::null(), |preset| preset.as_ptr())
    }

    pub(crate) fn values(&self) -> *const sys::opt_option_value {
        self.values.as_ptr()
    }

    pub(crate) fn count(&self) -> i64 {
        self.values.len() as i64
    }
}

/// A rule with typed options: the types of [`rules`](mod@crate::rules).
pub trait TypedRule {
    /// Its name, or that of an alias.
    const NAME: &'static str;
    /// The rule's own name.
    const BASE: &'static str;
    /// The values that have been set.
    fn options(&self) -> &Options;
}

/// Values for several options of an optimizer: typed ones, or [`Options`] by
/// name.
pub trait AsOptions {
    /// The rule that they are options of; `None`: any that has them.
    fn rule(&self) -> Option<&'static str>;
    /// The values.
    fn as_options(&self) -> &Options;
}

impl<R: TypedRule> AsOptions for R {
    fn rule(&self) -> Option<&'static str> {
        Some(R::BASE)
    }
    fn as_options(&self) -> &Options {
        self.options()
    }
}

impl AsOptions for Options {
    fn rule(&self) -> Option<&'static str> {
        None
    }
    fn as_options(&self) -> &Options {
        self
    }
}

/// A schedule with typed options: the types of [`schedules`](mod@crate::schedules).
pub trait TypedSchedule {
    /// The name of its kind.
    const KIND: &'static str;
    /// The values that have been set.
    fn options(&self) -> &Options;
}

/// The rule of a new optimizer: typed options, or a name.
pub trait ToRule {
    /// Name or alias of the rule.
    fn name(&self) -> &str;
    /// The options to set at first.
    fn to_options(&self) -> Options;
}

impl<R: TypedRule> ToRule for R {
    fn name(&self) -> &str {
        R::NAME
    }
    fn to_options(&self) -> Options {
        self.options().clone()
    }
}

impl ToRule for &str {
    fn name(&self) -> &str {
        self
    }
    fn to_options(&self) -> Options {
        Options::default()
    }
}

impl ToRule for &String {
    fn name(&self) -> &str {
        self
    }
    fn to_options(&self) -> Options {
        Options::default()
    }
}
