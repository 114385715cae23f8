# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""README.md's tables of rules, schedules and their options."""

import re

from catalog import ROOT, Entry, render, spelled

RULES = '''
| Rule | Update | State slots | Presets | Reference |
| --- | --- | --- | --- | --- |
| `${rule.name}` | ${rule.doc} | ${slots_of(rule, '`%s`', documented=False)} | ${code(*rule.preset_names)} | ${rule.reference} |  %% for rule in catalog.rules
| `${alias.name}` | ${alias.doc} |  |  |  |  %% for alias in catalog.aliases
'''

SCHEDULES = '''
| Schedule | Value | PyTorch | Reference |
| --- | --- | --- | --- |
| `${kind.name}` | ${kind.doc} | ${code(kind.pytorch)} | ${kind.reference} |  %% for kind in catalog.schedules
'''

# The first preset is what a new optimizer has: the column of defaults. Of a
# schedule the first option is `interval`, which every kind has.
OPTIONS = '''
% for made in entries:
%   presets = [code(name) for name in made.preset_names[1:]]

#### `${made.name}`

```text
${made.formula}
```

| Option | ${' | '.join(['Default', *presets])} | Range | Meaning |
| --- | --- | ${'--- | ' * len(presets)}--- | --- |
%   for option in made.options if made.is_rule else made.options[1:]:
| ${code(option.name, *option.aliases)} | ${' | '.join(values(option))} | ${option.range} | ${option.doc} |
'''


def code(*names: str | None) -> str:
    return ', '.join(f'`{name}`' for name in names if name)


def values(option: Entry) -> list[str]:
    """The default, and what further presets have."""
    numbers = list(vars(option.presets).values()) or [option.default_value]
    return ['required' if number is None
            else spelled(option, number, ('0', '1'), '`{}`')
            for number in numbers]


def files(catalog: Entry) -> list[tuple[str, str]]:
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    for title, template, entries in (
            ('rules', RULES, []), ('options', OPTIONS, catalog.rules),
            ('schedules', SCHEDULES, []),
            ('schedule options', OPTIONS, catalog.schedules)):
        begin, end = f'<!-- generated: {title} -->\n', '<!-- /generated -->'
        old = re.search(f'(?<={begin}).*?(?={end})', text, re.S)
        if old is None:
            raise SystemExit(f'README.md has no part {begin}...\n{end}')
        new = render(template, 0, {**globals(), **locals()}).strip('\n')
        text = f'{text[:old.start()]}\n{new}\n\n{text[old.end():]}'
    return [('README.md', text)]
