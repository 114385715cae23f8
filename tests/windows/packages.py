#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The jar and the NuGet package have libraries for Windows, where the JVM and
.NET look for them, and these can be loaded there.

usage: packages.py <objdump> <jar> <NuGet package, none: no SDK> <opt.dll>
       <command that runs load_module>...
"""

import os
import sys
import tempfile
import zipfile

import pe
import tap

# Where a package has its library, what the library exports, and the version.
JAR = ('org/libopt/native/windows-x86_64/opt_java.dll', 'Java_org_libopt_',
       'Java_org_libopt_NativeJNI_opt_1version_1number')
NUGET = ('runtimes/win-x64/native/opt_csharp.dll', 'CSharp_',
         'CSharp_LibOptfInterop_opt_version_number___')


def check(package, known, objdump, version, load):
    path, prefix, function = known
    name = os.path.basename(path)
    with zipfile.ZipFile(package) as archive, \
            tempfile.TemporaryDirectory() as work:
        has = path in archive.namelist()
        tap.case(f'{os.path.basename(package)} has {name}, where it is looked '
                 'for', '' if has else '\n'.join(archive.namelist()))
        if not has:
            return
        library = archive.extract(path, work)
        tap.case(f'{name} needs nothing but parts of Windows',
                 pe.foreign(objdump, library))
        exported = pe.exports(objdump, library)
        tap.case(f'{name} exports what its language calls, and no more',
                 [f'exports {n}' for n in sorted(exported)
                  if not n.startswith(prefix)] if exported else 'nothing')
        said = tap.output(*load, library, function)
        tap.case(f'{name} is loaded, is called and is unloaded',
                 '' if said == version else f'{said}, expected {version}')


def main():
    objdump, jar, nuget, dll, *load = sys.argv[1:]
    version = tap.output(*load, dll, 'opt_version_number')
    check(jar, JAR, objdump, version, load)
    if nuget != 'none':
        check(nuget, NUGET, objdump, version, load)
    tap.finish()


main()
