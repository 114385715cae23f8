#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The jars are complete, and the library in one of them is loaded.

usage: package.py <folder of the JDK> <jar> <java> [JVM option]...
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
# Functions with callbacks, and with exceptions, have stand-ins.
INSTEAD = {'opt_save_callback': 'to_memory', 'opt_load_callback': 'from_memory',
           'opt_last_error': 'byte[] message', 'opt_status_name': 'enum Status'}
# The methods that Java uses in place of objects of the shared headers.
THROUGH = {
    'opt_add_group': 'add_group', 'opt_set_options': 'set',
    'opt_attach': 'attach', 'opt_state_bytes': 'state_bytes',
    'opt_step': 'step', 'opt_step_begin': 'begin_step',
    'opt_step_slice': 'step_slice', 'opt_accumulate': 'accumulate',
    'opt_zero_grads': 'zero_grads', 'opt_grad_norm': 'grad_norm',
    'opt_clip_grads': 'clip_grads', 'opt_swap_eval_weights': 'swap_eval_weights',
    'opt_read_eval_weights': 'read_eval_weights',
    'opt_save_file': 'to_file', 'opt_save_memory': 'to_memory',
    'opt_load_file': 'from_file', 'opt_load_memory': 'from_memory',
    'opt_load_checkpoint': 'from_checkpoint',
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


def public_classes(names):
    """Of a jar, with nested ones as Javadoc calls them."""
    return {name[:-6].replace('$', '.') for name in names
            if name.startswith('org/libopt/') and name.endswith('.class')
            and not re.search(r'\$\d|package-info', name)}


def check_jars(jdk, jar):
    """Licences, what debuggers and editors want, and the jars beside."""
    names = {}
    for suffix in ('', '-sources', '-javadoc'):
        with zipfile.ZipFile(jar.replace('.jar', f'{suffix}.jar')) as archive:
            names[suffix] = set(archive.namelist())
            if not suffix:
                notices = archive.read('META-INF/THIRD-PARTY-NOTICES').decode()
    tap.case('the licence and the notices come with every jar',
             [f'libopt{suffix}.jar lacks {name}' for suffix in names
              for name in ('META-INF/LICENSE', 'META-INF/THIRD-PARTY-NOTICES')
              if name not in names[suffix]])
    tap.case('the notices are of what the native library links',
             [f'no {name}' for name in ('Highway', 'zlib')
              if name not in notices])
    classes = public_classes(names[''])
    tap.case('every class has its source in the jar of sources',
             sorted(name for name in classes if '.' not in name
                    and f'{name}.java' not in names['-sources']))
    said = tap.output(f'{jdk}/bin/javap', '-public', '-cp', jar,
                      *(name.replace('/', '.') for name in
                        sorted(classes) if '.' not in name))
    public = set(re.findall(r'^public .*?(?:class|interface) org\.libopt\.(\w+)',
                            said, re.M))
    tap.case('every public class has its page in the jar of documentation',
             [name for name in sorted(public) if
              f'org/libopt/{name}.html' not in names['-javadoc']]
             if len(public) > 20 else [f'{len(public)} public classes'])
    tap.case('no page is of a class that is not public',
             sorted(name for name in names['-javadoc']
                    if re.fullmatch(r'org/libopt/(Native|opt_)\w+\.html', name)))
    said = tap.output(f'{jdk}/bin/javap', '-verbose', '-cp', jar, 'org.libopt.Tensor')
    tap.case('debuggers and editors see the names of parameters and variables',
             [f'no {table}' for table in
              ('LineNumberTable', 'LocalVariableTable', 'MethodParameters')
              if table not in said])


def check_loading(java, jar, place):
    """The native library in the jar; returns the version that it tells."""
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
             '' if re.search(r'^\d+\.\d+\.\d+$', result.stdout, re.M)
             else result.stdout)
    tap.case('nothing stays in the temporary directory', [
        n for n in os.listdir(temp) if n.startswith('libopt')])
    allowed = run(java, jar, source, temp, '--enable-native-access=ALL-UNNAMED')
    tap.case('with native access enabled no JVM has anything to say',
             '' if allowed.stdout == result.stdout.splitlines(True)[-1]
             else allowed.stdout)
    bad = run(java, jar, source, temp, '-Dorg.libopt.native.path=/nowhere')
    tap.case('what cannot be loaded tells where it looked and the remedy',
             '' if '/nowhere' in bad.stdout and 'java.io.tmpdir' in
             bad.stdout and bad.returncode else bad.stdout)
    return result.stdout.split()[-1]


def read(path):
    with open(f'{tap.ROOT}/{path}', encoding='utf-8') as file:
        return file.read()


def check_reach():
    """Java calls every function of the C API, by itself or through the classes
    of the shared headers."""
    sources = glob.glob(f'{tap.ROOT}/bindings/java/src/main/java/org/libopt/'
                        '*.java')
    text = ''.join(read(os.path.relpath(source, tap.ROOT))
                   for source in sources)
    text += read('bindings/java/lent_arrays.h')
    calls = ''.join(read(f'bindings/{name}.h')
                    for name in ('calls', 'schedule_call', 'step_call'))
    unreached = []
    for name in re.findall(r'^    (opt_\w+);', read('cmake/libopt.map'), re.M):
        direct = re.search(rf'\bNative\.{name}(_with)?\(', text)
        through = name in THROUGH and re.search(rf'\b{name}\(', calls) \
            and re.search(rf'(\.|->){THROUGH[name]}\(', text)
        instead = name in INSTEAD and INSTEAD[name] in text
        if not (direct or through or instead):
            unreached.append(name)
    tap.case('the whole C API can be reached', unreached)


def main():
    jdk, jar, *java = sys.argv[1:]
    check_jars(jdk, jar)
    with tempfile.TemporaryDirectory() as place:
        told = check_loading(java, jar, place)
    check_reach()
    version = re.search(r'<version>(.*?)</version>',
                        read('bindings/java/pom.xml')).group(1)
    tap.case('the POM has the version of the library',
             '' if version == told else version)
    tap.finish()


main()
