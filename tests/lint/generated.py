#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Generated files are what the generator makes of the rules' descriptors.

usage: generated.py <opt_generate>
"""

import sys

import tap


def main():
    tap.case('generated files are up to date',
             tap.run(sys.argv[1], '--check', tap.ROOT))
    tap.finish()


main()
