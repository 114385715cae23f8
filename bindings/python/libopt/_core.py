# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The native optimizer, and the memory that must stay in place for it."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Iterable
from typing import Any, NamedTuple

from . import _native
from ._arrays import (Array, TensorSpec, check_fits, dtype_name, dtype_of,
                      hold)
from ._context import Context, shared_context
from ._errors import (ArgumentError, ArrayError, BusyError, ClosedError,
                      DTypeError)
from ._params import Entry


class Tensor(NamedTuple):
    """An attached tensor, and what is retained for it."""
    name: str
    index: int  # type: ignore[assignment]
    group: int
    shape: tuple[int, ...]
    count: int  # type: ignore[assignment]
    param_dtype: int
    grad_dtype: int
    param: Array | None
    grad: Array | None
    held_param: _native.Buffer | None
    held_grad: _native.Buffer | None

    def release(self) -> None:
        """Lets go of the retained memory."""
        for held in (self.held_param, self.held_grad):
            if held is not None:
                held.release()


class Core:
    """Owns a native optimizer. Optimizer, groups and views share it, and it
    knows none of them, so that no cycle keeps memory alive."""

    handle: int = 0

    def __init__(self, rule: str, context: Context | None) -> None:
        self.tensors: dict[str, Tensor] = {}  # by name, in order of attaching
        self.spare_group: int | None = 0
        self.closed = False
        self._views: list[weakref.ref[_native.View]] = []
        self._closing = threading.Lock()
        context = context if context is not None else shared_context()
        if not isinstance(context, Context):
            raise TypeError('context is a libopt.Context or None, not '
                            f'{type(context).__name__}')
        self.handle = _native.opt_create(context._handle, rule)

    def info(self) -> _native.opt_info:
        """What the library tells about the optimizer."""
        info = _native.opt_info()
        _native.opt_get_info(self.handle, info)
        return info

    def tensor_info(self, index: int) -> _native.opt_tensor_info:
        """What the library tells about a tensor."""
        info = _native.opt_tensor_info()
        _native.opt_tensor_at(self.handle, index, info)
        return info

    def attach(self, entries: Iterable[Entry], group: int) -> list[Tensor]:
        """Attaches parameters, all or none."""
        self.end_views('attach')
        made: list[Tensor] = []
        native = _native.TensorList()
        try:
            for entry in entries:
                made.append(_hold_entry(entry, group))
                _describe(native, made[-1], entry.name)
            native.attach(self.handle)
        except BaseException:
            for tensor in made:
                tensor.release()
            raise
        for i, tensor in enumerate(made):
            index = native.index(i)
            name = self.tensor_info(index).name
            made[i] = tensor._replace(index=index, name=name)
            self.tensors[name] = made[i]
        return made

    def bind(self, name: str, entry: Entry) -> None:
        """Gives a tensor other memory."""
        old = self.find(name)
        held = _hold_entry(entry, old.group, old)
        try:
            _native.opt_bind(self.handle, old.index,
                             _address(held.held_param),
                             _address(held.held_grad))
        except BaseException:
            held.release()
            raise
        self.tensors[name] = held._replace(name=name, index=old.index)
        old.release()

    def detach(self, name: str) -> None:
        """Detaches a tensor and lets go of its memory."""
        tensor = self.find(name)
        self.end_views('detach')
        _native.opt_detach(self.handle, tensor.index)
        del self.tensors[name]
        tensor.release()

    def find(self, name: str) -> Tensor:
        """The tensor of a name; the library's own message if there is none."""
        if name not in self.tensors:
            _native.opt_find_tensor(self.handle, name)
        return self.tensors[name]

    def view(self, tensor: Tensor, slot: str) -> memoryview:
        """A slot of the state, in place."""
        native = _native.opt_view()
        _native.opt_state_view(self.handle, tensor.index, slot, native)
        view: Any = _native.View(self, native.data, native.dtype, tensor.shape)
        self._views = [old for old in self._views if old() is not None]
        self._views.append(weakref.ref(view))
        return memoryview(view)

    def end_views(self, what: str) -> None:
        """Ends the views, whose memory is about to be freed; raises if someone
        still looks at one."""
        if self._views:
            views = [view for view in (old() for old in self._views)
                     if view is not None and not view.end()]
            self._views = [weakref.ref(view) for view in views]
            if views:
                raise ArrayError(
                    f'{what}: a view of the state is still in use; copy what '
                    'is to be kept, and delete the views and the arrays made '
                    'of them')

    def close(self) -> None:
        """Destroys the optimizer once no call uses it, then lets go of the
        memory."""
        if not self.handle:
            return
        with self._closing:
            if self.closed:
                return
            self.end_views('close')
            try:
                _native.opt_destroy(self.handle)
            except ClosedError:
                pass
            self.closed = True
            for tensor in self.tensors.values():
                tensor.release()
            self.tensors = {}

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError('an optimizer can not be copied or pickled, since it '
                        "holds the memory of others: use its state_dict() or "
                        'save_bytes()')

    def __del__(self) -> None:
        try:
            self.close()
        except (ArrayError, BusyError):  # a view keeps self alive: not reached
            pass


