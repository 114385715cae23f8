# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The state as a dict in PyTorch's words, made of a checkpoint's parts and made
into a checkpoint again, so that the library checks all of it when it loads."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from . import _native, _safetensors
from ._arrays import check_fits, hold, to_array
from ._catalog import Rule
from ._errors import ArgumentError, Error
from ._groups import Group, OptionValues
from ._native_optimizer import Attached, NativeOptimizer

_DTYPES = {'F32': _native.OPT_F32, 'F64': _native.OPT_F64,
           'I64': _native.OPT_I64, 'U8': _native.OPT_U8}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}

# The parameter, while the evaluation weights are in its buffer.
_TRAIN_WEIGHTS = 'train_weights'
# Entries of a parameter beside arrays; of the attributes those that are set.
_COUNTS = ('step', 'average_updates')
_ATTRIBUTES = (_native.OPT_TENSOR_LR_FACTOR,
               _native.OPT_TENSOR_WEIGHT_DECAY_FACTOR,
               _native.OPT_TENSOR_FROZEN)


def from_checkpoint(data: bytes | bytearray, native: NativeOptimizer,
                    rule: Rule, groups: list[Group],
                    defaults: OptionValues) -> dict[str, Any]:
    """The dict of a checkpoint that the optimizer has just saved."""
    metadata, tensors = _safetensors.read(data)
    slots = [*(slot.name for slot in rule.slots),
             _native.OPT_SLOT_GRAD_ACCUMULATOR, _native.OPT_SLOT_PARAM_AVERAGE,
             _TRAIN_WEIGHTS]
    state: dict[str, dict[str, Any]] = {}
    for name in native.tensors:
        del tensors[f'{name}/group']  # told by param_groups
        state[name] = {}
        for keys, read in ((_COUNTS, _read_integer), (slots, _array),
                           (_ATTRIBUTES, _read_float)):
            for key in keys:
                tensor = tensors.pop(f'{name}/{key}', None)
                if tensor is not None:
                    state[name][key] = read(tensor)
    del tensors['__options__']  # told by param_groups and defaults
    return {
        'rule': rule.name,
        'state': state,
        'param_groups': [{**{key: group.base(key)
                             for key in OptionValues.__iter__(group)},
                          'params': group.names} for group in groups],
        'defaults': dict(defaults),
        'metadata': metadata,
        'more': {name: (tensor.dtype, tensor.shape, bytes(tensor.data))
                 for name, tensor in tensors.items()},
    }


def to_checkpoint(state_dict: Mapping[str, Any], native: NativeOptimizer,
                  rule: Rule) -> bytes:
    """The checkpoint of such a dict."""
    if not isinstance(state_dict, Mapping):
        raise ArgumentError('a state_dict is a dict, as state_dict() returns '
                            'one, not a value of type '
                            f'{type(state_dict).__name__}')
    if 'metadata' not in state_dict and 'param_groups' in state_dict:
        raise ArgumentError(
            "this is no state_dict() of libopt: the key 'metadata' is missing; "
            'one of torch.optim is loaded by '
            'libopt.torch.load_torch_state_dict(optimizer, state_dict)')
    try:
        return _to_checkpoint(state_dict, native, rule)
    except Error:
        raise
    except KeyError as error:
        raise ArgumentError('this is no state_dict() of libopt: the key '
                            f'{error} is missing') from None
    except (AttributeError, TypeError, ValueError, OverflowError,
            struct.error) as error:
        raise ArgumentError('this is no state_dict() of libopt: '
                            f'{error}') from error


def _to_checkpoint(state_dict: Mapping[str, Any], native: NativeOptimizer,
                   rule: Rule) -> bytes:
    tensors: dict[str, _safetensors.Tensor] = {}
    group_of = {name: index for index, group
                in enumerate(state_dict['param_groups'])
                for name in group['params']}
    shapes = {slot.name: slot.shape for slot in rule.slots}
    for name, slots in state_dict['state'].items():
        for slot, value in {'step': slots['step'], **slots}.items():
            tensors[f'{name}/{slot}'] = (
                _integer(value) if slot in _COUNTS
                else _float(value) if slot in _ATTRIBUTES
                else _tensor(f"'{slot}' of '{name}'", value, shapes.get(slot),
                             native.tensors.get(name)))
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
    for name, (dtype, shape, data) in state_dict['more'].items():
        tensors[name] = _safetensors.Tensor(dtype, tuple(shape), data)
    return _safetensors.write(state_dict['metadata'], tensors)


def _integer(value: int) -> _safetensors.Tensor:
    return _safetensors.Tensor('I64', (), int(value).to_bytes(8, 'little',
                                                            signed=True))


def _float(value: float) -> _safetensors.Tensor:
    return _safetensors.Tensor('F64', (), struct.pack('<d', value))


def _read_integer(tensor: _safetensors.Tensor) -> int:
    return int.from_bytes(tensor.data, 'little', signed=True)


def _read_float(tensor: _safetensors.Tensor) -> float:
    value: float = struct.unpack('<d', tensor.data)[0]
    return value


def _array(tensor: _safetensors.Tensor) -> Any:
    return to_array(tensor.data, _DTYPES[tensor.dtype], tensor.shape)


def _tensor(what: str, value: Any, of_slot: str | None,
            like: Attached | None) -> _safetensors.Tensor:
    """An array with the shape of its slot. What is flat takes on that of the
    tensor that it belongs to, or of a number."""
    held = hold(value, what, False)
    try:
        shape = held.shape
        if of_slot == 'number' and held.count == 1:
            shape = ()
        elif (of_slot in (None, 'param') and like is not None
              and held.count == like.count):
            check_fits(held, what, held.dtype, like.count, like.shape)
            shape = like.shape
        with memoryview(value) as view:
            return _safetensors.Tensor(_NAMES[held.dtype], shape,
                                       view.tobytes())
    finally:
        held.release()
