# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The parameters, one by one: what they are, and what they have of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import _native
from ._arrays import Array, dtype_name
from ._core import Core, Tensor as Attached


class Tensor:
    """One parameter of an optimizer, live: what is set acts from the next step
    on, and is saved with the state (see ``attributes()``)."""

    def __init__(self, core: Core, name: str) -> None:
        self._core = core
        self._name = name

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @property
    def group(self) -> int:
        """Which of ``param_groups`` it belongs to, from 0."""
        return self._attached.group

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents of the parameter, of its gradient and of each state slot."""
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
        return self._core.tensor_info(self._attached.index).step

    @step.setter
    def step(self, value: int) -> None:
        _native.opt_set_tensor_step(self._core.handle, self._attached.index,
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
        return self._core.find(self._name)

    def _get(self, attribute: str) -> float:
        return _native.opt_get_tensor(self._core.handle, self._attached.index,
                                      attribute)

    def _set(self, attribute: str, value: float) -> None:
        _native.opt_set_tensor(self._core.handle, self._attached.index,
                               attribute, value)

    def __repr__(self) -> str:
        return (f'Tensor(name={self.name!r}, shape={self.shape}, '
                f'dtype={self.dtype!r}, group={self.group}, step={self.step}, '
                f'lr_factor={self.lr_factor:g}, '
                f'weight_decay_factor={self.weight_decay_factor:g}, '
                f'frozen={self.frozen})')


class Tensors(Mapping[str, Tensor]):
    """The parameters by name, in the order of attaching."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def __getitem__(self, name: str) -> Tensor:
        return Tensor(self._core, self._core.find(name).name)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._core.tensors))

    def __len__(self) -> int:
        return len(self._core.tensors)

    def __repr__(self) -> str:
        return f'[{", ".join(map(repr, self.values()))}]'
