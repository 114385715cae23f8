# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The tables of rules, schedules and their options in two READMEs."""

from catalog import ROOT, Entry, Files, render, spelled

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

### `${made.name}`

```text
${made.formula}
```

%   if made.is_rule:
- State: ${slots_of(made, '`%s`')}
- Preset ${code(one.name)}: ${one.doc}  %% for one in made.presets

%   end
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


def files(catalog: Entry) -> Files:
    for folder, parts in (
            ('rules', (('rules', RULES, []),
                       ('options', OPTIONS, catalog.rules))),
            ('schedules', (('schedules', SCHEDULES, []),
                           ('options', OPTIONS, catalog.schedules)))):
        path = f'src/{folder}/README.md'
        text = (ROOT / path).read_text(encoding='utf-8')
        for title, template, entries in parts:
            begin, end = f'<!-- generated: {title} -->', '<!-- /generated -->'
            before, _, rest = text.partition(begin)
            new = render(template, 0, {**globals(), **locals()}).strip('\n')
            text = f'{before}{begin}\n\n{new}\n\n{end}{rest.partition(end)[2]}'
        yield path, text
