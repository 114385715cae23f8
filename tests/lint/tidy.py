#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""clang-tidy over C++ and opt.hpp, as .clang-tidy says.

usage: tidy.py <build directory with compile_commands.json>
"""

import concurrent.futures
import json
import os
import re
import sys
import tempfile

import tap

FOLDERS = ('src/', 'tests/bindings/cpp/', 'examples/cpp/')
COUNTING = '-DOPT_COUNT_WORK'
# The kernels are the same text for every SIMD target: one is enough. .clang-tidy
# asks for the warning.
ADDED = (' -DHWY_COMPILE_ONLY_STATIC -Wreserved-identifier'
         ' -Wno-unknown-warning-option')  # of GCC's alone
# g++'s precompiled header, which Clang cannot read, and options of its own.
OF_GCC = re.compile(r' -include \S+/cmake_pch\.hxx| "?-mmem\w+-strategy=\S+')
# A source that is compiled for each rule is checked for one; the headers
# of the others are looked at together, since most of the time goes into those
# that they share.
PER_RULE = ('src/rules/rule.cc', 'src/kernel/rule.cc')
RULES = 'rules.cc'
RULES_START = '''#include <cmath>
#include <limits>

#include "hwy/highway.h"
#include "src/kernel/lanes-inl.h"
#include "src/kernel/loops.h"
'''
SCALAR_PART = '#include "{header}"\n'
VECTOR_PART = '''
HWY_BEFORE_NAMESPACE();
namespace libopt {{
namespace HWY_NAMESPACE {{
namespace {name} {{
#define OPT_RULE_VECTOR_PART
#include "{header}"
#undef OPT_RULE_VECTOR_PART
}}  // namespace {name}
}}  // namespace HWY_NAMESPACE
}}  // namespace libopt
HWY_AFTER_NAMESPACE();
'''


def compile_commands(build):
    """Those of FOLDERS; of a source that is also compiled to count its work
    that one alone, which has all that the other has."""
    with open(os.path.join(build, 'compile_commands.json'),
              encoding='utf-8') as file:
        commands = [{**entry, 'command':
                     OF_GCC.sub('', entry['command']) + ADDED}
                    for entry in json.load(file)
                    if path_of(entry).startswith(FOLDERS)]
    counting = {entry['file'] for entry in commands
                if COUNTING in entry['command']}
    return [entry for entry in commands if entry['file'] not in counting or
            COUNTING in entry['command']]


def path_of(entry):
    return os.path.relpath(entry['file'], tap.ROOT)


def one_each(commands):
    """The commands without all but the first of each source of PER_RULE."""
    seen, kept = set(), []
    for entry in commands:
        path = path_of(entry)
        if path not in PER_RULE or path not in seen:
            kept.append(entry)
        seen.add(path)
    return kept


def write_rules(commands, place):
    """Writes a source with the headers of all rules; its command."""
    with open(os.path.join(tap.ROOT, 'src/rules/rules.inc'),
              encoding='utf-8') as file:
        rules = re.findall(r'^OPT_RULE\((\w+), \w+, (\w+)\)', file.read(), re.M)
    headers = {name: f'src/rules/{name}.h' for name, _ in rules}
    path = os.path.join(place, RULES)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(RULES_START)
        file.writelines(SCALAR_PART.format(header=header)
                        for header in headers.values())
        file.writelines(VECTOR_PART.format(name=name, header=headers[name])
                        for name, kernel in rules if name == kernel)
    entry = next(entry for entry in commands
                 if path_of(entry) == 'src/kernel/rule.cc')
    return {**entry, 'file': path,
            'command': entry['command'].replace(entry['file'], path)}


def main():
    commands = one_each(compile_commands(sys.argv[1]))
    paths = sorted({path_of(entry) for entry in commands})
    with tempfile.TemporaryDirectory(prefix='libopt-tidy-') as place:
        rules = write_rules(commands, place)
        commands.append(rules)
        with open(os.path.join(place, 'compile_commands.json'), 'w',
                  encoding='utf-8') as file:
            json.dump(commands, file)

        def tidy(path):
            return tap.run('clang-tidy', '--quiet', '-p', place,
                           f'--config-file={tap.ROOT}/.clang-tidy', path,
                           cwd=tap.ROOT)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(tidy, [rules['file'], *paths])
            tap.case('clang-tidy the headers of all rules', next(results))
            for path, problems in zip(paths, results):
                tap.case(f'clang-tidy {path}', problems)
    tap.finish()


main()
