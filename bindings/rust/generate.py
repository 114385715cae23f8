# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Rust's typed options of each rule and of each kind of schedule."""

import re

from catalog import Entry, Files, render

FILE = '''
// ${NOTICE}
// ${LICENSE}

//! The options of each ${kind}, typed. A value that was not given is left alone.
//!
//! ```
//! use libopt::{${file}::${example.split(':')[0]}, ${target}};
//! let ${target.lower()} = ${target}::new(${example})?;
//! # Ok::<(), libopt::Error>(())
//! ```

use crate::options::{Options, TypedRule};  %% if file == 'rules'
use crate::options::{Options, TypedSchedule};  %% if file == 'schedules'
% for option in enums:

/// ${plain(option.enum_doc)}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ${option.enum} {
%   for choice in option.choices:
    /// `${choice}`
    ${upper_camel(choice)},
%   end
}
% for made in entries:
%   arguments = ['milestones: impl Into<Vec<i64>>'] * made.has_milestones
%   arguments += [f'{one.name}: {types.get(one.type, one.enum)}' for one in made.required]

/// ${plain(sentence(made.doc, *made.published))}
#[derive(Clone, Debug, ${'' if arguments else 'Default, '}PartialEq)]
pub struct ${made.class_name} {
    options: Options,
}

impl ${made.class_name} {
%   if arguments:
    /// The milestones are ticks in ascending order.  %% if made.has_milestones
    /// ${plain(one.text)}  %% for one in made.required
    pub fn new(${', '.join(arguments)}) -> Self {
        let mut options = Options::new();
        options.set_milestones(milestones.into());  %% if made.has_milestones
        options.put("${one.name}", ${one.name} as f64);  %% for one in made.required
        Self { options }
    }
%   else:
    /// Leaves every option at the library's default.
    pub fn new() -> Self {
        Self::default()
    }
%   if made.is_rule:

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }
%   for option in made.optional:

    /// ${plain(option.text)}
    pub fn ${option.name}(mut self, value: ${types.get(option.type, option.enum)}) -> Self {
        self.options.put("${option.name}", value${by_type(option, '', ' as u8 as f64', ' as u8 as f64', ' as f64')});
        self
    }
%   end
}

%   if made.is_rule:
impl TypedRule for ${made.class_name} {
    const NAME: &'static str = "${made.name}";
    const BASE: &'static str = "${made.rule}";
%   else:
impl TypedSchedule for ${made.class_name} {
    const KIND: &'static str = "${made.name}";
%   end

    fn options(&self) -> &Options {
        &self.options
    }
}
% end
'''


def plain(text: str) -> str:
    """Text in a documentation comment: neither links nor code."""
    return re.sub(r'([][<>*])', r'\\\1', text)


def files(catalog: Entry) -> Files:
    types = {'number': 'f64', 'integer': 'i64', 'bool': 'bool'}
    for file, kind, entries, enums, target, example in (
            ('rules', 'rule', catalog.classes, catalog.enums, 'Optimizer',
             'AdamW::new().lr(3e-4).weight_decay(0.1)'),
            ('schedules', 'kind of schedule', catalog.schedules,
             catalog.schedule_enums, 'Schedule',
             'Cosine::new(9500).eta_min(1e-5)')):
        yield (f'bindings/rust/libopt/src/{file}.rs',
               render(FILE, 80, {**globals(), **locals()}))
