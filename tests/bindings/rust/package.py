#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The crates as cargo packs them are complete: away from the source tree they
build the README's program, which needs no library but those of C and C++.

usage: package.py <cargo>
"""

import os
import re
import sys
import tarfile
import tempfile

import readme
import tap

CRATES = os.path.join(tap.ROOT, 'bindings/rust')
SYSTEM = {'libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1',
          'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}
ABOUT = ('description', 'license', 'readme', 'rust-version', 'keywords',
         'categories')
MANIFEST = '''[package]
name = "program"
version = "0.1.0"
edition = "2021"
[dependencies]
libopt = "{version}"
[patch.crates-io]
libopt = {{ path = "../libopt-{version}" }}
libopt-sys = {{ path = "../libopt-sys-{version}" }}
'''
# Calls what needs zlib: a linker leaves out what is not called.
CHECKPOINT = '''fn main() {
    let optimizer = libopt::Optimizer::new("adam").unwrap();
    let bytes = optimizer.save_memory(&libopt::SaveOptions::new()).unwrap();
    let entries = libopt::Checkpoint::from_memory(&bytes).unwrap().entries();
    assert!(!entries.unwrap().is_empty());
}
'''


def header_version():
    with open(f'{tap.ROOT}/include/opt/opt_base.h', encoding='utf-8') as file:
        return '.'.join(re.findall(
            r'^#define OPT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)', file.read(),
            re.M))


def pack(cargo, crate, version, work):
    """Packs a crate, checks what is in it, and unpacks it."""
    # libopt-sys is not in a registry where libopt could find it.
    problem = tap.run(
        cargo, 'package', '--offline', '--no-verify', '--allow-dirty',
        '--quiet', '--target-dir', work, '--manifest-path',
        f'{CRATES}/{crate}/Cargo.toml', '--config',
        f'patch.crates-io.libopt-sys.path="{CRATES}/libopt-sys"')
    packed = f'{work}/package/{crate}-{version}.crate'
    tap.case(f'cargo packs {crate} in the version of the library',
             problem or ('' if os.path.exists(packed) else f'no {packed}'))
    with tarfile.open(packed) as archive:
        archive.extractall(work)
        tap.case(f'{crate} has its license, notices and README, and no links', [
            f'lacks {name}'
            for name in ('LICENSE', 'README.md', 'THIRD-PARTY-NOTICES')
            if f'{crate}-{version}/{name}' not in archive.getnames()] + [
            f'{member.name} is a link' for member in archive
            if member.issym() or member.islnk()])
    with open(f'{work}/{crate}-{version}/Cargo.toml',
              encoding='utf-8') as file:
        manifest = file.read()
    tap.case(f'the manifest of {crate} tells what it is', [
        f'no {key}' for key in ABOUT
        if not re.search(f'^{key} = ', manifest, re.M)])


def use(cargo, version, work):
    """The README's program, from the packed crates alone."""
    place = os.path.join(work, 'program')
    os.makedirs(os.path.join(place, 'src/bin'))
    with open(f'{place}/Cargo.toml', 'w', encoding='utf-8') as file:
        file.write(MANIFEST.format(version=version))
    with open(f'{place}/src/bin/checkpoint.rs', 'w', encoding='utf-8') as file:
        file.write(CHECKPOINT)
    built = os.path.join(place, 'target/release')
    environment = {key: value for key, value in os.environ.items()
                   if key not in ('LIBOPT_LIB_DIR', 'CARGO_TARGET_DIR')}
    # The kernels of one SIMD target compile much faster than those of all, and
    # whether the package is complete does not depend on optimization.
    environment['CXXFLAGS'] = '-DHWY_COMPILE_ONLY_STATIC'
    environment['CMAKE_TOOLCHAIN_FILE'] = os.path.join(work, 'quick.cmake')
    with open(environment['CMAKE_TOOLCHAIN_FILE'], 'w',
              encoding='utf-8') as file:
        file.write('set(CMAKE_CXX_FLAGS_RELEASE "-O0" CACHE STRING "")\n')

    def build(_):
        return tap.run(cargo, 'build', '--offline', '--release', '--quiet',
                       cwd=place, env=environment), [f'{built}/program']
    readme.case('first', 'rust', 'src/main.rs', place, build,
                'bindings/rust/libopt/README.md')
    tap.case('a program saves and reads a checkpoint',
             tap.run(f'{built}/checkpoint'))
    for program in ('program', 'checkpoint'):
        needed = re.findall(r'\(NEEDED\).*\[(.+)\]',
                            tap.output('readelf', '-dW', f'{built}/{program}'))
        tap.case(f'{program} needs the runtimes of C and C++ alone',
                 [f'needs {name}' for name in needed if name not in SYSTEM]
                 if needed else 'needs nothing')


def main():
    version = header_version()
    with tempfile.TemporaryDirectory() as work:
        for crate in ('libopt-sys', 'libopt'):
            pack(sys.argv[1], crate, version, work)
        use(sys.argv[1], version, work)
    tap.finish()


main()
