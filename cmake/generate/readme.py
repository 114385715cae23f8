# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The tables of rules, schedules and their options in two READMEs."""

import re
import sys

from catalog import ROOT, Entry, Files, render, spelled

RULES = '''
| Rule | Update | State slots | Presets | Reference |
| --- | --- | --- | --- | --- |
| `${rule.name}` | ${rule.doc} | ${slots_of(rule, '`%s`', documented=False)} | ${code(*rule.preset_names)} | ${rule.reference} |  %% for rule in catalog.rules
| `${alias.name}` | ${alias.doc} |  |  |  |  %% for alias in catalog.aliases
'''

CHOOSING = '''
| Rule | State | Traffic | Phases | When | Libraries |
| --- | --- | --- | --- | --- | --- |
| `${rule.name}` | ${state_of(rule)} | ${traffic_of(rule)} | ${phases_of(rule)} | ${when_of(rule)} | ${', '.join(libraries_of(rule)) or 'none'} |  %% for rule in catalog.rules
'''

ORIGINS = '''
| There | Here | Preset |
| --- | --- | --- |
| ${code(there)} | ${code(rule.name)} | ${code(preset)} |  %% for there, rule, preset in origins(catalog)
'''

NAMES = '''
| There | Here | Rules |
| --- | --- | --- |
| ${code(there)} | ${code(here)} | ${rules} |  %% for there, here, rules in other_names(catalog)
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


# When a rule is a good choice; and the rules that must know a whole tensor
# before they change any of it, and so read it twice.
WHEN = {
    'sgd': 'with momentum, convolutional networks for images; without, where '
           'memory is scarce',
    'adagrad': 'sparse features, convex problems',
    'rmsprop': 'recurrent networks, reinforcement learning',
    'adam': 'a first choice where weight decay is not wanted',
    'adamw': 'a first choice for most networks, transformers above all',
    'lion': 'large models and batches, with a rate 3 to 10 times smaller than '
            "AdamW's",
    'nadam': 'as adam, where a little more speed at first is wanted',
    'asgd': 'convex problems, whose averaged path is the result',
    'adadelta': 'no learning rate to tune; mostly of historical interest',
    'adamax': 'gradients with rare large values, embeddings',
    'radam': 'as adam, without a warm-up',
    'rprop': 'small problems whose gradients are of the full batch',
    'adabelief': 'between sgd and adam in how well it generalizes',
    'yogi': 'gradients whose size changes abruptly',
    'adopt': 'as adam, where it does not converge with a small beta2',
    'ademamix': 'long training of language models',
    'signum': 'gradients that are sent over a network, or little memory',
    'ftrl': 'sparse linear models that are trained online',
    'adan': 'large batches, vision transformers',
    'schedule_free_sgd': 'as sgd, where the length of training is not known',
    'schedule_free_adamw': 'as adamw, where the length of training is not '
                           'known',
    'schedule_free_radam': 'as schedule_free_adamw, without a warm-up',
    'lamb': 'transformers with batches of thousands',
    'lars': 'convolutional networks with batches of thousands',
    'novograd': 'speech and language models, with half the memory of adam',
    'adafactor': 'large models whose second moment has no room',
    'rowwise_adagrad': 'tables of embeddings',
    'stableadamw': 'as adamw, where the loss has spikes',
}
# Rules that know a whole tensor before they change any of it, and how many
# bytes for each parameter they read once more to that end: LAMB all but the
# gradient.
READ_FIRST = {'lamb': 12, 'lars': 8, 'novograd': 4, 'adafactor': 12,
              'stableadamw': 12}
LIBRARIES = {'pytorch': 'PyTorch', 'keras': 'Keras', 'optax': 'Optax',
             'timm': 'timm', 'mlx': 'MLX', 'nvidia': 'apex',
             'transformers': 'Transformers', 't5x': 'T5X'}


def when_of(rule: Entry) -> str:
    if rule.name not in WHEN:
        sys.exit(f'cmake/generate/readme.py: tell in WHEN when {rule.name} is a '
                 'good choice, and in READ_FIRST what it reads if it knows a '
                 'whole tensor before it changes any of it')
    return WHEN[rule.name]


def kept_by_default(rule: Entry) -> list[Entry]:
    """The slots that a rule has with its defaults."""
    defaults = {option.name: option.default_value for option in rule.options}
    return [slot for slot in rule.slots
            if slot.when_option is None or defaults[slot.when_option] != 0]


def whole_slots(rule: Entry) -> int:
    """How many of these a matrix has that are as large as the matrix."""
    slots = kept_by_default(rule)
    factored = any(slot.shape == 'row_factor' for slot in slots)
    return sum(slot.shape == 'param' for slot in slots) - factored


def state_of(rule: Entry) -> str:
    parts = [f'{4 * whole_slots(rule)} bytes'] if whole_slots(rule) else []
    for slot in kept_by_default(rule):
        parts += {'row_factor': ['4 for each row'],
                  'column_factor': ['4 for each column'],
                  'rows': ['4 for each row']}.get(slot.shape, [])
    numbers = sum(slot.shape == 'number' for slot in kept_by_default(rule))
    parts += [['a number', 'two numbers', 'three numbers'][numbers - 1]] * (
        numbers > 0)
    return ', '.join(parts) or 'none'


def phases_of(rule: Entry) -> int:
    return 2 if rule.name in READ_FIRST else 1


def traffic_of(rule: Entry) -> int:
    """Bytes for each parameter: the last phase reads the gradient, and reads
    and writes the rest."""
    return 12 + 8 * whole_slots(rule) + READ_FIRST.get(rule.name, 0)


def libraries_of(rule: Entry) -> list[str]:
    for name in rule.preset_names[1:]:
        if name not in LIBRARIES:
            sys.exit(f'cmake/generate/readme.py: tell in LIBRARIES whose preset '
                     f'{name} of {rule.name} is')
    return [LIBRARIES[name] for name in rule.preset_names[1:]]


def origins(catalog: Entry) -> list[tuple[str, Entry, str]]:
    """The classes of other libraries, in the libraries' order."""
    found = []
    for library in LIBRARIES:
        for rule in catalog.rules:
            for preset in rule.presets:
                there = re.match(r"[\w.]+\.\w+|\w+'s \w+|\w+ [A-Z]\w+|\w+",
                                 preset.doc)
                if preset.name == library:
                    found.append((there[0] if there else preset.doc, rule,
                                  library))
    return found


def other_names(catalog: Entry) -> list[tuple[str, str, str]]:
    """The aliases of options, each with the rules in which it means that."""
    found: dict[tuple[str, str], list[str]] = {}
    for rule in catalog.rules:
        for option in rule.options:
            for alias in option.aliases:
                found.setdefault((alias, option.name), []).append(rule.name)
    return [(alias, name, 'all' if len(rules) == len(catalog.rules)
             else f'all but {code(*others)}' if len(others) <= 3
             else code(*rules) if len(rules) <= 8
             else f'all that have `{name}`')
            for (alias, name), rules in sorted(found.items())
            for others in [[rule.name for rule in catalog.rules
                            if rule.name not in rules]]]


def values(option: Entry) -> list[str]:
    """The default, and what further presets have."""
    numbers = list(vars(option.presets).values()) or [option.default_value]
    return ['required' if number is None
            else spelled(option, number, ('0', '1'), '`{}`')
            for number in numbers]


def files(catalog: Entry) -> Files:
    for folder, parts in (
            ('rules', (('rules', RULES, []),
                       ('choosing', CHOOSING, []),
                       ('origins', ORIGINS, []),
                       ('names', NAMES, []),
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
