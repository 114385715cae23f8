#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Messages of the library name what the user's language calls a thing.

The tables of bindings/messages.h, of Rust's messages.rs and of JavaScript's
messages.js have a row for every name of the C API in a message that a binding
can cause, and no other; what a row puts in its place exists in that language's
sources.
"""

import glob
import os
import re

import tap

COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/', re.S)
# NULL pointers, sizes of structs, flags and counts are the bindings' own
# business: no user of theirs can get them wrong.
CHECKED = re.compile(r'\bCheckFlags\([^;]*;|'
                     r'\b(CheckPointer|CheckTensors|FindKind|FindRule|Open|'
                     r'Read\w*|Write\w*)\([^;]*?"(opt_\w+)"')
# Nor do users pass what C calls back for, handles, or reserved fields.
OTHERS = {'OPT_REMAINING', 'opt_grad_report.group_capacity',
          'opt_info.index_count',
          'opt_tensor.reserved', 'opt_average_config.reserved',
          'opt_context_config.reserved',
          'opt_average_config.flags', 'opt_scaler_config.flags',
          'opt_grad_work.flags', 'opt_save_args.entry_count',
          'opt_load_args.name_count', 'opt_load_args.names'}
ADJACENT = re.compile(r'"\s*"')
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NAME = re.compile(r'(?<!\w)(?:opt|OPT)_\w+(?:\.\w+)?')
ROW = re.compile(r'\{"([\w.]+)",\s*"([\w.]+)",\s*"([\w.]+)"\}')
RUST_ROW = re.compile(r'^    \("([\w.]+)", "([\w:]+)"\),$', re.M)
JS_ROW = re.compile(r"^  \['([\w.]+)', (['\"])(.+)\2\],$", re.M)
JS = f'{tap.ROOT}/bindings/js/src'
RUST = f'{tap.ROOT}/bindings/rust/libopt/src'
LANGUAGES = {
    'C#': (1, 'csharp/LibOpt/*.cs', r'\b(?:class|struct|enum) {}\b'),
    'Java': (2, 'java/src/main/java/org/libopt/*.java',
             r'\b(?:class|enum) {}\b'),
}


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def names():
    """The names of C's in the library's messages, by the file of one."""
    found = {}
    for suffix in ('cc', 'h'):
        for path in glob.glob(f'{tap.ROOT}/src/**/*.{suffix}', recursive=True):
            text = ADJACENT.sub('', COMMENT.sub('', read(path)))
            text = re.sub(r'#\s*include[^\n]*', '', text)
            text = CHECKED.sub('', text)
            for literal in LITERAL.findall(text):
                for name in NAME.findall(literal):
                    if not name.endswith('.h') and name not in OTHERS:
                        found[name] = os.path.relpath(path, tap.ROOT)
    return found


def row_of(name, rows):
    """The row that translates a name, whose field may be a member."""
    return name if name in rows else name.split('.')[0]


def missing(words, pattern, declares):
    """Words that no source file declares."""
    texts = [read(path) for path in glob.glob(f'{tap.ROOT}/bindings/{pattern}')]
    for word in sorted(words):
        if word[0].islower():
            continue  # a parameter
        place, *members = word.split('.')
        homes = [text for text in texts
                 if re.search(declares.format(place), text)]
        if not any(all(re.search(rf'\b{member}\b', text) for member in members)
                   for text in homes):
            yield word


def declared_in_rust(word):
    """Whether the crate has a type, its method or variant, or a function."""
    place, *members = word.split('::')
    if not members and place[0].islower():
        return True  # a parameter
    wanted = [rf'^ *pub (unsafe )?fn {name}\b|^    {name},$' for name in members]
    if place != 'libopt':
        wanted.append(rf'^pub (struct|enum) {place}\b')
    texts = [read(path) for path in glob.glob(f'{RUST}/*.rs')]
    return any(all(re.search(pattern, text, re.M) for pattern in wanted)
               for text in texts)


def declared_in_js(word):
    """Whether the types of the package have a class or interface, its member and
    the value of that, or a function."""
    types = read(f'{JS}/index.d.ts')
    name, _, value = word.partition(' ')
    place, *members = name.split('.')
    if not members:
        return word[0].islower() or f"'{place.strip(chr(39))}'" in types or bool(
            re.search(rf'\b(class|interface) {place}\b', types))
    home = re.search(rf'\b(class|interface) {place}\b.*?^}}', types, re.M | re.S)
    return bool(home) and value in home[0] and all(
        re.search(rf'\b{member}\b', home[0]) for member in members)


def check_rust(named):
    """The table of the crate, where a field of a struct may have its own row."""
    check_table('Rust', dict(RUST_ROW.findall(read(f'{RUST}/messages.rs'))),
                declared_in_rust, named)


def check_js(named):
    check_table('JavaScript', {c: word for c, _, word in JS_ROW.findall(
        read(f'{JS}/messages.js'))}, declared_in_js, named)


def check_table(language, rows, declared, named):
    tap.case(f"every name of C's in a message has a row for {language}",
             [f'{path}: {name}' for name, path in sorted(named.items())
              if row_of(name, rows) not in rows])
    used = {row_of(name, rows) for name in named}
    tap.case(f'every row for {language} is of a name in some message',
             sorted(name for name in rows
                    if name not in used and name.split('.')[0] not in named))
    tap.case(f'the words of the rows exist in {language}',
             sorted(word for word in rows.values() if not declared(word)))


def main():
    rows = {row[0]: row for row in
            ROW.findall(read(f'{tap.ROOT}/bindings/messages.h'))}
    named = names()
    tap.case("every name of C's in a message has a row",
             [f'{path}: {name}' for name, path in sorted(named.items())
              if row_of(name, rows) not in rows] if named else 'none is named')
    used = {row_of(name, rows) for name in named}
    tap.case('every row is of a name in some message',
             sorted(set(rows) - used))
    for language, (column, pattern, declares) in LANGUAGES.items():
        tap.case(f'the words of the rows exist in {language}', list(missing(
            {row[column] for row in rows.values()}, pattern, declares)))
    check_rust(named)
    check_js(named)
    tap.finish()


main()
