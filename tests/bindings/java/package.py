#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""What is in the jar, how it is loaded, and that Javadoc has no complaint.

usage: package.py <folder of the JDK> <jar> <SWIG's folder> <java>
                  [JVM option]...
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import zipfile

import tap

SYSTEM = re.compile(r'lib(c|m|stdc\+\+|gcc_s)\.so|ld-linux')
# What takes callbacks, and what comes with an exception, have stand-ins.
INSTEAD = {'opt_save_callback': 'to_memory', 'opt_load_callback': 'from_memory',
           'opt_last_error': 'byte[] message', 'opt_status_name': 'enum Status'}
# What objects of the shared headers call: the method that Java uses.
THROUGH = {
    'opt_attach': 'attach', 'opt_step': 'step', 'opt_accumulate': 'accumulate',
    'opt_zero_grad': 'zero_grad', 'opt_grad_norm': 'grad_norm',
    'opt_clip_grads': 'clip_grads', 'opt_average_swap': 'average_swap',
    'opt_save_file': 'to_file', 'opt_save_memory': 'to_memory',
    'opt_load_file': 'from_file', 'opt_load_memory': 'from_memory',
    'opt_schedule_set_milestones': 'set'}
PROBE = """
public class Probe {
  public static void main(String[] args) {
    System.out.println(org.libopt.Library.version());
  }
}
"""


def libraries(jar, place):
    with zipfile.ZipFile(jar) as file:
        names = [n for n in file.namelist() if '.so' in n]
        file.extractall(place, names)
    return [os.path.join(place, name) for name in names]


def not_of_the_system(library):
    needed = re.findall(r'\(NEEDED\).*\[(.*)\]',
                        tap.output('readelf', '-d', library))
    return [f'needs {n}' for n in needed if not SYSTEM.match(n)]


def run(java, jar, source, temp, *options):
    return subprocess.run(
        [*java, f'-Djava.io.tmpdir={temp}', *options, '-cp', jar, source],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)


def main():
    jdk, jar, swig, *java = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        library, *others = libraries(jar, place)
        tap.case('the jar has one library', others)
        tap.case('it needs the runtimes of C and C++ alone',
                 not_of_the_system(library))
        symbols = tap.output('nm', '-D', '--defined-only', library)
        tap.case('only what the JVM looks up is exported', [
            line for line in symbols.splitlines()
            if ' Java_org_libopt_' not in line])

        source = os.path.join(place, 'Probe.java')
        with open(source, 'w', encoding='utf-8') as file:
            file.write(PROBE)
        temp = os.path.join(place, 'temp')
        os.mkdir(temp)
        result = run(java, jar, source, temp)
        tap.case('the library is unpacked and loaded',
                 '' if result.stdout.strip().count('.') == 2
                 else result.stdout)
        tap.case('nothing stays in the temporary directory', [
            n for n in os.listdir(temp) if n.startswith('libopt')])
        bad = run(java, jar, source, temp, '-Dorg.libopt.native.path=/nowhere')
        tap.case('what cannot be loaded tells where it looked and the remedy',
                 '' if '/nowhere' in bad.stdout and 'java.io.tmpdir' in
                 bad.stdout and bad.returncode else bad.stdout)

        sources = glob.glob(f'{tap.ROOT}/bindings/java/src/main/java/'
                            'org/libopt/*.java')
        tap.case('Javadoc has no complaint', tap.run(
            f'{jdk}/bin/javadoc', '-quiet', '-Xdoclint:all', '-Werror',
            '--release', '11', '-d', os.path.join(place, 'doc'), *sources,
            *glob.glob(f'{swig}/org/libopt/*.java')))

        text = ''.join(open(s, encoding='utf-8').read() for s in sources)
        text += open(f'{tap.ROOT}/bindings/java/lent_arrays.h',
                     encoding='utf-8').read()
        calls = ''.join(
            open(f'{tap.ROOT}/bindings/{name}.h', encoding='utf-8').read()
            for name in ('calls', 'schedule_call', 'step_call'))
        with open(f'{tap.ROOT}/cmake/libopt.map', encoding='utf-8') as file:
            functions = re.findall(r'^    (opt_\w+);', file.read(), re.M)
        unreached = []
        for name in functions:
            direct = re.search(rf'\bNative\.{name}(_with)?\(', text)
            through = name in THROUGH and re.search(rf'\b{name}\(', calls) \
                and re.search(rf'(\.|->){THROUGH[name]}\(', text)
            instead = name in INSTEAD and INSTEAD[name] in text
            if not (direct or through or instead):
                unreached.append(name)
        tap.case('the whole C API can be reached', unreached)
    with open(f'{tap.ROOT}/bindings/java/pom.xml', encoding='utf-8') as file:
        version = re.search(r'<version>(.*?)</version>', file.read()).group(1)
    tap.case('the POM has the version of the library',
             '' if version == result.stdout.strip() else version)
    tap.finish()


main()
