#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""describe prints the rules of the library, and the trainer knows all of them.

usage: catalogue.py <describe> <train>
"""

import sys

import programs
import tap

DESCRIBE, TRAIN = sys.argv[1:]


def main():
    names, aliases = programs.rules(DESCRIBE)
    tap.case('describe prints rules and aliases',
             '' if {'sgd', 'adam'} <= set(names) and
             {'gd', 'momentum'} <= set(aliases) else f'{names} {aliases}')
    listed = tap.output(TRAIN, '--list').splitlines()
    tap.case('the trainer runs every rule and alias',
             [f'no {name}' for name in names + aliases
              if not any(line.startswith(f'{name} ') for line in listed)])
    programs.full_disk(DESCRIBE)
    tap.finish()


main()
