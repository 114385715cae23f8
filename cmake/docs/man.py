#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Writes the manual pages: libopt(3), one for each public header, and a
reference to it for each of its functions and types.

usage: man.py <include directory> <version> <directory of the pages>
"""

import os
import re
import sys

import headers

EMPTY = r'\&'


def escape(text):
    text = text.replace('\\', r'\e')
    return re.sub(r"^(?=[.'])", r'\\&', text, flags=re.M)


def prose(text):
    text = escape(text).replace('-', r'\-')
    text = re.sub(r'`([^`]+)`', r'\\fI\1\\fR', text)
    return re.sub(r'\b(opt_\w+|OPT_\w+)', r'\\fB\1\\fR', text)


def code(text, font='R'):
    text = escape(text).replace('-', r'\-')
    return f'.PP\n.RS 2\n.EX\n.ft {font}\n{text}\n.ft R\n.EE\n.RE\n'


def listed(rows):
    """A list without blank lines between its rows."""
    result = '.PP\n.PD 0\n'
    width = max(len(word) for word, _ in rows) + 2
    for word, meaning in rows:
        result += (f'.TP {min(width, 24)}n\n.B {word}\n'
                   f'{prose(meaning) or EMPTY}\n')
    return result + '.PD\n.PP\n'


def body(blocks):
    result, parameters = '', []
    for block in blocks:
        if block.kind == 'param':
            parameters += block.rows
            continue
        if parameters:
            result += listed(parameters)
            parameters = []
        text = prose(block.text)
        if block.kind == 'title':
            result += f'.PP\n.B "{text}"\n'
        elif block.kind == 'code':
            result += code(block.text)
        elif block.kind == 'item':
            result += f'.IP \\(bu 2n\n{text}\n'
        elif block.kind == 'returns':
            end = '' if block.rows or text.endswith('.') else '.'
            result += f'.PP\nReturns {text}{end}\n'
            result += listed(block.rows) if block.rows else ''
        elif block.kind == 'since':
            result += f'.PP\nSince {text}.\n'
        else:
            result += f'.PP\n{text}\n'
    return result + (listed(parameters) if parameters else '')


def declaration(text):
    """A function's, in lines that fit on a page."""
    lines, indent = [''], min(text.index('(') + 1, 24)
    for part in re.split(r'(?<=,) ', text):
        if lines[-1] and len(lines[-1]) + len(part) > 70:
            lines.append(' ' * indent + part)
        else:
            lines[-1] += ' ' * bool(lines[-1]) + part
    return code('\n'.join(lines), 'B')


def declared(text):
    """The declarations of a header, in its order."""
    result = ''
    for kind, what in headers.items(text):
        if kind == 'function':
            result += (f'.SS {what.name}\n{declaration(what.declaration)}'
                       f'{body(headers.blocks(what.comment))}')
        elif kind == 'section':
            result += body(headers.blocks(what))
        else:
            result += code(re.sub(r'/\*\*<?', '/*', what))
    return result


def page(name, version, names, about, sections):
    """A page of the names; `sections` are (title, text)."""
    result = ('.\\" Generated from the public headers: do not edit.\n'
              f'.TH {name} 3 "" "libopt {version}" "libopt"\n'
              '.nr HY 0\n.nh\n.ad l\n'
              f'.SH NAME\n{", ".join(names)} \\- {prose(about)}\n')
    for title, text in sections:
        result += f'.SH {title}\n{text}'
    return result


SYNOPSIS = ('SYNOPSIS', '.B #include <opt/opt.h>\n.PP\n'
            'Link with \\fI\\-lopt\\fR.\n')


def library_page(version, text, pages):
    """libopt(3): what the main header says of itself, and the other pages.
    `pages` maps names of pages to their summaries."""
    name, _, rest = headers.about(text).partition('. ')
    about = re.split(r'(?:^|\n)## Topics\n', rest)[0]
    return page('libopt', version, ['libopt'], name.split(': ', 1)[-1], [
        SYNOPSIS, ('DESCRIPTION', body(headers.blocks(about))),
        ('PAGES', 'Each function and each type has a page of its name, too.\n' +
         ''.join(f'.TP\n.BR {name} (3)\n{prose(said)}\n'
                 for name, said in pages.items()))])


def header_page(name, version, text, pages):
    functions = [function.name for function in headers.functions(text)]
    names = [name, *(one for one in functions if one != name)]
    others = ',\n'.join(f'.BR {other} (3)' for other in ('libopt', *pages)
                        if other != name)
    return page(name, version, names, pages[name], [
        SYNOPSIS, ('DESCRIPTION', body(headers.blocks(headers.about(text)))),
        ('DECLARATIONS', declared(text)), ('SEE ALSO', others + '\n')
    ]), functions


def main():
    include, version, folder = sys.argv[1:]
    texts = {}
    for header in sorted(os.listdir(include)):
        if header.endswith('.h'):
            with open(os.path.join(include, header), encoding='utf-8') as file:
                texts[header[:-2]] = file.read()
    library = texts.pop('opt')
    pages = {name: headers.summary(text) for name, text in texts.items()}
    files = {'libopt': library_page(version, library, pages)}
    for name, text in texts.items():
        files[name], functions = header_page(name, version, text, pages)
        files.update((one, f'.so man3/{name}.3\n')
                     for one in (*functions, *headers.types(text))
                     if one not in pages)
    os.makedirs(folder, exist_ok=True)
    for old in os.listdir(folder):
        os.remove(os.path.join(folder, old))
    for name, text in files.items():
        with open(os.path.join(folder, f'{name}.3'), 'w',
                  encoding='utf-8') as file:
            file.write(text)


main()
