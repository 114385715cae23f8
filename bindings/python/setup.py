# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Builds the wheel: CMake makes the package, this packs it.

LIBOPT_BUILD names a build directory to use instead of a new one.
"""

import os
import re
import shutil
import subprocess
import sys

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def version():
    """That of the C header, from which everything takes it."""
    with open(os.path.join(ROOT, 'include/opt/opt_base.h'),
              encoding='utf-8') as file:
        return '.'.join(re.findall(
            r'^#define OPT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)', file.read(),
            re.M))


class Native(Distribution):
    """Its wheel is one platform's and one Python's."""

    def has_ext_modules(self):
        return True


def generator(build):
    """Ninja where it is, unless CMAKE_GENERATOR or an earlier build says what
    CMake shall write for: its own choice is make, which need not be there."""
    chosen = 'CMAKE_GENERATOR' in os.environ or os.path.exists(
        os.path.join(build, 'CMakeCache.txt'))
    return ['-G', 'Ninja'] if shutil.which('ninja') and not chosen else []


class BuildPackage(build_py):
    """Builds the target opt_python and takes the package that it makes."""

    def run(self):
        build = os.environ.get('LIBOPT_BUILD')
        if build is None:
            build = os.path.join(ROOT, 'build', 'wheel')
            subprocess.run(
                ['cmake', *generator(build), '-S', ROOT, '-B', build,
                 '-DCMAKE_BUILD_TYPE=Release', '-DOPT_BUILD_TESTS=OFF',
                 '-DOPT_BUILD_BENCH=OFF', '-DOPT_BUILD_EXAMPLES=OFF',
                 '-DOPT_BUILD_PYTHON=ON',
                 f'-DPython3_EXECUTABLE={sys.executable}'], check=True)
        subprocess.run(['cmake', '--build', build, '--target', 'opt_python',
                        '-j', str(os.cpu_count())], check=True)
        target = os.path.join(self.build_lib, 'libopt')
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(os.path.join(build, 'python/libopt'), target,
                        ignore=shutil.ignore_patterns('__pycache__'))
        for name in os.listdir(target):
            if '.so' in name:
                subprocess.run(['strip', '--strip-unneeded',
                                os.path.join(target, name)], check=True)


SCRATCH = os.path.join(ROOT, 'build', 'setuptools')
os.makedirs(SCRATCH, exist_ok=True)
setup(version=version(), packages=['libopt', 'libopt.torch'],
      options={'build': {'build_base': SCRATCH},
               'egg_info': {'egg_base': SCRATCH}},
      distclass=Native, cmdclass={'build_py': BuildPackage})
