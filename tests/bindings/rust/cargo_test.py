#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Runs `cargo test`, which needs no network; a case for each of its tests.
`cargo doc` has nothing to warn of.

usage: cargo_test.py <cargo>
"""

import os
import re
import subprocess
import sys

import tap

WORKSPACE = os.path.join(tap.ROOT, 'bindings/rust')
RUNNING = re.compile(r'^\s+(?:Running (?:unittests )?|Doc-tests )(\S+)')
TEST = re.compile(r'^test (.+?) \.\.\. (\w+)')


def main():
    result = subprocess.run([sys.argv[1], 'test', '--offline', '--no-fail-fast'],
                            cwd=WORKSPACE, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    place, failed, names = '', False, set()
    for line in result.stdout.splitlines():
        running = RUNNING.match(line)
        test = TEST.match(line)
        if running:
            place = running[1]
        if test:
            names.add(test[1])
            failed = failed or test[2] != 'ok'
            tap.case(f'{place}: {test[1]}', '' if test[2] == 'ok' else line)
    tap.case('cargo test builds and runs',
             '' if names and (result.returncode == 0 or failed)
             else result.stdout)
    tap.case('cargo doc has no warning', tap.run(
        sys.argv[1], 'doc', '--offline', '--no-deps', '--quiet', cwd=WORKSPACE,
        env={**os.environ, 'RUSTDOCFLAGS': '-D warnings'}))
    if failed:
        print(re.sub('^', '# ', result.stdout, flags=re.M))
    tap.finish()


main()
