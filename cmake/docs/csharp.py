#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The reference of the C# binding, by Mono's mdoc.

usage: csharp.py <mdoc> <LibOpt.dll> <LibOpt.xml> <version> <folder>
"""

import os
import re
import subprocess
import sys
import tempfile

FACADES = '/usr/lib/mono/4.5/Facades'  # where netstandard.dll is
GAP = 'To be added.'
ABOUT = 'Deep-learning optimizers. Begin with Optimizer.'
# A link of mdoc's to a type of .NET.
LINK = re.compile(r'http://www\.go-mono\.com/docs/monodoc\.ashx\?link=T:([^"&]+)')


# A member in the compiler's file, and one that is as an overload before it.
MEMBER = re.compile(r'(<member name="(M:[^"(]+)[^>]*>)(.*?)(</member>)', re.S)


def inherited(comments):
    """The compiler's file with the comments of overloads in the place of
    references to them, which mdoc does not follow."""
    known = {}

    def change(found):
        start, name, text, end = found.groups()
        if '<inheritdoc' not in text:
            known[name] = text
        return start + known.get(name, '') + end
    return MEMBER.sub(change, comments)


def run(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.STDOUT, check=False)
    if result.returncode:
        raise SystemExit(f'{" ".join(command)}:\n{result.stdout}')


def rewrite(folder, ending, change):
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(ending):
                path = os.path.join(place, name)
                with open(path, encoding='utf-8-sig') as file:
                    text = file.read()
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(change(text, path))


def without_gaps(version):
    def change(text, path):
        name = os.path.basename(path)
        text = text.replace('0.0.0.0', version)
        if name == 'index.xml':
            text = re.sub('(<Title>).*?(</Title>)', r'\1LibOpt\2', text)
            text = text.replace(f'<Copyright>{GAP}</Copyright>',
                                '<Copyright>The libopt authors</Copyright>')
            return text.replace(GAP, ABOUT)
        if name.startswith('ns-'):
            return text.replace(GAP, ABOUT, 1).replace(GAP, '')
        return text.replace(GAP, '')
    return change


def main():
    mdoc, assembly, comments, version, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        with open(comments, encoding='utf-8-sig') as file:
            text = inherited(file.read())
        imported = os.path.join(work, 'LibOpt.xml')
        with open(imported, 'w', encoding='utf-8') as file:
            file.write(text)
        work = os.path.join(work, 'mdoc')
        run(mdoc, 'update', '-o', work, '-i', imported, '-L', FACADES, assembly)
        rewrite(work, '.xml', without_gaps(version))
        run(mdoc, 'export-html', '-o', folder, work)
    rewrite(folder, '.html', lambda text, _: LINK.sub(
        lambda found: 'https://learn.microsoft.com/dotnet/api/' +
        found[1].lower().replace('`', '-'), text))


main()
