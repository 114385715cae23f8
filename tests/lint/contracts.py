#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every function of the C API says in its comment what it returns and since
which version it exists, and names only statuses that there are."""

import re

import tap
import tree

COMMENT = r'/\*(?:[^*]|\*(?!/))*\*/'
DECLARATION = re.compile(
    rf'(?P<comment>{COMMENT})?\n+(?:OPT_NODISCARD )?OPT_API '
    r'(?P<type>[^;(]*?)(?P<name>opt_\w+)\(')
STATUS = re.compile(r'\bOPT_(?:OK|ERR_[A-Z]+)\b')
# "Returns" leads a line of its own, unless all it says is "as another".
RETURNS = re.compile(
    r'^(?:/\*| \*) Returns|Returns as\s+(?:\* )?opt_|^/\* As opt_', re.M)
RETURN_ALIKE = re.compile(r'All functions [^;]*\breturn OPT_OK;')


def faults(comment, is_status, known):
    """Yields what is wrong with the comment of a function."""
    if comment is None:
        yield 'no comment'
        return
    if not re.search(r'Since \d+\.\d+\.\d+\. \*/$', comment):
        yield 'the comment does not end with "Since <version>."'
    if is_status and not RETURNS.search(comment):
        yield 'no line of the comment begins with "Returns"'
    for status in STATUS.findall(comment):
        if status not in known:
            yield f'there is no status {status}'


def main():
    headers = {path: tree.read(path) for path in tree.files()
               if re.fullmatch(r'include/opt/[a-z_]+\.h', path)}
    known = set(re.findall(r'^  (OPT_(?:OK|ERR_[A-Z]+)) =',
                           headers['include/opt/opt_base.h'], re.M))
    for path, text in headers.items():
        alike = RETURN_ALIKE.search(text.split('#ifndef')[0])
        for found in DECLARATION.finditer(text):
            is_status = found['type'].strip() == 'opt_status' and not alike
            tap.case(f'{path} {found["name"]}',
                     '\n'.join(faults(found['comment'], is_status, known)))
    tap.finish()


main()
