#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every function of the C API tells its contract: each parameter, what it
returns with statuses that there are, the version since which it exists, and,
if it takes no object that serves one call at a time, from which threads it may
be called. Every struct, member, type, constant and macro has a comment."""

import re

import declarations
import tap

OBJECTS = ('opt_optimizer', 'opt_schedule', 'opt_checkpoint')
STATUS = re.compile(r'\bOPT_(?:OK|ERR_[A-Z]+)\b')
TAG = re.compile(r'@(\w+)(?:\[[a-z,]+\])? ?((?:[^@])*)')


def is_doc(comment):
    return comment is not None and comment.startswith('/**')


def faults_of_function(match, statuses):
    """Yields what is wrong with the comment of a function."""
    if not is_doc(match['comment']):
        yield 'no /** comment */ right before it'
        return
    tags = TAG.findall(declarations.plain(match['comment']))
    told = [text.split()[0] for tag, text in tags if tag == 'param']
    taken = declarations.parameters(match)
    names = [name for _, name in taken]
    if told != names:
        yield f'@param tells {told}, the parameters are {names}'
    returned = [text for tag, text in tags if tag == 'return']
    if len(returned) != 1:
        yield f'{len(returned)} times @return'
    elif match['result'].strip() == 'opt_status' and not re.match(
            r'OPT_OK\b|as opt_\w+\(\)', returned[0]):
        yield '@return begins neither with OPT_OK nor with "as opt_x()"'
    if not re.search(r'@since \d+\.\d+\.\d+$',
                     declarations.plain(match['comment'])):
        yield 'the comment does not end with "@since <version>"'
    serves = [kind for kind, _ in taken[:1] if kind.strip() in OBJECTS]
    if not serves and '@note Thread-safety:' not in match['comment']:
        yield 'it takes no object, but has no "@note Thread-safety:"'
    for status in STATUS.findall(match['comment']):
        if status not in statuses:
            yield f'there is no status {status}'


def faults_of_parts(pattern, match, group):
    """Yields what is not documented in a struct or an enum."""
    if not is_doc(match['comment']):
        yield f'{match["name"]} has no /** comment */ right before it'
    for part, comment in declarations.parts(pattern, match[group]):
        if not comment:
            yield f'{match["name"]}: no comment on {part["text"]}'


def macros_without_comment(text):
    """Yields the macros of a header that have none; one comment serves several
    definitions of a name, of which the compiler sees one."""
    seen = set()
    for match in declarations.MACRO.finditer(text):
        name = match['name']
        is_told = (is_doc(match['comment']) or f'@def {name}\n' in text or
                   match['value'].rstrip().endswith('*/'))
        if is_told or name.endswith('_H_'):
            seen.add(name)
        if name not in seen and name != 'OPT_NODISCARD':
            yield f'#define {name} has no /** comment */'
            seen.add(name)


def main():
    enums = list(declarations.found(declarations.ENUM))
    statuses = {part['text'] for _, match in enums
                if match['name'] == 'opt_status' for part, _ in
                declarations.parts(declarations.CONSTANT, match['constants'])}
    for path, match in declarations.found(declarations.FUNCTION):
        tap.case(f'{path} {match["name"]}',
                 '\n'.join(faults_of_function(match, statuses)))
    for path, text in declarations.headers().items():
        faults = [] if '\n * @file ' in text else ['no @file comment']
        for match in declarations.STRUCT.finditer(text):
            faults += faults_of_parts(declarations.MEMBER, match, 'members')
        for match in declarations.ENUM.finditer(text):
            faults += faults_of_parts(declarations.CONSTANT, match,
                                      'constants')
        faults += macros_without_comment(text)
        tap.case(f'{path}: structs, types, constants and macros', faults)
    tap.finish()


main()
