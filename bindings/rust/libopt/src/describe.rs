// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use std::ffi::CStr;

use libopt_sys as sys;

use crate::error::{check, Result, Status};
use crate::ffi::{c_string, some_text, static_text, Sized32};
use crate::tensor::DType;

/// An update rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// `"adamw"`
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Plain text, one assignment a line.
    pub formula: &'static str,
    /// The publication.
    pub reference: &'static str,
    options: i32,
    slots: i32,
    presets: i32,
}

/// An option of a rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OptionInfo {
    /// `"lr"`
    pub name: &'static str,
    /// Other names that are accepted in the place of its name.
    pub aliases: Vec<&'static str>,
    /// Its meaning.
    pub doc: &'static str,
    /// The default.
    pub default: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value, which may be infinite.
    pub max: f64,
    /// Whether `min` itself is not allowed.
    pub min_open: bool,
    /// Whether `max` itself is not allowed.
    pub max_open: bool,
    /// 0 or 1.
    pub is_bool: bool,
    /// Zero or not decides which state slots exist: that is fixed while tensors
    /// are attached. The whole value is fixed then if it is `min_dim_factored`
    /// of adafactor.
    pub is_layout: bool,
    /// The names of the values 0, 1, ...; empty if it is a number.
    pub choices: Vec<&'static str>,
}

/// The shape of a state slot, for a tensor of shape `[..., r, c]`. A tensor
/// with fewer than two extents has no `r` and `c`; the slots that are named
/// after them have its own shape then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlotShape {
    /// As the parameter: `[..., r, c]`.
    Param,
    /// One element for each index of the first axis, as for a row of an
    /// embedding.
    Rows,
    /// `[..., r, 1]`: one element for each row of the last two axes.
    RowFactor,
    /// `[..., 1, c]`: one element for each column of the last two axes.
    ColumnFactor,
    /// `[..., r, r]`: a square matrix.
    RowSquare,
    /// `[..., c, c]`: a square matrix.
    ColumnSquare,
    /// One element for each 256 elements of the flat tensor, the last of which
    /// may be fewer.
    Blocks,
    /// One number for the tensor.
    Number,
    /// One number that all tensors of a group share.
    GroupNumber,
    /// One that this version of the crate has no name for.
    Other(i32),
}

impl SlotShape {
    fn from_code(code: sys::opt_shape) -> SlotShape {
        match code as u32 {
            sys::OPT_SHAPE_PARAM => SlotShape::Param,
            sys::OPT_SHAPE_ROWS => SlotShape::Rows,
            sys::OPT_SHAPE_ROW_FACTOR => SlotShape::RowFactor,
            sys::OPT_SHAPE_COLUMN_FACTOR => SlotShape::ColumnFactor,
            sys::OPT_SHAPE_ROW_SQUARE => SlotShape::RowSquare,
            sys::OPT_SHAPE_COLUMN_SQUARE => SlotShape::ColumnSquare,
            sys::OPT_SHAPE_BLOCKS => SlotShape::Blocks,
            sys::OPT_SHAPE_NUMBER => SlotShape::Number,
            sys::OPT_SHAPE_GROUP_NUMBER => SlotShape::GroupNumber,
            _ => SlotShape::Other(code),
        }
    }
}

/// A state slot: an array with its own shape and type.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Slot {
    /// `"exp_avg"`
    pub name: &'static str,
    /// Its meaning.
    pub doc: &'static str,
    /// Exists when this option is not 0.
    pub when_option: Option<&'static str>,
    /// Its shape.
    pub shape: SlotShape,
    /// The type of an element; `None`: that of the parameters.
    pub dtype: Option<DType>,
    /// The option at whose value it starts; `"param"`: it starts as a copy of
    /// the parameter, which is made in the tensor's first step; `None`: it
    /// starts at a constant.
    pub initial_option: Option<&'static str>,
}

/// A named set of values of all options.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preset {
    /// `"pytorch"`
    pub name: &'static str,
    /// The library or paper whose values these are.
    pub doc: &'static str,
}

/// Another name for a rule, with other defaults.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Alias {
    /// `"momentum"`
    pub name: &'static str,
    /// `"sgd"`
    pub rule: &'static str,
    /// How the defaults differ.
    pub doc: &'static str,
}

/// A SIMD target that was compiled in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SimdTarget {
    /// `"AVX2"`
    pub name: &'static str,
    /// Whether this CPU can run it.
    pub supported: bool,
}

fn list<T>(count: i32, describe: impl Fn(i32) -> Result<T>) -> Result<Vec<T>> {
    (0..count).map(describe).collect()
}

fn counted<T>(
    count: unsafe extern "C" fn(*mut i32) -> sys::opt_status,
    describe: impl Fn(i32) -> Result<T>,
) -> Result<Vec<T>> {
    let mut n = 0;
    check(unsafe { count(&mut n) })?;
    list(n, describe)
}

fn rule_info(info: &sys::opt_rule_info) -> Rule {
    unsafe {
        Rule {
            name: static_text(info.name),
            summary: static_text(info.summary),
            formula: static_text(info.formula),
            reference: static_text(info.reference),
            options: info.option_count,
            slots: info.slot_count,
            presets: info.preset_count,
        }
    }
}

