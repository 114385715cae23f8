# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The files of the source tree that people write or that are generated."""

import os

import tap

FOLDERS = ('include', 'src', 'bindings', 'tests', 'examples', 'cmake')
GENERATED = {
    'include/opt/opt_names.h', 'include/opt/hpp/rules.hpp',
    'bindings/rust/libopt/src/rules.rs', 'bindings/csharp/LibOpt/Rules.cs',
    'bindings/rust/libopt-sys/src/bindings.rs',
    *(f'bindings/python/libopt/{name}' for name in (
        '_rules.py', '_rules.pyi', 'torch/_rules.py', 'torch/_rules.pyi')),
    *(f'bindings/java/src/main/java/org/libopt/{name}.java' for name in (
        'AdaGrad', 'Adam', 'AdamW', 'Gd', 'Lion', 'Momentum', 'Names',
        'RmsProp', 'Sgd'))}
CODE = ('.h', '.hpp', '.c', '.cc', '.inc')


def files():
    """Yields paths from the root on, sorted."""
    found = ['CMakeLists.txt']
    for folder in FOLDERS:
        for place, folders, names in os.walk(os.path.join(tap.ROOT, folder)):
            folders[:] = [f for f in folders if f != '__pycache__']
            found += [os.path.relpath(os.path.join(place, name), tap.ROOT)
                      for name in names]
    return sorted(found)


def code():
    return [path for path in files() if path.endswith(CODE)]


def read(path):
    with open(os.path.join(tap.ROOT, path), encoding='utf-8') as file:
        return file.read()
