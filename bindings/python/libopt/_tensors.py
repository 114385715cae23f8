# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The parameters, one by one: what they are, what they have of their own, and
their state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import _native
from ._arrays import Array, dtype_name
from ._catalog import Rule
from ._native_optimizer import Attached, NativeOptimizer


class Tensor:
    """One parameter of an optimizer, live: what is set acts from the next step
    on, and is saved with the state (see ``attributes()``)."""

    __slots__ = ('_native', '_name')

    def __init__(self, native: NativeOptimizer, name: str) -> None:
        self._native = native
        self._name = name

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @property
    def group(self) -> int:
        """Which of ``param_groups`` it belongs to, from 0. Setting it moves
        the parameter there with its state and its step count; groups whose
        options ask for different state are refused."""
        return self._attached.group

    @group.setter
    def group(self, value: int) -> None:
        self._native.move(self._name, value)

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents of the parameter and of its gradient."""
        return self._attached.shape

    @property
    def dtype(self) -> str:
        """'float32' or 'float64'."""
        return dtype_name(self._attached.param_dtype)

    @property
    def grad_dtype(self) -> str:
        """'float32' or 'float64', of its gradients."""
        return dtype_name(self._attached.grad_dtype)

    @property
    def param(self) -> Array | None:
        """The array as it was given; None: it is lent to each step."""
        return self._attached.param

    @property
    def grad(self) -> Array | None:
        """The gradient as it was given; None: it is lent to each step."""
        return self._attached.grad

    @property
    def step(self) -> int:
        """Number of steps that it has taken, the formulas' t."""
        return self._native.tensor_info(self._attached.index).step

    @step.setter
    def step(self, value: int) -> None:
        _native.opt_tensor_set_step(self._native.handle, self._attached.index,
                                    value)

    @property
    def lr_factor(self) -> float:
        """Multiplies the learning rate of its group; in [0, inf)."""
        return self._get(_native.OPT_TENSOR_LR_FACTOR)

    @lr_factor.setter
    def lr_factor(self, value: float) -> None:
        self._set(_native.OPT_TENSOR_LR_FACTOR, value)

    @property
    def weight_decay_factor(self) -> float:
        """Multiplies the weight decay of its group: 0 for biases and norms; in
        [0, inf)."""
        return self._get(_native.OPT_TENSOR_WEIGHT_DECAY_FACTOR)

    @weight_decay_factor.setter
    def weight_decay_factor(self, value: float) -> None:
        self._set(_native.OPT_TENSOR_WEIGHT_DECAY_FACTOR, value)

    @property
    def frozen(self) -> bool:
        """Whether steps pass it over: parameter, state and step count stay, as
        the option 'frozen' does for a group."""
        return bool(self._get(_native.OPT_TENSOR_FROZEN))

    @frozen.setter
    def frozen(self, value: bool) -> None:
        self._set(_native.OPT_TENSOR_FROZEN, value)

    @property
    def _attached(self) -> Attached:
        return self._native.find(self._name)

    def _get(self, attribute: str) -> float:
        return _native.opt_get_attribute(self._native.handle, self._attached.index,
                                      attribute)

    def _set(self, attribute: str, value: float) -> None:
        _native.opt_set_attribute(self._native.handle, self._attached.index,
                               attribute, value)

    def __repr__(self) -> str:
        return (f'Tensor(name={self.name!r}, shape={self.shape}, '
                f'dtype={self.dtype!r}, group={self.group}, step={self.step}, '
                f'lr_factor={self.lr_factor:g}, '
                f'weight_decay_factor={self.weight_decay_factor:g}, '
                f'frozen={self.frozen})')


class Tensors(Mapping[str, Tensor]):
    """The parameters by name, in the order of attaching."""

    def __init__(self, native: NativeOptimizer) -> None:
        self._native = native

    def __getitem__(self, name: str) -> Tensor:
        return Tensor(self._native, self._native.find(name).name)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._native.tensors))

    def __len__(self) -> int:
        return len(self._native.tensors)

    def __repr__(self) -> str:
        return f'[{", ".join(map(repr, self.values()))}]'


class TensorState(Mapping[str, Any]):
    """The optimizer's state of one tensor: 'step', and of each slot a
    memoryview, zero-copy and writable (``numpy.asarray`` takes it). A slot has
    the parameter's shape and dtype unless ``rule(name).slots`` tells of others:
    ``state['mu_product'][()]`` is a number. Those of a group are the same for
    all its parameters. Beside the slots of the rule there is
    'grad_accumulator' while gradients are accumulated, and 'param_average'
    while an average is kept.

    The memory cannot be freed while a view of it is in use: attaching,
    detaching, loading and closing then raise ArrayError.
    """

    def __init__(self, native: NativeOptimizer, rule: Rule,
                 tensor: Attached) -> None:
        self._native = native
        self._rule = rule
        self._tensor = tensor

    def __getitem__(self, key: str) -> Any:
        if key == 'step':
            return self._native.tensor_info(self._tensor.index).step
        return self._native.view(self._tensor, key)

    def __iter__(self) -> Iterator[str]:
        yield 'step'
        for slot in self._rule.slots:
            if self._native.has_slot(self._tensor, slot.name):
                yield slot.name
        if self._native.info().pending_samples:
            yield _native.OPT_SLOT_GRAD_ACCUMULATOR
        average = _native.opt_average_info()
        _native.opt_average_get_info(self._native.handle, average)
        if average.kind:
            yield _native.OPT_SLOT_PARAM_AVERAGE

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return (f'TensorState(name={self._tensor.name!r}, step={self["step"]}, '
                f'slots={[key for key in self if key != "step"]})')


class State(Mapping[str, TensorState]):
    """The state of every tensor, by name."""

    def __init__(self, native: NativeOptimizer, rule: Rule) -> None:
        self._native = native
        self._rule = rule

    def __getitem__(self, name: str) -> TensorState:
        return TensorState(self._native, self._rule, self._native.find(name))

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._native.tensors))

    def __len__(self) -> int:
        return len(self._native.tensors)

    def __repr__(self) -> str:
        return f'State({", ".join(map(repr, self.values()))})'
