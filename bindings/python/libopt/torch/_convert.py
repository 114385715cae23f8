# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Runs of torch.optim, taken over and given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

import torch

from .._context import Context
from .._errors import ArgumentError, MismatchError
from .._optimizer import Optimizer as Native
from .._params import Params, read_groups
from . import _options
from ._optimizer import Optimizer
from ._state import Slots, slots_of

Either = Union[Native, Optimizer]


def from_torch(optimizer: torch.optim.Optimizer, params: Params | None = None,
               *, context: Context | None = None) -> Any:
    """Takes over from an optimizer of torch.optim: SGD, Adagrad, RMSprop, Adam,
    AdamW, NAdam, ASGD, Adadelta, Adamax, RAdam, Rprop or Adafactor, with its
    options, its defaults and its state. It is not changed.

    params
        None: the result is a ``libopt.torch.Optimizer`` over the optimizer's
        own parameters. Else arrays (with names or gradients, as
        ``libopt.Optimizer`` takes them) in the order of its parameters: the
        result is a ``libopt.Optimizer`` over those.
    """
    rule = _rule_of(optimizer)
    groups = optimizer.param_groups
    made: Either
    if params is None:
        made = Optimizer(rule, [dict(group) for group in groups],
                         context=context)
        made.defaults.update(optimizer.defaults)
    else:
        made = _over_arrays(rule, groups, params, context)
    load_torch_state_dict(made, optimizer.state_dict())
    return made


def _over_arrays(rule: str, groups: list[dict[str, Any]], params: Params,
                 context: Context | None) -> Native:
    made = Native(rule, preset='pytorch', context=context)
    entries = [entry for spec in read_groups(params, None)
               for entry in spec.entries]
    wanted = sum(len(group['params']) for group in groups)
    if len(entries) != wanted:
        raise ArgumentError(f'{len(entries)} arrays for {wanted} parameters')
    for group in groups:
        own = [entries.pop(0) for _ in group['params']]
        made.add_group({
            **_options.complete(made._rule, group),
            'params': [(entry.param, entry.grad) if entry.name is None
                       else (entry.name, entry.param, entry.grad)
                       for entry in own]})
    return made


def _rule_of(optimizer: torch.optim.Optimizer) -> str:
    # From the last, for torch's AdamW may be an Adam.
    for rule, name in reversed(_options.CLASSES.items()):
        if isinstance(optimizer, getattr(torch.optim, name, ())):
            return rule
    known = ', '.join(_options.CLASSES.values())
    raise ArgumentError('from_torch() takes over one of these of torch.optim: '
                        f'{known}; not a value of type '
                        f'{type(optimizer).__name__}')


def to_torch_state_dict(optimizer: Either,
                        torch_version: str | None = None) -> dict[str, Any]:
    """A copy of the state in torch.optim's layout: its load_state_dict() takes
    it. PyTorch's results follow if the options are those of the preset
    'pytorch'.

    torch_version
        The version of PyTorch in whose form it is written, such as '2.11';
        None: the one that is installed.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer.to_torch_state_dict(torch_version)
    form = _options.form_of(optimizer._rule, torch_version)
    state: dict[int, dict[str, Any]] = {}
    groups = []
    first = 0
    for group in optimizer.param_groups:
        names = group.names
        for number, name in enumerate(names, first):
            slots = Slots(optimizer, name, form)
            found = slots.copy()
            if found:
                state[number] = found
        groups.append({
            **_options.in_form(optimizer._rule, group, form, False,
                               _dtype_of(optimizer, names)),
            'params': list(range(first, first + len(names)))})
        first += len(names)
    return {'state': state, 'param_groups': groups}


def _dtype_of(optimizer: Native, names: list[str]) -> torch.dtype:
    """The type of the parameters of a group."""
    for name in names:
        dtype: torch.dtype = getattr(torch, optimizer.tensors[name].dtype)
        return dtype
    return torch.float64


def load_torch_state_dict(optimizer: Either,
                          state_dict: Mapping[str, Any]) -> None:
    """Loads a state_dict() of torch.optim, of any version: state and options.
    Parameters are matched as PyTorch does it, by their places in the groups;
    names are not known there. What the dict has no word for is set as PyTorch
    does it."""
    if isinstance(optimizer, Optimizer):
        optimizer.load_state_dict(state_dict)
        return
    rule = optimizer._rule
    saved = _options.groups_of(state_dict)
    groups = optimizer.param_groups
    _options.check_sizes(saved, [len(group.names) for group in groups])
    options = [_options.complete(rule, group,
                                 _dtype_of(optimizer, own.names))
               for group, own in zip(saved, groups)]
    found = []
    for group, saved_group, values in zip(groups, saved, options):
        names = slots_of(rule, values)
        if names != slots_of(rule, group):
            raise MismatchError(
                f'the options there need the state {names}, those here '
                f'{slots_of(rule, group)}: make the optimizer with the options '
                'of the state_dict')
        for name, key in zip(group.names, saved_group['params']):
            slots = Slots(optimizer, name, _options.form_of(rule))
            found.append((slots, state_dict['state'].get(key, {})))
            slots.check(found[-1][1], slots.names_with(values))
    _options.check_together(rule, options)
    for group, values in zip(groups, options):
        group.set(**values)
    # A parameter that has no state yet must not undo what its group shares.
    for slots, state in sorted(found, key=lambda pair: len(pair[1]) > 0):
        slots.load(state)
