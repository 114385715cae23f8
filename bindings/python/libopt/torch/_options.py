# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Options by PyTorch's names and by libopt's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._describe import RuleInfo, preset_values
from .._groups import betas_of

_PYTORCH = {'initial_accumulator': 'initial_accumulator_value'}
NATIVE = {pytorch: name for name, pytorch in _PYTORCH.items()}

# What torch.optim has in its groups, and libopt needs not.
_EXTRA: dict[str, dict[str, Any]] = {
    'sgd': {'foreach': None, 'differentiable': False},
    'adagrad': {'foreach': None, 'differentiable': False},
    'rmsprop': {'foreach': None, 'differentiable': False},
    'adam': {'foreach': None, 'capturable': False, 'differentiable': False,
             'fused': False},
    'adamw': {'foreach': None, 'capturable': False, 'differentiable': False},
}


def to_pytorch(rule: RuleInfo, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a group as torch.optim has them."""
    made: dict[str, Any] = {}
    for option in rule.options:
        value = options[option.name]
        if option.name == 'beta1':
            made['betas'] = (value, options['beta2'])
        elif option.name != 'beta2':
            made[_PYTORCH.get(option.name, option.name)] = value
    return made


def from_pytorch(rule: RuleInfo, group: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a group of torch.optim has; other keys, such as those of
    schedulers, are passed over."""
    made: dict[str, Any] = {}
    if 'betas' in group:
        group = {**group, **betas_of(group['betas'])}
    for option in rule.options:
        key = _PYTORCH.get(option.name, option.name)
        if key in group:
            made[option.name] = option.from_number(
                option.to_number(group[key]))
    return made


def complete(rule: RuleInfo, group: Mapping[str, Any]) -> dict[str, Any]:
    """All options of a group of torch.optim: what it has no word for is as
    PyTorch does it."""
    return {**preset_values(rule.name, default_preset(rule)),
            **from_pytorch(rule, group)}


def extra(rule: RuleInfo) -> dict[str, Any]:
    """Keys of a group that only torch.optim reads."""
    return dict(_EXTRA.get(rule.name, {}))


def default_preset(rule: RuleInfo) -> str:
    """PyTorch's, where the rule has it."""
    names = [preset.name for preset in rule.presets]
    return 'pytorch' if 'pytorch' in names else names[0]
