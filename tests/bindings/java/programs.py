#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The README's code in Java works as printed, and the example learns.

usage: programs.py <jar> <java> [JVM option]...
"""

import re
import sys
import tempfile

import readme_code
import tap


def main():
    jar, *java = sys.argv[1:]
    for i, (source, printed) in enumerate(readme_code.blocks(), 1):
        with tempfile.TemporaryDirectory() as place:
            problems = readme_code.problems(java, jar, source, printed, place)
        tap.case(f'{readme_code.README}, code {i} works as printed', problems)
    result = tap.output(*java, '-cp', jar,
                        f'{tap.ROOT}/examples/java/Softmax.java')
    found = re.search(r'test accuracy: ([\d.]+) %', result)
    tap.case('the example learns Fashion-MNIST to 80 %',
             '' if found and float(found.group(1)) >= 80 else result)
    tap.finish()


main()
