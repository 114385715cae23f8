# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Rust's typed options of each rule, and the C API as bindgen declares it."""

import os
import re
import subprocess
from collections.abc import Iterator

from catalog import LICENSE, NOTICE, ROOT, Entry, render, sentence

RULES = '''
// ${NOTICE}
// ${LICENSE}

//! The options of each rule, typed. A value that was not given is left alone.
//!
//! ```
//! use libopt::{rules::AdamW, Optimizer};
//! let optimizer = Optimizer::new(AdamW::new().lr(3e-4).weight_decay(0.1))?;
//! # Ok::<(), libopt::Error>(())
//! ```

use crate::options::{Options, TypedRule};
% for option in catalog.options:
%   if option.choices:

/// ${plain(option.enum_doc)}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ${option.enum} {
%     for choice in option.choices:
    /// `${choice}`
    ${upper_camel(choice)},
%     end
}
% for rule in catalog.classes:

/// ${plain(sentence(rule.summary, rule.reference))}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ${rule.class_name} {
    options: Options,
}

impl ${rule.class_name} {
    /// Leaves every option as it is: as the library has it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets every option to a preset's values, before those that are given.
    pub fn preset(mut self, preset: &'static str) -> Self {
        self.options.set_preset(preset);
        self
    }
%   for option in rule.options:

    /// ${plain(option.text)}
    pub fn ${option.name}(mut self, value: ${by_type(option, 'f64', 'bool', option.enum)}) -> Self {
        self.options.put("${option.name}", value${by_type(option, '', ' as u8 as f64', ' as u8 as f64')});
        self
    }
%   end
}

impl TypedRule for ${rule.class_name} {
    const NAME: &'static str = "${rule.name}";
    const BASE: &'static str = "${rule.rule}";

    fn options(&self) -> &Options {
        &self.options
    }
}
% end
'''
DECLARATIONS = 'bindings/rust/libopt-sys/src/bindings.rs'
BINDGEN = '''
/usr/bin/bindgen include/opt/opt.h --allowlist-function opt_.*
--allowlist-type opt_.* --allowlist-var OPT_.* --rust-target 1.47
--default-macro-constant-type signed --no-prepend-enum-name --no-layout-tests
--no-doc-comments --disable-header-comment
--enable-function-attribute-detection'''


def plain(text: str) -> str:
    """Text in a documentation comment: neither links nor code."""
    return re.sub(r'([][<>*])', r'\\\1', text)


def declarations() -> str:
    """What bindgen makes of the C API's headers."""
    for tool in ('/usr/bin/bindgen', '/usr/bin/rustfmt'):
        if not os.path.exists(tool):
            raise SystemExit(f'{tool} is missing, without which {DECLARATIONS} '
                             'stays as it was: run cmake/bootstrap tests')
    notice = NOTICE.replace('the catalogue', 'include/opt/opt.h')
    return subprocess.run(
        [*BINDGEN.split(), '--raw-line', f'// {notice}', '--raw-line',
         f'// {LICENSE}', '--', '-Iinclude', '-std=c11'],
        cwd=ROOT, env={**os.environ, 'RUSTFMT': '/usr/bin/rustfmt'},
        stdout=subprocess.PIPE, text=True, check=True).stdout


def files(catalog: Entry) -> Iterator[tuple[str, str]]:
    yield ('bindings/rust/libopt/src/rules.rs',
           render(RULES, 80, {**globals(), **locals()}))
    yield DECLARATIONS, declarations()
