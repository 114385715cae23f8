# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The state of an optimizer, in place: by tensor, then by slot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import _native
from ._core import Core, Tensor
from ._describe import RuleInfo
from ._errors import UnknownNameError


class TensorState(Mapping[str, Any]):
    """What the optimizer knows of one tensor: 'step', and a memoryview of each
    slot, zero-copy and writable (``numpy.asarray`` takes it).

    The memory can not be freed while a view of it is in use: attaching,
    detaching, loading and closing then raise ArrayError.
    """

    def __init__(self, core: Core, rule: RuleInfo, tensor: Tensor) -> None:
        self._core = core
        self._rule = rule
        self._tensor = tensor

    def __getitem__(self, key: str) -> Any:
        if key == 'step':
            return self._core.tensor_info(self._tensor.index).step
        return self._core.view(self._tensor, key)

    def __iter__(self) -> Iterator[str]:
        yield 'step'
        for slot in self._rule.slots:
            if slot.when_option is None or _native.opt_get(
                    self._core.handle, self._tensor.group, slot.when_option):
                yield slot.name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def set_step(self, step: int) -> None:
        """Sets the number of steps that the tensor has taken."""
        _native.opt_set_tensor_step(self._core.handle, self._tensor.index,
                                    step)


class State(Mapping[str, TensorState]):
    """The state of every tensor, by name."""

    def __init__(self, core: Core, rule: RuleInfo) -> None:
        self._core = core
        self._rule = rule

    def __getitem__(self, name: str) -> TensorState:
        if name not in self._core.tensors:
            raise UnknownNameError(f"there is no parameter named '{name}'")
        return TensorState(self._core, self._rule, self._core.tensors[name])

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._core.tensors))

    def __len__(self) -> int:
        return len(self._core.tensors)
