# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Builds the wheel, which is CMake's package, packed; and the source archive,
which holds what CMake builds it of.

LIBOPT_BUILD names a build directory to use instead of a new one.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

# A source archive is laid out as the repository, but with the files of this
# folder that pip looks for at its top.
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = HERE if os.path.exists(os.path.join(HERE, 'include')) else (
    os.path.dirname(os.path.dirname(HERE)))
TOP = ('LICENSE', 'README.md', 'THIRD-PARTY-NOTICES', 'pyproject.toml',
       'setup.py')
FOLDERS = ('bindings/python', 'cmake', 'include', 'src')
SKIPPED = ('__pycache__', '*.pyc', '.*')


def version():
    """That of the C header, from which everything takes it."""
    with open(os.path.join(ROOT, 'include/opt/opt_base.h'),
              encoding='utf-8') as file:
        return '.'.join(re.findall(
            r'^#define OPT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)', file.read(),
            re.M))


def homepage():
    """The project's public address; None while it has none."""
    with open(os.path.join(ROOT, 'cmake/identity.cmake'),
              encoding='utf-8') as file:
        return re.search(r'^set\(OPT_HOMEPAGE "(.*?)"', file.read(),
                         re.M)[1] or None


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
                 '-DOPT_BUILD_TESTS=OFF', '-DOPT_BUILD_BENCH=OFF',
                 '-DOPT_BUILD_EXAMPLES=OFF', '-DOPT_BUILD_PYTHON=ON',
                 f'-DPython3_EXECUTABLE={sys.executable}'], check=True)
        subprocess.run(['cmake', '--build', build, '--target', 'opt_python',
                        '-j', str(os.cpu_count())], check=True)
        target = os.path.join(self.build_lib, 'libopt')
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(os.path.join(build, 'python/libopt'), target,
                        ignore=shutil.ignore_patterns(*SKIPPED))
        module = '_native' + sysconfig.get_config_var('EXT_SUFFIX')
        if not os.path.exists(os.path.join(target, module)):
            sys.exit(f'{build} is a build for another Python than '
                     f'{sys.executable}: configure it with '
                     '-DPython3_EXECUTABLE=')
        subprocess.run(['strip', '--strip-unneeded',
                        os.path.join(target, module)], check=True)


class SourceArchive(sdist):
    """Takes along what CMake needs, from which the wheel can be built."""

    def make_release_tree(self, base_dir, files):
        sources = list(cmake_sources())  # before base_dir is there
        for path in sources:
            self.copy(os.path.join(ROOT, path), os.path.join(base_dir, path))
        for name in TOP:
            self.copy(os.path.join(HERE, name), os.path.join(base_dir, name))
        self.distribution.metadata.write_pkg_info(base_dir)

    def copy(self, source, target):
        """Copies a file, and what a link leads to."""
        self.mkpath(os.path.dirname(target))
        shutil.copy(source, target)


def cmake_sources():
    """The files that CMake builds the target opt_python of, from ROOT on."""
    yield 'CMakeLists.txt'
    yield from (f'bindings/{entry.name}'
                for entry in os.scandir(os.path.join(ROOT, 'bindings'))
                if entry.is_file())
    for folder in FOLDERS:
        for place, folders, names in os.walk(os.path.join(ROOT, folder)):
            skipped = shutil.ignore_patterns(*SKIPPED)(place, folders + names)
            folders[:] = sorted(set(folders) - skipped)
            place = os.path.relpath(place, ROOT)
            for name in sorted(set(names) - skipped):
                if place != 'bindings/python' or name not in TOP:
                    yield os.path.join(place, name)


SCRATCH = os.path.join(ROOT, 'build', 'setuptools')
os.makedirs(SCRATCH, exist_ok=True)
setup(version=version(), url=homepage(), packages=['libopt', 'libopt.torch'],
      package_dir={'': os.path.relpath(os.path.join(ROOT, 'bindings/python'),
                                       HERE)},
      options={'build': {'build_base': SCRATCH},
               'egg_info': {'egg_base': SCRATCH}},
      distclass=Native,
      cmdclass={'build_py': BuildPackage, 'sdist': SourceArchive})
