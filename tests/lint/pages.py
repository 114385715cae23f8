#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Pages in Markdown: links lead to files and headings that there are, and the
README stays short."""

import os
import re

import tap

FOLDERS = ('.github', 'bindings', 'cmake', 'examples', 'include', 'src', 'tests')
LINES = 220  # what a reader takes in before deciding
CODE = re.compile(r'^```.*?^```|`[^`\n]*`', re.M | re.S)
LINK = re.compile(r'\]\(([^)\s]+)\)')
HEADING = re.compile(r'^#+ (.*)$', re.M)


def pages():
    yield 'README.md'
    for folder in FOLDERS:
        for place, folders, names in os.walk(os.path.join(tap.ROOT, folder)):
            folders[:] = [f for f in folders if f not in ('target', 'source')]
            yield from sorted(os.path.relpath(os.path.join(place, name),
                                              tap.ROOT)
                              for name in names if name.endswith('.md'))


def read(path):
    with open(os.path.join(tap.ROOT, path), encoding='utf-8') as file:
        return file.read()


def anchors(text):
    """The names by which a page's headings are linked to."""
    for heading in HEADING.findall(re.sub(r'^```.*?^```', '', text,
                                          flags=re.M | re.S)):
        plain = re.sub(r'[^\w\- ]', '', heading.lower())
        yield plain.replace(' ', '-')


def broken(path):
    """Yields the links of a page that lead nowhere."""
    for link in LINK.findall(CODE.sub('', read(path))):
        if re.match(r'[a-z]+:', link):
            continue
        name, _, anchor = link.partition('#')
        target = os.path.normpath(os.path.join(os.path.dirname(path), name)) \
            if name else path
        if not os.path.exists(os.path.join(tap.ROOT, target)):
            yield f'{path}: {link} is not there'
        elif anchor and anchor not in anchors(read(target)):
            yield f'{path}: {target} has no heading #{anchor}'


def main():
    for path in pages():
        tap.case(f'the links of {path} lead somewhere', list(broken(path)))
    length = len(read('README.md').splitlines())
    tap.case(f'README.md has at most {LINES} lines',
             '' if length <= LINES else f'it has {length}')
    tap.finish()


main()
