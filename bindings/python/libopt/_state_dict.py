# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The state as a dict in PyTorch's words, made of a checkpoint's parts and made
into a checkpoint again, so that the library checks all of it when it loads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _native, _safetensors
from ._arrays import check_fits, hold, to_array
from ._core import Core, Tensor
from ._describe import RuleInfo
from ._errors import ArgumentError
from ._groups import Group, Options

_DTYPES = {'F32': _native.OPT_F32, 'F64': _native.OPT_F64,
           'I64': _native.OPT_I64, 'U8': _native.OPT_U8}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def from_checkpoint(data: bytes | bytearray, core: Core, rule: RuleInfo,
                    groups: list[Group], defaults: Options) -> dict[str, Any]:
    """The dict of a checkpoint that the optimizer has just saved."""
    metadata, tensors = _safetensors.read(bytes(data))
    state: dict[str, dict[str, Any]] = {}
    for name in core.tensors:
        del tensors[f'{name}/group']  # told by param_groups
        step = tensors.pop(f'{name}/step')
        state[name] = {'step': int.from_bytes(step.data, 'little')}
        for slot in (*(slot.name for slot in rule.slots), 'grad_accumulator'):
            if f'{name}/{slot}' in tensors:
                state[name][slot] = _array(tensors.pop(f'{name}/{slot}'))
    del tensors['__options__']  # told by param_groups and defaults
    return {
        'rule': rule.name,
        'state': state,
        'param_groups': [{**{key: group[key] for key in Options.__iter__(group)},
                          'params': group.names} for group in groups],
        'defaults': dict(defaults),
        'metadata': metadata,
        'tensors': {name: _array(tensor) for name, tensor in tensors.items()},
    }


def to_checkpoint(state_dict: Mapping[str, Any], core: Core,
                  rule: RuleInfo) -> bytes:
    """The checkpoint of such a dict."""
    try:
        return _to_checkpoint(state_dict, core, rule)
    except KeyError as error:
        raise ArgumentError(f'this is no state_dict() of libopt: the key '
                            f'{error} is missing') from None


def _to_checkpoint(state_dict: Mapping[str, Any], core: Core,
                   rule: RuleInfo) -> bytes:
    tensors: dict[str, _safetensors.Tensor] = {}
    group_of = {name: index for index, group
                in enumerate(state_dict['param_groups'])
                for name in group['params']}
    for name, slots in state_dict['state'].items():
        for slot, value in slots.items():
            if slot != 'step':
                tensors[f'{name}/{slot}'] = _tensor(
                    f"'{slot}' of '{name}'", value, core.tensors.get(name))
        tensors[f'{name}/step'] = _integer(slots['step'])
        tensors[f'{name}/group'] = _integer(group_of[name])
    columns = state_dict['metadata']['options'].split(',')
    rows = [state_dict['defaults'], *state_dict['param_groups']]
    table: Any = memoryview(bytearray(8 * len(rows) * len(columns))).cast('d')
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            option = rule.option(column)
            value = row[column]
            table[i * len(columns) + j] = (
                option.to_number(value) if option else float(value))
    tensors['__options__'] = _safetensors.Tensor(
        'F64', (len(rows), len(columns)), bytes(table))
    for name, value in state_dict['tensors'].items():
        tensors[name] = _tensor(name, value, None)
    return _safetensors.write(state_dict['metadata'], tensors)


def _integer(value: int) -> _safetensors.Tensor:
    return _safetensors.Tensor('I64', (), int(value).to_bytes(8, 'little'))


def _array(tensor: _safetensors.Tensor) -> Any:
    return to_array(bytes(tensor.data), _DTYPES[tensor.dtype], tensor.shape)


def _tensor(what: str, value: Any,
            like: Tensor | None) -> _safetensors.Tensor:
    """An array with the shape of the tensor that it belongs to."""
    held = hold(value, what, False)
    try:
        shape = held.shape
        if like is not None and held.count == like.count:
            check_fits(held, what, held.dtype, like.count, like.shape)
            shape = like.shape
        with memoryview(value) as view:
            return _safetensors.Tensor(_NAMES[held.dtype], shape,
                                       view.tobytes())
    finally:
        held.release()
