# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The README's code in Java."""

import os
import re
import subprocess

import tap

README = 'bindings/java/README.md'
# A block, and what it prints if the README tells.
BLOCK = re.compile(r'```java\n(.*?)```'
                   r'(?:(?:(?!```).)*?<!-- output: java -->\s*```text\n'
                   r'(.*?)```)?', re.S)
IMPORT = re.compile(r'^import [\w.*]+;\n', re.M)
SNIPPET = '''{imports}
class Snippet {{
  public static void main(String[] args) throws Exception {{
{body}
  }}
}}
'''


def blocks():
    """(source of a program, what it prints or None) of each block."""
    with open(os.path.join(tap.ROOT, README), encoding='utf-8') as file:
        for code, printed in BLOCK.findall(file.read()):
            if not re.search(r'^class ', code, re.M):
                code = SNIPPET.format(imports=''.join(IMPORT.findall(code)),
                                      body=IMPORT.sub('', code))
            yield code, printed or None


def problems(java, jar, source, printed, place):
    """Runs a program in the folder `place`; returns what is wrong."""
    path = os.path.join(place, 'Program.java')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(source)
    result = subprocess.run([*java, '-cp', jar, path], cwd=place, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode == 0 and printed in (None, result.stdout):
        return ''
    return (f'exit {result.returncode}, printed\n{result.stdout}expected\n'
            f'{printed}')
