# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Test cases in TAP, for the tests that are Python scripts."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

_cases = []


def case(name, problems=''):
    """Reports one case; it passes if `problems` is empty (text or a list)."""
    if not isinstance(problems, str):
        problems = '\n'.join(problems)
    _cases.append(not problems)
    for line in problems.splitlines():
        print(f'# {line}')
    print(f'{"not ok" if problems else "ok"} {len(_cases)} - {name}',
          flush=True)


def run(*command, **options):
    """Runs a program; returns what is wrong: '' or its output."""
    result = subprocess.run(command, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode == 0:
        return ''
    return f'{" ".join(command)}: exit {result.returncode}\n{result.stdout}'


def output(*command):
    """Returns what a program prints; a failure of it ends the test."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def finish():
    print(f'1..{len(_cases)}')
    sys.exit(0 if _cases and all(_cases) else 1)
