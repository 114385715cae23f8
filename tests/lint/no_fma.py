#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The compiler fuses no multiplication and addition, or results would depend on
the CPU. Those that name their rounding are the kernels' own: a correctly
rounded result is made of them.

usage: no_fma.py <libopt.so>
"""

import re
import sys

import tap

FUSED = re.compile(r'\t(vf(?:n?m)\w*\d\d\d?[ps][sd]|f(?:n?m(?:add|sub)|ml[as]|'
                   r'n?m(?:ad|l[as]|sb))\b|vfm\w+)')
DIVISIONS = re.compile(r'\tv?divp[sd]\b.*%([xyz]mm)|\tfdiv\b')


def main():
    code = tap.output('objdump', '-d', '--no-show-raw-insn', sys.argv[1])
    symbol, fused, widths = '', [], set()
    for line in code.splitlines():
        if line.endswith('>:'):
            symbol = line
        match = FUSED.search(line)
        if match and '-sae}' not in line:
            fused.append(f'{match[1]} in {symbol}')
        match = DIVISIONS.search(line)
        if match:
            widths.add(match[1])
    tap.case('no fused multiply-add', fused)
    tap.case('vector code of every width was looked at',
             '' if widths >= {'xmm', 'ymm', 'zmm'} or widths == {None}
             else f'vector divisions found: {widths}')
    tap.finish()


main()
