# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""How a process ends, forks and is interrupted with optimizers in it."""

import os
import subprocess
import sys

import pytest

BEGIN = """
import os, signal, sys, threading
import numpy as np
import libopt
w, dw = np.zeros(1 << 22, np.float32), np.ones(1 << 22, np.float32)
optimizer = libopt.SGD({'w': (w, dw)}, lr=1)
optimizer.step()
"""

PROGRAMS = {
    'ends with live optimizers, views and arrays': ("""
optimizer.start_average()
sys.modules['keep'] = optimizer, optimizer.state['w']['param_average']
""", 0),
    'ends within a context manager': ("""
with optimizer:
    sys.exit(3)
""", 3),
    'ends while a daemon thread is in a step': ("""
started = threading.Event()
def run():
    while True:
        optimizer.step()
        started.set()
threading.Thread(target=run, daemon=True).start()
started.wait()
""", 0),
    'forks, and both go on': ("""
child = os.fork()
optimizer.step()
assert optimizer.steps == 2 and (w == -2).all()
optimizer.close()
if child == 0:
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
""", 0),
    'is interrupted between steps': ("""
threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    while True:
        optimizer.step()
except KeyboardInterrupt:
    assert (w == -optimizer.steps).all()
    optimizer.close()
""", 0),
    'imports it in another interpreter': ("""
import _xxsubinterpreters as interpreters
other = interpreters.create()
try:
    interpreters.run_string(other, 'import libopt; libopt.SGD().close()')
except interpreters.RunFailedError as error:
    assert 'ImportError' in str(error)
interpreters.destroy(other)
try:
    libopt.SGD(lr=-1)
except libopt.OptionError:
    optimizer.step()
""", 0),
}


@pytest.mark.parametrize('program, status', PROGRAMS.values(), ids=PROGRAMS)
def test_a_process(program, status):
    done = subprocess.run([sys.executable, '-X', 'dev', '-c', BEGIN + program],
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert (done.returncode, done.stdout) == (status, '')


def test_the_source_folder_says_what_to_do():
    folder = os.path.join(os.path.dirname(__file__),
                          '../../../bindings/python')
    environment = {key: value for key, value in os.environ.items()
                   if key != 'PYTHONPATH'}
    done = subprocess.run([sys.executable, '-c', 'import libopt'], cwd=folder,
                          text=True, capture_output=True, check=False,
                          env=environment)
    last = done.stderr.splitlines()[-1]
    assert last.startswith('ImportError: this is the source folder of libopt')
    assert 'pip install' in last and 'circular' not in done.stderr
