# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Sphinx's settings for the reference of the Python package."""

import re

import libopt

project = 'libopt for Python'
author = 'The libopt authors'
version = release = libopt.__version__
extensions = ['sphinx.ext.autodoc', 'sphinx.ext.autosummary']
templates_path = ['templates']
exclude_patterns = ['templates']
html_theme = 'alabaster'
html_theme_options = {'description': f'Version {version}',
                      'fixed_sidebar': True, 'page_width': '1100px'}
html_sidebars = {'**': ['about.html', 'searchbox.html', 'navigation.html']}
smartquotes = False
html_show_sourcelink = False
html_show_copyright = False
toc_object_entries = False
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_member_order = 'bysource'
autodoc_preserve_defaults = True
# Signatures show these types by their names.
autodoc_type_aliases = {name: name for name in (
    'Array', 'Entry', 'Grads', 'GroupSpec', 'Lent', 'Params', 'Path')}


def _escaped(line):
    """A line without marks that reStructuredText would take for its own."""
    parts = line.split('``')
    parts[::2] = [re.sub(r'([*|]|_(?=\W|$))', r'\\\1', part)
                  for part in parts[::2]]
    return '``'.join(parts)


def _in_rst(app, what, name, obj, options, lines):
    """Marks code: indented text behind a blank line. Indented text right below
    a word explains the word."""
    text, code, words = [], False, False
    for i, line in enumerate(lines):
        if line.strip() and not line.startswith('    '):
            code = False
            words = i + 1 < len(lines) and lines[i + 1].startswith('    ')
        elif line.strip() and not code and not words and any(text):
            code = True
            before = [one for one in text if one.strip()][-1]
            if not before.endswith('::'):
                text += ['.. code-block:: text', '']
        text.append(line if code else _escaped(line))
    lines[:] = text


def setup(app):
    app.connect('autodoc-process-docstring', _in_rst)
