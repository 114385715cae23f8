#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""README's Java program prints what it says, and the example learns.

usage: programs.py <jar> <java> [JVM option]...
"""

import os
import re
import sys
import tempfile

import tap
import readme


def main():
    jar, *java = sys.argv[1:]
    source, printed = readme.program('java', 'java')
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, 'Line.java')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(source or '')
        result = tap.output(*java, '-cp', jar, path) if source else ''
    tap.case("README's program prints what README says",
             '' if source and result == printed
             else f'printed {result!r}, not {printed!r}')
    result = tap.output(*java, '-cp', jar,
                        f'{tap.ROOT}/examples/java/Softmax.java')
    found = re.search(r'test accuracy: ([\d.]+) %', result)
    tap.case('the example learns Fashion-MNIST to 80 %',
             '' if found and float(found.group(1)) >= 80 else result)
    tap.finish()


main()
