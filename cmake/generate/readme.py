# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""README.md's tables of rules, schedules and their options."""

import re

from catalog import ROOT, Entry, render, slots_of, spelled

# The first preset is what a new optimizer has: the column of defaults. Of a
# schedule the first option is `interval`, which every kind has.
PARTS = {'rules': '''
| Rule | Update | State slots | Presets | Reference |
| --- | --- | --- | --- | --- |
% for rule in catalog.rules:
| `${rule.name}` | ${rule.summary} | ${slots_of(rule, SLOT, CONDITION)} | ${code(*(preset.name for preset in rule.presets))} | ${rule.reference} |
% end
% for alias in catalog.aliases:
| `${alias.name}` | ${alias.summary} |  |  |  |
% end
''', 'options': '''
% for rule in catalog.rules:

#### `${rule.name}`

```text
${rule.formula}
```

| Option | ${columns(rule)} | Range | Meaning |
| --- | ${' | '.join('---' for _ in rule.presets)} | --- | --- |
%   for option in rule.options:
| ${code(option.name, *option.aliases)} | ${' | '.join(value(option, one) for one in vars(option.presets).values())} | ${option.range} | ${option.doc} |
%   end
% end
''', 'schedules': '''
| Schedule | Value | PyTorch | Reference |
| --- | --- | --- | --- |
% for kind in catalog.schedules:
| `${kind.name}` | ${kind.summary} | ${code(kind.pytorch)} | ${kind.reference} |
% end
''', 'schedule options': '''
% for kind in catalog.schedules:

#### `${kind.name}`

```text
${kind.formula}
```

| Option | Default | Range | Meaning |
| --- | --- | --- | --- |
%   for option in kind.options[1:]:
| ${code(option.name, *option.aliases)} | ${value(option, option.default_value)} | ${option.range} | ${option.doc} |
%   end
% end
'''}
SLOT, CONDITION = '`{name}`', ' with `{when_option}`'


def code(*names: str | None) -> str:
    return ', '.join(f'`{name}`' for name in names if name)


def columns(rule: Entry) -> str:
    return ' | '.join(['Default', *(code(preset.name)
                                    for preset in rule.presets[1:])])


def value(option: Entry, number: float | None) -> str:
    return 'required' if number is None else spelled(
        option, number, ('0', '1'), '`{}`')


def files(catalog: Entry) -> list[tuple[str, str]]:
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    for title, template in PARTS.items():
        begin, end = f'<!-- generated: {title} -->\n', '<!-- /generated -->'
        old = re.search(f'(?<={begin}).*?(?={end})', text, re.S)
        if old is None:
            raise SystemExit(f'README.md has no part {begin}...\n{end}')
        new = render(template, 0, globals(), catalog=catalog).strip('\n')
        text = f'{text[:old.start()]}\n{new}\n\n{text[old.end():]}'
    return [('README.md', text)]
