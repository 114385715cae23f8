#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The NuGet package has all that it should, and a project can use it.

usage: package.py <dotnet> <target framework> <package>
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile

import tap

EXPECTED = ['LibOpt.nuspec', 'README.md', 'lib/netstandard2.1/LibOpt.dll',
            'lib/netstandard2.1/LibOpt.xml']
NATIVE = re.compile(r'runtimes/linux-(x64|arm64)/native/(.*)')
PROJECT = '''<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>{framework}</TargetFramework>
    <UseAppHost>false</UseAppHost>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="LibOpt" Version="{version}" />
  </ItemGroup>
</Project>
'''
SOURCES = '''<configuration>
  <packageSources><clear /><add key="local" value="{folder}" /></packageSources>
</configuration>
'''


def block(text, marker, language):
    """The code block that follows a marker of README.md."""
    match = re.search(f'<!-- {marker} -->\\s*```{language}\n(.*?)```', text,
                      re.S)
    return match[1] if match else ''


def check_layout(package):
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        spec = archive.read('LibOpt.nuspec').decode()
    tap.case('the package has assembly, documentation and README',
             [f'lacks {name}' for name in EXPECTED if name not in names])
    natives = {match[2] for match in map(NATIVE.fullmatch, names) if match}
    tap.case('the package has one native library, where NuGet looks for it',
             '' if natives == {'libopt_csharp.so'} else f'has {natives}')
    fields = {element.tag.split('}')[1]: element.text for element in
              ElementTree.fromstring(spec).iter()}
    tap.case('the package tells its license and depends on nothing',
             [f'{field}: {fields.get(field)}' for field, value in
              (('id', 'LibOpt'), ('license', 'Apache-2.0'))
              if fields.get(field) != value] +
             (['has dependencies'] if '<dependency ' in spec else []))
    return fields['version']


def use(dotnet, framework, package, version, work):
    """README's program as a project that knows the package alone."""
    with open(os.path.join(tap.ROOT, 'README.md'), encoding='utf-8') as file:
        readme = file.read()
    with open(os.path.join(work, 'Program.cs'), 'w', encoding='utf-8') as file:
        file.write(block(readme, 'program: csharp', 'csharp'))
    with open(os.path.join(work, 'Consumer.csproj'), 'w',
              encoding='utf-8') as file:
        file.write(PROJECT.format(framework=framework, version=version))
    environment = {**os.environ,
                   'NUGET_PACKAGES': os.path.join(work, 'packages')}
    with open(os.path.join(work, 'nuget.config'), 'w',
              encoding='utf-8') as file:
        file.write(SOURCES.format(folder=os.path.dirname(
            os.path.abspath(package))))
    tap.case('a project restores the package and builds',
             tap.run(dotnet, 'build', '-v', 'quiet', '--artifacts-path',
                     os.path.join(work, 'out'), cwd=work, env=environment))
    ran = subprocess.run(
        [dotnet, 'exec', f'{work}/out/bin/Consumer/debug/Consumer.dll'],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    printed = block(readme, 'output: csharp', 'text')
    tap.case("README's program works as printed",
             '' if ran.returncode == 0 and printed and ran.stdout == printed
             else f'exit {ran.returncode}, printed\n{ran.stdout}expected\n'
             f'{printed}')


def main():
    dotnet, framework, package = sys.argv[1:]
    version = check_layout(package)
    with tempfile.TemporaryDirectory() as work:
        use(dotnet, framework, package, version, work)
    tap.finish()


main()
