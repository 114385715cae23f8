#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Files about the repository agree with it: .gitattributes with what is
generated, the workflow with the parts of tests/run; and nothing is left over."""

import fnmatch
import re

import tap
import tree

MARK = 'linguist-generated'


def is_marked(path, attributes):
    """Whether the last line that matches a path marks it as generated."""
    marked = False
    for pattern, *values in attributes:
        if fnmatch.fnmatchcase(path, pattern):
            marked = MARK in values or marked and f'-{MARK}' not in values
    return marked


def generated(path):
    try:
        return tree.is_generated(tree.read(path))
    except UnicodeDecodeError:
        return False  # a binary fixture


def main():
    attributes = [line.split() for line in
                  tree.read('.gitattributes').splitlines()
                  if line and line[0] != '#']
    sources = [path for path in tree.code() if generated(path)]
    sources += [path for path in tree.files()
                if path.endswith(('.cs', '.java', '.js', '.py', '.rs', '.ts'))
                and path.startswith('bindings/') and generated(path)]
    tap.case('.gitattributes marks each source that is generated',
             [f'{path} {MARK}' for path in sources
              if not is_marked(path, attributes)]
             if sources else 'none is generated')
    tap.case('and no other source of the bindings', [
        path for path in tree.files() if path.startswith('bindings/')
        and is_marked(path, attributes) and path not in sources])

    tap.case('no file is what an editor or a patch has left over', [
        path for path in tree.files()
        if path.endswith(('.orig', '.rej', '.bak', '~'))])

    script = tree.read('tests/run')
    parts = set(re.findall(r'^  (\w+) {2,}', script, re.M))
    parts.update(re.search(r'^languages=\((.*)\)$', script, re.M)[1].split())
    matrix = re.search(r'^ +part: \[([^\]]*)\]',
                       tree.read('.github/workflows/tests.yml'), re.M)[1]
    named = set(re.findall(r'\w+', matrix))
    tap.case('the workflow has every part of tests/run',
             [f'{part} is only in one of them' for part in sorted(named ^ parts)])
    tap.finish()


main()
