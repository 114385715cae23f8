# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The programs of READMEs, which work as printed."""

import os
import re
import subprocess

import tap


def _block(text, marker, language):
    match = re.search(f'<!-- {marker} -->\\s*```{language}\n(.*?)```', text,
                      re.S)
    return match and match[1]


def _read(path):
    with open(os.path.join(tap.ROOT, path), encoding='utf-8') as file:
        return file.read()


def names(path):
    """The names of all programs of a README."""
    return re.findall(r'^<!-- program: (\w+) -->$', _read(path), re.M)


def program(name, language, path):
    """(source, what it prints) of a README's program `name`, whose block is
    marked as `language`; None for what is not there."""
    text = _read(path)
    return (_block(text, f'program: {name}', language),
            _block(text, f'output: {name}', 'text'))


def expect(expected, *command, **options):
    """Runs a program; returns what is wrong with what it prints."""
    result = subprocess.run(command, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode == 0 and result.stdout.strip() == expected.strip():
        return ''
    return (f'{" ".join(command)}: exit {result.returncode}, printed\n'
            f'{result.stdout}expected\n{expected}')


def case(name, language, file_name, work, build, readme):
    """A case: a README's program `name`, written to `file_name` in `work`,
    prints what it says. build(path) returns what is wrong, and the command."""
    source, printed = program(name, language, readme)
    if source is None or printed is None:
        problems = (f'{readme} lacks <!-- program: {name} --> with a '
                    f'```{language} block, or its output with ```text')
    else:
        path = os.path.join(work, file_name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(source)
        problems, command = build(path)
        problems = problems or expect(printed, *command)
    tap.case(f"{readme}'s program {name} in {language} works as printed",
             problems)
