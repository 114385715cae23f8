# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""State by PyTorch's names, in place: of one parameter, and of an optimizer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import torch

from .._catalog import Rule, Slot
from .._errors import MismatchError
from .._native import OPT_INITIAL_PARAM
from .._native_optimizer import Attached
from .._optimizer import Optimizer as Native
from ._options import Form


def slots_of(rule: Rule, options: Mapping[str, Any]) -> list[str]:
    """The slots that a rule keeps with these options."""
    numbers = {option.name: option.to_number(options[option.name])
               for option in rule.options if option.name in options}
    return [slot.name for slot in rule.slots
            if slot.when_option is None or numbers[slot.when_option]]


# The numbers that start at another constant than 0.
_STARTS = {'mu_product': 1.0, 'mu': 1.0}


class Slots:
    """The state of one parameter of a native optimizer, whose tensors are views
    of it; with the strides of the parameter that they are ``like``. Numbers are
    views without extents, of float64 whatever the parameter is, for PyTorch's
    float32 would lose digits."""

    def __init__(self, native: Native, name: str, form: Form,
                 like: torch.Tensor | None = None) -> None:
        self._native = native
        self._form = form
        self._like = like
        self.name = name

    @property
    def _tensor(self) -> Attached:
        return self._native._native.find(self.name)

    @property
    def names(self) -> list[str]:
        """The slots that the parameter has."""
        native = self._native._native
        return [slot.name for slot in self._native._rule.slots
                if native.has_slot(self._tensor, slot.name)]

    def names_with(self, options: Mapping[str, Any]) -> list[str]:
        """Those that it would have with other options: which of the slots that
        none of them decides it has, its shape does."""
        names = self.names
        return [name for name in slots_of(self._native._rule, options)
                if name in names or self._slot(name).when_option is not None]

    @property
    def step(self) -> int:
        """Number of steps taken, the formulas' t."""
        return self._native.tensors[self.name].step

    @step.setter
    def step(self, value: Any) -> None:
        self._native.tensors[self.name].step = int(value)

    @property
    def begun(self) -> bool:
        """Whether PyTorch would have a state by now: Adagrad has it from the
        beginning, the others from the first gradient."""
        return self._native.rule == 'adagrad' or self.step > 0

    def keys(self) -> list[str]:
        """The entries of a state that has begun in PyTorch."""
        names = self.names
        return [*(['step'] if self._form.step is not None else []), *names,
                *(key for key in self._form.idle if key not in names)]

    def read(self, key: str) -> Any:
        """The value of a key: a view of a slot, the step count as PyTorch has
        it, or None of a slot that PyTorch tells of and that is not kept."""
        if key == 'step':
            step = self.step
            return step if self._form.step == 'int' else torch.tensor(
                float(step))
        return self._view(key) if key in self.names else None

    def write(self, key: str, value: Any) -> None:
        """Sets the step count, or copies a tensor into a slot; None puts the
        slot back to where it starts from."""
        if key == 'step':
            self.step = value
            return
        if value is not None:
            self.check({key: value}, [key])
        self._fill(key, value)
        # SGD's step tells no more than whether the velocity has begun.
        if self._native.rule == 'sgd':
            self.step = 0 if value is None else max(self.step, 1)

    def copy(self) -> dict[str, Any]:
        """A copy of the state, once it has begun, else an empty dict."""
        return {key: _copy(self.read(key)) for key in self.keys()
                if self.begun}

    def check(self, state: Mapping[str, Any], names: list[str]) -> None:
        """Raises unless the state of PyTorch's has these slots."""
        for name in names:
            value = state.get(name)
            if value is None:
                if state and name != 'momentum_buffer':
                    raise MismatchError(f"'{name}' of '{self.name}' is missing")
                continue
            wanted = self._shape_of(name)
            # Numbers were float before PyTorch 1.12.
            if wanted and not isinstance(value, torch.Tensor):
                raise MismatchError(
                    f"'{name}' of '{self.name}' is a value of type "
                    f'{type(value).__name__}, not a tensor')
            shape = tuple(getattr(value, 'shape', ()))
            if shape != wanted:
                raise MismatchError(f"'{name}' of '{self.name}' has the shape "
                                    f'{shape}, not {wanted}')

    def load(self, state: Mapping[str, Any], shared: bool = True) -> None:
        """Makes the state that of PyTorch's, which check() has passed; an empty
        one puts it back to the beginning, and what a group shares only if
        ``shared``."""
        for name in self.names:
            if shared or self._slot(name).shape != 'group_number':
                self._fill(name, state.get(name))
        if self._native.rule != 'sgd':
            self.step = state.get('step', 0)
        elif self.names:
            self.step = state.get('momentum_buffer') is not None
        else:
            self.step = bool(state)

    def _fill(self, name: str, value: Any) -> None:
        view = self._view(name)
        if value is not None:
            view.copy_(torch.as_tensor(value))
            return
        option = self._slot(name).initial_option
        if option is None or option == OPT_INITIAL_PARAM:
            # The first step copies what starts as the parameter.
            view.fill_(_STARTS.get(name, 0.0))
        else:
            view.fill_(self._native.param_groups[self._tensor.group][option])

    def _slot(self, name: str) -> Slot:
        return next(slot for slot in self._native._rule.slots
                    if slot.name == name)

    def _shape_of(self, name: str) -> tuple[int, ...]:
        if self._slot(name).shape == 'param':
            return self._tensor.shape
        shape: tuple[int, ...] = self._native.state[self.name][name].shape
        return shape

    def _view(self, name: str) -> torch.Tensor:
        memory = self._native.state[self.name][name]
        dtype = torch.float64 if memory.format == 'd' else torch.float32
        if memory.nbytes == 0:
            return torch.empty(memory.shape, dtype=dtype)
        view = torch.frombuffer(memory, dtype=dtype)
        if self._like is not None and self._slot(name).shape == 'param':
            return view.as_strided(self._like.size(), self._like.stride())
        return view.view(memory.shape)


