#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Writes a public C header as doxygen reads it: with commands in the comments,
which people read without them.

usage: doxygen_filter.py <header>
"""

import os
import re
import sys

import headers

# Comments that document nothing: of the formatter, and at the end of a frame.
FRAME = re.compile(r'/\* clang-format|/\* IWYU|.*\n\s*#ifdef __cplusplus')
COMMANDS = re.compile(r'(?<![\w`])[@\\](?:[a-z]{3,}|\{|\})')
# After a comment that documents no declaration, and after one of macros that
# doxygen is not shown.
ALONE = re.compile(r'[ \t]*\n[ \t]*\n')
CONDITION = re.compile(r'\s*#\s*if')


def prose(text):
    """Text in which doxygen finds no commands, tags or links of its own."""
    text = re.sub(r'[\\@<>#%&]|::', r'\\\g<0>', text)
    return re.sub(r'`([^`]+)`', r'<tt>\1</tt>', text)


def command_of(block, parameters):
    """A block as doxygen's commands, in lines."""
    if block.kind == 'list':
        of_function = all(name in parameters for word, _ in block.rows
                          for name in word.split(', '))
        return [(f'@param {word} ' if of_function else f'- <b>{word}</b>: ') +
                prose(meaning) for word, meaning in block.rows] + ['']
    if block.kind == 'code':
        return ['@code{.c}', *block.text.split('\n'), '@endcode']
    if block.kind == 'returns':
        return [f'@retval {status} {prose(why)}' for status, why in block.rows
                ] + ['']
    if block.kind == 'threads':
        return ['@par Thread safety', prose(block.text), '']
    if block.kind == 'since':
        return [f'@since {block.text}', '']
    return [prose(block.text), '']


def documented(comment, start='/**', first='', parameters=()):
    """A comment for doxygen."""
    lines = [first] if first else []
    for block in headers.blocks(headers.plain(comment)):
        lines += command_of(block, parameters)
    return start + ' ' + '\n'.join(lines).rstrip() + ' */'


def converted(text, found, group):
    """A comment after the first; `group` tells whether a named group is open,
    and is returned with it."""
    comment, after = found[0], text[found.end():]
    before = text[:found.start()].rsplit('\n', 1)[-1].strip()
    if FRAME.match(comment) or CONDITION.match(after) or \
            before.startswith(('#', '}')):
        return comment, group
    if COMMANDS.search(comment):
        return re.sub(r'^/\*+', '/**', comment), group
    if before:
        return documented(comment, '/**<'), group
    if not ALONE.match(after):
        function = headers.FUNCTION.match(after.lstrip())
        names = re.findall(r'(\w+)[,)]', function['rest']) if function else ()
        return documented(comment, parameters=names), group
    return ('/** @} */\n' if group else '') + section(comment), True


def section(comment):
    """The beginning of a group, whose name is the comment's first sentence."""
    name, *rest = re.split(r'(?<=[.:])\s+|\n\n', headers.plain(comment), 1)
    name = prose(' '.join(name.split())).rstrip('.:')
    return documented(''.join(rest), first=f'@name {name}') + '\n/** @{ */'


def about(text):
    return f'/*{headers.about(text)}*/'


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def main_page(path):
    """What the header of that path says of itself, and all other headers."""
    result = documented(about(read(path)), first='@mainpage libopt for C')
    result = result.removesuffix(' */') + '\n\nThe headers:\n'
    folder = os.path.dirname(path)
    for name in sorted(os.listdir(folder)):
        if name.endswith('.h'):
            summary = prose(headers.summary(read(os.path.join(folder, name))))
            result += f'- @ref {name} "{name}": {summary}\n'
    return result + '*/\n'


def main():
    text = read(sys.argv[1])
    result, end, group = '', 0, False
    for found in headers.COMMENT.finditer(text):
        result += text[end:found.start()]
        if end == 0:
            result += documented(about(text), first='@file')
        else:
            comment, group = converted(text, found, group)
            result += comment
        end = found.end()
    result += text[end:]
    if group:
        place = max(result.rfind('#ifdef __cplusplus'), 0) or \
            result.rindex('#endif')
        result = result[:place] + '/** @} */\n' + result[place:]
    if os.path.basename(sys.argv[1]) == 'opt.h':
        result += main_page(sys.argv[1])
    print(result, end='')


if __name__ == '__main__':
    main()
