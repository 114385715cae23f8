#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Languages compute the same bytes, and go on from each other's checkpoints.

usage: compare.py [--relay] <input> [@<file>] -- c <command>...
                  -- <name> <command>... [-- ...]

C comes first: it is what the others are compared with. README.md tells what a
command does. A file after @ has arguments, one in each line. With --relay there
is only the relay.
"""

import filecmp
import itertools
import os
import sys
import tempfile

import tap

LEG = 20  # steps that a language makes before the next one takes over


def split(arguments):
    """{name: command} of arguments that are separated by '--'."""
    parts = [list(part) for is_mark, part in
             itertools.groupby(arguments, lambda x: x == '--') if not is_mark]
    return {name: command for name, *command in parts}


class Language:
    def __init__(self, name, command, source):
        self.name = name
        self._command = command
        self._input = source

    def replay(self, place):
        """Writes the parameters of every run; returns what is wrong."""
        os.mkdir(place)
        return tap.run(*self._command, 'replay', self._input, place)

    def slots(self, path):
        """Writes a line for each slot of each rule; returns what is wrong."""
        return tap.run(*self._command, 'slots', self._input, path)

    def relay(self, source, target, first, steps, rule):
        return tap.run(*self._command, 'relay', self._input, source, target,
                       str(first), str(steps), rule)


def compare_runs(language, expected, place):
    """A case for each run of a replay: rule, preset and dtype."""
    problems = language.replay(place)
    for run in sorted(os.listdir(expected)):
        paths = [os.path.join(folder, run) for folder in (expected, place)]
        if not problems and not os.path.exists(paths[1]):
            problems = f'wrote no {run}'
        tap.case(f'{language.name} replays {run}', problems or (
            '' if filecmp.cmp(*paths, shallow=False) else 'other bytes'))


def compare_slots(language, expected, place):
    path = os.path.join(place, f'{language.name}.slots')
    problems = language.slots(path)
    if not problems and not filecmp.cmp(path, expected, shallow=False):
        with open(path, encoding='utf-8') as told:
            with open(expected, encoding='utf-8') as wanted:
                problems = sorted({*told} ^ {*wanted})
    tap.case(f'{language.name} tells the slots of every rule', problems)


def run_relay(runners, rule, place):
    """Each runner goes on where the one before stopped; returns what is wrong
    or the last checkpoint's path."""
    source = '-'
    for i, runner in enumerate(runners):
        target = os.path.join(place, f'{rule}.{i}')
        problems = runner.relay(source, target, i * LEG, LEG, rule)
        if problems:
            return f'{runner.name}: {problems}', None
        source = target
    return '', source


def compare_relay(runners, rule, place):
    c = runners[0]
    alone = os.path.join(place, f'{rule}.alone')
    problems = c.relay('-', alone, 0, LEG * len(runners), rule)
    if not problems:
        problems, end = run_relay(runners, rule, place)
    if not problems and not filecmp.cmp(alone, end, shallow=False):
        problems = 'another end than that of C alone'
    way = ', '.join(runner.name for runner in runners)
    tap.case(f'{rule} goes on by turns: {way}', problems)


def main():
    arguments = sys.argv[1:]
    relay_alone = arguments[0] == '--relay'
    source, *rest = arguments[relay_alone:]
    if rest[0].startswith('@'):
        with open(rest[0][1:], encoding='utf-8') as file:
            rest[:1] = file.read().split('\n')
    languages = [Language(name, command, source)
                 for name, command in split(rest).items()]
    c, *others = languages
    with tempfile.TemporaryDirectory() as place:
        expected = os.path.join(place, 'c')
        problems = c.replay(expected)
        runs = sorted(os.listdir(expected))
        tap.case('C replays every run', problems or
                 ('' if runs else 'no file was written'))
        told = os.path.join(place, 'c.slots')
        tap.case('C tells the slots of every rule', c.slots(told))
        for language in others if not relay_alone else ():
            compare_slots(language, told, place)
            compare_runs(language, expected,
                         os.path.join(place, language.name))
        for rule in sorted({run.split('-')[0] for run in runs}):
            compare_relay([c, *others, c], rule, place)
            if len(others) > 1:
                compare_relay([c, *reversed(others), c], rule, place)
    tap.finish()


main()
