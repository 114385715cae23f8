#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Writes a public C header as doxygen reads it: statuses as a table; the
comments of constants, which are plain ones, as documentation.

usage: c_filter.py <header>
"""

import os
import re
import sys

import headers

RETURN = re.compile(r'^ \* @return (.*?)(?=^ \*(?: @|/)|\*/)', re.M | re.S)
# Of opt_names.h: a comment about the header, a section, a constant.
GENERATED = re.compile(r'^ \* @file opt_names\.h$', re.M)
SECTION = re.compile(r'^/\* (.*)\. \*/\n\n', re.M)
MAIN_PAGE = '''
/** @mainpage libopt for C
 * @copydoc opt.h
 */
'''


def table(found):
    """@retval for each status."""
    text = ' '.join(re.sub(r'^ \* ?', '', found[1], flags=re.M).split())
    before, rows = headers.statuses(text)
    lines = [f'@return {before}'] if before else []
    lines += [f'@retval {names.replace(", ", ",")} {why}'
              for names, why in rows]
    return ''.join(f' * {line}\n' for line in lines)


def constants(text):
    """opt_names.h, each of whose sections is a group."""
    text = SECTION.sub(r'/** @} */\n/** @name \1 */\n/** @{ */\n\n', text)
    text = text.replace('/** @} */\n', '', 1)
    end = text.rindex('#endif')
    return text[:end] + '/** @} */\n' + text[end:]


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        text = file.read()
    if GENERATED.search(text):
        text = constants(text)
    text = RETURN.sub(table, text)
    if os.path.basename(sys.argv[1]) == 'opt.h':
        text += MAIN_PAGE
    print(text, end='')


main()
