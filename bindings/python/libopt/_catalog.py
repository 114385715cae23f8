# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The catalogue: what the library tells about its rules and itself."""

from __future__ import annotations

import functools
import json
from typing import Any, NamedTuple, Union

from . import _native
from ._arrays import dtype_name
from ._errors import OptionError

OptionValue = Union[float, bool, str]


class Option(NamedTuple):
    """An option of an update rule; `aliases` are other names that are accepted
    in the place of its name."""
    name: str
    aliases: tuple[str, ...]
    default: OptionValue
    min: float
    max: float
    min_open: bool
    max_open: bool
    doc: str
    choices: tuple[str, ...]
    is_bool: bool
    changes_layout: bool

    def to_number(self, value: OptionValue) -> float:
        """The number that the library takes: of a choice its place."""
        if isinstance(value, str) and value in self.choices:
            return float(self.choices.index(value))
        try:
            if isinstance(value, (str, bytes)):
                raise TypeError
            return float(value)
        except (TypeError, ValueError, OverflowError):
            allowed = ', '.join(map(repr, self.choices)) or 'a number'
            raise OptionError(f"option '{self.name}' cannot be {value!r}: it "
                              f'is {allowed}') from None

    def from_number(self, number: float) -> OptionValue:
        """As Python shows it: a bool, a choice's name, or a float."""
        if self.is_bool:
            return bool(number)
        if self.choices:
            return self.choices[int(number)]
        return number


class Slot(NamedTuple):
    """An array of state that a rule keeps for each tensor, or for each group.

    when_option
        The option that must not be 0 for it to exist; None: it always does.
    shape
        For a parameter of shape ``(..., r, c)``: 'param', as the parameter;
        'rows', an element for each index of the first axis; 'row_factor',
        ``(..., r, 1)``; 'column_factor', ``(..., 1, c)``; 'row_square',
        ``(..., r, r)``; 'column_square', ``(..., c, c)``; 'blocks', an element
        for each 256 of the parameter; 'number', ``()``; 'group_number', ``()``,
        one that all parameters of a group share.
    dtype
        'float32' or 'float64'; None: that of the parameter.
    initial_option
        The option at whose value it starts; 'param': as a copy of the
        parameter, which the first step makes; None: at a constant.
    """
    name: str
    doc: str
    when_option: str | None
    shape: str
    dtype: str | None
    initial_option: str | None


_SHAPES = {
    _native.OPT_SHAPE_PARAM: 'param',
    _native.OPT_SHAPE_ROWS: 'rows',
    _native.OPT_SHAPE_ROW_FACTOR: 'row_factor',
    _native.OPT_SHAPE_COLUMN_FACTOR: 'column_factor',
    _native.OPT_SHAPE_ROW_SQUARE: 'row_square',
    _native.OPT_SHAPE_COLUMN_SQUARE: 'column_square',
    _native.OPT_SHAPE_BLOCKS: 'blocks',
    _native.OPT_SHAPE_NUMBER: 'number',
    _native.OPT_SHAPE_GROUP_NUMBER: 'group_number',
}


class Preset(NamedTuple):
    """A named set of option values."""
    name: str
    doc: str


class Rule(NamedTuple):
    """An update rule."""
    name: str
    summary: str
    formula: str
    reference: str
    options: tuple[Option, ...]
    slots: tuple[Slot, ...]
    presets: tuple[Preset, ...]

    def option(self, name: str) -> Option | None:
        """The option of a name or alias."""
        for option in self.options:
            if name == option.name or name in option.aliases:
                return option
        return None


class Alias(NamedTuple):
    """Another name for a rule, with other defaults."""
    name: str
    rule: str
    doc: str


class SimdTarget(NamedTuple):
    """A SIMD target that was compiled in."""
    name: str
    supported: bool


def _option(rule: str, index: int) -> Option:
    info = _native.opt_option_info()
    _native.opt_option_at(rule, index, info)
    return option_of(info)


