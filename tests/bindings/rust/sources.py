#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Rust is formatted by rustfmt."""

import glob
import os

import tap

RUST = os.path.join(tap.ROOT, 'bindings/rust')


def main():
    roots = ['libopt/src/lib.rs', 'libopt-sys/src/lib.rs',
             'libopt-sys/build.rs', '../../tests/bindings/rust/src/main.rs',
             '../../tests/bindings/rust/src/bin/overhead.rs']
    paths = [os.path.join(RUST, path) for path in roots]
    paths += glob.glob(os.path.join(RUST, 'libopt/tests/*.rs'))
    paths += glob.glob(os.path.join(RUST, 'libopt/examples/*.rs'))
    tap.case('rustfmt has nothing to change',
             tap.run('/usr/bin/rustfmt', '--check', '--edition', '2021',
                     '--config-path', RUST, *sorted(paths)))
    tap.finish()


main()
