#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""No function of the library or its bindings is too long to read.

Lines count from the signature to the closing brace. Python is parsed. In the
other languages a function is the outermost block that follows a parameter list;
lambdas and local classes count as lines of the function around them.
"""

import ast
import re

import tap
import tree

MAX_LINES = 60
FOLDERS = ('src/', 'include/', 'bindings/')
BRACES = tree.CODE + ('.java', '.cs', '.rs')

# Comments, literals and preprocessor lines, whose braces mean nothing. A quote
# without a second one is a lifetime of Rust's or a separator of digits.
OPAQUE = re.compile(r'''
    //[^\n]* | /\*.*?\*/ | ^[ \t]*\#(?!\[)(?:[^\n\\]|\\.)*
  | R"(?P<cpp>[^("]*)\(.*?\)(?P=cpp)" | r(?P<rust>\#*)".*?"(?P=rust)
  | """.*?""" | @"(?:[^"]|"")*"
  | "(?:[^"\\\n]|\\.)*" | (?<!\w)'(?:[^'\\\n]|\\[^\n]+?)'
''', re.X | re.M | re.S)
ATTRIBUTE = re.compile(
    r'\b(pub|alignas|__attribute__)\s*\(\)|@\w+\(\)|#?\[[^\[\]]*\]')
# The text before the block of a scope in which functions stand.
SCOPE = re.compile(r'\b(namespace|class|struct|union|interface|enum|record|'
                   r'impl|trait|mod|extern)\b')


def blank(match):
    """Keeps the lines."""
    return re.sub(r'[^\n]', ' ', match.group())


def skeleton(header):
    """A header without what stands within brackets."""
    for inner, outer in ((r'\([^()]*[^()\s][^()]*\)', '()'), (r'\( +\)', '()'),
                         (r'\{[^{}]*\}', ''), (r'(?<!-)<[^<>]*>', '')):
        previous = None
        while header != previous:
            previous, header = header, re.sub(inner, outer, header)
    return ATTRIBUTE.sub('', header)


def is_function(path, header):
    header = skeleton(header)
    if path.endswith('.rs'):
        return bool(re.search(r'\bfn\b', header))
    if path.endswith('.cs') and not SCOPE.search(header):
        return '=' not in header  # a property as well
    return ('()' in header and not re.search(r'\brecord\b', header) and
            ('=' not in header or 'operator' in header))


def brace_functions(path, text):
    """Yields (first line, last line, signature) of each function."""
    text = OPAQUE.sub(blank, text)
    opened = []  # (kind, start of the header, brace) of each open block
    start = 0    # of the header that is read, outside of functions
    for match in re.finditer(r'[{};]', text):
        at, mark = match.start(), match.group()
        within = any(kind != 'scope' for kind, _, _ in opened)
        if mark == '{':
            header = text[start:at]
            kind = ('function' if is_function(path, header) else
                    'scope' if SCOPE.search(skeleton(header)) else 'other')
            opened.append((kind, start, at))
            if kind == 'scope' and not within:
                start = at + 1
        elif mark == ';' and not within:
            start = at + 1
        elif mark == '}':
            if not opened:
                raise ValueError('closes a brace too many')
            kind, begin, brace = opened.pop()
            if any(outer != 'scope' for outer, _, _ in opened):
                continue
            start = at + 1
            if kind != 'scope' and re.match(r'\s*[,{]', text[start:]):
                start = begin  # that was an initializer of the signature
            elif kind == 'function':
                signature = text[begin:brace]
                begin += len(signature) - len(signature.lstrip())
                yield (text.count('\n', 0, begin) + 1,
                       text.count('\n', 0, at) + 1, ' '.join(signature.split()))
    if opened:
        raise ValueError('leaves a brace open')


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno, f'def {node.name}'


def too_long(path, text):
    """Returns a line of report for each function that is."""
    try:
        found = (python_functions(text) if path.endswith('.py') else
                 brace_functions(path, text))
        return [f'{path}:{first}: {last - first + 1} lines: {signature}'
                for first, last, signature in found
                if last - first >= MAX_LINES]
    except (SyntaxError, ValueError) as error:
        return [f'{path}: {error}']


# A function of three lines in each language, the second being "~".
SAMPLES = {
    'a.cc': 'namespace a {\nint B::C(int c) const {\n~\n}\n}\n',
    'b.cc': 'class alignas(8) A {\n  A() : a_{1}, b_{2} {\n~\n  }\n};\n',
    'c.cc': 'extern "C" {\nstruct a b(int (*c)(int)) {\n~ \'{\'\n}\n}\n',
    'd.cc': 'A& operator=(const A& a) {\n~ R"x({")x"; 1\'000;\n}\n',
    'e.cc': 'const int a[] = {\n1, 2};\nB<int> c() MACRO {\n~ // {\n}\n',
    'a.py': 'class A:\n  def b(self):\n    c()\n~    return 1\n',
    'A.java': 'class A {\n  @B(1)\n  void b() throws C { /* {\n~ */ "{"\n}\n}\n',
    'A.cs': 'class A : B {\n  int C<T>(T d) where T : class {\n~ @"{"\n  }\n}\n',
    'a.rs': "impl<'a> A<'a> {\n  fn b(c: &'a str) -> C {\n~ '{'\n  }\n}\n",
}


def problems_of_samples():
    for path, sample in SAMPLES.items():
        own = 4 if path == 'A.java' else 3  # an annotation is of the signature
        for extra in (0, 1):
            lines = '\n' * (MAX_LINES - own + extra)
            found = too_long(path, sample.replace('~', lines))
            if len(found) != extra:
                yield f'{path}, {extra} lines too many: {found}'


def main():
    tap.case('a function that is too long is found in every language',
             list(problems_of_samples()))
    for folder in FOLDERS:
        found = []
        for path in tree.files():
            if not (path.startswith(folder) and
                    path.endswith(BRACES + ('.py',))):
                continue
            text = tree.read(path)
            if not tree.is_generated(text):
                found += too_long(path, text)
        tap.case(f'no function in {folder} has more than {MAX_LINES} lines',
                 found)
    tap.finish()


main()