def _listed(names: str | None) -> tuple[str, ...]:
    """The names in a list with commas."""
    return tuple(names.split(',')) if names else ()


def option_of(info: _native.opt_option_info) -> Option:
    """An option as the library describes it."""
    made = Option(
        info.name, _listed(info.aliases), info.default_value, info.min, info.max,
        bool(info.flags & _native.OPT_OPTION_MIN_OPEN),
        bool(info.flags & _native.OPT_OPTION_MAX_OPEN), info.doc,
        _listed(info.choices),
        bool(info.flags & _native.OPT_OPTION_BOOL),
        bool(info.flags & _native.OPT_OPTION_LAYOUT))
    return made._replace(default=made.from_number(info.default_value))


def _slot(rule: str, index: int) -> Slot:
    info = _native.opt_slot_info()
    _native.opt_slot_at(rule, index, info)
    return Slot(info.name, info.doc, info.when_option, _SHAPES[info.shape],
                None if info.dtype == _native.OPT_DTYPE_PARAM
                else dtype_name(info.dtype), info.initial_option)


def _preset(rule: str, index: int) -> Preset:
    info = _native.opt_preset_info()
    _native.opt_preset_at(rule, index, info)
    return Preset(info.name, info.doc)


@functools.lru_cache(maxsize=None)
def rule(name: str) -> Rule:
    """Describes the rule of a name or alias; by an alias, the defaults are the
    alias' own. Raises UnknownNameError."""
    info = _native.opt_rule_info()
    _native.opt_rule_find(name, info)
    return Rule(
        info.name, info.summary, info.formula, info.reference,
        tuple(_option(name, i) for i in range(info.option_count)),
        tuple(_slot(name, i) for i in range(info.slot_count)),
        tuple(_preset(name, i) for i in range(info.preset_count)))


def rules() -> tuple[Rule, ...]:
    """Every update rule."""
    names = []
    for index in range(_native.opt_rule_count()):
        info = _native.opt_rule_info()
        _native.opt_rule_at(index, info)
        names.append(info.name)
    return tuple(map(rule, names))


def aliases() -> tuple[Alias, ...]:
    """Every alias of a rule."""
    found = []
    for index in range(_native.opt_alias_count()):
        info = _native.opt_alias_info()
        _native.opt_alias_at(index, info)
        found.append(Alias(info.name, info.rule, info.doc))
    return tuple(found)


def attributes() -> tuple[Option, ...]:
    """The attributes of ``tensors['w']``, described as options are."""
    found = []
    for index in range(_native.opt_attribute_count()):
        info = _native.opt_option_info()
        _native.opt_attribute_at(index, info)
        found.append(option_of(info))
    return tuple(found)


def preset_values(name: str, preset: str) -> dict[str, OptionValue]:
    """The value that a preset gives to each option of a rule."""
    return {option.name: option.from_number(
                _native.opt_preset_value(name, preset, option.name))
            for option in rule(name).options}


def targets() -> tuple[SimdTarget, ...]:
    """The SIMD targets that were compiled in, best first."""
    found = []
    for index in range(_native.opt_target_count()):
        info = _native.opt_target_info()
        _native.opt_target_at(index, info)
        found.append(SimdTarget(info.name, bool(info.supported)))
    return tuple(found)


def catalog() -> dict[str, Any]:
    """Rules, aliases, slots, attributes, schedules and targets in one piece;
    opt_describe.h tells the keys."""
    parsed: dict[str, Any] = json.loads(_native.opt_catalog())
    return parsed


def version() -> str:
    """The library's version: 'MAJOR.MINOR.PATCH'."""
    return _native.opt_version()


def version_number() -> int:
    """The library's version as a number that grows from release to release:
    10203 is 1.2.3."""
    return _native.opt_version_number()


def build_info() -> str:
    """One line for bug reports."""
    return _native.opt_build_info()
