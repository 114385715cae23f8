# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Options by PyTorch's names and by libopt's, and in which form the versions of
PyTorch write them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import torch

from .._catalog import Rule, preset_values
from .._errors import ArgumentError, MismatchError
from .._groups import PAIRS, pair_of, split
from .._optimizer import Optimizer

# The rules that torch.optim has, and its classes.
CLASSES = {'sgd': 'SGD', 'adagrad': 'Adagrad', 'rmsprop': 'RMSprop',
           'adam': 'Adam', 'adamw': 'AdamW', 'nadam': 'NAdam', 'asgd': 'ASGD',
           'adadelta': 'Adadelta', 'adamax': 'Adamax', 'radam': 'RAdam',
           'rprop': 'Rprop', 'adafactor': 'Adafactor'}

_PYTORCH = {'initial_accumulator': 'initial_accumulator_value',
            'weight_decay_kind': 'decoupled_weight_decay',
            'clip_threshold': 'd'}
# The options of which PyTorch has the negative.
_NEGATED = ('beta2_decay',)
# The choices whose first two values PyTorch calls False and True.
_SWITCHES = ('weight_decay_kind', 'amsgrad')
# The options that PyTorch has in pairs: the first one's pair and partner.
_FIRSTS = {first: (key, second) for key, (first, second) in PAIRS.items()}
_SECONDS = {second for _, second in PAIRS.values()}
NATIVE = {pytorch: name for name, pytorch in _PYTORCH.items()}


class Form(NamedTuple):
    """How a version of PyTorch writes the options and the state of a rule.

    group
        The keys of a parameter group, in their order, with their defaults.
    step
        What the step count in a parameter's state is; None: it has none.
    idle
        The state of a parameter for which nothing is kept.
    """
    group: dict[str, Any]
    step: Literal['int', 'tensor'] | None
    idle: dict[str, Any]


# Options of torch.optim's groups that libopt does not need.
_IGNORED: dict[str, Any] = {'foreach': None, 'capturable': False,
                            'differentiable': False, 'fused': None}

_ADAM = {'lr': 0.001, 'betas': (0.9, 0.999), 'eps': 1e-8, 'weight_decay': 0,
         'amsgrad': False}

_NADAM = {'lr': 0.002, 'betas': (0.9, 0.999), 'eps': 1e-8, 'weight_decay': 0,
          'momentum_decay': 0.004}
_ASGD = {'lr': 0.01, 'lambd': 0.0001, 'alpha': 0.75, 't0': 1e6,
         'weight_decay': 0}
_ADADELTA = {'lr': 1.0, 'rho': 0.9, 'eps': 1e-6, 'weight_decay': 0}
_ADAMAX = {'lr': 0.002, 'betas': (0.9, 0.999), 'eps': 1e-8, 'weight_decay': 0}
_RADAM = {'lr': 0.001, 'betas': (0.9, 0.999), 'eps': 1e-8, 'weight_decay': 0}
_RPROP = {'lr': 0.01, 'etas': (0.5, 1.2), 'step_sizes': (1e-6, 50)}
_ADAFACTOR = {'lr': 0.01, 'beta2_decay': -0.8, 'eps': (None, 0.001), 'd': 1.0,
              'weight_decay': 0.0}

