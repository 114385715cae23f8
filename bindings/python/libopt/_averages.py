# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Averages of the parameters: what is kept, and evaluation with it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

from . import _native
from ._core import Core
from ._errors import ArgumentError, StateError
from ._lending import Loan
from ._params import Params

_KINDS: dict[str, int] = {'ema': _native.OPT_AVERAGE_EMA,
                          'swa': _native.OPT_AVERAGE_SWA}


class AverageInfo(NamedTuple):
    """An average of the parameters, as start_average() describes it.

    swapped
        Whether parameters and averages are exchanged now.
    updates
        Number of steps that have updated the averages.
    """
    kind: Literal['ema', 'swa']
    decay: float
    start: int
    period: int
    warmup: bool
    swapped: bool
    updates: int


class Averages:
    """The part of Optimizer that is about averages of the parameters."""

    _core: Core

    def start_average(self, kind: Literal['ema', 'swa'] = 'ema', *,
                      decay: float = 0.999, start: int = 0, period: int = 1,
                      warmup: bool = False) -> None:
        """Keeps an average of every parameter, in its shape and dtype, updated
        in the same pass over memory as the step; or changes how. At the first
        update it becomes the parameter, and after n updates the next makes it
        ``average + weight * (param - average)``.

        kind
            'ema', exponential moving average: weight = 1 - decay. 'swa',
            stochastic weight averaging, the plain mean: weight = 1 / (n + 1);
            Izmailov et al. 2018, arXiv:1803.05407. Another kind than before
            begins anew.
        decay
            Of the EMA, in [0, 1].
        start
            Number of steps before the first update.
        period
            Number of steps from one update to the next.
        warmup
            Of the EMA: the decay is min(decay, (1 + n) / (10 + n)), which
            leaves the first, untrained parameters behind sooner.

        ``state['w']['param_average']`` is a view of it, ``averaged()``
        evaluates with it, and checkpoints hold it.
        """
        if kind not in _KINDS:
            raise ArgumentError(f"kind is 'ema' or 'swa', not {kind!r}")
        _native.opt_average_start_with(
            self._core.handle, _KINDS[kind], decay, start, period,
            _native.OPT_AVERAGE_WARMUP if warmup else 0)

    def stop_average(self) -> None:
        """Stops averaging and frees the averages. Raises ArrayError while a
        view of the state is in use."""
        self._core.end_views('stop_average')
        _native.opt_average_stop(self._core.handle)

    @property
    def average(self) -> AverageInfo | None:
        """How the parameters are averaged, if they are."""
        info = _native.opt_average_info()
        _native.opt_average_get(self._core.handle, info)
        if info.kind == 0:
            return None
        return AverageInfo(
            'ema' if info.kind == _native.OPT_AVERAGE_EMA else 'swa',
            info.decay, info.start, info.period,
            bool(info.flags & _native.OPT_AVERAGE_WARMUP), bool(info.swapped),
            info.updates)

    def swap_average(self, params: Params | None = None) -> None:
        """Exchanges the parameters, byte for byte, with their averages; the
        next call puts them back. Until then steps, saving, loading and
        stop_average() raise StateError, and close() leaves the averages in
        the parameters. ``averaged()`` is safer.

        params
            The parameters, by name or in order, if they are lent; the same at
            both calls.
        """
        with Loan(self._core, None, params, False) as call:
            call.average_swap(self._core.handle)

    @contextlib.contextmanager
    def averaged(self, params: Params | None = None) -> Iterator[None]:
        """``with optimizer.averaged(): evaluate(w)``: within, the parameters
        are their averages; at the end, also by an exception, they are put
        back.

        params
            The parameters, by name or in order, if they are lent: their memory
            stays in place until the end.
        """
        info = self.average
        if info is not None and info.swapped:
            raise StateError('averaged: parameters and averages are exchanged '
                             'already')
        with Loan(self._core, None, params, False) as call:
            call.average_swap(self._core.handle)
            try:
                yield
            finally:
                info = self.average
                if info is not None and info.swapped:
                    call.average_swap(self._core.handle)
