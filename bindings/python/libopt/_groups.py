# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Parameter groups and options, live: what is set acts from the next step."""

from __future__ import annotations

from collections.abc import (Callable, Iterable, Iterator, Mapping,
                             MutableMapping)
from typing import Any

from . import _native
from ._arrays import Array
from ._catalog import OptionValue, Rule
from ._errors import OptionError, UnknownNameError
from ._native_optimizer import NativeOptimizer
from ._schedule import Schedule, copy_schedule, set_schedule


class OptionValues(Mapping[str, OptionValue]):
    """The option values that new groups get, or a group's own."""

    __slots__ = ('_native', '_rule', '_group')

    def __init__(self, native: NativeOptimizer, rule: Rule, group: int) -> None:
        self._native = native
        self._rule = rule
        self._group = group

    def __getitem__(self, key: str) -> Any:
        return self.base(key)

    def base(self, key: str) -> Any:
        """The value that was set, from which a schedule starts."""
        return self._read(_native.opt_get, key)

    def _read(self, read: Callable[[int, int, str], float], key: str) -> Any:
        pair = pair_of(self._rule, key)
        if pair is not None:
            return self._read(read, pair[0]), self._read(read, pair[1])
        value = read(self._native.handle, self._group, key)
        option = self._rule.option(key)
        return value if option is None else option.from_number(value)

    def __iter__(self) -> Iterator[str]:
        return iter([option.name for option in self._rule.options])

    def __len__(self) -> int:
        return len(self._rule.options)

    def __repr__(self) -> str:
        return repr(dict(self))

    def set(self, *, preset: str | None = None, **options: Any) -> None:
        """Sets several options, all or none: ``set(lr=1e-3, eps=1e-6)``.

        preset
            Sets every option to the values of a preset first.
        options
            Each a number, a bool or a choice's name.
        """
        option_list(self._rule, options, preset).set(self._native.handle,
                                                     self._group)

    def set_preset(self, preset: str) -> None:
        """Sets every option to the values of a preset."""
        _native.opt_set_preset(self._native.handle, self._group, preset)


def option_list(rule: Rule, options: Mapping[str, Any],
                preset: str | None = None) -> _native.OptionList:
    """A preset and options as the library takes them, all or none."""
    made = _native.OptionList()
    made.set_preset(preset)
    for key, value in options.items():
        names = pair_of(rule, key)
        pair = {key: value} if names is None else split(key, names, value)
        for name, single in pair.items():
            option = rule.option(name)
            # The library refuses a name that is none, whatever the value.
            made.add(name, option.to_number(single) if option else 0.0)
    return made


# PyTorch's pairs, and the options that they are.
PAIRS = {'betas': ('beta1', 'beta2'), 'etas': ('eta_minus', 'eta_plus'),
         'step_sizes': ('min_step_size', 'max_step_size'),
         'eps': ('eps1', 'eps2')}


def pair_of(rule: Rule, key: str) -> tuple[str, str] | None:
    """The two options of a rule that a key stands for, if it is such a pair."""
    names = PAIRS.get(key)
    return None if names is None or rule.option(names[1]) is None else names


def split(key: str, names: tuple[str, str], value: Any) -> dict[str, Any]:
    """The options that the value of a pair is."""
    try:
        first, second = value
    except (TypeError, ValueError):
        raise OptionError(f"option '{key}' cannot be {value!r}: it must be "
                          f'({names[0]}, {names[1]})') from None
    return {names[0]: first, names[1]: second}


class Group(OptionValues, MutableMapping[str, Any]):
    """One entry of ``param_groups``: options by name, and 'params' and
    'names', which can only be read. An option that a schedule drives shows the
    value that the next step uses; setting it sets the schedule's base.
    ``set()`` and ``update()`` set several options, all or none."""

    __slots__ = ()

    _FIXED = ('params', 'names')

    def __getitem__(self, key: str) -> Any:
        if key == 'names':
            return self.names
        if key == 'params':
            return self.params
        return self._read(_native.opt_get_scheduled, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._check_options([key])
        option = self._rule.option(key)
        if option is None:
            option_list(self._rule, {key: value}).set(self._native.handle,
                                                      self._group)
        else:
            _native.opt_set(self._native.handle, self._group, key,
                            option.to_number(value))

    def update(self, other: Any = (), /, **options: Any) -> None:
        """Sets the options of a mapping, or of pairs, all or none."""
        values = dict(other, **options)
        self._check_options(values)
        option_list(self._rule, values).set(self._native.handle, self._group)

    def _check_options(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key in self._FIXED:
                raise UnknownNameError(
                    f"'{key}' of a group cannot be set; use add_group(), "
                    'Tensor.group, bind() and detach()')

    def __delitem__(self, key: str) -> None:
        raise UnknownNameError(f"option '{key}' cannot be deleted, only set")

    def __iter__(self) -> Iterator[str]:
        yield from self._FIXED
        yield from super().__iter__()

    def __len__(self) -> int:
        return len(self._FIXED) + super().__len__()

    @property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return [tensor.name for tensor in self._native.tensors.values()
                if tensor.group == self._group]

    @property
    def params(self) -> list[Array | None]:
        """The parameters as they were given; None: lent to each step."""
        return [tensor.param for tensor in self._native.tensors.values()
                if tensor.group == self._group]

    def set_schedule(self, option: str, schedule: Schedule | None) -> None:
        """Lets a copy of a schedule drive an option, whose own value is the
        base; None: no longer."""
        set_schedule(self._native, self._group, option, schedule)

    def schedule(self, option: str) -> Schedule | None:
        """A copy of the schedule that drives an option, if there is one."""
        return copy_schedule(self._native.handle, self._group, option)

    def report_metric(self, metric: float) -> None:
        """Reports a metric, such as a loss, to the group's 'plateau' schedules."""
        _native.opt_report_metric(self._native.handle, self._group, metric)

    def __repr__(self) -> str:
        options = ', '.join(f'{key}: {self[key]!r}'
                            for key in super().__iter__())
        return f'{{names: {self.names!r}, {options}}}'
