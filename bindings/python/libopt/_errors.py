# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Exceptions: one class for each status of the C API, below ``Error``."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple


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
    """A file could not be read or written: ``errno``, ``strerror`` and
    ``filename`` are those of OSError. If Python has a class of its own for the
    errno, such as FileNotFoundError, the error is of that class as well."""
    status = 14

    def __reduce__(self) -> Any:  # OSError's loses all but the arguments
        return _remake_file_error, (str(self), self.errno, self.strerror,
                                    self.filename)


class FileMissingError(FileError, FileNotFoundError):
    """There is no such file or folder."""


class FileForbiddenError(FileError, PermissionError):
    """The file or folder may not be read or written."""


class FileIsFolderError(FileError, IsADirectoryError):
    """The path is a folder's."""


class FileInNoFolderError(FileError, NotADirectoryError):
    """A part of the path that should be a folder is none."""


class FormatError(Error, ValueError):
    """Not a checkpoint, or a damaged one."""
    status = 15


class LoadFinding(NamedTuple):
    """An array that did not fit in a load.

    kind
        'missing' in the checkpoint, 'unexpected' there, or 'mismatched': in
        both, of another shape or dtype.
    name
        Of the array: 'w/exp_avg'.
    detail
        A sentence about it.
    """
    kind: str
    name: str
    detail: str


class MismatchError(Error, ValueError):
    """Checkpoint and optimizer do not fit together; ``report`` lists what does
    not."""
    status = 16
    report: tuple[LoadFinding, ...] = ()


class NonfiniteError(Error, FloatingPointError):
    """A gradient holds Inf or NaN."""
    status = 17


class ArrayError(Error, BufferError):
    """An array's memory cannot be used: it is read-only, not contiguous, not
    the CPU's, or still looked at."""
    status = -1


_CLASSES: dict[int, type[Error]] = {
    kind.status: kind for kind in (
        ArgumentError, ClosedError, BusyError, UnknownNameError, OptionError,
        RangeError, StateError, DTypeError, OverlapError, OutOfMemoryError,
        LimitError, InternalError, FileError, FormatError, MismatchError,
        NonfiniteError)}
_CLASSES.update({-1: ArrayError, -2: ArrayError, -3: ArrayError})


_FILE_CLASSES: dict[int, type[FileError]] = {
    errno.ENOENT: FileMissingError, errno.EACCES: FileForbiddenError,
    errno.EPERM: FileForbiddenError, errno.EISDIR: FileIsFolderError,
    errno.ENOTDIR: FileInNoFolderError}


def make(status: int, message: str) -> Error:
    """The exception that stands for a status; the native module calls it."""
    message = in_python(message)
    if status == ClosedError.status:
        message = _CLOSED.sub(r'the \1\2 is closed: close() or the end of its '
                              '`with` has ended it; make a new one', message)
    if status == FileError.status:
        number = _errno_of(message)
        return _remake_file_error(message, number,
                                  os.strerror(number) if number else None, None)
    error = _CLASSES.get(status, Error)(message)
    error.status = status
    return error


def _remake_file_error(message: str, number: int | None, text: str | None,
                       filename: Any) -> FileError:
    kind: type[FileError] = (
        _FILE_CLASSES.get(number, FileError) if number else FileError)
    error = kind(message)
    for name, value in {'errno': number, 'strerror': text,
                        'filename': filename}.items():
        setattr(error, name, value)
    return error


@functools.lru_cache(maxsize=None)
def _errno_by_text() -> dict[str, int]:
    return {os.strerror(number): number for number in errno.errorcode}


def _errno_of(message: str) -> int | None:
    """The errno whose text is behind the path, before the remedy; that is its
    only trace in the C API."""
    first = message.split('; the new file', 1)[0]
    return _errno_by_text().get(first.rpartition("': ")[2].split(': ', 1)[0])


@contextlib.contextmanager
def about_file(path: Any) -> Iterator[None]:
    """Errors that leave the block have the path as their filename."""
    try:
        yield
    except FileError as error:
        error.filename = path
        raise


