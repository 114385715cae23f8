# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Python's classes of rules: libopt.AdamW and so on, and those of libopt.torch;
and of schedules: libopt.schedules.Cosine and so on. The constants in the stub of
the native module."""

import re
import runpy

from catalog import ROOT, Entry, Files, by_type, render, spelled

FILE = '''
# ${NOTICE}
# ${LICENSE}
"""The ${'update rules' if of_rules else 'kinds of schedules'}, one class each.${'' if of_rules else SCHEDULES_NOTE}"""

from __future__ import annotations

from collections.abc import Iterable  %% if not of_rules
from typing import Literal

% if torch:
from .._context import Context
from ._optimizer import Optimizer, Params
% elif of_rules:
from ._context import Context
from ._optimizer import Optimizer
from ._params import Grads, Params
% else:
from ._schedule import Schedule
% end

__all__ = [
    '${class_name(made)}',  %% for made in entries
]
% for made in entries:


class ${class_name(made)}(${'Optimizer' if made.is_rule else 'Schedule'}):
    """${sentence(made.doc)}

    ${'Of each element, at each step' if made.is_rule else 'At each tick'}::

        ${formula(made, preset)}

    ${sentence(*made.published, *('its values are those of ' + name for name in made.of_pytorch))}

%   if made.is_rule:
    Options, with their defaults:

%     for option in made.options:
    ${name_of(option, torch)}: ${defaults(option, preset, torch)}
        ${sentence(option.doc)}${by_type(option, ' ' + sentence(option.range), '', '')}
%     for pair in [key for key, parts in PAIRS.items() if parts[1] in [option.name for option in made.options]]:
    ${pair}:
        Both ${PAIRS[pair][0]} and ${PAIRS[pair][1]}, as PyTorch has them.
%     end

    State of a parameter: ${slots_of(made)}.

%     if torch:
    ``libopt.torch.Optimizer`` tells of params, preset and context, and of foreach, fused, capturable and differentiable, which torch.optim has as well.
%     else:
    ``Optimizer`` tells of params, grads, preset and context.
%   else:
%     if made.has_milestones:
    milestones
        Ticks at which it changes, in ascending order.
%     for option in made.options:
    ${option.name}
        ${option.text}
%   end
    """

    def __init__(
        self,
        params: Params${'' if torch else ' = ()'},  %% if made.is_rule
        grads: Grads = None,  %% if made.is_rule and not torch
        ${parameter},  %% for parameter in parameters(made, torch)
%   if made.is_rule:
        preset: Literal[${str(made.preset_names)[1:-1]}] | None = None,
        context: Context | None = None,
    ) -> None:
        super().__init__(
            '${made.name}', params, ${'' if torch else 'grads, '}preset=preset, context=context,
%   else:
    ) -> None:
        super().__init__(
            '${made.name}',
%   for name in [one.split(':')[0] for one in parameters(made, torch) if one != '*']:
            ${name}=${name},
%   end
        )
'''

SCHEDULES_NOTE = """

    group.set_schedule('lr', libopt.schedules.Cosine(t_max=100))

