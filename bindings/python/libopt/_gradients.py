# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Work on gradients before the update rule sees them."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Literal, NamedTuple

from . import _native
from ._errors import ArgumentError
from ._native_optimizer import NativeOptimizer

_NONFINITE = {'propagate': _native.OPT_NONFINITE_PROPAGATE,
              'error': _native.OPT_NONFINITE_ERROR,
              'skip': _native.OPT_NONFINITE_SKIP}
_NORMS: dict[str | float, int] = {
    2: _native.OPT_NORM_2, 'inf': _native.OPT_NORM_INF,
    math.inf: _native.OPT_NORM_INF}


@dataclass(frozen=True, kw_only=True)
class GradientWork:
    """The work on the gradients, in this order, each part by its name; None:
    nothing.

    loss_scale
        They are those of loss_scale * loss: divide by it.
    max_value
        Clip each element to [-max_value, max_value].
    max_tensor_norm
        Clip each tensor by its own norm.
    max_norm
        Clip by the norm over all tensors, as torch's clip_grad_norm_.
    per_group
        max_norm bounds the norm of each group instead.
    norm
        2, or 'inf' (or math.inf): the largest absolute value.
    nonfinite
        About Inf and NaN: 'propagate'; 'error' raises NonfiniteError; 'skip'
        leaves the step out. The last two decide before anything changes.
    """

    loss_scale: float | None = None
    max_value: float | None = None
    max_tensor_norm: float | None = None
    max_norm: float | None = None
    per_group: bool = False
    norm: Literal['inf'] | float = 2
    nonfinite: Literal['propagate', 'error', 'skip'] = 'propagate'

    def __post_init__(self) -> None:
        for name in ('loss_scale', 'max_value', 'max_tensor_norm', 'max_norm'):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, numbers.Real)
                                          and float(value) > 0):
                raise ArgumentError(f'{name} is {value!r}: it must be a number '
                                    '> 0, or None to leave it out')
        if self.norm not in _NORMS:
            raise ArgumentError(f"norm is 2 or 'inf', not {self.norm!r}")
        if self.nonfinite not in _NONFINITE:
            raise ArgumentError("nonfinite is 'propagate', 'error' or 'skip', "
                                f'not {self.nonfinite!r}')


def clear_work(call: _native.StepCall) -> None:
    """Leaves a native call without work, and without a report."""
    call.set_work(0, 0.0, 0.0, 0.0, 0.0, _native.OPT_NORM_2,
                  _native.OPT_NONFINITE_PROPAGATE, False)


def set_work(call: _native.StepCall, work: GradientWork) -> None:
    """Makes it the work of a native call, which then makes a report."""
    if not isinstance(work, GradientWork):
        raise TypeError('work is a libopt.GradientWork, not '
                        f'{type(work).__name__}')
    call.set_work(
        _native.OPT_GRAD_WORK_CLIP_PER_GROUP if work.per_group else 0,
        work.loss_scale or 0.0, work.max_value or 0.0,
        work.max_tensor_norm or 0.0, work.max_norm or 0.0,
        _NORMS[work.norm], _NONFINITE[work.nonfinite], True)


class GradientReport(NamedTuple):
    """A report about the gradients of a step.

    norm
        Over all tensors, before max_norm clips: what clip_grad_norm_ returns.
    factor
        What max_norm multiplied them by; 1: nothing.
    skipped
        Whether the call left them alone because of Inf or NaN.
    nonfinite
        Name of the first parameter whose gradient has Inf or NaN.
    group_norms
        The norm of each group.
    """
    norm: float
    factor: float
    skipped: bool
    nonfinite: str | None
    group_norms: tuple[float, ...]


def read_report(native: NativeOptimizer,
                call: _native.StepCall) -> GradientReport:
    """The report of a call that has made one."""
    index = call.nonfinite_tensor()
    return GradientReport(
        call.norm(), call.factor(), call.skipped(),
        native.tensor_info(index).name if index >= 0 else None,
        tuple(call.group_norm(i) for i in range(native.info().group_count)))
