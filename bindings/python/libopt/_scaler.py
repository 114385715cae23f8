# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Loss scaling, as torch.cuda.amp.GradScaler does it."""

from __future__ import annotations

from typing import NamedTuple

from . import _native
from ._core import Core


class ScalerInfo(NamedTuple):
    """A loss scaler, as start_scaler() describes it.

    scale
        What to multiply the next loss by.
    good_steps
        Number of steps since the scale last changed.
    skipped
        Number of steps that were skipped because of Inf or NaN.
    """
    scale: float
    growth_factor: float
    backoff_factor: float
    growth_interval: int
    good_steps: int
    skipped: int


class Scaling:
    """The part of Optimizer that is about loss scaling."""

    _core: Core

    def start_scaler(self, initial_scale: float = 65536,
                     growth_factor: float = 2, backoff_factor: float = 0.5,
                     growth_interval: int = 2000) -> None:
        """From now on each step divides the gradients by ``scaler.scale``, is
        skipped if they hold Inf or NaN, and adapts the scale.

        initial_scale
            What the first loss is to be multiplied by.
        growth_factor, growth_interval
            So many steps in a row that were not skipped multiply the scale by
            the factor.
        backoff_factor
            A step that is skipped multiplies the scale by it.
        """
        _native.opt_scaler_start_with(self._core.handle, initial_scale,
                                      growth_factor, backoff_factor,
                                      growth_interval)

    def stop_scaler(self) -> None:
        """Ends loss scaling."""
        _native.opt_scaler_stop(self._core.handle)

    @property
    def scaler(self) -> ScalerInfo | None:
        """The loss scaler, if there is one."""
        info = _native.opt_scaler_info()
        _native.opt_scaler_get(self._core.handle, info)
        if not info.active:
            return None
        return ScalerInfo(info.scale, info.growth_factor, info.backoff_factor,
                          info.growth_interval, info.good_steps, info.skipped)
