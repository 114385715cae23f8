# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Python's classes of rules: libopt.AdamW and so on, and those of
libopt.torch."""

from collections.abc import Iterator

from catalog import LICENSE, NOTICE, Entry, by_type, render, sentence, slots_of
from catalog import spelled

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

    Of each element, at each step (preset 'textbook')::

%   for line in rule.formula.split(chr(10)):
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

    ``${'libopt.torch.' * torch}Optimizer`` tells of params, ${'' if torch else 'grads, '}preset and context.
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
%     if torch and name == 'lr':
        *,
%     end
%   end
        preset: Literal[${', '.join(repr(preset.name) for preset in rule.presets)}] | None = None,
        context: Context | None = None,
    ) -> None:
        super().__init__(
            '${rule.name}', params, ${'' if torch else 'grads, '}preset=preset, context=context,
%   for name, kind in arguments(rule, torch):
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


def class_name(rule: Entry) -> str:
    return CLASSES.get(rule.class_name, rule.class_name)


def argument(option: Entry, torch: bool) -> str:
    return ARGUMENTS.get(option.name, option.name) if torch else option.name


def has_betas(rule: Entry) -> bool:
    return BETAS <= {option.name for option in rule.options}


def arguments(rule: Entry, torch: bool) -> Iterator[tuple[str, str]]:
    """Options that are arguments: their names and types. PyTorch's `betas` are
    there beside beta1 and beta2, or in their place."""
    for option in rule.options:
        kind = by_type(option, 'float', 'bool',
                       f'Literal[{str(option.choices)[1:-1]}]')
        if not (torch and has_betas(rule) and option.name in BETAS):
            yield argument(option, torch), kind
        if has_betas(rule) and option.name == 'beta2':
            yield 'betas', 'tuple[float, float]'


def defaults(rule: Entry, option: Entry, torch: bool) -> str:
    """The value that a new optimizer has, and those of other presets."""
    values = {preset: spelled(option, value, ('False', 'True'), "'{}'")
              for preset, value in vars(option.presets).items()}
    own = values.get('pytorch' if torch else '', values[rule.presets[0].name])
    return own + ''.join(f" ('{preset}': {value})"
                         for preset, value in values.items() if value != own)


def files(catalog: Entry) -> list[tuple[str, str]]:
    return [(f'bindings/python/libopt/{folder}_rules.py',
             render(RULES, 79, globals(), catalog=catalog, torch=torch))
            for torch, folder in ((False, ''), (True, 'torch/'))]
