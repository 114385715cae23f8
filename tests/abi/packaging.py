#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The recipes of cmake/packaging do what their managers would have them do.

usage: packaging.py <build directory>

vcpkg and Conan are not in Debian, so their functions have stand-ins here, which
configure the packed sources and install the build that is given.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import types

import tap

BUILD_RECIPE = os.path.join(tap.ROOT, 'cmake/packaging/build')
HOMEPAGE = 'https://libopt.invalid'

VCPKG = '''
set(CURRENT_PACKAGES_DIR "{packages}")
set(PORT libopt)
set(VERSION {version})
set(VCPKG_LIBRARY_LINKAGE dynamic)
function(run)
  execute_process(COMMAND ${{ARGN}} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()
function(vcpkg_extract_source_archive variable)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ARCHIVE "")
  file(ARCHIVE_EXTRACT INPUT "${{arg_ARCHIVE}}" DESTINATION "{work}/source")
  set(${{variable}} "{work}/source/libopt-{version}" PARENT_SCOPE)
endfunction()
function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" SOURCE_PATH OPTIONS)
  run("${{CMAKE_COMMAND}}" -G Ninja -S "${{arg_SOURCE_PATH}}" -B "{work}/build"
      ${{arg_OPTIONS}})
endfunction()
function(vcpkg_cmake_install)
  run("${{CMAKE_COMMAND}}" --install "{build}" --prefix "{packages}")
endfunction()
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "PACKAGE_NAME;CONFIG_PATH" "")
  file(RENAME "{packages}/${{arg_CONFIG_PATH}}" "{packages}/share/libopt")
endfunction()
function(vcpkg_fixup_pkgconfig)
endfunction()
function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" FILE_LIST)
  file(COPY_FILE "${{arg_FILE_LIST}}" "{packages}/share/libopt/copyright")
endfunction()
file(MAKE_DIRECTORY "{packages}/share")
include("{port}/portfile.cmake")
'''


def recipe(name, to, *options):
    return subprocess.run([BUILD_RECIPE, name, '--to', to, *options],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def missing(folder, *paths):
    return [f'{path} is not installed' for path in paths
            if not os.path.exists(os.path.join(folder, path))]


def refusals(work):
    for name, field in (('debian', 'OPT_CONTACT'), ('vcpkg', 'OPT_HOMEPAGE'),
                        ('conan', 'OPT_HOMEPAGE')):
        result = recipe(name, os.path.join(work, name))
        tap.case(f'{name} refuses without {field}, and names it',
                 '' if result.returncode == 1 and field in result.stdout
                 else f'exit {result.returncode}: {result.stdout}')


def vcpkg(build, version, work):
    port = os.path.join(work, 'port')
    made = recipe('vcpkg', port, '--homepage', HOMEPAGE)
    problem = made.stdout if made.returncode else ''
    packages = os.path.join(work, 'packages')
    if not problem:
        with open(os.path.join(port, 'libopt/vcpkg.json'),
                  encoding='utf-8') as file:
            described = json.load(file)
        if described['version'] != version:
            problem = f'vcpkg.json is of version {described["version"]}'
    if not problem:
        script = os.path.join(work, 'vcpkg.cmake')
        with open(script, 'w', encoding='utf-8') as file:
            file.write(VCPKG.format(packages=packages, work=work, build=build,
                                    version=version,
                                    port=os.path.join(port, 'libopt')))
        problem = tap.run('cmake', '-P', script)
    tap.case('the port of vcpkg configures its archive and installs',
             problem or missing(packages, 'include/opt/opt.h', 'lib/libopt.so',
                                'share/libopt/copyright', 'share/libopt/usage',
                                'share/libopt/libopt-config.cmake'))


class Settings:
    """Takes any attribute: what a recipe tells Conan of its package."""

    def set_property(self, name, value):
        setattr(self, name, value)


def stand_ins(build, package):
    """Modules of Conan in which a recipe runs."""
    class CMakeToolchain:
        def __init__(self, recipe):
            self.cache_variables = recipe.toolchain = {}

        def generate(self):
            pass

    class CMake:
        def __init__(self, recipe):
            self.recipe = recipe

        def configure(self):
            options = [f'-D{name}={"ON" if value else "OFF"}' for name, value
                       in self.recipe.toolchain.items()]
            subprocess.run(['cmake', '-G', 'Ninja', '-S',
                            self.recipe.source_folder, '-B',
                            self.recipe.build_folder, *options], check=True,
                           stdout=subprocess.DEVNULL)

        def build(self):
            pass

        def install(self):
            subprocess.run(['cmake', '--install', build, '--prefix', package],
                           check=True, stdout=subprocess.DEVNULL)

    def unzip(recipe, path, strip_root):
        os.makedirs(recipe.source_folder)
        subprocess.run(['tar', '-xf', path, '-C', recipe.source_folder,
                        f'--strip-components={int(strip_root)}'], check=True)

    def copy(_recipe, name, source, target):
        os.makedirs(target, exist_ok=True)
        subprocess.run(['cp', os.path.join(source, name), target], check=True)

    class CMakeDeps:
        def __init__(self, recipe):
            pass

        def generate(self):
            pass

    cmake = {'CMake': CMake, 'CMakeDeps': CMakeDeps,
             'CMakeToolchain': CMakeToolchain,
             'cmake_layout': lambda recipe, src_folder: None}
    for name, members in (('conan', {'ConanFile': object}), ('conan.tools', {}),
                          ('conan.tools.cmake', cmake),
                          ('conan.tools.files', {'copy': copy,
                                                 'unzip': unzip})):
        module = types.ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module


def run_conan(path, build, work):
    package = os.path.join(work, 'package')
    stand_ins(build, package)
    spec = importlib.util.spec_from_file_location('conanfile', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.LibOpt()
    made.options = Settings()
    made.options.shared = True
    made.cpp_info = Settings()
    made.source_folder = os.path.join(work, 'source')
    made.build_folder = os.path.join(work, 'build')
    made.package_folder = package
    made.export_sources_folder = os.path.dirname(path)
    for phase in ('layout', 'source', 'generate', 'build', 'package',
                  'package_info'):
        getattr(made, phase)()
    return missing(package, 'include/opt/opt.h', 'lib/libopt.so',
                   'licenses/LICENSE')


def conan(build, work):
    to = os.path.join(work, 'recipe')
    made = recipe('conan', to, '--homepage', HOMEPAGE)
    problem = made.stdout if made.returncode else ''
    tap.case('the recipe of Conan configures its archive and installs',
             problem or run_conan(os.path.join(to, 'conanfile.py'), build,
                                  work))


def main():
    build = os.path.abspath(sys.argv[1])
    with open(os.path.join(build, 'CMakeCache.txt'), encoding='utf-8') as file:
        version = next(line.split('=')[1].strip() for line in file
                       if line.startswith('CMAKE_PROJECT_VERSION:'))
    with tempfile.TemporaryDirectory() as work:
        refusals(os.path.join(work, 'refused'))
        vcpkg(build, version, os.path.join(work, 'vcpkg'))
        conan(build, os.path.join(work, 'conan'))
    tap.finish()


main()
