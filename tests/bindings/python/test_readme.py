# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The programs in README.md of the binding work as printed."""

import os
import re
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, '../../../bindings/python/README.md')
PROGRAM = re.compile(r'^```python\n(.*?)^```\n(?:```text\n(.*?)^```\n)?',
                     re.M | re.S)

with open(README, encoding='utf-8') as file:
    PROGRAMS = PROGRAM.findall(file.read())


def test_there_are_programs_and_all_of_them_print():
    assert len(PROGRAMS) >= 6
    assert all(printed for _, printed in PROGRAMS)


@pytest.mark.parametrize('program, printed', PROGRAMS,
                         ids=range(len(PROGRAMS)))
def test_a_program_prints_what_stands_below_it(program, printed, tmp_path):
    done = subprocess.run([sys.executable, '-c', program], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, printed)