def _address(held: _native.Buffer | None) -> int:
    return held.address if held is not None else 0


def _hold_floats(array: Array, what: str) -> _native.Buffer:
    """Holds an array that takes part in the arithmetic."""
    held = hold(array, what)
    if held.dtype not in (_native.OPT_F32, _native.OPT_F64):
        name = dtype_name(held.dtype)
        held.release()
        raise DTypeError(f'{what}: elements are {name}; float32 and float64 '
                         'are supported')
    return held


def _label(what: str, name: str | None) -> str:
    return f"{what} of '{name}'" if name is not None else what


def _hold_entry(entry: Entry, group: int, old: Tensor | None = None) -> Tensor:
    """Holds the memory of a parameter and its gradient; checks that they fit
    each other, or the tensor that they replace."""
    made = _declare(entry, group)
    expected = old if old is not None else made
    try:
        if made.held_param is not None:
            check_fits(made.held_param, _label('parameter', entry.name),
                       expected.param_dtype, expected.count, expected.shape)
        if entry.grad is not None:
            what = _label('gradient', entry.name)
            grad = _hold_floats(entry.grad, what)
            made = made._replace(grad=entry.grad, held_grad=grad,
                                 grad_dtype=grad.dtype)
            check_fits(grad, what, grad.dtype if old is None
                       else old.grad_dtype, expected.count, expected.shape)
    except BaseException:
        made.release()
        raise
    return made if old is None else made._replace(
        shape=old.shape, grad_dtype=old.grad_dtype)


def _declare(entry: Entry, group: int) -> Tensor:
    name = entry.name or ''
    if isinstance(entry.param, TensorSpec):
        spec = entry.param
        shape = spec.extents()
        count = math.prod(shape)
        if min(shape, default=0) < 0 or count >= 1 << 61:
            raise ArgumentError(f"{_label('parameter', entry.name)}: no memory "
                                f'has the shape {shape}')
        dtype = dtype_of(spec.dtype)
        return Tensor(name, -1, group, shape, count, dtype,
                      dtype_of(spec.grad_dtype) if spec.grad_dtype else dtype,
                      None, None, None, None)
    held = _hold_floats(entry.param, _label('parameter', entry.name))
    return Tensor(name, -1, group, held.shape, held.count, held.dtype,
                  held.dtype, entry.param, None, held, None)


def _describe(native: Any, tensor: Tensor, name: str | None) -> None:
    native.add(name, tensor.group, tensor.param_dtype, tensor.grad_dtype,
               tensor.count, _address(tensor.held_param),
               _address(tensor.held_grad))
    for extent in tensor.shape:
        native.extend(extent)
