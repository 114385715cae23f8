# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Saving, loading, and looking into checkpoints."""

from __future__ import annotations

import numbers
import os
import struct
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Union

from . import _native
from ._arrays import Array, dtype_name, has_memory, hold, to_array
from ._errors import (DTypeError, FormatError, LoadFinding, MismatchError,
                      about_file)
from ._native_optimizer import Lent, NativeOptimizer
from ._params import Params

Path = Union[str, bytes, 'os.PathLike[str]', 'os.PathLike[bytes]']

_KINDS = {_native.OPT_REPORT_MISSING: 'missing',
          _native.OPT_REPORT_UNEXPECTED: 'unexpected',
          _native.OPT_REPORT_MISMATCHED: 'mismatched'}


class Loaded(dict[str, Any]):
    """The entries that were saved beside the state, by name; ``report`` lists
    what a load has passed over."""

    report: tuple[LoadFinding, ...] = ()


class CheckpointEntry(NamedTuple):
    """An array in a checkpoint. ``own``: saved by the program, not libopt."""
    name: str
    dtype: str | None
    shape: tuple[int, ...]
    bytes: int
    own: bool


class Checkpoint(Mapping[str, Any]):
    """A checkpoint opened for reading, without an optimizer: a mapping of the
    names of its arrays ('w/exp_avg', 'epoch') to their values. Where an entry
    of the program has the name of another array, it is the entry's.

    source
        Path of a file, or the bytes of a checkpoint.
    """

    _handle: int = 0
    _held: _native.Buffer | None = None
    _path: Path | None = None

    def __init__(self, source: Path | bytearray | memoryview) -> None:
        if isinstance(source, (bytes, bytearray, memoryview)):
            self._held = hold(source, 'checkpoint', False)
            self._handle = _native.opt_checkpoint_open_memory(
                0, self._held.address, self._held.count)
        else:
            self._path = source
            with about_file(source):
                self._handle = _open_file(source)
        self._infos = {info.name: (index, info)
                       for index, info in enumerate(self._read_infos())}

    def _read_infos(self) -> Iterator[CheckpointEntry]:
        for index in range(_native.opt_checkpoint_count(self._handle)):
            info = _native.opt_entry_info()
            _native.opt_checkpoint_at(self._handle, index, info)
            shape = tuple(_native.opt_shape_at(info, i)
                          for i in range(info.rank))
            dtype = dtype_name(info.dtype) if info.dtype >= 0 else None
            yield CheckpointEntry(info.name, dtype, shape, info.bytes,
                            bool(info.own))

    def info(self, name: str) -> CheckpointEntry:
        """Describes an array."""
        return self._infos[self._known(name)][1]

    def _known(self, name: str) -> str:
        if name not in self._infos:
            _native.opt_checkpoint_find(self._handle, name)
        return name

    def __getitem__(self, name: str) -> Any:
        index, info = self._infos[self._known(name)]
        data = bytearray(info.bytes)
        held = hold(data, name)
        try:
            _native.opt_checkpoint_read(self._handle, index, held.address,
                                        info.bytes)
        finally:
            held.release()
        return _to_value(data, info)

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __len__(self) -> int:
        return len(self._infos)

    @property
    def entries(self) -> dict[str, Any]:
        """The values that the program itself saved."""
        return {name: self[name] for name, (_, info) in self._infos.items()
                if info.own}

    def close(self) -> None:
        """Closes the file; a second call does nothing."""
        handle, self._handle = self._handle, 0
        if handle:
            _native.opt_checkpoint_close(handle)
        if self._held is not None:
            self._held.release()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError('a Checkpoint cannot be copied or pickled; its '
                        'entries can')

    def __repr__(self) -> str:
        source = 'in memory' if self._path is None else repr(self._path)
        closed = '' if self._handle else ', closed'
        return f'Checkpoint({source}, {len(self)} arrays{closed})'

    def __del__(self) -> None:
        self.close()


