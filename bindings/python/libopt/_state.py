# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The state of an optimizer, in place: by tensor, then by slot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import _native
from ._core import Core, Tensor
from ._describe import RuleInfo


class TensorState(Mapping[str, Any]):
    """What the optimizer knows of one tensor: 'step', and of each slot a
    memoryview in the parameter's shape and dtype, zero-copy and writable
    (``numpy.asarray`` takes it). Beside the slots of the rule there is
    'grad_accumulator' while gradients are accumulated, and 'param_average'
    while an average is kept.

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
        if self._core.info().pending_samples:
            yield _native.OPT_SLOT_GRAD_ACCUMULATOR
        average = _native.opt_average_info()
        _native.opt_average_get(self._core.handle, average)
        if average.kind:
            yield _native.OPT_SLOT_PARAM_AVERAGE

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return (f'TensorState(name={self._tensor.name!r}, step={self["step"]}, '
                f'slots={[key for key in self if key != "step"]})')


class State(Mapping[str, TensorState]):
    """The state of every tensor, by name."""

    def __init__(self, core: Core, rule: RuleInfo) -> None:
        self._core = core
        self._rule = rule

    def __getitem__(self, name: str) -> TensorState:
        return TensorState(self._core, self._rule, self._core.find(name))

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._core.tensors))

    def __len__(self) -> int:
        return len(self._core.tensors)
