#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""generate.py makes the committed trajectories, with the PyTorch that is
installed.

Numbers may differ by a few of the roundings that PyTorch, and the pow() of the
C library that it uses, leave open; everything else is equal.
"""

import os
import struct
import subprocess

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = {8: 1e-6, 16: 1e-13}  # relative, by hexadecimal digits


def cases(text):
    """Lines of each case by its first two words and number."""
    blocks = [block.splitlines() for block in text.split('end\n') if block]
    return {f'{n} {lines[0]}': lines for n, lines in enumerate(blocks)}


def number(digits):
    return struct.unpack('>f' if len(digits) == 8 else '>d',
                         bytes.fromhex(digits))[0]


def same_numbers(line, other):
    words, others = line.split(), other.split()
    if [len(w) for w in words] != [len(w) for w in others]:
        return False
    if not all(len(w) in TOLERANCE for w in words):
        return False
    try:
        return all(abs(number(a) - number(b))
                   <= TOLERANCE[len(a)] * max(1, abs(number(b)))
                   for a, b in zip(words, others))
    except ValueError:
        return False


def differences(committed, generated):
    if len(committed) != len(generated):
        return [f'{len(committed)} lines, PyTorch gives {len(generated)}']
    return [f'{a}\nPyTorch gives {b}' for a, b in zip(committed, generated)
            if a != b and not same_numbers(a, b)]


def main():
    with open(os.path.join(HERE, 'trajectories.txt'), encoding='ascii') as file:
        committed = cases(file.read())
    result = subprocess.run(
        [os.path.join(HERE, 'generate.py')], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        tap.case('generate.py runs', result.stderr)
        tap.finish()
    generated = cases(result.stdout)
    tap.case('the cases are the same', sorted(committed.keys()
                                              ^ generated.keys()))
    for name in committed:
        tap.case(f'PyTorch reproduces {name}',
                 differences(committed[name], generated.get(name, [])))
    tap.finish()


main()