def _open_file(path: Path) -> int:
    try:
        return _native.opt_checkpoint_open_file(0, os.fsencode(path))
    except FormatError as error:
        with open(path, 'rb') as file:
            if file.read(4) == _ZIP:
                error.args = (f'{error}; torch.save() writes such files: '
                              '`python3 -m libopt.convert` makes checkpoints '
                              'of those of optimizers',)
        raise


# The first bytes of torch.save()'s files.
_ZIP = b'PK\3\4'


def _to_value(data: bytearray, info: CheckpointEntry) -> Any:
    """One number as a number, bytes as bytes, all else as an array."""
    if info.dtype is None or info.dtype == 'uint8':
        return bytes(data)
    dtype = {'float32': _native.OPT_F32, 'float64': _native.OPT_F64,
             'int64': _native.OPT_I64}[info.dtype]
    if info.shape in ((), (1,)) and dtype != _native.OPT_F32:
        return struct.unpack('<q' if info.dtype == 'int64' else '<d', data)[0]
    return to_array(data, dtype, info.shape)


def _to_array(name: str, value: Any) -> Array:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, numbers.Integral):
        if not -2**63 <= int(value) < 2**63:
            raise DTypeError(f"entry '{name}': {value} does not fit into 64 "
                             'bits')
        return memoryview(struct.pack('=q', int(value))).cast('q')
    if isinstance(value, numbers.Real):
        return memoryview(struct.pack('=d', float(value))).cast('d')
    if not has_memory(value):
        raise DTypeError(
            f"entry '{name}': a value of type {type(value).__name__} cannot be "
            'saved; a number, a str, bytes or an array can: numpy.array(...) '
            'makes an array of a list, json.dumps(...) a str of most else')
    return value


class Save:
    """The arguments of a save, held for the time of the call: a context
    manager that lets go of them."""

    def __init__(self, native: NativeOptimizer, params: bool | Params,
                 entries: Mapping[str, Any]) -> None:
        self._native = native
        self._held: list[_native.Buffer | Lent] = []
        wanted = params is not False and params is not None
        self._call = _native.SaveCall(_native.OPT_SAVE_PARAMS if wanted else 0)
        try:
            if wanted and params is not True:
                self._held.append(Lent.of_params(native, params, self._call))
            for name, value in entries.items():
                self._add(name, value)
        except BaseException:
            self.release()
            raise

    def _add(self, name: str, value: Any) -> None:
        held = hold(_to_array(name, value), f"entry '{name}'", False)
        self._held.append(held)
        self._call.add(name, held.dtype, held.count, held.address)

    def release(self) -> None:
        """Lets go of the memory."""
        for held in self._held:
            held.release()

    def to_file(self, path: Path) -> None:
        """Replaces the file as a whole."""
        with about_file(path):
            self._call.to_file(self._native.handle, os.fsencode(path))

    def to_bytes(self) -> bytearray:
        """The checkpoint in memory."""
        data = bytearray(self._call.measure(self._native.handle))
        held = hold(data, 'checkpoint')
        try:
            self._call.to_memory(self._native.handle, held.address, held.count)
        finally:
            held.release()
        return data

    def __enter__(self) -> Save:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.release()


def load(native: NativeOptimizer, checkpoint: Checkpoint,
         params: bool | Params, flags: int,
         names: tuple[str, ...] | None) -> Loaded:
    """Loads an open checkpoint."""
    native.end_views('load')
    lent = None
    wanted = params is not False and params is not None
    call = _native.LoadCall(flags | (_native.OPT_LOAD_PARAMS if wanted else 0))
    if wanted and params is not True:
        lent = Lent.of_params(native, params, call)
    for name in names or ():
        call.select(name)
    try:
        loaded = Loaded(checkpoint.entries)
        with about_file(checkpoint._path):
            call.from_checkpoint(native.handle, checkpoint._handle)
    except MismatchError as error:
        error.report = _report(call)
        raise
    finally:
        if lent is not None:
            lent.release()
    loaded.report = _report(call)
    return loaded


def _report(call: _native.LoadCall) -> tuple[LoadFinding, ...]:
    return tuple(
        LoadFinding(_KINDS[call.report_kind(i)], call.report_name(i),
                    call.report_detail(i)) for i in range(call.report_count()))
