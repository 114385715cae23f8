# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Python's classes of rules: libopt.AdamW and so on, and those of libopt.torch;
and of schedules: libopt.schedules.Cosine and so on."""

import re

from catalog import LICENSE, NOTICE, Entry, by_type, render, sentence, slots_of
from catalog import spelled, upper_camel

RULES = '''
# ${NOTICE}
# ${LICENSE}
"""The update rules, one class each."""

from __future__ import annotations

from typing import Literal

% if torch:
from .._context import Context
from ._optimizer import Optimizer, Params
% else:
from ._context import Context
from ._optimizer import Optimizer
from ._params import Grads, Params
% end

__all__ = [
% for rule in catalog.classes:
    '${class_name(rule)}',
% end
]
% for rule in catalog.classes:


class ${class_name(rule)}(Optimizer):
    """${sentence(rule.summary)}

    Of each element, at each step::

%   for line in formula(rule, torch).split(chr(10)):
        ${line}
%   end

    ${sentence(rule.reference)}

    Options, with their defaults:

%   for option in rule.options:
    ${argument(option, torch)}: ${defaults(rule, option, torch)}
        ${sentence(option.doc)}${by_type(option, ' ' + sentence(option.range), '', '')}
%   end
%   if has_betas(rule):
    betas:
        Both beta1 and beta2, as PyTorch has them.
%   end

    State of a parameter: ${slots_of(rule, SLOT, CONDITION)}.

%   if torch:
    ``libopt.torch.Optimizer`` tells of params, preset and context, and of foreach, fused, capturable and differentiable, which torch.optim has as well.
%   else:
    ``Optimizer`` tells of params, grads, preset and context.
%   end
    """

    def __init__(
        self,
%   if torch:
        params: Params,
%   else:
        params: Params = (),
        grads: Grads = None,
        *,
%   end
%   for name, kind in arguments(rule, torch):
        ${name}: ${kind} | None = None,
%     if torch and name == by_place(rule)[-1]:
        *,
%     end
%   end
%   if torch:
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
%   end
        preset: Literal[${', '.join(repr(preset.name) for preset in rule.presets)}] | None = None,
        context: Context | None = None,
    ) -> None:
        super().__init__(
            '${rule.name}', params, ${'' if torch else 'grads, '}preset=preset, context=context,
%   for name, kind in arguments(rule, torch):
            ${name}=${name},
%   end
%   if torch:
            foreach=foreach,
            fused=fused,
            capturable=capturable,
            differentiable=differentiable,
%   end
        )
% end
'''

SCHEDULES = '''
# ${NOTICE}
# ${LICENSE}
"""The kinds of schedules, one class each.

    group.set_schedule('lr', libopt.schedules.Cosine(t_max=100))

In the formulas ``base`` is the option's own value, and ``t`` is the tick: the number of steps since the schedule began, divided by its option ``interval``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ._schedule import Schedule

__all__ = [
% for kind in catalog.schedules:
    '${upper_camel(kind.name)}',
% end
]
% for kind in catalog.schedules:


class ${upper_camel(kind.name)}(Schedule):
    """${sentence(kind.summary)}

    At each tick::

%   for line in kind.formula.split(chr(10)):
        ${line}
%   end

    ${' '.join(notes(kind))}

%   if kind.has_milestones:
    milestones
        Ticks at which it changes, in ascending order.
%   end
%   for option in kind.options:
    ${option.name}
        ${sentence(option.doc, option.range_and_default)}
%   end
    """

    def __init__(
        self,
%   for name, value_type in required(kind):
        ${name}: ${value_type},
%   end
        *,
%   for name, value_type in optional(kind):
        ${name}: ${value_type} | None = None,
%   end
    ) -> None:
        super().__init__(
            '${kind.name}',
%   for name, _ in required(kind) + optional(kind):
            ${name}=${name},
%   end
        )
