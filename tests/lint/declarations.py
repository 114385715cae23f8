# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The declarations of the headers of the C API, each with its comment."""

import re

import tree

HEADER = re.compile(r'include/opt/opt(_\w+)?\.h')
COMMENT = r'/\*(?:[^*]|\*(?!/))*\*/'
# A comment counts only if nothing but one line's end is behind it.
BEFORE = rf'(?:^ *(?P<comment>{COMMENT})\n)?^ *'

FUNCTION = re.compile(
    BEFORE + r'(?:OPT_NODISCARD )?OPT_API (?P<result>[^;(]*?)'
    r'(?P<name>opt_\w+)\((?P<parameters>[^;]*)\);', re.M)
STRUCT = re.compile(
    BEFORE + r'typedef struct (?P<tag>\w+) \{\n(?P<members>.*?)^\} (?P<name>\w+);'
    r'(?P<behind>[^;]*?\\\n[^\n]*)?', re.M | re.S)
ENUM = re.compile(
    BEFORE + r'typedef (?P<type>u?int32_t) (?P<name>\w+);\n'
    r'enum \{\n(?P<constants>.*?)^\};', re.M | re.S)
MACRO = re.compile(
    BEFORE + r'#define (?P<name>\w+)(?:[ \t]*(?:\\\n)?[ \t]*(?P<value>[^\n]*))?$',
    re.M)
# A member or constant, and the comment before or behind it.
MEMBER = re.compile(
    rf'(?:^ *(?P<before>{COMMENT})\n)?^ *(?P<text>[^/\n ][^;/]*);'
    rf'(?:\s*(?P<behind>/\*\*<(?:[^*]|\*(?!/))*\*/))?', re.M)
CONSTANT = re.compile(
    rf'(?:^ *(?P<before>{COMMENT})\n)?^ *(?P<text>\w+) =\s*(?P<value>\d+),?'
    rf'(?:\s*(?P<behind>/\*\*<(?:[^*]|\*(?!/))*\*/))?', re.M)


def headers():
    """The texts of the C API's headers, by their paths."""
    return {path: tree.read(path) for path in tree.files()
            if HEADER.fullmatch(path)}


def found(pattern):
    """Yields the path of the header and the match of each declaration."""
    for path, text in headers().items():
        for match in pattern.finditer(text):
            yield path, match


def parameters(match):
    """Types and names of a function's parameters."""
    text = ' '.join(match['parameters'].split())
    if text == 'void':
        return []
    return [re.fullmatch(r'(.*?)(\w+)', one.strip()).groups()
            for one in text.split(',')]


def parts(pattern, text):
    """Yields the members of a struct, or the constants of an enum, each with
    its comment without marks, '' if it has none."""
    for match in pattern.finditer(text):
        comment = match['before'] or match['behind'] or ''
        is_doc = comment.startswith('/**')
        yield match, plain(comment) if is_doc else ''


def plain(comment):
    """The words of a comment on one line."""
    text = re.sub(r'^/\*+<?|\*/$', '', comment)
    return ' '.join(re.sub(r'^ *\* ?', '', line) for line in
                    text.split('\n')).strip()


def member_name(text):
    """The name in a member's declaration."""
    pointer = re.search(r'\(\*(\w+)\)', text)
    return pointer[1] if pointer else re.search(r'(\w+)$', text)[1]