# Of versions that are not installed; the first also of all before it.
_FORMS: dict[tuple[int, int], dict[str, Form]] = {
    (1, 13): {
        'sgd': Form({'lr': 0.001, 'momentum': 0, 'dampening': 0,
                     'weight_decay': 0, 'nesterov': False, 'maximize': False,
                     'foreach': None, 'differentiable': False},
                    None, {'momentum_buffer': None}),
        'adagrad': Form({'lr': 0.01, 'lr_decay': 0, 'eps': 1e-10,
                         'weight_decay': 0, 'initial_accumulator_value': 0,
                         'foreach': None, 'maximize': False}, 'tensor', {}),
        'rmsprop': Form({'lr': 0.01, 'momentum': 0, 'alpha': 0.99,
                         'eps': 1e-8, 'centered': False, 'weight_decay': 0,
                         'foreach': None, 'maximize': False,
                         'differentiable': False}, 'int', {}),
        'adam': Form({**_ADAM, 'maximize': False, 'foreach': None,
                      'capturable': False, 'differentiable': False,
                      'fused': False}, 'tensor', {}),
        'adamw': Form({**_ADAM, 'weight_decay': 0.01, 'foreach': None,
                       'maximize': False, 'capturable': False}, 'tensor', {}),
        'nadam': Form({**_NADAM, 'foreach': None}, 'tensor', {}),
        'asgd': Form({**_ASGD, 'foreach': None, 'maximize': False},
                     'tensor', {}),
        'adadelta': Form({**_ADADELTA, 'maximize': False, 'foreach': None},
                         'int', {}),
        'adamax': Form({**_ADAMAX, 'foreach': None, 'maximize': False},
                       'tensor', {}),
        'radam': Form({**_RADAM, 'foreach': None}, 'tensor', {}),
        'rprop': Form({**_RPROP, 'foreach': None, 'maximize': False},
                      'int', {}),
    },
    (2, 11): {
        'sgd': Form({'lr': 0.001, 'momentum': 0, 'dampening': 0,
                     'weight_decay': 0, 'nesterov': False, 'maximize': False,
                     'foreach': None, 'differentiable': False, 'fused': None},
                    None, {}),
        'adagrad': Form({'lr': 0.01, 'lr_decay': 0, 'eps': 1e-10,
                         'weight_decay': 0, 'initial_accumulator_value': 0,
                         'foreach': None, 'maximize': False,
                         'differentiable': False, 'fused': None}, 'tensor', {}),
        'rmsprop': Form({'lr': 0.01, 'momentum': 0, 'alpha': 0.99,
                         'eps': 1e-8, 'centered': False, 'weight_decay': 0,
                         'capturable': False, 'foreach': None,
                         'maximize': False, 'differentiable': False},
                        'tensor', {}),
        'adam': Form({**_ADAM, 'maximize': False, 'foreach': None,
                      'capturable': False, 'differentiable': False,
                      'fused': None, 'decoupled_weight_decay': False},
                     'tensor', {}),
        'adamw': Form({**_ADAM, 'weight_decay': 0.01, 'maximize': False,
                       'foreach': None, 'capturable': False,
                       'differentiable': False, 'fused': None,
                       'decoupled_weight_decay': True}, 'tensor', {}),
        'nadam': Form({**_NADAM, 'decoupled_weight_decay': False,
                       'maximize': False, 'foreach': None,
                       'capturable': False, 'differentiable': False},
                      'tensor', {}),
        'asgd': Form({**_ASGD, 'foreach': None, 'maximize': False,
                      'differentiable': False, 'capturable': False},
                     'tensor', {}),
        'adadelta': Form({**_ADADELTA, 'maximize': False, 'capturable': False,
                          'foreach': None, 'differentiable': False},
                         'tensor', {}),
        'adamax': Form({**_ADAMAX, 'foreach': None, 'maximize': False,
                        'differentiable': False, 'capturable': False},
                       'tensor', {}),
        'radam': Form({**_RADAM, 'maximize': False, 'foreach': None,
                       'capturable': False, 'decoupled_weight_decay': False,
                       'differentiable': False}, 'tensor', {}),
        'rprop': Form({**_RPROP, 'foreach': None, 'maximize': False,
                       'differentiable': False, 'capturable': False},
                      'tensor', {}),
        'adafactor': Form({**_ADAFACTOR, 'foreach': None, 'maximize': False},
                          'tensor', {}),
    },
}


def form_of(rule: Rule, torch_version: str | None = None) -> Form:
    """The form of a version of PyTorch, or of the one that is installed."""
    if rule.name not in CLASSES:
        return Form({}, 'tensor', {})
    installed = _release(torch.__version__)
    wanted = installed if torch_version is None else _release(torch_version)
    if wanted == installed and hasattr(torch.optim, CLASSES[rule.name]):
        return _installed_form(CLASSES[rule.name])
    written = [version for version, forms in _FORMS.items()
               if rule.name in forms]
    found = max((version for version in written if version <= wanted),
                default=min(written))
    return _FORMS[found][rule.name]