# The library's messages in Python's words.
_WORDS = {
    'NULL': 'None',
    'OPT_ALL_CORES': 'ALL_CORES',
    'OPT_F32': "'float32'",
    'OPT_F64': "'float64'",
    'OPT_LOAD_KEEP_OPTIONS': 'keep_options=True',
    'OPT_LOAD_PARAMS': 'params=True',
    'OPT_AVERAGE_EMA': "'ema'",
    'OPT_AVERAGE_SWA': "'swa'",
    'OPT_AVERAGE_WARMUP': 'warmup',
    'OPT_GRAD_SUM': 'sum=True',
    'OPT_I64': "'int64'",
    'OPT_NONFINITE_ERROR': "nonfinite='error'",
    'OPT_NONFINITE_PROPAGATE': "nonfinite='propagate'",
    'OPT_NONFINITE_SKIP': "nonfinite='skip'",
    'OPT_NORM_2': '2',
    'OPT_NORM_INF': "'inf'",
    'OPT_SAVE_PARAMS': 'params=True',
    'OPT_STEP_SUM': 'sum=True',
    'OPT_U8': "'uint8'",
    'opt_add_group': 'add_group()',
    'opt_attach': 'parameters are attached',
    'opt_attribute_at': 'libopt.attributes()',
    'opt_average_start': 'start_average()',
    'opt_average_stop': 'stop_average()',
    'opt_swap_eval_weights': 'swap_eval_weights()',
    'opt_read_eval_weights': 'read_eval_weights()',
    'opt_checkpoint_open_memory': 'Checkpoint()',
    'opt_grad_work': 'work=',
    'opt_lent': 'the call',
    'opt_lent.params': 'params=',
    'opt_load_args.lent': 'params=',
    'opt_load_args.report': "the error's report",
    'opt_load_file': 'load()',
    'opt_load_memory': 'load_bytes()',
    'opt_option_at': 'libopt.rule()',
    'opt_preset_at': 'libopt.rule()',
    'opt_rule_at': 'libopt.rules()',
    'opt_save_args.lent': 'params=',
    'opt_save_file': 'save()',
    'opt_save_memory': 'save_bytes()',
    'opt_scaler_set_scale': 'set_scale()',
    'opt_scaler_start': 'start_scaler()',
    'opt_scaler_stop': 'stop_scaler()',
    'opt_schedule_kind_at': 'libopt.schedule_kinds()',
    'opt_schedule_option_at': 'libopt.schedule_kinds()',
    'opt_schedule_set_milestones': 'milestones=',
    'opt_schedule_then': 'then()',
    'opt_schedule_value': 'value()',
    'opt_slot_at': 'libopt.rule()',
    'opt_state_bytes': 'state_bytes_of()',
    'opt_step_abandon': 'abandon_step()',
    'opt_step_args.work': 'work=',
    'opt_step_begin': 'begin_step()',
    'opt_step_slice': 'step_slice()',
    'opt_tensor_set_group': 'Tensor.group',
    'opt_tensor_set_step': 'Tensor.step',
}

# Remedies that are others here than in C.
PHRASES = {
    'swap the parameters back with opt_swap_eval_weights first':
        'leave eval_weights() first, or swap the parameters back with '
        'swap_eval_weights()',
    'opt_checkpoint_at lists them': 'list(checkpoint) has them all',
    'leave it 0, or end the scaler': 'leave it out, or end the scaler',
    'retain them with opt_bind': 'give it some with bind()',
}

_CLOSED = re.compile(r'not a live (\w+) handle: .*|the (\w+) handle is None: .*')

# A text in quotes is a name of the program's; fields of C's structs are
# arguments here, and functions mostly methods of the same name.
_PATTERN = re.compile(
    r"'[^']*'|" + '|'.join(map(re.escape, PHRASES))
    + r'|\b(?:opt|OPT)_\w+(?:\.\w+)?|\bNULL\b')


def in_python(message: str) -> str:
    """The message, with what C calls otherwise as Python does."""
    return _PATTERN.sub(_translate, message)


def _translate(match: re.Match[str]) -> str:
    word = match[0]
    if word.startswith("'"):
        return word
    known = PHRASES.get(word) or _WORDS.get(word)
    if known is not None:
        return known
    _, dot, field = word.partition('.')
    if dot:
        return field
    name = word[len('opt_'):]
    return f'{name}()' if word.startswith('opt_') else name.lower()
