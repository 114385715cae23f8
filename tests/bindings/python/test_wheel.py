# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The wheel holds all it needs, and the source archive all that a wheel is built
of: both work in a clean environment without NumPy.

OPT_BUILD_DIR: the build directory whose package is packed.
"""

import glob
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

import pytest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))

# Libraries that every Linux has that runs Python and C++.
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


def assert_works(wheel, place):
    run(sys.executable, '-m', 'venv', place / 'venv')
    python = str(place / 'venv/bin/python')
    run(python, '-m', 'pip', 'install', '--no-index', wheel, env=clean())
    assert run(python, '-c', PROGRAM, cwd=place, env=clean()) == 'fine\n'


def test_it_works_in_a_clean_environment_without_numpy(wheel, tmp_path):
    assert_works(wheel, tmp_path)


def test_its_tags_are_those_of_this_python_and_platform(wheel):
    python = f'cp{sys.version_info.major}{sys.version_info.minor}'
    platform = re.sub('[-.]', '_', sysconfig.get_platform())
    tag = f'{python}-{python}-{platform}'
    assert re.fullmatch(rf'libopt-[0-9.]+-{tag}\.whl', os.path.basename(wheel))
    with zipfile.ZipFile(wheel) as archive:
        name, = (name for name in archive.namelist() if name.endswith('/WHEEL'))
        lines = archive.read(name).decode().splitlines()
    assert f'Tag: {tag}' in lines and 'Root-Is-Purelib: false' in lines


# Why there is no wheel for all Pythons: bindings/python/README.md tells.

def in_stable_abi(version, source):
    """The faults of C++ code that may use a Python's stable ABI alone."""
    return subprocess.run(
        ['c++', '-std=c++17', '-w', '-fsyntax-only', '-x', 'c++',
         '-isystem', sysconfig.get_path('include'), '-I', ROOT,
         '-I', os.path.join(ROOT, 'include'),
         f'-DPy_LIMITED_API={version:#x}', source],
        text=True, check=False, capture_output=True).stderr


def test_the_stable_abi_lacks_what_its_types_are_made_of():
    made = os.path.join(os.environ['OPT_BUILD_DIR'],
                        'bindings/python/native_wrap.cc')
    assert 'PyHeapTypeObject' in in_stable_abi(0x030b0000, made)


def test_the_stable_abi_of_python_3_10_lacks_the_buffer_protocol(tmp_path):
    source = tmp_path / 'buffer.cc'
    source.write_text('#include <Python.h>\nPy_buffer view;\n')
    assert 'Py_buffer' in in_stable_abi(0x030a0000, source)
    assert in_stable_abi(0x030b0000, source) == ''


def test_it_has_the_licences_of_what_is_inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in 'LICENSE', 'THIRD-PARTY-NOTICES':
            path, = (path for path in archive.namelist()
                     if path.endswith(f'.dist-info/{name}'))
            with open(os.path.join(ROOT, 'bindings/python', name),
                      'rb') as file:
                assert archive.read(path) == file.read()


OTHER_PYTHON = """
import runpy, sys, sysconfig
sysconfig.get_config_vars()['EXT_SUFFIX'] = '.cpython-39-x86_64-linux-gnu.so'
sys.argv = ['setup.py', '-q', 'build_py', '--build-lib', sys.argv[1]]
runpy.run_path('setup.py')
"""


def test_a_build_for_another_python_is_not_packed(tmp_path):
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', OTHER_PYTHON, tmp_path],
        cwd=os.path.join(ROOT, 'bindings/python'), text=True, check=False,
        capture_output=True,
        env={**clean(), 'LIBOPT_BUILD': os.environ['OPT_BUILD_DIR']})
    assert done.returncode == 1
    assert '-DPython3_EXECUTABLE=' in done.stderr.splitlines()[-1]


@pytest.fixture(scope='module', name='sources')
def make_source_archive(tmp_path_factory):
    place = str(tmp_path_factory.mktemp('sdist'))
    run(sys.executable, '-W', 'ignore', 'setup.py', '-q', 'sdist', '-d', place,
        cwd=os.path.join(ROOT, 'bindings/python'), env=clean())
    path, = glob.glob(os.path.join(place, '*.tar.gz'))
    return path


def test_a_source_archive_is_laid_out_as_the_repository(sources):
    with tarfile.open(sources) as archive:
        names = {name.partition('/')[2] for name in archive.getnames()}
    for folder in 'include', 'src', 'cmake', 'bindings/python/libopt':
        files = {os.path.relpath(os.path.join(place, name), ROOT)
                 for place, _, files in os.walk(os.path.join(ROOT, folder))
                 for name in files if not name.endswith('.pyc')}
        assert files and files <= names
    assert {'LICENSE', 'THIRD-PARTY-NOTICES', 'README.md', 'setup.py',
            'PKG-INFO', 'pyproject.toml', 'bindings/opt.i'} <= names
    assert not any(re.search(r'^(build|tests)/|\.(so|o|pyc|egg-info)$', name)
                   for name in names)


def test_the_public_address_is_that_of_the_project_or_left_out(sources,
                                                               tmp_path):
    with tarfile.open(sources) as archive:
        archive.extractall(tmp_path)
    place, = glob.glob(str(tmp_path / '*'))

    def address():
        run(sys.executable, '-W', 'ignore', 'setup.py', '-q', 'egg_info',
            cwd=place, env=clean())
        path, = glob.glob(f'{place}/build/setuptools/*.egg-info/PKG-INFO')
        with open(path, encoding='utf-8') as file:
            return re.findall('^(?:Home-page|Project-URL): (.*)', file.read(),
                              re.M)

    assert address() == []
    with open(f'{place}/cmake/identity.cmake', 'w', encoding='utf-8') as file:
        file.write('set(OPT_HOMEPAGE "https://example.org" CACHE STRING "")\n')
    assert address() == ['https://example.org']


def test_a_source_archive_builds_without_the_repository(sources, tmp_path):
    # Neither optimized nor for more than one SIMD target, which takes long.
    run(sys.executable, '-m', 'pip', 'wheel', '--no-index', '--no-deps',
        '--no-build-isolation', '-w', tmp_path, sources, cwd=tmp_path,
        env={**clean(), 'CMAKE_BUILD_TYPE': 'Debug',
             'CXXFLAGS': '-g0 -DHWY_COMPILE_ONLY_STATIC'})
    wheel, = glob.glob(os.path.join(tmp_path, '*.whl'))
    assert_works(wheel, tmp_path)


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
