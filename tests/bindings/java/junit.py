#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Runs JUnit's tests and prints their cases as TAP.

usage: junit.py <class path> <folder of test classes> <java> [JVM option]...

What the JVM itself says of native code (-Xcheck:jni) is a failure.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import tap

LINES = 12  # of a failure's stack trace
CONSOLE = '/usr/share/java/junit-platform-console-standalone.jar'


def main():
    path, classes, *java = sys.argv[1:]
    with tempfile.TemporaryDirectory() as reports:
        result = subprocess.run(
            [*java, '-jar', CONSOLE, '--disable-banner',
             '--class-path', f'{path}{os.pathsep}{classes}',
             '--scan-class-path', classes, '--reports-dir', reports],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        found = 0
        for name in sorted(os.listdir(reports)):
            root = ElementTree.parse(os.path.join(reports, name)).getroot()
            for test in root.iter('testcase'):
                found += 1
                bad = [e.text or e.get('message') or 'failed' for e in test
                       if e.tag in ('failure', 'error', 'skipped')]
                tap.case(f'{test.get("classname")} {test.get("name")}',
                         '\n'.join(bad).splitlines()[:LINES])
    tap.case('the JVM ends well', '' if found and result.returncode == 0
             else result.stdout)
    warnings = [line for line in result.stdout.splitlines()
                if 'WARNING' in line or 'FATAL ERROR' in line]
    tap.case('the JVM has nothing to say of native code', warnings)
    tap.finish()


main()
