#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Maven builds the jar that CMake builds, with the plugins that Debian has.

usage: maven.py <folder of the JDK> <jar> <java> [JVM option]...
"""

import glob
import os
import sys
import tempfile
import zipfile

import readme_code
import tap

JAVA = os.path.join(tap.ROOT, 'bindings/java')


def entries(jar):
    """Names of classes, native libraries and licences; javac alone makes a
    class of package-info.java only if it must."""
    with zipfile.ZipFile(jar) as archive:
        return {name for name in archive.namelist()
                if name.startswith(('org/', 'META-INF/LICENSE', 'META-INF/THIRD'))
                and not name.endswith('/')
                and not name.endswith('package-info.class')}


def manifest(jar):
    with zipfile.ZipFile(jar) as archive:
        return archive.read('META-INF/MANIFEST.MF').decode()


def package(jdk, jar, work):
    """Runs mvn package away from the source tree; returns what is wrong."""
    project = os.path.join(work, 'project')
    os.mkdir(project)
    for name in ('pom.xml', 'MANIFEST.MF', 'src'):
        os.symlink(os.path.join(JAVA, name), os.path.join(project, name))
    # Maven writes to its repository: its files are links to Debian's.
    repository = os.path.join(work, 'repository')
    return tap.run('cp', '-rs', '/usr/share/maven-repo', repository) or tap.run(
        'mvn', '--offline', '--batch-mode', f'-Dmaven.repo.local={repository}',
        f'-Dlibopt.build={os.path.dirname(jar)}', 'package', cwd=project,
        env={**os.environ, 'JAVA_HOME': jdk})


def main():
    jdk, jar, *java = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        tap.case('mvn package succeeds', package(jdk, jar, work))
        made, = glob.glob(f'{work}/project/target/libopt-*.jar')
        tap.case("its jar has what CMake's has",
                 [f'in one alone: {name}' for name in
                  sorted(entries(made) ^ entries(jar))])
        name = 'Automatic-Module-Name: org.libopt'
        tap.case('its jar names its module', [
            f'{file}:\n{manifest(file)}' for file in (jar, made)
            if name not in manifest(file)])
        source, printed = next(readme_code.blocks())
        tap.case("the README's program works with it",
                 readme_code.problems(java, made, source, printed, work))
    tap.finish()


main()
