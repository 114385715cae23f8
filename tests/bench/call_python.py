#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The cost of a call in Python: sgd steps over one element, by the binding, by
bare ctypes and by a loop in C, in turns in one process; the fastest rounds.

usage: call_python.py <build directory> [--quick], the package on PYTHONPATH
"""

import ctypes
import sys
import time

import libopt
import numpy
import opt_ctypes


def main():
    build = sys.argv[1]
    rounds, calls = (1, 100) if '--quick' in sys.argv else (15, 100_000)
    param, grad = numpy.zeros(1, 'f'), numpy.ones(1, 'f')
    optimizer = libopt.SGD({'w': (param, grad)},
                           context=libopt.Context(threads=1))
    library = ctypes.CDLL(f'{build}/libopt.so')
    handle = opt_ctypes.Optimizer(opt_ctypes.Library(f'{build}/libopt.so'),
                                  'sgd', {}, 1, [(param.copy(), grad)])._handle
    in_c = ctypes.CDLL(f'{build}/tests/bench/csharp/libbench_steps.so')

    def repeat(call):
        def loop():
            for _ in range(calls):
                call()
        return loop

    contestants = {
        "C's opt_step()": lambda: in_c.bench_steps(calls),
        'an empty function': repeat(lambda: None),
        'ctypes opt_step()': repeat(lambda: library.opt_step(handle, None)),
        'optimizer.step()': repeat(optimizer.step)}
    fastest = dict.fromkeys(contestants, float('inf'))
    for _ in range(rounds):
        for name, loop in contestants.items():
            start = time.perf_counter_ns()
            loop()
            took = (time.perf_counter_ns() - start) / calls
            fastest[name] = min(fastest[name], took)
    base = fastest["C's opt_step()"]
    for name, took in fastest.items():
        print(f'{name:18} {took:6.0f} ns, {took - base:+5.0f} ns to C')


main()