def _release(version: str) -> tuple[int, int]:
    match = re.match(r'(\d+)\.(\d+)', str(version))
    if match is None or not isinstance(version, str):
        raise ArgumentError(f"torch_version is {version!r}: it must be a version "
                            "of PyTorch, such as '2.11'")
    return int(match[1]), int(match[2])


@functools.lru_cache(maxsize=None)
def _installed_form(name: str) -> Form:
    """The form in which the installed PyTorch has a step of its own."""
    param = torch.nn.Parameter(torch.zeros(1, device='cpu'))
    param.grad = torch.zeros_like(param)
    # The version decides whether SGD has a default.
    lr = {'lr': 0.001} if name == 'SGD' else {}
    optimizer = getattr(torch.optim, name)([param], **lr)
    optimizer.step()
    state = dict(optimizer.state.get(param, {}))
    step: Literal['int', 'tensor'] | None = None
    if 'step' in state:
        step = ('tensor' if isinstance(state['step'], torch.Tensor)
                else 'int')
    idle = {key: value for key, value in state.items() if value is None}
    return Form(dict(optimizer.defaults), step, idle)


def default_preset(rule: Rule) -> str:
    """PyTorch's, where the rule has it."""
    names = [preset.name for preset in rule.presets]
    return 'pytorch' if 'pytorch' in names else names[0]