% end
'''

# The names that users of PyTorch know.
CLASSES = {'Sgd': 'SGD', 'Gd': 'GD', 'AdaGrad': 'Adagrad', 'RmsProp': 'RMSprop'}
ARGUMENTS = {'initial_accumulator': 'initial_accumulator_value'}
SLOT, CONDITION = '{name} ({doc})', ' with {when_option}'
BETAS = {'beta1', 'beta2'}

# The arguments that torch.optim takes by their places after the parameters.
BY_PLACE = {
    'sgd': ('lr', 'momentum', 'dampening', 'weight_decay', 'nesterov'),
    'adagrad': ('lr', 'lr_decay', 'weight_decay', 'initial_accumulator_value',
                'eps'),
    'rmsprop': ('lr', 'alpha', 'eps', 'weight_decay', 'momentum', 'centered'),
    'adam': ('lr', 'betas', 'eps', 'weight_decay', 'amsgrad'),
    'adamw': ('lr', 'betas', 'eps', 'weight_decay', 'amsgrad'),
}


def class_name(rule: Entry) -> str:
    return CLASSES.get(rule.class_name, rule.class_name)


def argument(option: Entry, torch: bool) -> str:
    return ARGUMENTS.get(option.name, option.name) if torch else option.name


def has_betas(rule: Entry) -> bool:
    return BETAS <= {option.name for option in rule.options}


def type_of(option: Entry) -> str:
    number = 'int' if option.type == 'integer' else 'float'
    return by_type(option, number, 'bool',
                   f'Literal[{str(option.choices)[1:-1]}]')


def notes(kind: Entry) -> list[str]:
    """Where a kind of schedule is from, and whose values it has."""
    found = [] if kind.reference == 'PyTorch' else [sentence(kind.reference)]
    if kind.pytorch:
        found.append(f"Its values are those of PyTorch's {kind.pytorch}.")
    return found


def required(kind: Entry) -> list[tuple[str, str]]:
    """The arguments without which a kind of schedule is not made."""
    return [('milestones', 'Iterable[int]')] * kind.has_milestones + [
        (option.name, type_of(option)) for option in kind.options
        if option.default_value is None]


def optional(kind: Entry) -> list[tuple[str, str]]:
    return [(option.name, type_of(option)) for option in kind.options
            if option.default_value is not None]


def by_place(rule: Entry) -> tuple[str, ...]:
    """Rules that PyTorch lacks take the learning rate by its place."""
    return BY_PLACE.get(rule.name, ('lr',))


def arguments(rule: Entry, torch: bool) -> list[tuple[str, str]]:
    """Options that are arguments: their names and types. PyTorch's `betas` are
    there beside beta1 and beta2, or in their place."""
    found = []
    for option in rule.options:
        kind = type_of(option)
        if not (torch and has_betas(rule) and option.name in BETAS):
            found.append((argument(option, torch), kind))
        if has_betas(rule) and option.name == 'beta2':
            found.append(('betas', 'tuple[float, float]'))
    if torch:
        places = by_place(rule)
        found.sort(key=lambda pair: places.index(pair[0])
                   if pair[0] in places else len(places))
    return found


def own_preset(rule: Entry, torch: bool) -> str:
    """The preset that a new optimizer has."""
    names = [preset.name for preset in rule.presets]
    return 'pytorch' if torch and 'pytorch' in names else names[0]


def formula(rule: Entry, torch: bool) -> str:
    """The formula as a new optimizer computes it: with eps beside the root where
    its preset has it there."""
    for option in rule.options:
        if option.name == 'eps_placement':
            place = getattr(option.presets, own_preset(rule, torch))
            if option.choices[int(place)] == 'outside':
                return re.sub(r'sqrt\((\w+) \+ eps\)', r'(sqrt(\1) + eps)',
                              rule.formula)
    return rule.formula


def defaults(rule: Entry, option: Entry, torch: bool) -> str:
    """The value that a new optimizer has, and those of other presets."""
    values = {preset: spelled(option, value, ('False', 'True'), "'{}'")
              for preset, value in vars(option.presets).items()}
    own = values[own_preset(rule, torch)]
    return own + ''.join(f" ('{preset}': {value})"
                         for preset, value in values.items() if value != own)


def files(catalog: Entry) -> list[tuple[str, str]]:
    return [(f'bindings/python/libopt/{folder}_rules.py',
             render(RULES, 79, globals(), catalog=catalog, torch=torch))
            for torch, folder in ((False, ''), (True, 'torch/'))] + [
        ('bindings/python/libopt/schedules.py',
         render(SCHEDULES, 79, globals(), catalog=catalog))]
