# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Where optimizers get their threads and their SIMD instructions from."""

from __future__ import annotations

import atexit
from types import TracebackType
from typing import Any

from . import _native

ALL_CORES: int = _native.OPT_ALL_CORES


class Context:
    """Threads and SIMD target of the optimizers that are created with it.

    threads
        How many may compute, the calling one included, so that 0 and 1 are the
        calling one alone; ALL_CORES: as many as this process may use. They
        start at the first step that is long enough.
        Results do not depend on their number, to the last bit.
    spin_microseconds
        How long each of them spins, waiting for more work, after a step before
        it sleeps: 0 for a short time, up to 1,000,000. Waking a thread that
        sleeps takes long enough for a short step not to be worth it; so if
        little happens between two steps, a time longer than those pauses makes
        them faster.
    target
        SIMD target by name (see ``targets()``); None: the best of this CPU.
    """

    _handle: int = 0

    def __init__(self, threads: int = ALL_CORES,
                 target: str | None = None, *,
                 spin_microseconds: int = 0) -> None:
        self._handle = _native.opt_context_create_with(
            threads, spin_microseconds, target)

    @property
    def threads(self) -> int:
        """Number of threads that may compute."""
        return self._info().threads

    @property
    def spin_microseconds(self) -> int:
        """How long they spin; 0: a short time."""
        return self._info().spin_microseconds

    @property
    def target(self) -> str:
        """Name of the SIMD target."""
        return self._info().target

    def _info(self) -> _native.opt_context_info:
        info = _native.opt_context_info()
        _native.opt_context_get_info(self._handle, info)
        return info

    def close(self) -> None:
        """Lets go of the context; optimizers that use it go on. A second call
        does nothing."""
        handle, self._handle = self._handle, _CLOSED if self._handle else 0
        if handle not in (0, _CLOSED):
            _native.opt_context_destroy(handle)

    def __enter__(self) -> Context:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError('a Context cannot be copied or pickled')

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._handle == _CLOSED:
            return 'Context(closed)'
        return f'Context(threads={self.threads}, target={self.target!r})'


# No handle has these bits, and none is NULL, the default context.
_CLOSED = 1

_shared: Context | None = None


def shared_context() -> Context:
    """The context of the optimizers that are given none: all cores."""
    global _shared  # pylint: disable=global-statement
    if _shared is None:
        _shared = Context()
    return _shared


@atexit.register
def _close_shared() -> None:
    global _shared  # pylint: disable=global-statement
    if _shared is not None:
        _shared.close()
        _shared = None