In the formulas ``base`` is the option's own value, and ``t`` is the tick: the number of steps since the schedule began, divided by its option ``interval``.
"""

# The names that users of PyTorch know.
CLASSES = {'Sgd': 'SGD', 'Gd': 'GD', 'AdaGrad': 'Adagrad', 'RmsProp': 'RMSprop',
            'RmsPropTf': 'RMSpropTF',
           'Asgd': 'ASGD', 'Radabelief': 'RAdaBelief', 'Signsgd': 'SignSGD',
           'ScheduleFreeSgd': 'ScheduleFreeSGD'}
NAMES = {'initial_accumulator': 'initial_accumulator_value',
         'weight_decay_kind': 'decoupled_weight_decay', 'clip_threshold': 'd'}
# The options that are pairs there.
PAIRS = {'betas': ('beta1', 'beta2'), 'etas': ('eta_minus', 'eta_plus'),
         'step_sizes': ('min_step_size', 'max_step_size'),
         'eps': ('eps1', 'eps2')}
# The choices that are true or false there.
SWITCHES = ('weight_decay_kind', 'amsgrad')

# The arguments that torch.optim takes by their places after the parameters;
# rules that it lacks take the learning rate so.
BY_PLACE = {
    'sgd': 'lr momentum dampening weight_decay nesterov',
    'adagrad': 'lr lr_decay weight_decay initial_accumulator_value eps',
    'rmsprop': 'lr alpha eps weight_decay momentum centered',
    'adam': 'lr betas eps weight_decay amsgrad',
    'adamw': 'lr betas eps weight_decay amsgrad',
    'nadam': 'lr betas eps weight_decay momentum_decay decoupled_weight_decay',
    'asgd': 'lr lambd alpha t0 weight_decay',
    'rprop': 'lr etas step_sizes',
    'adadelta': 'lr rho eps weight_decay',
    'adamax': 'lr betas eps weight_decay',
    'radam': 'lr betas eps weight_decay decoupled_weight_decay',
    'adafactor': 'lr beta2_decay eps d weight_decay',
}
FLAGS = ('foreach: bool | None = None', 'fused: bool | None = None',
         'capturable: bool = False', 'differentiable: bool = False')


def class_name(made: Entry) -> str:
    return CLASSES.get(made.class_name, made.class_name)


def name_of(option: Entry, torch: bool) -> str:
    return NAMES.get(option.name, option.name) if torch else option.name


def type_of(option: Entry, torch: bool) -> str:
    choice = f'Literal[{str(option.choices)[1:-1]}]'
    if option.name in SWITCHES and torch:
        choice = 'bool'
    elif option.choices[:1] == ['off']:
        choice = f'bool | {choice}'
    return by_type(option, 'float', 'bool', choice, 'int')


def parameters(made: Entry, torch: bool) -> list[str]:
    """The constructor's, of those that options are. PyTorch's pairs are there
    beside the options that they are, or in their place."""
    named = {}
    for option in made.optional:
        name = name_of(option, torch)
        named[name] = f'{name}: {type_of(option, torch)} | None = None'
        for pair, parts in PAIRS.items():
            if name != parts[1]:
                continue
            first = 'float | None' if pair == 'eps' and torch else 'float'
            named[pair] = f'{pair}: tuple[{first}, float] | None = None'
            if torch:
                del named[parts[0]], named[parts[1]]
    if torch:
        by_place = [named.pop(name)
                    for name in BY_PLACE.get(made.name, 'lr').split()]
        return [*by_place, '*', *named.values(), *FLAGS]
    return [*['milestones: Iterable[int]'] * made.has_milestones,
            *(f'{option.name}: {type_of(option, torch)}' for option in made.required),
            '*', *named.values()]


def formula(made: Entry, preset: str) -> str:
    """The formula as a new optimizer computes it: with eps beside the root where
    its preset has it there."""
    for option in made.options:
        if option.name == 'eps_placement':
            place = getattr(option.presets, preset, option.presets.textbook)
            if option.choices[int(place)] == 'outside':
                return re.sub(r'sqrt\((\w+) \+ eps\)', r'(sqrt(\1) + eps)',
                              made.formula)
    return made.formula


def defaults(option: Entry, preset: str, torch: bool) -> str:
    """The value that a new optimizer has, and those of other presets."""
    is_switch = torch and option.name in SWITCHES
    values = {name: str(bool(value)) if is_switch else
              spelled(option, value, ('False', 'True'), "'{}'")
              for name, value in vars(option.presets).items()}
    own = values.get(preset, values['textbook'])
    return own + ''.join(f" ('{name}': {value})"
                         for name, value in values.items() if value != own)


def constants(catalog: Entry, stub: str) -> str:
    """The lines of the stub's constants: those of opt_names.h, and of those
    that are there the ones of other headers."""
    made = runpy.run_path(str(ROOT / 'cmake/generate/c.py'))['files'](catalog)
    names = next(text for path, text in made if path.endswith('opt_names.h'))
    types = {name: 'str' if value == '"' else 'int' for name, value in
             re.findall(r'^#define (OPT_\w+) (["\d])', names, re.M)}
    others = '\n'.join(path.read_text(encoding='utf-8')
                       for path in (ROOT / 'include/opt').glob('*.h')
                       if path.name != 'opt_names.h')
    for name, kind in re.findall(r'^(OPT_\w+): (\w+)$', stub, re.M):
        if re.search(rf'^(#define +| +){name}\b', others, re.M):
            types[name] = kind
    return ''.join(f'{name}: {types[name]}\n' for name in sorted(types))


def files(catalog: Entry) -> Files:
    path = 'bindings/python/libopt/_native.pyi'
    stub = (ROOT / path).read_text(encoding='utf-8')
    yield path, re.sub(r'^(OPT_\w+: \w+\n)+', constants(catalog, stub), stub,
                       count=1, flags=re.M)
    for path, entries, of_rules, torch, preset in (
            ('_rules', catalog.classes, True, False, 'textbook'),
            ('torch/_rules', catalog.classes, True, True, 'pytorch'),
            ('schedules', catalog.schedules, False, False, '')):
        yield (f'bindings/python/libopt/{path}.py',
               render(FILE, 79, {**globals(), **locals()}))
