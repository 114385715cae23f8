#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The manual pages: every exported function has one, by its own name, and so
has every type.

usage: manual.py <libopt.so> <build directory>
"""

import os
import re
import subprocess
import sys
import tempfile

import tap


def functions(library):
    symbols = tap.output('nm', '-D', '--defined-only', library)
    return re.findall(r' T (opt_\w+)@@', symbols)


def types():
    """The names of the types that the public headers define."""
    folder = os.path.join(tap.ROOT, 'include/opt')
    text = ''
    for name in sorted(os.listdir(folder)):
        if name.endswith('.h'):
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                text += file.read()
    return sorted(set(re.findall(r'^(?:typedef|\}).*?\b(opt_\w+)(?:;|\)\()',
                                 text, re.M)))


def rendered(folder, name):
    """(text of a page, what groff complains of), references followed."""
    path = os.path.join(folder, f'{name}.3')
    if not os.path.exists(path):
        return '', f'{name}.3 is missing'
    result = subprocess.run(
        ['groff', '-s', '-I', os.path.dirname(folder), '-man', '-Tascii',
         '-P-cbou', '-ww', '-rLL=100n', path], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, check=False)
    return result.stdout, result.stderr


def problems_of(folder, function):
    text, complaints = rendered(folder, function)
    if complaints:
        return complaints.splitlines()
    names = re.search(r'^NAME\n(.*?)\n\n', text, re.M | re.S)
    declared = re.search(rf'^   {function}\n +\S.*\b{function}\(', text, re.M)
    return [problem for problem, true in (
        (f'{function} is no name of its page',
         not names or not re.search(rf'\b{function}\b', names[1])),
        (f'{function} is not declared on its page', not declared)) if true]


def main():
    library, build = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix='libopt-manual-') as prefix:
        tap.case('the component documentation is installed', tap.run(
            'cmake', '--install', build, '--prefix', prefix, '--component',
            'documentation'))
        folder = os.path.join(prefix, 'share/man/man3')
        pages = os.listdir(folder) if os.path.isdir(folder) else []
        tap.case('it is the manual pages alone', [
            os.path.join(place, name) for place, _, names in os.walk(prefix)
            for name in names if place != folder] +
            ([] if pages else [f'nothing is in {folder}']))
        found = functions(library)
        tap.case('every exported function has a page that declares it',
                 [problem for function in found
                  for problem in problems_of(folder, function)] if found
                 else 'nothing is exported')
        others = sorted({page[:-2] for page in pages} - set(found))
        tap.case('the pages of the library and of its headers are well formed',
                 [complaint for name in others
                  for complaint in rendered(folder, name)[1].splitlines()]
                 if 'libopt' in others else 'there is no libopt.3')
        texts = {page: rendered(folder, page[:-2])[0] for page in pages}
        tap.case('every type has a page that tells of it', [
            f'{name} has none' for name in types()
            if not re.search(rf'\b{name}\b', texts.get(f'{name}.3', ''))] or
            ([] if types() else ['there are no types']))
        tap.case('no page shows a command of doxygen', [
            f'{page}: {line.strip()}' for page, text in texts.items()
            for line in text.splitlines() if re.match(r'\s*@[a-z]', line)])
    tap.finish()


main()
