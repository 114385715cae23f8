#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""README's Python program prints what it says.

usage: programs.py
"""

import sys
import tempfile

import readme
import tap

with tempfile.TemporaryDirectory() as work:
    readme.case('python', 'python', 'line.py', work,
                lambda path: ('', [sys.executable, path]))
tap.finish()