def _copy(value: Any) -> Any:
    """A copy with the strides of PyTorch's, as it would have made it."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.clone(memory_format=torch.preserve_format)


if TYPE_CHECKING:
    _LiveDict = dict
    _LiveDefaultDict = defaultdict
else:  # all methods of a dict, through the few that the classes below define

    class _LiveDict(MutableMapping, dict):
        pass

    class _LiveDefaultDict(MutableMapping, defaultdict):
        pass


class ParamState(_LiveDict[str, Any]):
    """The state of one parameter, live: ``state[p]['exp_avg']`` is a view that
    shows the steps and may be written, ``state[p]['exp_avg'] = x`` copies.
    Other keys keep what a program puts there.

    slots
        What libopt keeps.
    other
        What it does not keep; saved with the state.
    """

    def __init__(self, slots: Slots, other: dict[str, Any],
                 steps: dict[str, torch.Tensor], written: set[str]) -> None:
        super().__init__()
        self._slots = slots
        self._other = other
        self._steps = steps
        self._written = written

    def _keys(self) -> list[str]:
        begun = self._slots.begun or self._slots.name in self._written
        keys = self._slots.keys() if begun else []
        return [*keys, *(key for key in self._other if key not in keys)]

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys():
            raise KeyError(key)
        if key in self._other and key not in self._slots.names:
            return self._other[key]
        value = self._slots.read(key)
        if key == 'step' and isinstance(value, torch.Tensor):
            # The same until the next step, which asks whether it was changed.
            value = self._steps.setdefault(self._slots.name, value)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._slots.names or (
                key == 'step' and key in self._slots.keys()):
            self._slots.write(key, value)
            self._steps.pop(self._slots.name, None)
            self._written.add(self._slots.name)
        else:
            self._other[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self._keys():
            raise KeyError(key)
        if key in self._other:
            del self._other[key]
        elif key == 'step':
            self._slots.step = 0
        elif key in self._slots.names:
            self._slots.write(key, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    def __len__(self) -> int:
        return len(self._keys())

    def __contains__(self, key: object) -> bool:
        return key in self._keys()

    def clear(self, shared: bool = False) -> None:
        """Puts the state back to the beginning, and what its group shares if
        ``shared``."""
        self._slots.load({}, shared)
        self._other.clear()
        self._steps.pop(self._slots.name, None)
        self._written.discard(self._slots.name)

    def copy(self) -> dict[str, Any]:
        """A dict with copies of the views, which steps do not change."""
        return {key: _copy(value) for key, value in self.items()}

    def pop(self, key: str, *default: Any) -> Any:
        """Removes a key and returns what it had."""
        if key not in self._keys() and default:
            return default[0]
        value = _copy(self[key])
        del self[key]
        return value

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (dict(self),)


class State(_LiveDefaultDict[Any, Any]):
    """The state of every parameter, as torch.optim has it: a parameter is there
    once it has a state. Other keys keep what a program puts there."""

    def __init__(self, params: Mapping[torch.Tensor, Any],
                 other: dict[Any, Any],
                 make: Callable[[torch.Tensor], ParamState]) -> None:
        super().__init__(dict)
        self._params = params
        self._other = other
        self._make = make

    def __getitem__(self, key: Any) -> Any:
        if key in self._params:
            return self._make(key)
        return self._other.setdefault(key, {})

    def __setitem__(self, key: Any, value: Any) -> None:
        if key not in self._params:
            self._other[key] = value
            return
        # Copies, for the values may be views of what is cleared now.
        value = {name: _copy(entry) for name, entry in value.items()}
        state = self._make(key)
        state.clear()
        state.update(value)

    def __delitem__(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        if key in self._params:
            self._make(key).clear()
        else:
            del self._other[key]

    def __iter__(self) -> Iterator[Any]:
        yield from [param for param in self._params if self._make(param)]
        yield from [key for key in self._other if key not in self._params]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        if key in self._params:
            return len(self[key]) > 0
        return key in self._other

    def pop(self, key: Any, *default: Any) -> Any:
        """Removes a parameter's state and returns a copy of it."""
        if key not in self and default:
            return default[0]
        value = self[key]
        value = value.copy() if isinstance(value, ParamState) else value
        del self[key]
        return value

    def clear(self) -> None:
        """Puts every parameter's state back to the beginning."""
        self._other.clear()
        for param in self._params:
            self._make(param).clear(shared=True)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return defaultdict, (dict, {key: dict(value) if isinstance(
            value, ParamState) else value for key, value in self.items()})
