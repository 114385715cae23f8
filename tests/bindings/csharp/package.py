#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The NuGet package has all that it should, a project can use it, and the code
of the READMEs works.

usage: package.py <dotnet> <target framework> <package>
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib

import tap

LIBRARY = 'lib/netstandard2.1/LibOpt.dll'
EXPECTED = ['LibOpt.nuspec', 'README.md', 'LICENSE', 'THIRD-PARTY-NOTICES',
            LIBRARY, 'lib/netstandard2.1/LibOpt.xml']
NATIVE = re.compile(r'runtimes/linux-(x64|arm64)/native/(.*)')
READMES = ('bindings/csharp/README.md', 'bindings/csharp/LibOpt/README.md')
# A block of C#, with the marker of a whole program if it is one, and what it
# prints.
BLOCK = re.compile(r'(<!-- program: csharp -->\s*)?```csharp\n(.*?)```'
                   r'(?:(?:(?!```).)*?<!-- output: csharp -->\s*```text\n'
                   r'(.*?)```)?', re.S)
USING = re.compile(r'^using [\w.]+;\n', re.M)
PROJECT = '''<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>{framework}</TargetFramework>
    <UseAppHost>false</UseAppHost>
    <StartupObject>Driver</StartupObject>
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
# Runs the code that its argument numbers.
DRIVER = '''using System;
using System.Reflection;

internal static class Driver
{
    private static void Main(string[] args) =>
        Type.GetType("Code" + args[0] + ".Program")
            .GetMethod("Main", BindingFlags.Static | BindingFlags.NonPublic)
            .Invoke(null, null);
}
'''
SNIPPET = '''internal static class Program
{{
    private static void Main()
    {{
{}    }}
}}
'''
# Lines where the compiler complains of null, and those where it does not.
NULLS = '''#nullable enable
using LibOpt;

internal static class Nulls
{
    internal static void Good(Optimizer optimizer)
    {
        optimizer.Attach(null, new float[1], default, null, null);
        optimizer.Step((StepOptions?)null);
        optimizer.AllGroups.SetSchedule("lr", null);
        double scale = optimizer.Scaler?.Scale ?? 1;
        new Adam { Preset = null }.Preset?.ToString();
        new SaveOptions { Lent = null }.Lent?.ToString();
        new Optimizer("sgd", null).Tensors[0].Name.ToString();
    }

    internal static void Bad(Optimizer optimizer)
    {
        optimizer.FindTensor(null);                        // CS8625
        optimizer.Scaler.ToString();                       // CS8602
        optimizer.Average.ToString();                      // CS8602
        optimizer.AllGroups.CopySchedule("lr").Dispose();  // CS8602
        Library.Rules[0].Slots[0].WhenOption.ToString();   // CS8602
        new StepOptions().Report.ToString();               // CS8602
        optimizer.GradNorm().NonfiniteTensor.ToString();   // CS8602
        optimizer.Save((string?)null);                     // CS8625
    }
}
'''


def symbols_of(library):
    """The portable PDB that an assembly embeds, which is deflated; empty if
    there is none. Of paths it has the parts."""
    found = library.find(b'MPDB')
    if found < 0:
        return b''
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(library[found + 8:])


def check_layout(package):
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        spec = archive.read('LibOpt.nuspec').decode()
        library = archive.read(LIBRARY)
        notices = archive.read('THIRD-PARTY-NOTICES').decode()
    tap.case('the package has assembly, documentation, README and licences',
             [f'lacks {name}' for name in EXPECTED if name not in names])
    tap.case('the notices are of what the native library links',
             [f'lacks {name}' for name in ('Highway', 'zlib')
              if name not in notices])
    symbols = symbols_of(library)
    tap.case('the assembly has its symbols inside, under names of their own',
             [f'lacks {name}' for name in ('Optimizer.cs', 'Interop')
              if name.encode() not in symbols] +
             # A folder of the source tree, where the path was not mapped.
             (['has bindings'] if b'bindings' in symbols else []))
    tap.case('no path of the machine that built it is inside',
             f'has {tap.ROOT}' if tap.ROOT.encode() in library else '')
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


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
        file.write(text)


def blocks():
    """(name, source, what it prints or None) of the READMEs' code."""
    found = []
    for readme in READMES:
        with open(os.path.join(tap.ROOT, readme), encoding='utf-8') as file:
            matches = BLOCK.findall(file.read())
        for i, (program, code, printed) in enumerate(matches, 1):
            usings = ''.join(USING.findall(code))
            body = USING.sub('', code)
            if not program:
                body = SNIPPET.format(body)
            source = f'namespace Code{len(found)}\n{{\n{usings}{body}}}\n'
            found.append((f'{readme}, code {i}', source, printed or None))
    return found


def run_blocks(dotnet, codes, work):
    """Each in a folder of its own."""
    program = os.path.join(work, 'out/bin/Consumer/debug/Consumer.dll')
    for i, (name, _, printed) in enumerate(codes):
        with tempfile.TemporaryDirectory() as place:
            ran = subprocess.run(
                [dotnet, 'exec', program, str(i)], cwd=place,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        good = ran.returncode == 0 and printed in (None, ran.stdout)
        tap.case(f'{name} works as printed', '' if good else
                 f'exit {ran.returncode}, printed\n{ran.stdout}expected\n'
                 f'{printed}')


def use(dotnet, framework, package, version, work):
    """A project that knows the package alone."""
    codes = blocks()
    for i, (_, source, _) in enumerate(codes):
        write(work, f'Code{i}.cs', source)
    write(work, 'Driver.cs', DRIVER)
    write(work, 'Nulls.cs', NULLS)
    write(work, 'Consumer.csproj',
          PROJECT.format(framework=framework, version=version))
    write(work, 'nuget.config', SOURCES.format(
        folder=os.path.dirname(os.path.abspath(package))))
    result = subprocess.run(
        [dotnet, 'build', '-v', 'quiet', '--artifacts-path',
         os.path.join(work, 'out')], cwd=work,
        env={**os.environ, 'NUGET_PACKAGES': os.path.join(work, 'packages')},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tap.case('a project restores the package and builds',
             '' if result.returncode == 0 else result.stdout)
    said = set(re.findall(r'Nulls\.cs\((\d+),\d+\): warning (\w+)',
                          result.stdout))
    wanted = {(str(number), line.split('// ')[1]) for number, line in
              enumerate(NULLS.splitlines(), 1) if '// ' in line}
    tap.case('the compiler is told what may be null',
             [f'line {number}: {code}' for number, code in
              sorted(said ^ wanted)])
    run_blocks(dotnet, codes, work)


def main():
    dotnet, framework, package = sys.argv[1:]
    version = check_layout(package)
    with tempfile.TemporaryDirectory() as work:
        use(dotnet, framework, package, version, work)
    tap.finish()


main()
