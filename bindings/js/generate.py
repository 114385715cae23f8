# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""JavaScript's classes of each rule and of each kind of schedule, and the types of
their options."""

import re

from catalog import Entry, Files, render, sentence, slots_of

MODULE = '''
// ${NOTICE}
// ${LICENSE}

import { ${base} } from './${base.lower()}.js';
% for made in entries:

/** ${sentence(made.doc)}\xa0*/
export class ${made.class_name} extends ${base} {
  constructor(options) {
    super('${made.name}', options);
  }
}
% end
'''

TYPES = '''
// ${NOTICE}
// ${LICENSE}

import { ${base} } from './index.js';
% for made in entries:

/** The options of \\`${made.name}\\`. */
export interface ${made.class_name}Options {
  /** The values of all options, before those that are given. */  %% if made.is_rule
  preset?: ${union(made.preset_names)};  %% if made.is_rule
  /** Ticks at which it changes, in ascending order. */  %% if made.has_milestones
  milestones: Iterable<number>;  %% if made.has_milestones
%   for option in made.options:
  /** ${option.text}\xa0*/
  ${camel(option.name)}${'' if option.is_required else '?'}: ${type_of(option)};
%   end
}

/**
 * ${sentence(made.doc)}
 *
 * \\`\\`\\`text
 * ${made.formula}
 * \\`\\`\\`
 *
 * ${sentence(*made.published, *('its values are those of ' + name for name in made.of_pytorch))}
 *  %% if made.is_rule
 * State of a tensor: ${slots_of(made, documented=False)}.  %% if made.is_rule
 */
export class ${made.class_name} extends ${base_type(made)} {
  constructor(options${'' if is_required(made) else '?'}: ${made.class_name}Options);
}
% end
'''


def camel(name: str) -> str:
    """weight_decay as weightDecay; t_0 stays t_0, since t0 would be another."""
    return re.sub('_([a-z])', lambda found: found[1].upper(), name)


def union(names: list[str]) -> str:
    return ' | '.join(f"'{name}'" for name in names)


def type_of(option: Entry) -> str:
    choices = union(option.choices)
    if option.choices[:1] == ['off']:
        choices = 'boolean | ' + choices
    return {'bool': 'boolean', 'choice': choices}.get(option.type, 'number')


def base_type(made: Entry) -> str:
    return (f'Optimizer<{made.class_name}Options>' if made.is_rule
            else f'Schedule<{made.class_name}Options>')


def is_required(made: Entry) -> bool:
    return bool(made.has_milestones or made.required)


def files(catalog: Entry) -> Files:
    for file, base, entries in (
            ('rules', 'Optimizer', catalog.classes),
            ('schedules', 'Schedule', catalog.schedules)):
        names = {**globals(), **locals()}
        for suffix, template in (('js', MODULE), ('d.ts', TYPES)):
            text = render(template.replace('\\`', '`'), 80, names)
            yield (f'bindings/js/src/{file}.{suffix}',
                   text.replace('\xa0', ' '))
