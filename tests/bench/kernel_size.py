#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Prints the size of the kernels of six rules, and the seconds that it takes to
compile them, of two trees side by side.

usage: kernel_size.py <other tree> [rounds]

The other tree is a checkout of another commit, such as one made by
`git worktree add <folder> <commit>`. Both are configured with the same compiler
and flags; the objects are those of the rules' kernels and of the block loop
around them, compiled by turns, and the fewest seconds of all rounds count.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
RULES = 'sgd', 'adagrad', 'rmsprop', 'adam', 'adamw', 'lion'
BLOCK_LOOP = 'kernel/step.cc'  # of trees in which it is a source of its own


def is_kernel(entry):
    rule = re.search(r'-DOPT_RULE_NAME=(\w+)', entry['command'])
    if rule:
        return (rule.group(1) in RULES
                and entry['file'].endswith('kernel/rule.cc'))
    return entry['file'].endswith(BLOCK_LOOP)


def commands(tree, folder):
    """The command of each object, by its name."""
    subprocess.run(['cmake', '-S', tree, '-B', folder, '-G', 'Ninja',
                    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
                    '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON', '-DOPT_TESTS=OFF'],
                   check=True, capture_output=True)
    with open(os.path.join(folder, 'compile_commands.json'),
              encoding='utf-8') as file:
        entries = json.load(file)
    found = {}
    for entry in filter(is_kernel, entries):
        words = shlex.split(entry['command'])
        output = words[words.index('-o') + 1]
        path = os.path.join(entry['directory'], output)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        found[path] = words, entry['directory']
    return found


def compile_seconds(words, folder):
    """The seconds that the compiler worked."""
    before = os.times().children_user
    subprocess.run(words, cwd=folder, check=True)
    return os.times().children_user - before


def size_of(path):
    """Of text, data and bss together."""
    done = subprocess.run(['size', path], check=True, text=True,
                          capture_output=True)
    return int(done.stdout.splitlines()[1].split()[3])


def main():
    trees = {'this tree': ROOT, 'other tree': sys.argv[1]}
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    sizes, seconds = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        kernels = {name: commands(tree, os.path.join(folder, name))
                   for name, tree in trees.items()}
        for _ in range(rounds):
            for name, objects in kernels.items():
                total = sum(compile_seconds(*command)
                            for command in objects.values())
                seconds[name] = min(total, seconds.get(name, total))
        for name, objects in kernels.items():
            sizes[name] = sum(map(size_of, objects))
    for name in trees:
        print(f'{name}: {len(kernels[name])} objects, {sizes[name]} bytes, '
              f'{seconds[name]:.1f} s')
    this, other = trees
    print(f'ratio: size {sizes[this] / sizes[other]:.2f}, '
          f'seconds {seconds[this] / seconds[other]:.2f}')


main()
