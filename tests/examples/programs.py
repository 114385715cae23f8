# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Helpers of the tests of the smaller examples."""

import os
import re
import subprocess

import tap


def rules(describe):
    """The names of all rules, and of all aliases, as describe prints them."""
    text = tap.output(describe)
    names = re.findall(r'^(\w+): ', text, re.M)
    aliases = re.search(r'^aliases:\n((?:    .*\n)+)', text, re.M)[1]
    return names, re.findall(r'^    (\w+)', aliases, re.M)


def full_disk(program):
    with open('/dev/full', 'w', encoding='utf-8') as full:
        result = subprocess.run([program], stdout=full,
                                stderr=subprocess.PIPE, text=True,
                                check=False)
    tap.case(f'{os.path.basename(program)} reports a full disk',
             '' if result.returncode == 1 and 'No space left' in result.stderr
             else f'exit {result.returncode}: {result.stderr}')
