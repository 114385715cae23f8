# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The wheel holds all it needs: it works in a clean environment without NumPy.

OPT_BUILD_DIR: the build directory whose package is packed.
"""

import glob
import os
import re
import subprocess
import sys
import zipfile

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))

# What every Linux that runs Python and C++ has.
SYSTEM = {'libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1',
          'libpthread.so.0', 'libdl.so.2', 'ld-linux-x86-64.so.2',
          'ld-linux-aarch64.so.1'}

PROGRAM = '''
from array import array
import importlib.util, os, sys
assert importlib.util.find_spec('numpy') is None
assert importlib.util.find_spec('torch') is None
import libopt
assert libopt.__file__.startswith(sys.prefix), libopt.__file__
w, dw = array('f', [1, 2]), array('f', [2, 4])
with libopt.Adam({'w': (w, dw)}, lr=0.5) as optimizer:
    optimizer.start_average()
    optimizer.set_schedule('lr', libopt.Schedule('constant', total_iters=0))
    optimizer.tensors['w'].weight_decay_factor = 0.5
    optimizer.step()
    assert [round(x, 4) for x in w] == [0.5, 1.5]
    optimizer.step({'w': array('f', [1, 1])})
    optimizer.save('run', params=True, epoch=3, values=array('d', [1, 2]))
    after, state = w.tolist(), optimizer.state_dict()
    assert isinstance(state['state']['w']['exp_avg'], array)
    optimizer.step()
    loaded = optimizer.load('run', params=True)
    assert loaded == {'epoch': 3, 'values': array('d', [1, 2])}
    assert w.tolist() == after
    optimizer.step()
    optimizer.stop_average()
    optimizer.load_state_dict(state)
    assert optimizer.steps == optimizer.average.updates == 2
    assert optimizer.state['w']['exp_avg'].shape == (2,)
try:
    w.append(3)
    optimizer.step()
except libopt.ClosedError:
    print('fine')
'''


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def clean():
    return {key: value for key, value in os.environ.items()
            if key != 'PYTHONPATH'}


@pytest.fixture(scope='module', name='wheel')
def make_wheel(tmp_path_factory):
    place = str(tmp_path_factory.mktemp('wheel'))
    run(sys.executable, '-m', 'pip', 'wheel', '--no-index', '--no-deps',
        '--no-build-isolation', '-w', place,
        os.path.join(ROOT, 'bindings/python'),
        env={**clean(), 'LIBOPT_BUILD': os.environ['OPT_BUILD_DIR']})
    path, = glob.glob(os.path.join(place, '*.whl'))
    return path


def test_it_works_in_a_clean_environment_without_numpy(wheel, tmp_path):
    run(sys.executable, '-m', 'venv', tmp_path / 'venv')
    python = str(tmp_path / 'venv/bin/python')
    run(python, '-m', 'pip', 'install', '--no-index', wheel, env=clean())
    assert run(python, '-c', PROGRAM, cwd=tmp_path, env=clean()) == 'fine\n'


def test_what_needs_pytorch_says_so(wheel, tmp_path):
    run(sys.executable, '-m', 'venv', '--without-pip', tmp_path / 'venv')
    python = str(tmp_path / 'venv/bin/python')
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / 'site')
    done = subprocess.run([python, '-m', 'libopt.convert', 'a', 'b'], text=True,
                          capture_output=True, check=False,
                          env={**clean(), 'PYTHONPATH': str(tmp_path / 'site')})
    assert done.returncode == 1 and 'needs PyTorch' in done.stderr
    assert 'Traceback' not in done.stderr


def test_it_needs_nothing_of_the_system_but_the_runtimes(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    native, = glob.glob(str(tmp_path / 'libopt/*.so*'))
    needed = set(re.findall(r'NEEDED.*\[(.*)\]', run('readelf', '-d', native)))
    assert needed and needed <= SYSTEM
    exported = re.findall(r' [TDBRWV] (\S+)', run('nm', '-D', native))
    assert exported == ['PyInit__native']


def test_it_has_every_file_of_the_package_and_no_other(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist()
                  if name.startswith('libopt/') and '.so' not in name}
    folder = os.path.join(ROOT, 'bindings/python')
    sources = {os.path.relpath(os.path.join(place, name), folder)
               for place, _, names in os.walk(os.path.join(folder, 'libopt'))
               for name in names if not name.endswith('.pyc')}
    assert packed == sources
    assert {'libopt/py.typed', 'libopt/_native.pyi'} <= packed