/// All rules, in the order of the registry; aliases not included.
pub fn rules() -> Result<Vec<Rule>> {
    counted(sys::opt_rule_count, |i| {
        let mut info = sys::opt_rule_info::initial();
        check(unsafe { sys::opt_rule_at(i, &mut info) })?;
        Ok(rule_info(&info))
    })
}

/// The rule of a name or alias.
pub fn find_rule(rule: &str) -> Result<Rule> {
    let rule = c_string(rule)?;
    let mut info = sys::opt_rule_info::initial();
    check(unsafe { sys::opt_rule_find(rule.as_ptr(), &mut info) })?;
    Ok(rule_info(&info))
}

/// All aliases.
pub fn aliases() -> Result<Vec<Alias>> {
    counted(sys::opt_alias_count, |i| unsafe {
        let mut info = sys::opt_alias_info::initial();
        check(sys::opt_alias_at(i, &mut info))?;
        Ok(Alias {
            name: static_text(info.name),
            rule: static_text(info.rule),
            doc: static_text(info.doc),
        })
    })
}

/// The options of a rule, or with the defaults of an alias.
pub fn options_of(rule: &str) -> Result<Vec<OptionInfo>> {
    let name = c_string(rule)?;
    list(find_rule(rule)?.options, |i| {
        let mut info = sys::opt_option_info::initial();
        check(unsafe { sys::opt_option_at(name.as_ptr(), i, &mut info) })?;
        Ok(option_info(&info))
    })
}

pub(crate) fn option_info(info: &sys::opt_option_info) -> OptionInfo {
    let flag = |bit: u32| info.flags & bit != 0;
    let listed = |names: Option<&'static str>| {
        names.map_or_else(Vec::new, |names| names.split(',').collect())
    };
    unsafe {
        OptionInfo {
            name: static_text(info.name),
            aliases: listed(some_text(info.aliases)),
            doc: static_text(info.doc),
            default: info.default_value,
            min: info.min,
            max: info.max,
            min_open: flag(sys::OPT_OPTION_MIN_OPEN),
            max_open: flag(sys::OPT_OPTION_MAX_OPEN),
            is_bool: flag(sys::OPT_OPTION_BOOL),
            is_layout: flag(sys::OPT_OPTION_LAYOUT),
            choices: listed(some_text(info.choices)),
        }
    }
}

/// The attributes that every tensor has, as options.
pub fn attributes() -> Result<Vec<OptionInfo>> {
    counted(sys::opt_attribute_count, |i| {
        let mut info = sys::opt_option_info::initial();
        check(unsafe { sys::opt_attribute_at(i, &mut info) })?;
        Ok(option_info(&info))
    })
}

/// The state slots of a rule.
pub fn slots_of(rule: &str) -> Result<Vec<Slot>> {
    let name = c_string(rule)?;
    list(find_rule(rule)?.slots, |i| unsafe {
        let mut info = sys::opt_slot_info::initial();
        check(sys::opt_slot_at(name.as_ptr(), i, &mut info))?;
        Ok(Slot {
            name: static_text(info.name),
            doc: static_text(info.doc),
            when_option: some_text(info.when_option),
            shape: SlotShape::from_code(info.shape),
            dtype: (info.dtype != sys::OPT_DTYPE_PARAM).then(|| DType::from_code(info.dtype)),
            initial_option: some_text(info.initial_option),
        })
    })
}

/// The presets of a rule; the first is what a new optimizer has.
pub fn presets_of(rule: &str) -> Result<Vec<Preset>> {
    let name = c_string(rule)?;
    list(find_rule(rule)?.presets, |i| unsafe {
        let mut info = sys::opt_preset_info::initial();
        check(sys::opt_preset_at(name.as_ptr(), i, &mut info))?;
        Ok(Preset { name: static_text(info.name), doc: static_text(info.doc) })
    })
}

/// The value that a preset of a rule gives to an option.
pub fn preset_value(rule: &str, preset: &str, option: &str) -> Result<f64> {
    let (rule, preset, option) = (c_string(rule)?, c_string(preset)?, c_string(option)?);
    let mut value = 0.;
    check(unsafe {
        sys::opt_preset_value(rule.as_ptr(), preset.as_ptr(), option.as_ptr(), &mut value)
    })?;
    Ok(value)
}

/// The SIMD targets that were compiled in, best first.
pub fn targets() -> Result<Vec<SimdTarget>> {
    counted(sys::opt_target_count, |i| unsafe {
        let mut info = sys::opt_target_info::initial();
        check(sys::opt_target_at(i, &mut info))?;
        Ok(SimdTarget { name: static_text(info.name), supported: info.supported != 0 })
    })
}

/// All rules, options, slots, presets, schedules and targets in one piece: a
/// JSON object, whose members `opt_describe.h` of the C library tells.
pub fn catalog() -> Result<&'static str> {
    let text = unsafe { sys::opt_catalog() };
    check(if text.is_null() { Status::Memory.code() } else { 0 })?;
    Ok(unsafe { static_text(text) })
}

/// The library's version.
pub fn version() -> &'static str {
    unsafe { CStr::from_ptr(sys::opt_version()) }.to_str().unwrap_or_default()
}

/// The same as a number that grows from release to release: 10203 is 1.2.3.
pub fn version_number() -> i32 {
    unsafe { sys::opt_version_number() }
}

/// One line for bug reports.
pub fn build_info() -> &'static str {
    unsafe { CStr::from_ptr(sys::opt_build_info()) }.to_str().unwrap_or_default()
}
