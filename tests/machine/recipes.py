#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The READMEs' CMake commands work in the order in which each gives them, and
the table of README.md has every option."""

import os
import re
import shlex
import shutil
import tempfile

import tap

READMES = ('README.md', 'cmake/README.md', 'bindings/csharp/README.md',
           'bindings/java/README.md')
BUILD = 'build/release'  # their build directory
NEEDS_DOTNET = 'opt_csharp_dotnet'
BLOCK = re.compile(r'^```sh\n(.*?)^```', re.M | re.S)
OPTION = re.compile(r'^(?:option|set)\((OPT_\w+) (.*?)\)$', re.M | re.S)
ROW = re.compile(r'^\| `(OPT_\w+)` \| (\w+) \|', re.M)


def read(name):
    with open(os.path.join(tap.ROOT, name), encoding='utf-8') as file:
        return file.read()


def commands(readme):
    """A README's commands that configure or build in BUILD, as lists of
    words."""
    for block in BLOCK.findall(read(readme)):
        for line in block.replace('\\\n', ' ').splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ['cmake'] and BUILD in words and \
                    '--install' not in words:
                yield words


def run(words, build):
    """Runs a command of a README's on another build directory; returns what is
    wrong. Of a build it is enough that the targets exist."""
    if '--build' not in words:
        return tap.run(*(build if word == BUILD else word for word in words),
                       cwd=tap.ROOT)
    targets = words[words.index('--target') + 1:] if '--target' in words \
        else ['all']
    return ''.join(tap.run('ninja', '-C', build, '-t', 'query', target)
                   for target in targets)


def try_commands(readme, work):
    for words in commands(readme):
        name = f'{readme}: {" ".join(words)}'
        if NEEDS_DOTNET in words and not shutil.which('dotnet'):
            words.remove(NEEDS_DOTNET)
            name += f', without {NEEDS_DOTNET} as there is no .NET SDK'
        tap.case(name, run(words, work))


def default(arguments):
    word = arguments.split()[-1]
    return {'${PROJECT_IS_TOP_LEVEL}': 'ON', 'OFF': 'OFF'}.get(word, 'none')


def main():
    for readme in READMES:
        with tempfile.TemporaryDirectory(prefix='libopt-recipes-') as work:
            try_commands(readme, work)
    options = {name: default(arguments) for name, arguments
               in OPTION.findall(read('CMakeLists.txt'))}
    table = dict(ROW.findall(read('README.md')))
    tap.case("README's table has the options and defaults of CMakeLists.txt", [
        f'{name}: {table.get(name)}, but in CMakeLists.txt {options.get(name)}'
        for name in sorted({*options, *table})
        if table.get(name) != options.get(name)])
    tap.finish()


main()
