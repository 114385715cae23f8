# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Schedules: the value of an option as a function of the step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from . import _native
from ._catalog import Option, option_of
from ._native_optimizer import NativeOptimizer


class ScheduleKind(NamedTuple):
    """A kind of schedule; ``pytorch`` is the class of PyTorch that it is like."""
    name: str
    summary: str
    formula: str
    reference: str
    pytorch: str | None
    options: tuple[Option, ...]


def schedule_kinds() -> tuple[ScheduleKind, ...]:
    """Every kind of schedule."""
    found = []
    for index in range(_native.opt_schedule_kind_count()):
        info = _native.opt_schedule_kind_info()
        _native.opt_schedule_kind_at(index, info)
        found.append(ScheduleKind(
            info.name, info.summary, info.formula, info.reference,
            info.pytorch,
            tuple(_option(info.name, i) for i in range(info.option_count))))
    return tuple(found)


def _option(kind: str, index: int) -> Option:
    info = _native.opt_option_info()
    _native.opt_schedule_option_at(kind, index, info)
    return option_of(info)


class Schedule:
    """A schedule, for ``param_groups[0].set_schedule('lr', ...)``;
    ``libopt.schedules.Cosine`` and the other classes have the options of their
    kind as arguments.

    kind
        Name of a kind: 'cosine' (see ``schedule_kinds()``).
    milestones
        Ticks at which 'multi_step' changes.
    options
        Options of the kind: ``t_max=100``.
    """

    _handle: int = 0

    def __init__(self, kind: str, *, milestones: Iterable[int] | None = None,
                 **options: float | bool | str | None) -> None:
        self._kind = {made.name: made for made in schedule_kinds()}.get(kind)
        self._handle = _native.opt_schedule_create(0, kind)
        for name, value in options.items():
            if value is not None:
                self.set(name, value)
        if milestones is not None:
            native = _native.Milestones()
            for tick in milestones:
                native.add(tick)
            native.set(self._handle)

    def set(self, name: str, value: float | bool | str) -> None:
        """Sets an option, which must be done before then() and chain()."""
        found = [option for option in (self._kind.options if self._kind else ())
                 if option.name == name]
        _native.opt_schedule_set(
            self._handle, name,
            found[0].to_number(value) if found else float(value))

    def __getitem__(self, name: str) -> Any:
        value = _native.opt_schedule_get(self._handle, name)
        for option in self._kind.options if self._kind else ():
            if option.name == name:
                return option.from_number(value)
        return value

    def then(self, steps: int, following: Schedule) -> Schedule:
        """After ``steps`` steps of the last part a copy of the other takes
        over and counts from 0. Returns this schedule."""
        _native.opt_schedule_then(self._handle, steps, following._handle)
        return self

    def chain(self, other: Schedule) -> Schedule:
        """Puts a copy of another on top, which starts from what this one gives.
        Returns this schedule."""
        _native.opt_schedule_chain(self._handle, other._handle)
        return self

    def value(self, base: float, step: int) -> float:
        """The value at a step, 0 for the first, of an option set to ``base``."""
        return _native.opt_schedule_value(self._handle, base, step)

    def __repr__(self) -> str:
        return f'Schedule({self._kind.name!r})' if self._kind else 'Schedule()'

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError('a Schedule can not be copied or pickled; a checkpoint '
                        'has those of its optimizer')

    def __del__(self) -> None:
        if self._handle:
            _native.opt_schedule_destroy(self._handle)


def copy_schedule(handle: int, group: int, option: str) -> Schedule | None:
    """A copy of an option's schedule, if it has one."""
    copied = _native.opt_copy_schedule(handle, group, option)
    if not copied:
        return None
    made = Schedule.__new__(Schedule)
    made._handle, made._kind = copied, None
    return made


def set_schedule(native: NativeOptimizer, group: int, option: str,
                 schedule: Schedule | None) -> None:
    """Schedules an option; None removes the schedule."""
    if schedule is None:
        _native.opt_remove_schedule(native.handle, group, option)
    elif not isinstance(schedule, Schedule):
        raise TypeError('a schedule is a libopt.Schedule or None, not '
                        f'{type(schedule).__name__}')
    else:
        _native.opt_set_schedule(native.handle, group, option,
                                 schedule._handle)
        native.scheduled = True
