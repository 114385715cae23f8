# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The ways to spell parameters and gradients, made into one."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from ._arrays import Array, TensorSpec, is_array
from ._errors import ArgumentError, DTypeError, UnknownNameError

# Arrays with or without names and gradients, or groups of these: see Optimizer.
Params = Union[Array, Mapping[str, Any], Iterable[Any]]
Grads = Union[Array, Mapping[str, Array], Iterable[Array], None]

_GROUP_KEYS = ('params', 'grads', 'names', 'preset')


@dataclass
class Entry:
    """A parameter to attach, with its place among those given with it."""
    name: str | None
    param: Array | TensorSpec
    grad: Array | None = None
    place: int = 0

    @property
    def label(self) -> str:
        """How messages name it."""
        if self.name is None:
            return f'parameter number {self.place}'
        return f"parameter '{self.name}'"

    @property
    def gradient_label(self) -> str:
        """How messages name its gradient."""
        if self.name is None:
            return f'gradient of parameter number {self.place}'
        return f"gradient of '{self.name}'"


@dataclass
class GroupSpec:
    """Parameters of a group, and its options."""
    entries: list[Entry]
    options: dict[str, Any] = field(default_factory=dict)
    preset: str | None = None


def read_groups(params: Params, grads: Grads) -> list[GroupSpec]:
    """Groups of whatever Optimizer takes as parameters."""
    if isinstance(params, Mapping) and 'params' in params:
        params = [params]
    if isinstance(params, Mapping) or _is_single(params):
        return [GroupSpec(read_entries(params, grads))]
    items = list(params)
    if not items:
        return []
    if not any(isinstance(item, Mapping) for item in items):
        return [GroupSpec(read_entries(items, grads))]
    if grads is not None:
        raise ArgumentError("the gradients of groups are given in the groups: "
                            "{'params': ..., 'grads': ...}")
    return [read_group(item) for item in items]


def read_group(group: Mapping[str, Any]) -> GroupSpec:
    """One group: {'params': ..., 'grads': ..., 'names': ..., 'preset': ...,
    option: value}."""
    if not isinstance(group, Mapping):
        raise ArgumentError('a parameter group is a dict, such as '
                            f"{{'params': ..., 'lr': 0.1}}, not a value of "
                            f'type {type(group).__name__}')
    if 'params' not in group:
        raise ArgumentError(
            f'a parameter group has the keys {list(group)}, but lacks '
            "'params', under which its parameters belong: {'params': ..., "
            "'lr': 0.1}; parameters by name are a dict of their own: "
            "{'params': {'w': w}, 'lr': 0.1}")
    entries = read_entries(group['params'], group.get('grads'))
    names = group.get('names')
    if names is not None:
        names = [names] if isinstance(names, str) else list(names)
        if len(names) != len(entries):
            raise ArgumentError(f'{len(names)} names for {len(entries)} '
                                'parameters')
        for entry, name in zip(entries, names):
            entry.name = name
    return GroupSpec(entries, {key: value for key, value in group.items()
                               if key not in _GROUP_KEYS}, group.get('preset'))


def read_entries(params: Params, grads: Grads = None) -> list[Entry]:
    """Parameters of one group."""
    if isinstance(params, Mapping):
        entries = [_of_named(name, value) for name, value in params.items()]
    elif _is_single(params):
        entries = [_of_item(None, params)]
    else:
        entries = [_of_item(None, item) for item in params]
    for place, entry in enumerate(entries):
        entry.place = place
    if grads is not None:
        for entry, grad in zip(entries, match_arrays(
                grads, [entry.name for entry in entries], 'gradients')):
            entry.grad = grad if grad is not None else entry.grad
    return entries


def match_arrays(arrays: Grads, names: list[str | None],
                 what: str) -> Iterator[Array | None]:
    """An array, or None, for each of the names."""
    if isinstance(arrays, Mapping):
        for name in arrays:
            if name not in names:
                raise UnknownNameError(f'{what}: there is no parameter named '
                                       f'{name!r}{_known(names)}')
        return iter([None if name is None else arrays.get(name)
                     for name in names])
    if arrays is None:
        return iter([None] * len(names))
    if callable(arrays) or isinstance(arrays, (numbers.Number, str)):
        raise DTypeError(
            f'{what} are arrays, one for each parameter or a dict by name, not '
            f'a value of type {type(arrays).__name__}' + (
                ': compute the loss and its gradients before the call'
                if callable(arrays) else ''))
    found = [arrays] if is_array(arrays) else list(arrays)
    if len(found) != len(names):
        raise ArgumentError(
            f'{len(found)} {what} for {len(names)} parameters: give one for '
            'each (None leaves a parameter out), or a dict by name')
    return iter(found)


def _known(names: list[str | None]) -> str:
    """The end of a message about a name that is none of these."""
    known = [name for name in names if name is not None]
    shown = ', '.join(map(repr, known[:8])) + (', ...' if known[8:] else '')
    return f'; there are {shown}' if known else '; the parameters have no names'


def _is_single(params: object) -> bool:
    return isinstance(params, TensorSpec) or is_array(params)


def _of_named(name: Any, item: Any) -> Entry:
    if not isinstance(name, str):
        raise ArgumentError('the name of a parameter is a str, not '
                            f'{name!r}')
    if isinstance(item, (numbers.Number, list)):
        raise DTypeError(
            f"parameter '{name}' is a value of type {type(item).__name__}, not "
            "an array: numpy.array(..., 'float32') makes one; or if this is a "
            "group, its parameters belong under 'params': {'params': ..., "
            "'lr': 0.1}")
    return _of_item(name, item)


def _of_item(name: str | None, item: Any) -> Entry:
    if isinstance(item, tuple) and not isinstance(item, TensorSpec):
        parts = list(item)
        if name is None and parts and isinstance(parts[0], str):
            name = parts.pop(0)
        if len(parts) in (1, 2):
            return Entry(name, *parts)
        raise ArgumentError('a parameter is an array, (parameter, gradient), '
                            '(name, parameter) or (name, parameter, gradient),'
                            f' not a tuple of {len(item)}')
    return Entry(name, item)
