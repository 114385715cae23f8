# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Arrays that are lent to one call."""

from __future__ import annotations

from types import TracebackType

from . import _native
from ._arrays import Array, check_fits, hold
from ._core import Core
from ._params import Grads, Params, match_arrays


class Loan:
    """Holds lent arrays for the time of a call; a context manager that gives
    the native arguments."""

    def __init__(self, core: Core, grads: Grads, params: Params | None,
                 writes_grads: bool) -> None:
        self._held: list[_native.Buffer] = []
        self.call = _native.StepCall()
        try:
            self._lend(core, grads, params, writes_grads)
        except BaseException:
            self._release()
            raise

    def _lend(self, core: Core, grads: Grads, params: Params | None,
              writes_grads: bool) -> None:
        if grads is None and params is None:
            return  # the retained ones
        tensors = list(core.tensors.values())
        names: list[str | None] = [tensor.name for tensor in tensors]
        for tensor, grad, param in zip(
                tensors, match_arrays(grads, names, 'gradients'),
                match_arrays(params, names, 'parameters')):
            grad_address = 0
            if grad is not None:
                grad_address = self._hold(
                    grad, f"gradient of '{tensor.name}'", tensor.grad_dtype,
                    tensor.count, tensor.shape, writes_grads)
            elif grads is None and tensor.held_grad is not None:
                grad_address = tensor.held_grad.address
            self.call.lend(
                tensor.index,
                self._hold(param, f"parameter '{tensor.name}'",
                           tensor.param_dtype, tensor.count, tensor.shape,
                           True) if param is not None else 0,
                grad_address)

    def _hold(self, array: Array, what: str, dtype: int, count: int,
              shape: tuple[int, ...], writable: bool) -> int:
        held = hold(array, what, writable)
        self._held.append(held)
        check_fits(held, what, dtype, count, shape)
        return held.address

    @staticmethod
    def lend_params(core: Core, params: Params,
                    call: _native.SaveCall | _native.LoadCall
                    ) -> list[_native.Buffer]:
        """Lends parameters to a save or a load; returns what holds them."""
        held: list[_native.Buffer] = []
        tensors = list(core.tensors.values())
        try:
            for tensor, param in zip(tensors, match_arrays(
                    params, [tensor.name for tensor in tensors],
                    'parameters')):
                if param is None:
                    continue
                what = f"parameter '{tensor.name}'"
                held.append(hold(param, what))
                check_fits(held[-1], what, tensor.param_dtype, tensor.count,
                           tensor.shape)
                call.lend(tensor.index, held[-1].address)
        except BaseException:
            for buffer in held:
                buffer.release()
            raise
        return held

    def _release(self) -> None:
        for held in self._held:
            held.release()

    def __enter__(self) -> _native.StepCall:
        return self.call

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._release()
