# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Arrays of others: what counts as one, and how its memory is held in place."""

from __future__ import annotations

import importlib
import operator
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from . import _native
from ._errors import ArgumentError, ArrayError, DTypeError

# Anything with the buffer protocol or DLPack: numpy.ndarray, array.array,
# bytearray, memoryview, ctypes arrays, torch tensors of the CPU.
Array = Any

_DTYPES = {'float32': _native.OPT_F32, 'float64': _native.OPT_F64,
           'f': _native.OPT_F32, 'd': _native.OPT_F64}
_NAMES = {_native.OPT_F32: 'float32', _native.OPT_F64: 'float64',
          _native.OPT_U8: 'uint8', _native.OPT_I64: 'int64'}
FORMATS = {_native.OPT_F32: 'f', _native.OPT_F64: 'd', _native.OPT_U8: 'B',
           _native.OPT_I64: 'q'}


class TensorSpec(NamedTuple):
    """Declares a parameter whose memory is lent to each step.

    shape
        Extents, or the number of elements.
    dtype, grad_dtype
        'float32' or 'float64', or the dtype of NumPy's or torch's that is
        called so; the gradient's is the parameter's by default.
    """
    shape: int | Iterable[int]
    dtype: Any = 'float32'
    grad_dtype: Any = None

    def extents(self) -> tuple[int, ...]:
        """The shape as a tuple of int."""
        shape: Any = self.shape
        try:
            return operator.index(shape),
        except TypeError:
            return tuple(map(operator.index, shape))


def dtype_of(dtype: Any) -> int:
    """The library's number for 'float32' or 'float64'."""
    name = dtype
    if not isinstance(dtype, str):  # numpy.dtype, numpy.float32, torch.float32
        name = getattr(dtype, 'name', None) or getattr(
            dtype, '__name__', None) or str(dtype).rpartition('.')[2]
    if name not in _DTYPES:
        raise DTypeError(f"the dtype {dtype!r} is not supported: use 'float32' "
                         "or 'float64'")
    return _DTYPES[name]


def dtype_name(dtype: int) -> str:
    """The inverse of dtype_of."""
    return _NAMES[dtype]


def is_array(thing: object) -> bool:
    """Whether the thing is one array, and not a list of them or the like."""
    if isinstance(thing, (str, Mapping, list, tuple)):
        return False
    return has_memory(thing) or not isinstance(thing, Iterable)


def has_memory(thing: object) -> bool:
    """Whether the thing has the buffer protocol or DLPack."""
    if hasattr(thing, '__dlpack__'):
        return True
    try:
        memoryview(thing).release()  # type: ignore[arg-type]
    except (TypeError, BufferError, ValueError):
        return False
    return True


def hold(array: Array, what: str, writable: bool = True,
         floats: bool = False) -> _native.Buffer:
    """Holds an array's memory in place until the result is released; `floats`:
    raises unless it is of float32 or float64."""
    torch = sys.modules.get('torch')
    if torch is not None and isinstance(array, torch.Tensor):
        # The same memory, without the history that DLPack refuses.
        array = array.detach()
        if array.device.type != 'cpu' or array.layout != torch.strided:
            raise ArrayError(f'{what}: it is {array.layout} on {array.device}, '
                             'not dense on the CPU')
    return _native.Buffer(array, what, writable, floats)


def check_fits(buffer: _native.Buffer, what: str, dtype: int, count: int,
               shape: tuple[int, ...], cure: str = '') -> None:
    """Raises unless the buffer has the elements that are expected; it may also
    be flat. `cure` says what to do about another dtype."""
    if buffer.dtype != dtype:
        raise DTypeError(f'{what}: its elements are '
                         f'{dtype_name(buffer.dtype)}, not {dtype_name(dtype)}'
                         f'{cure}')
    if buffer.shape not in (shape, (count,)):
        raise ArgumentError(
            f'{what}: its shape is {buffer.shape}, not {shape}'
            + (f' or ({count},)' if len(shape) != 1 else ''))


def to_array(data: bytes | bytearray | memoryview, dtype: int,
             shape: tuple[int, ...]) -> Array:
    """A new array of some bytes: NumPy's if it is installed, else a flat
    array.array."""
    numpy = _numpy()
    if numpy is not None:
        return numpy.frombuffer(bytearray(data),
                                FORMATS[dtype]).reshape(shape)
    array = importlib.import_module('array')
    made = array.array(FORMATS[dtype])
    made.frombytes(data)
    return made


def _numpy() -> Any:
    try:
        return importlib.import_module('numpy')
    except ImportError:
        return None
