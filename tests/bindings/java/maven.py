#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Maven builds the jar that CMake builds, and installs that as the README says,
with the plugins that Debian has.

usage: maven.py <folder of the JDK> <jar> <java> [JVM option]...
"""

import glob
import os
import re
import shlex
import sys
import tempfile
import zipfile

import readme_code
import tap

JAVA = os.path.join(tap.ROOT, 'bindings/java')
# The project of a program that needs the jar.
USER = '''<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>user</groupId>
  <artifactId>program</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source>
    <maven.compiler.target>11</maven.compiler.target>
  </properties>
  <dependencies>
{dependency}
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-compiler-plugin</artifactId>
        <version>3.10.1</version>
      </plugin>
    </plugins>
  </build>
</project>
'''


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


def mvn(jdk, work, *arguments, cwd):
    """Runs Maven on a repository of its own; returns what is wrong."""
    return tap.run('mvn', '--offline', '--batch-mode',
                   f'-Dmaven.repo.local={work}/repository', *arguments,
                   cwd=cwd, env={**os.environ, 'JAVA_HOME': jdk})


def package(jdk, jar, work):
    """Runs mvn package away from the source tree; returns what is wrong."""
    project = os.path.join(work, 'project')
    os.mkdir(project)
    for name in ('pom.xml', 'MANIFEST.MF', 'src'):
        os.symlink(os.path.join(JAVA, name), os.path.join(project, name))
    return mvn(jdk, work, f'-Dlibopt.build={os.path.dirname(jar)}', 'package',
               cwd=project)


def install(jdk, jar, work):
    """Runs the README's command beside the jars, and compiles its first program
    in a project with its dependency; returns what is wrong."""
    with open(os.path.join(JAVA, 'README.md'), encoding='utf-8') as file:
        readme = file.read()
    command = re.search(r'`mvn (install:install-file [^`]*)`', readme).group(1)
    dependency = re.search(r'<dependency>.*?</dependency>', readme, re.S).group()
    wrong = mvn(jdk, work, *shlex.split(command), cwd=os.path.dirname(jar))
    sources = os.path.join(work, 'user/src/main/java')
    os.makedirs(sources)
    with open(f'{work}/user/pom.xml', 'w', encoding='utf-8') as file:
        file.write(USER.format(dependency=dependency))
    source, _ = next(readme_code.blocks())
    name = re.search(r'^(?:public )?(?:final )?class (\w+)', source, re.M).group(1)
    with open(f'{sources}/{name}.java', 'w', encoding='utf-8') as file:
        file.write(source)
    return wrong or mvn(jdk, work, 'compile', cwd=f'{work}/user')


def main():
    jdk, jar, *java = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        # Maven writes to its repository: its files are links to Debian's.
        tap.run('cp', '-rs', '/usr/share/maven-repo', f'{work}/repository')
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
        tap.case("CMake's jar is installed for other projects",
                 install(jdk, jar, work))
    tap.finish()


main()
