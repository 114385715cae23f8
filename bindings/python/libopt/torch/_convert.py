# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""State in the layout of torch.optim's state_dict(), to and from libopt's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

import torch

from .._context import Context
from .._core import Tensor
from .._errors import ArgumentError, DTypeError, MismatchError
from .._native import OPT_F64
from .._optimizer import Optimizer as Native
from .._params import Params, read_groups
from . import _options
from ._optimizer import Optimizer

Either = Union[Native, Optimizer]

# The most derived first: torch's AdamW may be an Adam.
_RULES = (('AdamW', 'adamw'), ('Adam', 'adam'), ('SGD', 'sgd'),
          ('Adagrad', 'adagrad'), ('RMSprop', 'rmsprop'))
_TENSOR_STEPS = ('adam', 'adamw', 'adagrad')  # whose 'step' is a tensor


def from_torch(optimizer: torch.optim.Optimizer, params: Params | None = None,
               *, context: Context | None = None) -> Any:
    """Takes over from an optimizer of torch.optim: SGD, Adagrad, RMSprop, Adam
    or AdamW, with its options and its state. It is not changed.

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
        made = Optimizer(rule, [
            {key: value for key, value in group.items()} for group in groups],
            context=context)
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
        made.add_param_group({
            **_options.complete(made._rule, group),
            'params': [(entry.param, entry.grad) if entry.name is None
                       else (entry.name, entry.param, entry.grad)
                       for entry in own]})
    return made


def _rule_of(optimizer: torch.optim.Optimizer) -> str:
    for name, rule in _RULES:
        if isinstance(optimizer, getattr(torch.optim, name)):
            return rule
    known = ', '.join(name for name, _ in _RULES)
    raise ArgumentError(f'{type(optimizer).__name__} is not known; {known} are')


def to_torch_state_dict(optimizer: Either) -> dict[str, Any]:
    """A copy of the state in torch.optim's layout: its load_state_dict() takes
    it. PyTorch's results follow if the options are those of the preset
    'pytorch'."""
    native = _native_of(optimizer)
    state: dict[int, dict[str, Any]] = {}
    groups = []
    first = 0
    for group in native.param_groups:
        names = group.names
        for number, name in enumerate(names, first):
            found = _state_of(optimizer, native, name, number)
            if found:
                state[number] = found
        groups.append({**_options.to_pytorch(native._rule, group),
                       **_options.extra(native._rule),
                       'params': list(range(first, first + len(names)))})
        first += len(names)
    return {'state': state, 'param_groups': groups}


def _state_of(optimizer: Either, native: Native, name: str,
              number: int) -> dict[str, Any]:
    state = native.state[name]
    step = state['step']
    # Adagrad has state from the beginning, the others from the first gradient.
    if step == 0 and native.rule != 'adagrad':
        return {}
    made: dict[str, Any] = {
        'step': torch.tensor(float(step)) if native.rule in _TENSOR_STEPS
                else step}
    if native.rule == 'sgd':
        made['momentum_buffer'] = None
    tensor = native._core.tensors[name]
    for slot in state:
        if slot != 'step':
            view = _view(optimizer, state[slot], tensor, number)
            # With PyTorch's strides, as it would have made them.
            made[slot] = view.clone(memory_format=torch.preserve_format)
    return made


def load_torch_state_dict(optimizer: Either,
                          state_dict: Mapping[str, Any]) -> None:
    """Loads a state_dict() of torch.optim: state and options. Parameters are
    matched as PyTorch does it, by their places in the groups; names are not
    known there. What the dict has no word for is set as PyTorch does it."""
    native = _native_of(optimizer)
    if [len(group['params']) for group in state_dict['param_groups']] != [
            len(group.names) for group in native.param_groups]:
        raise MismatchError('the parameter groups are not of the same sizes')
    options = [_options.complete(native._rule, group)
               for group in state_dict['param_groups']]
    tensors = [native._core.tensors[name] for group in native.param_groups
               for name in group.names]
    keys = [key for group in state_dict['param_groups']
            for key in group['params']]
    states = [state_dict['state'].get(key, {}) for key in keys]
    _check_layouts(native, options)
    for tensor, state in zip(tensors, states):
        _check_state(native, tensor, state)
    _set_options(native, options)
    for number, (tensor, state) in enumerate(zip(tensors, states)):
        own = native.state[tensor.name]
        for slot in own:
            if slot != 'step':
                view = _view(optimizer, own[slot], tensor, number)
                if state.get(slot) is None:
                    view.fill_(_initial(native, tensor, slot))
                else:
                    view.copy_(state[slot])
        native.tensors[tensor.name].step = _step_of(native, tensor, state)


def _native_of(optimizer: Either) -> Native:
    return optimizer.native if isinstance(optimizer, Optimizer) else optimizer


def _view(optimizer: Either, memory: memoryview, tensor: Tensor,
          number: int) -> torch.Tensor:
    """State in place, with the strides of its parameter."""
    dtype = torch.float64 if tensor.param_dtype == OPT_F64 else torch.float32
    if tensor.count == 0:
        return torch.empty(tensor.shape, dtype=dtype)
    view = torch.frombuffer(memory, dtype=dtype)
    if isinstance(optimizer, Optimizer):
        param = optimizer._entries[number][0]
        return view.as_strided(param.size(), param.stride())
    return view.view(tensor.shape)


def _initial(native: Native, tensor: Tensor, slot: str) -> float:
    if slot != 'sum':
        return 0
    return float(native._groups[tensor.group]['initial_accumulator'])


def _step_of(native: Native, tensor: Tensor, state: Mapping[str, Any]) -> int:
    """PyTorch's SGD counts no steps: all that matters is whether the velocity
    has begun."""
    if 'step' in state:
        return int(state['step'])
    if native._groups[tensor.group].get('momentum'):
        return int(state.get('momentum_buffer') is not None)
    return int(bool(state))


def _check_layouts(native: Native, options: list[dict[str, Any]]) -> None:
    for group, wanted in zip(native.param_groups, options):
        for option in native._rule.options:
            if option.changes_layout and bool(group[option.name]) != bool(
                    wanted[option.name]):
                raise MismatchError(
                    f"option '{option.name}' is {wanted[option.name]} there and "
                    f'{group[option.name]} here, which needs other state')


def _check_state(native: Native, tensor: Tensor,
                 state: Mapping[str, Any]) -> None:
    for slot in native.state[tensor.name]:
        value = state.get(slot)
        if slot == 'step' or value is None:
            if slot not in ('step', 'momentum_buffer') and state:
                raise MismatchError(f"'{slot}' of '{tensor.name}' is missing")
            continue
        if tuple(value.shape) != tensor.shape:
            raise MismatchError(f"'{slot}' of '{tensor.name}' has the shape "
                                f'{tuple(value.shape)}, not {tensor.shape}')
        if value.dtype != (torch.float64 if tensor.param_dtype == OPT_F64
                           else torch.float32):
            raise DTypeError(f"'{slot}' of '{tensor.name}' is {value.dtype}")


def _set_options(native: Native, options: list[dict[str, Any]]) -> None:
    before = [dict(group) for group in native.param_groups]
    try:
        for group, wanted in zip(native.param_groups, options):
            for name, value in wanted.items():
                group.set(name, value)
    except BaseException:
        for group, old in zip(native.param_groups, before):
            for option in native._rule.options:
                group.set(option.name, old[option.name])
        raise
