#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The programs of the READMEs of C, C++ and Rust work on Windows as printed,
linked as their users link them.

usage: readme_programs.py <opt.dll> <opt.lib> <C compiler> <C++ compiler>
       <command that runs a program>...
"""

import os
import subprocess
import sys
import tempfile

import readme
import tap

RUST = 'x86_64-pc-windows-gnu'
MANIFEST = '''[package]
name = "readme"
version = "0.1.0"
edition = "2021"
[workspace]
[dependencies]
libopt = {{ path = "{path}" }}
'''


def check(name, language, compiler, libraries, source, page):
    """A program linked with `libraries`, in the folder of opt.dll."""
    options, *linked = libraries
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, f'{name}.exe')
        os.symlink(DLL, os.path.join(work, 'opt.dll'))
        readme.case(name, language, source, work, lambda path: (
            tap.run(*compiler, *options, f'-I{tap.ROOT}/include', path,
                    *linked, '-static', '-o', program),
            [*EMULATOR, program]), page)


def rust():
    """The first cargo whose compiler knows Windows' standard library."""
    for folder in (os.environ['PATH'] + ':/usr/bin').split(':'):
        cargo, rustc = (os.path.join(folder, n) for n in ('cargo', 'rustc'))
        if not (os.path.exists(cargo) and os.path.exists(rustc)):
            continue
        found = subprocess.run(
            [rustc, '--print', 'target-libdir', '--target', RUST],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            check=False).stdout.strip()
        if found and os.path.isdir(found):
            return cargo, rustc
    return None


def check_rust(folder):
    tools = rust()
    if not tools:
        print("ok - Rust's program # SKIP no standard library for Windows")
        return
    cargo, rustc = tools
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, 'src'))
        manifest = os.path.join(work, 'Cargo.toml')
        with open(manifest, 'w', encoding='utf-8') as file:
            file.write(MANIFEST.format(
                path=os.path.join(tap.ROOT, 'bindings/rust/libopt')))
        environment = {
            **os.environ, 'LIBOPT_LIB_DIR': folder, 'RUSTC': rustc,
            'CARGO_TARGET_DIR': os.path.join(work, 'target')}
        readme.case('first', 'rust', 'src/main.rs', work, lambda path: (
            tap.run(cargo, 'build', '--offline', '--quiet', '--target', RUST,
                    '--manifest-path', manifest, env=environment),
            [*EMULATOR, os.path.join(work, 'target', RUST,
                                     'debug/readme.exe')]),
            'bindings/rust/libopt/README.md')


DLL, LIBRARY, C, CXX, *EMULATOR = sys.argv[1:]


def main():
    warnings = ['-Wall', '-Wextra', '-pedantic', '-Werror']
    page = 'include/opt/README.md'
    # As MSVC links: by the import library that its linker takes.
    for name in readme.names(page):
        check(name, 'c', [C, '-std=c11'], [warnings, LIBRARY], 'readme.c', page)
    page = 'include/opt/hpp/README.md'
    for name in readme.names(page):
        check(name, 'cpp', [CXX, '-std=c++17'], [warnings, DLL], 'readme.cc',
              page)
    check_rust(os.path.dirname(DLL))
    tap.finish()


main()
