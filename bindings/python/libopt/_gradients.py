# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Work on gradients before the update rule sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from . import _native
from ._core import Core

_NONFINITE = {'propagate': _native.OPT_NONFINITE_PROPAGATE,
              'error': _native.OPT_NONFINITE_ERROR,
              'skip': _native.OPT_NONFINITE_SKIP}


@dataclass(frozen=True)
class GradWork:
    """What is done to the gradients, in this order; None: nothing.

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
        2, or 'inf': the largest absolute value.
    nonfinite
        About Inf and NaN: 'propagate'; 'error' raises NonfiniteError; 'skip'
        leaves the step out. The last two decide before anything changes.
    """

    loss_scale: float | None = None
    max_value: float | None = None
    max_tensor_norm: float | None = None
    max_norm: float | None = None
    per_group: bool = False
    norm: Literal[2, 'inf'] = 2
    nonfinite: Literal['propagate', 'error', 'skip'] = 'propagate'

    def set_on(self, call: _native.StepCall) -> None:
        """Makes it the work of a native call."""
        call.set_work(
            _native.OPT_CLIP_PER_GROUP if self.per_group else 0,
            self.loss_scale or 0.0, self.max_value or 0.0,
            self.max_tensor_norm or 0.0, self.max_norm or 0.0,
            _native.OPT_NORM_INF if self.norm == 'inf' else _native.OPT_NORM_2,
            _NONFINITE[self.nonfinite], True)


class GradReport(NamedTuple):
    """What the gradients were like.

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


def read_report(core: Core, call: _native.StepCall) -> GradReport:
    """The report of a call that has made one."""
    index = call.nonfinite_tensor()
    return GradReport(
        call.norm(), call.factor(), call.skipped(),
        core.tensor_info(index).name if index >= 0 else None,
        tuple(call.group_norm(i) for i in range(core.info().group_count)))
