#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The program of the crate's README, as a package of its own that uses libopt.

usage: readme_program.py <cargo>
"""

import os
import sys
import tempfile

import readme
import tap

MANIFEST = '''[package]
name = "readme"
version = "0.1.0"
edition = "2021"
[workspace]
[dependencies]
libopt = {{ path = "{path}" }}
'''


def main():
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, 'src'))
        manifest = os.path.join(work, 'Cargo.toml')
        with open(manifest, 'w', encoding='utf-8') as file:
            file.write(MANIFEST.format(
                path=os.path.join(tap.ROOT, 'bindings/rust/libopt')))
        command = [sys.argv[1], 'run', '--offline', '--release', '--quiet',
                   '--manifest-path', manifest]
        readme.case('first', 'rust', 'src/main.rs', work,
                    lambda path: ('', command), 'bindings/rust/libopt/README.md')
    tap.finish()


main()
