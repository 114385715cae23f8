#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Who may include whom."""

import re

import tap
import tree

# The layers of src. Each may include those to its right, and all but os the
# public headers as well. A folder inside another is a layer of its own.
LAYERS = ('api', 'state', 'state/sections', 'optimizer', 'schedules',
          'parallel', 'kernel', 'rules', 'state/container', 'base', 'os')
# The one header of a layer that others may include.
ENTRANCES = {'kernel': 'src/kernel/kernels.h'}


def layers():
    """Yields each folder of src with the prefixes that it may include."""
    for at, layer in enumerate(LAYERS):
        below = tuple(ENTRANCES.get(name, f'src/{name}/')
                      for name in LAYERS[at + 1:])
        yield f'src/{layer}/', below + (() if layer == 'os' else ('opt/',))


INCLUDE = re.compile(r'^\s*#\s*include\s*(["<][^">]+[">])', re.M)

# What a folder's files may include of the project's, beside their own folder:
# prefixes of paths. The most specific folder counts.
ALLOWED = {
    'include/opt/': ('opt/',),
    **dict(layers()),
    'cmake/aarch64/': (),
    'bindings/': ('bindings/', 'opt/'),
    'examples/': ('opt/',),
    'tests/': ('tests/', 'src/', 'opt/'),
    'tests/c/': ('opt/',),
    'tests/abi/': ('opt/',),
    'tests/bindings/': ('opt/',),
}

# Headers of the system that only some folders may know.
HIGHWAY = re.compile(r'hwy/')
HIGHWAY_USERS = ('src/kernel/', 'tests/bench/')
SYSTEM = re.compile(r'(sys/.*|linux/.*|pthread|unistd|sched|fcntl|dlfcn|'
                    r'dirent|signal|cpuid|\w*mmintrin|immintrin|windows)\.h$')
SYSTEM_USERS = ('src/os/', 'tests/', 'examples/', 'bindings/')


def folder_of(path):
    return max((f for f in ALLOWED if path.startswith(f)), key=len,
               default=None)


def is_project(name):
    return name.startswith(('opt/', 'src/', 'tests/', 'cmake/', 'examples/',
                            'bindings/'))


def problem_of(path, quoted):
    name = quoted[1:-1]
    folder = folder_of(path)
    if HIGHWAY.match(name) and not path.startswith(HIGHWAY_USERS):
        return f'includes {quoted}: only src/kernel may know Highway'
    if SYSTEM.fullmatch(name) and not path.startswith(SYSTEM_USERS):
        return f'includes {quoted}: only src/os may know the system'
    if is_project(name) and not name.startswith(ALLOWED[folder] + (folder,)):
        return f'includes {quoted}: {folder} may not know it'
    return None


def main():
    problems = {folder: [] for folder in ALLOWED}
    strays = []
    for path in tree.code():
        if folder_of(path) is None:
            strays.append(f'{path}: in no folder that the layers know')
            continue
        for quoted in INCLUDE.findall(tree.read(path)):
            problem = problem_of(path, quoted)
            if problem:
                problems[folder_of(path)].append(f'{path} {problem}')
    tap.case('every source is in a layer', strays)
    for folder, found in problems.items():
        tap.case(f'{folder} includes only what it may know', found)
    tap.finish()


main()
