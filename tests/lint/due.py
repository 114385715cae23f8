#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Each rule has the tests that are due: an oracle by another hand or another
library's numbers, digests of its bytes, a checkpoint of its own. The name of a
case that fails tells which file to edit. The benchmark races every rule of the
registry; its own test fails if it leaves one out.
"""

import os
import re

import tap

ORACLE = 'tests/rules/oracle.cc'
GOLDEN = ('tests/golden/peers.txt', 'tests/golden/trajectories.txt')
DIGESTS = 'tests/determinism/digests.txt'
FIXTURES = 'tests/state/fixtures'


def read(path):
    with open(os.path.join(tap.ROOT, path), encoding='utf-8') as file:
        return file.read()


def main():
    rules = re.findall(r'^OPT_RULE\((\w+)', read('src/rules/rules.inc'), re.M)
    tap.case('there are rules', '' if len(rules) > 5 else 'found too few')
    oracle = read(ORACLE)
    golden = '\n'.join(read(path) for path in GOLDEN)
    digests = read(DIGESTS)
    fixtures = ' '.join(os.listdir(os.path.join(tap.ROOT, FIXTURES)))
    for rule in rules:
        by_another_hand = (
            re.search(rf'\{{"{rule}", \w+\}}', oracle)
            or re.search(rf'^(rule|case) {rule} ', golden, re.M))
        tap.case(f'{rule} has a formula in {ORACLE}, or numbers of another '
                 'library by tests/golden/take_peers.py',
                 '' if by_another_hand else 'neither')
        tap.case(f'{rule} has digests: compare --update in tests/determinism',
                 '' if re.search(rf'^\w+ {rule} ', digests, re.M)
                 else f'no line of {DIGESTS} begins with it')
        tap.case(f'{rule} has a checkpoint: the target state_fixtures',
                 '' if re.search(rf'-{rule}\.safetensors', fixtures)
                 else f'none in {FIXTURES}')
    tap.finish()


main()
