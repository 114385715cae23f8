# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A recipe of Conan 2 for libopt, from the archive that lies beside it."""

import os

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, unzip


class LibOpt(ConanFile):
    name = 'libopt'
    version = '@version@'
    description = 'Deep-learning optimizers as a C library'
    homepage = '@homepage@'
    license = 'Apache-2.0'
    package_type = 'library'
    settings = 'os', 'arch', 'compiler', 'build_type'
    options = {'shared': [True, False]}
    default_options = {'shared': True}
    exports_sources = 'libopt-*.tar.gz'
    requires = 'highway/[>=1.0.3]', 'zlib/[>=1.2.11]'

    def layout(self):
        cmake_layout(self, src_folder='source')

    def source(self):
        unzip(self, os.path.join(self.export_sources_folder,
                                 f'libopt-{self.version}.tar.gz'),
              strip_root=True)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for part in ('TESTS', 'BENCH', 'EXAMPLES'):
            toolchain.cache_variables[f'OPT_BUILD_{part}'] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, 'LICENSE', self.source_folder,
             os.path.join(self.package_folder, 'licenses'))

    def package_info(self):
        self.cpp_info.set_property('cmake_file_name', 'libopt')
        self.cpp_info.set_property(
            'cmake_target_name',
            'libopt::opt' if self.options.shared else 'libopt::opt_static')
        self.cpp_info.libs = ['opt']
        if not self.options.shared:
            self.cpp_info.system_libs = ['stdc++', 'm', 'pthread']
