# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""README's programs, which work as printed."""

import os
import re
import subprocess

import tap


def _block(text, marker, language):
    match = re.search(f'<!-- {marker} -->\\s*```{language}\n(.*?)```', text,
                      re.S)
    return match and match[1]


def program(name, language):
    """(source, what it prints) of README's program `name`, whose block is
    marked as `language`; None for what is not there."""
    with open(os.path.join(tap.ROOT, 'README.md'), encoding='utf-8') as file:
        text = file.read()
    printed = _block(text, f'output: {name}', 'text') or _block(
        text, 'output: c', 'text')
    return _block(text, f'program: {name}', language), printed


def expect(expected, *command, **options):
    """Runs a program; returns what is wrong with what it prints."""
    result = subprocess.run(command, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode == 0 and result.stdout.strip() == expected.strip():
        return ''
    return (f'{" ".join(command)}: exit {result.returncode}, printed\n'
            f'{result.stdout}expected\n{expected}')


def case(name, language, file_name, work, build):
    """A case: README's program `name`, written to `file_name` in `work`, prints
    what README says. build(path) returns what is wrong, and the command."""
    source, printed = program(name, language)
    if source is None or printed is None:
        problems = (f'README.md lacks <!-- program: {name} --> with a '
                    f'```{language} block, or <!-- output: c --> with ```text')
    else:
        path = os.path.join(work, file_name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(source)
        problems, command = build(path)
        problems = problems or expect(printed, *command)
    tap.case(f"README's program in {language} works as printed", problems)
