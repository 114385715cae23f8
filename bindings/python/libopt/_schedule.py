# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Schedules: the value of an option as a function of the step."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from . import _native
from ._catalog import Option, OptionValue, option_of
from ._native_optimizer import NativeOptimizer


class ScheduleKind(NamedTuple):
    """A kind of schedule; ``pytorch`` is the class of PyTorch that it is like."""
    name: str
    summary: str
    formula: str
    reference: str
    pytorch: str | None
    options: tuple[Option, ...]

    def option(self, name: str) -> Option | None:
        """The option of a name."""
        for option in self.options:
            if name == option.name:
                return option
        return None


class SchedulePart(NamedTuple):
    """A part of a schedule. Each whose turn it is takes what those before it
    give, at first the option's own value, as its base.

    kind
        Name of its kind: 'cosine'.
    begin
        The first step of its turn, from which it counts.
    end
        The step after its turn; None: its turn does not end.
    options
        The values of all options of its kind.
    milestones
        Ticks at which 'multi_step' changes.
    """
    kind: str
    begin: int
    end: int | None
    options: dict[str, OptionValue]
    milestones: tuple[int, ...]


def schedule_kinds() -> tuple[ScheduleKind, ...]:
    """Every kind of schedule."""
    names = []
    for index in range(_native.opt_schedule_kind_count()):
        info = _native.opt_schedule_kind_info()
        _native.opt_schedule_kind_at(index, info)
        names.append(info.name)
    return tuple(map(_describe, names))


@functools.lru_cache(maxsize=None)
def _describe(kind: str) -> ScheduleKind:
    info = _native.opt_schedule_kind_info()
    _native.opt_schedule_kind_find(kind, info)
    return ScheduleKind(
        info.name, info.summary, info.formula, info.reference, info.pytorch,
        tuple(_option(kind, i) for i in range(info.option_count)))


def _option(kind: str, index: int) -> Option:
    info = _native.opt_option_info()
    _native.opt_schedule_option_at(kind, index, info)
    return option_of(info)


def _show(part: SchedulePart) -> str:
    values = [f'{name}={value!r}' for name, value in part.options.items()]
    if part.milestones:
        values.append(f'milestones={part.milestones}')
    turn = f' from step {part.begin}' if part.begin else ''
    return f'{part.kind}({", ".join(values)}){turn}'


# The end of a part whose turn does not end.
_NEVER = 2**63 - 1


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
        option = _describe(self._part(0).kind).option(name)
        # The library refuses a name that is none, whatever the value.
        _native.opt_schedule_set(self._handle, name,
                                 option.to_number(value) if option else 0.0)

    def __getitem__(self, name: str) -> Any:
        value = _native.opt_schedule_get(self._handle, name)
        option = _describe(self._part(0).kind).option(name)
        return value if option is None else option.from_number(value)

    @property
    def parts(self) -> tuple[SchedulePart, ...]:
        """The parts, in the order in which they act: one, and those of each
        schedule that then() or chain() has added."""
        found = []
        for index in range(_native.opt_schedule_part_count(self._handle)):
            info = self._part(index)
            found.append(SchedulePart(
                info.kind, info.begin, None if info.end == _NEVER else info.end,
                {option.name: option.from_number(
                    _native.opt_part_option_at(info, i))
                 for i, option in enumerate(_describe(info.kind).options)},
                tuple(_native.opt_part_milestone_at(info, i)
                      for i in range(info.milestone_count))))
        return tuple(found)

    def _part(self, index: int) -> _native.opt_schedule_part_info:
        info = _native.opt_schedule_part_info()
        _native.opt_schedule_part_at(self._handle, index, info)
        return info

    def then(self, steps: int, following: Schedule) -> Schedule:
        """After ``steps`` steps of the last part a copy of the other takes
        over and counts from 0. Returns this schedule."""
        _check(following)
        _native.opt_schedule_then(self._handle, steps, following._handle)
        return self

    def chain(self, other: Schedule) -> Schedule:
        """Stacks a copy of another on this one: what this one gives is its
        base. Returns this schedule."""
        _check(other)
        _native.opt_schedule_chain(self._handle, other._handle)
        return self

    def value(self, base: float, step: int) -> float:
        """The value at a step, 0 for the first, of an option set to ``base``."""
        return _native.opt_schedule_value(self._handle, base, step)

    def __repr__(self) -> str:
        parts = self.parts if self._handle else ()
        return f'Schedule({", ".join(map(_show, parts))})'

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError('a Schedule cannot be copied or pickled; a checkpoint '
                        'has those of its optimizer')

    def __del__(self) -> None:
        if self._handle:
            _native.opt_schedule_destroy(self._handle)


def _check(schedule: object) -> None:
    if isinstance(schedule, Schedule):
        return
    name = (f'the class {schedule.__name__}' if isinstance(schedule, type)
            else f'a value of type {type(schedule).__name__}')
    raise TypeError('a schedule is an object, such as '
                    f'libopt.schedules.Cosine(t_max=100), not {name}')


def copy_schedule(handle: int, group: int, option: str) -> Schedule | None:
    """A copy of an option's schedule, if it has one."""
    copied = _native.opt_copy_schedule(handle, group, option)
    if not copied:
        return None
    made = Schedule.__new__(Schedule)
    made._handle = copied
    return made


def set_schedule(native: NativeOptimizer, group: int, option: str,
                 schedule: Schedule | None) -> None:
    """Schedules an option; None removes the schedule."""
    if schedule is None:
        _native.opt_remove_schedule(native.handle, group, option)
    else:
        _check(schedule)
        _native.opt_set_schedule(native.handle, group, option,
                                 schedule._handle)
        native.scheduled = True
