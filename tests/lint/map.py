#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""src/README.md names what there is: files, folders, functions, and the lines
of its diffs."""

import os
import re

import tap
import tree

PAGE = 'src/README.md'
FILE = re.compile(r'[\w./-]+\.(?:h|cc|inc|py|md|cmake)')
FOLDER = re.compile(r'[\w./-]+/')
NAME = re.compile(r'(?:\w+::)?([A-Z]\w*[a-z]\w*)')
DIFF = re.compile(r'^```diff\n(.*?)^```$', re.M | re.S)


def is_there(path, folders):
    """Paths are from the root, from src, or names in a folder of src."""
    return any(os.path.exists(os.path.join(tap.ROOT, folder, path))
               for folder in {'', 'src', 'tests/schedules', *folders})


def lacking_lines(diff):
    """Added lines that the file named before them lacks, in that order."""
    path, left = '', []
    for line in diff.splitlines():
        if line.startswith('--- a/'):
            path = line[len('--- a/'):]
            left = tree.read(path).splitlines()
        elif line.startswith('+'):
            if line[1:] not in left:
                yield f'{path} does not go on with: {line[1:]}'
            else:
                del left[:left.index(line[1:]) + 1]


def main():
    page = tree.read(PAGE)
    quoted = set(re.findall(r'`([^`\n]+)`', DIFF.sub('', page)))
    sources = [path for path in tree.code() if path.startswith('src/')]
    folders = {os.path.dirname(path) for path in sources}
    code = '\n'.join(tree.read(path) for path in sources)
    tap.case('every file and folder that the map names is there',
             [f'{PAGE}: there is no {word}' for word in sorted(quoted)
              if (FILE.fullmatch(word) or FOLDER.fullmatch(word))
              and not is_there(word, folders)])
    tap.case('every class and function that the map names is there',
             [f'{PAGE}: nothing in src is called {word}'
              for word in sorted(quoted)
              if NAME.fullmatch(word) and not
              re.search(rf'\b{NAME.fullmatch(word)[1]}\b', code)])
    diffs = DIFF.findall(page)
    tap.case('the lines that the map adds are those of the sources',
             [line for diff in diffs for line in lacking_lines(diff)]
             if diffs else 'there is no diff')
    tap.case('the map has a row for every folder',
             [f'{PAGE}: no row for {folder}' for folder in sorted(folders)
              if f'| `{folder[len("src/"):]}/` |' not in page])
    tap.finish()


main()