def to_pytorch(rule: Rule, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options by PyTorch's names."""
    made: dict[str, Any] = {}
    for option in rule.options:
        if option.name not in options:
            continue
        value = options[option.name]
        first = _FIRSTS.get(option.name)
        if first is not None and first[1] in options:
            made[first[0]] = (value, options[first[1]])
        elif option.name not in _SECONDS:
            if option.name in _SWITCHES and option.to_number(value) <= 1:
                value = bool(option.to_number(value))
            elif option.name in _NEGATED:
                value = -value
            made[_PYTORCH.get(option.name, option.name)] = value
    return made


def to_native(rule: Rule, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a constructor by libopt's names, without those that are
    None; libopt refuses those that it does not know."""
    made: dict[str, Any] = {}
    for key, value in options.items():
        if value is None:
            continue
        names = pair_of(rule, key)
        if names is not None:
            made.update(_known(split(key, names, value), {}))
        elif key in _NEGATED:
            made[key] = abs(value)
        else:
            made[NATIVE.get(key, key)] = value
    return made


def from_pytorch(rule: Rule, group: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a group of torch.optim has; other keys, such as those of
    schedulers, are passed over."""
    made: dict[str, Any] = {}
    for key in PAIRS:
        names = pair_of(rule, key) if key in group else None
        if names is not None:
            group = {**group, **_known(split(key, names, group[key]), group)}
    for option in rule.options:
        key = _PYTORCH.get(option.name, option.name)
        if key in group:
            number = option.to_number(group[key])
            if option.name in _NEGATED:
                number = abs(number)
            made[option.name] = option.from_number(number)
    return made


def _known(pair: dict[str, Any], group: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a pair, of which None is what PyTorch then takes: the
    roundoff of the type of the group's parameters. Where these are not known,
    as in a state_dict, None is left out."""
    params = [param for param in group.get('params', ())
              if isinstance(param, torch.Tensor)]
    made = {}
    for name, value in pair.items():
        if value is None and params:
            value = roundoff(params[0].dtype)
        if value is not None:
            made[name] = value
    return made


def roundoff(dtype: torch.dtype) -> float:
    """The value that PyTorch takes for an eps of None."""
    return float(torch.finfo(dtype).eps)


def complete(rule: Rule, group: Mapping[str, Any],
             dtype: torch.dtype | None = None) -> dict[str, Any]:
    """All options of a group of torch.optim, whose parameters have a type: what
    it has no word for is as PyTorch does it."""
    made = {**preset_values(rule.name, default_preset(rule)),
            **from_pytorch(rule, group)}
    eps = group.get('eps')
    if dtype is not None and isinstance(eps, (tuple, list)) and eps[0] is None:
        made['eps1'] = roundoff(dtype)
    return made


def in_form(rule: Rule, options: Mapping[str, Any], form: Form, whole: bool,
            dtype: torch.dtype = torch.float64) -> dict[str, Any]:
    """The options of a group with parameters of a type, as a version of PyTorch
    writes them, and behind them those that are libopt's alone: all of them, or
    those that differ from what PyTorch does."""
    values = to_pytorch(rule, options)
    made = {}
    for key, default in (form.group or _IGNORED).items():
        value = values.pop(key, default)
        if isinstance(default, tuple) and None in default:
            value = tuple(None if known is None and one == roundoff(dtype)
                          else one for one, known in zip(value, default))
        made[key] = default if value == default else value
    usual = to_pytorch(rule, preset_values(rule.name, default_preset(rule)))
    made.update({key: value for key, value in values.items()
                 if whole or value != usual[key]})
    return made


def check_supported(rule: Rule, group: Mapping[str, Any]) -> None:
    """Raises if a group asks for what the CPU, or libopt, has not."""
    name = f'torch.optim.{CLASSES.get(rule.name, "Optimizer")}'
    if group.get('capturable'):
        raise ArgumentError(
            'capturable=True is for steps that a CUDA graph captures; libopt '
            f'steps on the CPU: leave it False, or use {name} on the GPU')
    if group.get('differentiable'):
        raise ArgumentError(
            'differentiable=True lets autograd differentiate through the step; '
            "libopt's leaves no trace for it: leave it False, or use "
            f'{name}')


def groups_of(state_dict: Any) -> list[Mapping[str, Any]]:
    """The groups of a state_dict of torch.optim; raises if it is none."""
    if not isinstance(state_dict, Mapping):
        raise ArgumentError('a state_dict is a dict, as state_dict() returns '
                            'one, not a value of type '
                            f'{type(state_dict).__name__}')
    for key in 'param_groups', 'state':
        if key not in state_dict:
            raise ArgumentError(
                "this is no state_dict() of an optimizer: it has the keys "
                f'{list(state_dict)[:5]}, but lacks {key!r}')
    groups: list[Mapping[str, Any]] = state_dict['param_groups']
    if not isinstance(groups, list) or not all(
            isinstance(group, Mapping) and 'params' in group
            for group in groups):
        raise ArgumentError("this is no state_dict() of an optimizer: its "
                            "'param_groups' must be a list of dicts that have "
                            "the key 'params'")
    return groups


def check_together(rule: Rule, options: Iterable[Mapping[str, Any]]) -> None:
    """Raises unless every group's options are right, before those of any are
    set: the library sets those of one group all or none."""
    with Optimizer(rule.name) as trial:
        for values in options:
            trial.set_options(**values)


def check_nesterov(defaults: Mapping[str, Any]) -> None:
    """Raises where torch.optim.SGD does."""
    if defaults['nesterov'] and (defaults['momentum'] == 0
                                 or defaults['dampening'] != 0):
        raise ArgumentError(
            'nesterov=True needs a momentum and no dampening, as in '
            'torch.optim.SGD, not '
            f"momentum={defaults['momentum']!r} and "
            f"dampening={defaults['dampening']!r}: set momentum=0.9, say, or "
            'leave nesterov out')


def check_sizes(groups: Sequence[Mapping[str, Any]],
                sizes: list[int]) -> None:
    """Raises unless the groups of a state_dict have as many parameters."""
    found = [len(group['params']) for group in groups]
    if found != sizes:
        raise MismatchError(f'the parameter groups have {found} parameters in '
                            f'the state_dict, {sizes} here')


def other_keys(rule: Rule, group: Mapping[str, Any], own: Form,
               wanted: Form) -> dict[str, Any]:
    """The keys of a group that are no options, such as those of schedulers; of
    those that torch.optim alone reads, what the program has changed."""
    options = to_pytorch(rule, from_pytorch(rule, group))
    return {key: value for key, value in group.items()
            if key != 'params' and key not in options
            and (key not in _IGNORED or (
                key in wanted.group and value != own.group.get(key)))}
