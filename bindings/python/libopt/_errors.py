# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Exceptions: one class for each status of the C API, below ``Error``."""

from __future__ import annotations

import builtins

from ._words import in_python


class Error(Exception):
    """Something that libopt refuses, or could not do. Nothing has changed.

    ``status`` is the C API's number for it; negative: found by Python.
    """

    status: int = 13

    def __str__(self) -> str:  # KeyError would show the repr, OSError a tuple
        return str(self.args[0]) if self.args else ''


class ArgumentError(Error, ValueError):
    """An argument is malformed, or does not fit what it belongs to."""
    status = 1


class ClosedError(Error, ValueError):
    """The optimizer, context or checkpoint has been closed."""
    status = 2


class BusyError(Error, RuntimeError):
    """Another thread's call is using the optimizer right now."""
    status = 3


class UnknownNameError(Error, KeyError):
    """A name that is not known, is taken, or is malformed."""
    status = 4


class OptionError(Error, ValueError):
    """The value of an option is outside its range."""
    status = 5


class RangeError(Error, IndexError):
    """An index past the end, or of a detached tensor."""
    status = 6


class StateError(Error, RuntimeError):
    """The right call at the wrong time."""
    status = 7


class DTypeError(Error, TypeError):
    """The type of the elements is not supported, or not the one expected."""
    status = 8


class OverlapError(Error, BufferError):
    """Two arrays share memory that is written."""
    status = 9


class OutOfMemoryError(Error, MemoryError):
    """An allocation failed."""
    status = 11


class LimitError(Error, RuntimeError):
    """A fixed limit of the library is reached."""
    status = 12


class InternalError(Error, SystemError):
    """A fault of libopt itself."""
    status = 13


class FileError(Error, OSError):
    """A file could not be read or written."""
    status = 14


class FormatError(Error, ValueError):
    """Not a checkpoint, or a damaged one."""
    status = 15


class MismatchError(Error, ValueError):
    """Checkpoint and optimizer do not fit together.

    ``report`` lists what does not: (kind, name, detail), of which kind is
    'missing', 'unexpected' or 'mismatched'.
    """
    status = 16
    report: tuple[tuple[str, str, str], ...] = ()


class NonfiniteError(Error, FloatingPointError):
    """A gradient holds Inf or NaN."""
    status = 17


class ArrayError(Error, BufferError):
    """An array's memory can not be used: it is read-only, not contiguous, not
    the CPU's, or still looked at."""
    status = -1


_CLASSES: dict[int, type[Error]] = {
    kind.status: kind for kind in (
        ArgumentError, ClosedError, BusyError, UnknownNameError, OptionError,
        RangeError, StateError, DTypeError, OverlapError, OutOfMemoryError,
        LimitError, InternalError, FileError, FormatError, MismatchError,
        NonfiniteError)}
_CLASSES.update({-1: ArrayError, -2: ArrayError, -3: ArrayError})


def make(status: int, message: str) -> Error:
    """The exception that stands for a status; the native module calls it."""
    error = _CLASSES.get(status, Error)(in_python(message))
    error.status = status
    return error


__all__ = [name for name, kind in list(globals().items())
           if isinstance(kind, builtins.type) and issubclass(kind, Error)]
