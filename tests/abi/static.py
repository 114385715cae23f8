#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""libopt.a needs no library that not every system has, zlib apart, and is
libopt.so in all that it does.

usage: static.py <libopt.a> <program>...

The programs: that of targets.c with the static and with the shared library,
then that of digests.cc with the shared one.
"""

import re
import subprocess
import sys

import tap

SYSTEM = {'libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1',
          'ld-linux-x86-64.so.2'}
# Each CPU has what the one before lacks, or lacks one thing that counts; qemu
# knows no AVX-512, which this CPU may have.
CPUS = ('qemu64', 'core2duo', 'Nehalem', 'Westmere', 'SandyBridge', 'Haswell',
        'max', *(f'max,-{feature}' for feature in (
            'ssse3', 'sse4.1', 'sse4.2', 'aes', 'pclmulqdq', 'avx', 'avx2',
            'fma', 'f16c', 'abm', 'bmi1', 'bmi2')))


def needed(program):
    dynamic = tap.output('readelf', '-dW', program)
    return set(re.findall(r'\(NEEDED\).*\[(.+)\]', dynamic))


def with_static_zlib(archive, program):
    """The faults of a program of libopt.a and libz.a."""
    source = ('#include <opt/opt.h>\n'
              'int main(void) { return opt_save_file(0, "", 0) == OPT_OK; }\n')
    problem = tap.run('gcc', '-Iinclude', '-x', 'c', '-', '-x', 'none',
                      archive, '-l:libz.a', '-lstdc++', '-lm', '-o', program,
                      input=source, cwd=tap.ROOT)
    return problem or [f'needs {name}' for name in needed(program) - SYSTEM]


def emulated(cpu, program):
    result = subprocess.run(['qemu-x86_64-static', '-cpu', cpu, program],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, check=True)
    return result.stdout.split()


def unlike(left, right):
    return '' if left and left == right else f'{left}\n{right}'


def main():
    archive, static_targets, shared_targets, shared_digests = sys.argv[1:]
    # A program's own Highway may be of another version: no symbol that the
    # linker sees may be of it. Those of a lower-case letter are local, but for
    # weak and unique ones.
    symbols = tap.output('nm', '-C', archive)
    tap.case('it neither needs nor has a symbol of Highway',
             re.findall(r'.* [A-Zuvw] .*\bhwy::.*', symbols))
    tap.case('a program needs zlib and the runtimes of C and C++',
             [f'needs {name}' for name in sorted(
                 needed(static_targets) - SYSTEM - {'libz.so.1'})])
    tap.case('a program that links zlib statically needs those alone',
             with_static_zlib(archive, f'{static_targets}_with_zlib'))

    tap.case('it finds the SIMD targets of this CPU that libopt.so finds',
             unlike(tap.output(static_targets), tap.output(shared_targets)))
    found = {}
    for cpu in CPUS:
        found[cpu] = emulated(cpu, static_targets)
        tap.case(f'it finds those of the CPU {cpu} that libopt.so finds',
                 unlike(found[cpu], emulated(cpu, shared_targets)))
    tap.case('the CPUs differ in their targets',
             '' if {len(targets) for targets in found.values()} >= {1, 2, 3, 4}
             else str(found))

    tap.case('the program of digests uses libopt.so',
             '' if 'libopt.so.0' in needed(shared_digests) and
             ' U opt_step@' in tap.output('nm', '-D', shared_digests)
             else 'it does not')
    tap.case('libopt.so computes its bytes, the pinned ones', tap.run(
        f'{tap.ROOT}/tests/determinism/compare', '--share', shared_digests))
    tap.finish()


main()
