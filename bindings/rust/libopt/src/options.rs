// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

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

    pub(crate) fn get(&self) -> (Option<&str>, &[(String, f64)]) {
        (self.preset.as_deref(), &self.values)
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
