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
# Headers that belong to one system; only its own files may include them.
SYSTEMS = ('src/os/posix/', 'src/os/wasm/', 'src/os/windows/')
# The one header of a layer that others may include.
ENTRANCES = {'kernel': 'src/kernel/kernels.h'}


def layers():
    """Yields each folder of src with the prefixes that it may include."""
    for at, layer in enumerate(LAYERS):
        below = tuple(ENTRANCES.get(name, f'src/{name}/')
                      for name in LAYERS[at + 1:])
        yield f'src/{layer}/', below + (() if layer == 'os' else ('opt/',))
    for system in SYSTEMS:
        yield system, ('src/os/',)


INCLUDE = re.compile(r'^\s*#\s*include\s*(["<][^">]+[">])', re.M)

# Folders that a folder's files may include of the project's, beside their own:
# prefixes of paths. The most specific folder counts.
ALLOWED = {
    'include/opt/': ('opt/',),
    **dict(layers()),
    'cmake/zlib/': (),
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
                    r'dirent|signal|cpuid|io|direct|process|malloc|\w*mmintrin|immintrin|windows)\.h$')
# The headers of src/os are those of every system.
SYSTEM_USERS = re.compile(r'src/os/\w+/|src/os/\w+\.cc$|'
                          r'tests/|examples/|bindings/')
# Nor may others name the types of POSIX, which standard headers may bring along.
POSIX_TYPE = re.compile(r'\b(?:ssize_t|off_t|mode_t|[pug]id_t|pthread_t|'
                        r'struct stat|sigset_t|cpu_set_t)\b')


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
    if SYSTEM.fullmatch(name) and not SYSTEM_USERS.match(path):
        return f'includes {quoted}: only the sources of src/os may know it'
    if folder_of(name) in SYSTEMS and folder not in (folder_of(name),
                                                     'tests/'):
        return f'includes {quoted}: it is of one system alone'
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
        if not SYSTEM_USERS.match(path):
            problems[folder_of(path)] += [
                f"{path} names '{name}': only the sources of src/os may"
                for name in POSIX_TYPE.findall(tree.read(path))]
    tap.case('every source is in a layer', strays)
    for folder, found in problems.items():
        tap.case(f'{folder} includes only what it may know', found)
    tap.finish()


main()
