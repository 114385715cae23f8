# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The native optimizer, and the memory that must stay in place for it."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from . import _native
from ._arrays import (Array, TensorSpec, check_fits, dtype_name, dtype_of,
                      hold)
from ._context import Context, shared_context
from ._errors import (ArgumentError, ArrayError, BusyError, ClosedError,
                      UnknownNameError)
from ._params import Entry, Grads, Params, match_arrays


@dataclass(frozen=True)
class Attached:
    """An attached tensor, and what is retained for it."""
    name: str
    index: int
    group: int
    shape: tuple[int, ...]
    count: int
    param_dtype: int
    grad_dtype: int
    param: Array | None = None
    grad: Array | None = None
    held_param: _native.Buffer | None = None
    held_grad: _native.Buffer | None = None

    def release(self) -> None:
        """Lets go of the retained memory."""
        for held in (self.held_param, self.held_grad):
            if held is not None:
                held.release()


class NativeOptimizer:
    """Owns a native optimizer. Optimizer, groups and views share it, and it
    knows none of them, so that no cycle keeps memory alive."""

    handle: int = 0

    def __init__(self, context: Context | None,
                 create: Callable[[int], int]) -> None:
        """`create` makes the handle of an optimizer with a context's."""
        self.tensors: dict[str, Attached] = {}  # by name, in attaching order
        self.closed = False
        self.scheduled = False  # whether an option may have a schedule
        self.slices_zero = False  # whether the open step zeroes gradients
        self._views: list[weakref.ref[_native.View]] = []
        self._closing = threading.Lock()
        self.context = context if context is not None else shared_context()
        if not isinstance(self.context, Context):
            raise TypeError('context is a libopt.Context or None, not '
                            f'{type(context).__name__}')
        self.handle = create(self.context._handle)

    def clone(self, context: Context | None) -> NativeOptimizer:
        """A copy whose tensors have no memory yet."""
        made = NativeOptimizer(
            context, lambda handle: _native.opt_clone(self.handle, handle))
        made.tensors = {name: replace(tensor, param=None, grad=None,
                                      held_param=None, held_grad=None)
                        for name, tensor in self.tensors.items()}
        made.scheduled = self.scheduled
        return made

    def info(self) -> _native.opt_info:
        """The library's description of the optimizer."""
        info = _native.opt_info()
        _native.opt_get_info(self.handle, info)
        return info

    def is_swapped(self) -> bool:
        """Whether the evaluation weights are in the parameters' buffers."""
        info = _native.opt_average_info()
        _native.opt_average_get_info(self.handle, info)
        return bool(info.swapped)

    def tensor_info(self, index: int) -> _native.opt_tensor_info:
        """The library's description of a tensor."""
        info = _native.opt_tensor_info()
        _native.opt_tensor_at(self.handle, index, info)
        return info

    def attach(self, entries: Iterable[Entry], group: int) -> None:
        """Attaches parameters, all or none."""
        self.end_views('attach')
        made: list[Attached] = []
        tensors = _native.TensorList()
        try:
            for entry in entries:
                made.append(_hold_entry(entry, group))
                _describe(tensors, made[-1], entry.name)
            tensors.attach(self.handle)
        except BaseException:
            for tensor in made:
                tensor.release()
            raise
        for i, tensor in enumerate(made):
            index = tensors.index(i)
            name = self.tensor_info(index).name
            self.tensors[name] = replace(tensor, index=index, name=name)

    def state_bytes(self, entries: Iterable[Entry], group: int) -> int:
        """Bytes of state that attach() would take."""
        tensors = _native.TensorList()
        for entry in entries:
            made = _hold_entry(entry, group)
            _describe(tensors, made, entry.name)
            made.release()  # only the sizes matter
        return tensors.state_bytes(self.handle)

    def move(self, name: str, group: int) -> None:
        """Makes a tensor one of another group."""
        tensor = self.find(name)
        _native.opt_tensor_set_group(self.handle, tensor.index, group)
        self.tensors[name] = replace(tensor, group=int(group))

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
        self.tensors[name] = replace(held, name=name, index=old.index)
        old.release()

    def detach(self, name: str) -> None:
        """Detaches a tensor and lets go of its memory."""
        tensor = self.find(name)
        self.end_views('detach')
        _native.opt_detach(self.handle, tensor.index)
        del self.tensors[name]
        tensor.release()

    def find(self, name: str) -> Attached:
        """The tensor of a name; the library's own message if there is none."""
        if not isinstance(name, str):
            raise TypeError('a parameter is looked up by its name, a str, not '
                            f'by {type(name).__name__}: list(optimizer.names) '
                            'has the names')
        if name not in self.tensors:
            _native.opt_tensor_find(self.handle, name)
        return self.tensors[name]

    def view(self, tensor: Attached, slot: str) -> memoryview:
        """A slot of the state, in place."""
        found = _native.opt_view()
        _native.opt_state_view(self.handle, tensor.index, slot, found)
        shape = tuple(_native.opt_shape_at(found, i)
                      for i in range(found.rank))
        view: Any = _native.View(self, found.data, found.dtype, shape)
        self._views = [old for old in self._views if old() is not None]
        self._views.append(weakref.ref(view))
        return memoryview(view)

    def has_slot(self, tensor: Attached, slot: str) -> bool:
        """Whether a tensor keeps a slot, which its group's options and its shape
        decide."""
        try:
            _native.opt_state_view(self.handle, tensor.index, slot,
                                   _native.opt_view())
        except UnknownNameError:
            return False
        return True

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
        raise TypeError('an optimizer cannot be pickled, nor a part of it '
                        'copied, since it holds the memory of others: use its '
                        'state_dict() or save_bytes(), or make a copy of all '
                        'of it by clone() or copy.deepcopy()')

    def __del__(self) -> None:
        try:
            self.close()
        except (ArrayError, BusyError):  # a view keeps self alive: not reached
            pass


class Lent:
    """Arrays that are lent to one call, which `call` makes: a context manager
    that lets go of them."""

    def __init__(self, optimizer: NativeOptimizer, grads: Grads,
                 params: Params | None, writes_grads: bool) -> None:
        self.call = _native.StepCall()
        self._held: list[_native.Buffer] = []
        if grads is None and params is None:
            return  # the retained ones
        if optimizer.closed:
            optimizer.info()  # which raises
        tensors = list(optimizer.tensors.values())
        names: list[str | None] = [tensor.name for tensor in tensors]
        try:
            for tensor, grad, param in zip(
                    tensors, match_arrays(grads, names, 'gradients'),
                    match_arrays(params, names, 'parameters')):
                grad_address = 0
                if grad is not None:
                    grad_address = self._hold_grad(tensor, grad, writes_grads)
                elif grads is None:
                    grad_address = _address(tensor.held_grad)
                self.call.lend(tensor.index, self._hold_param(tensor, param),
                               grad_address)
        except BaseException:
            self.release()
            raise

    @classmethod
    def of_params(cls, optimizer: NativeOptimizer, params: Params,
                  call: _native.SaveCall | _native.LoadCall) -> Lent:
        """Parameters that are lent to a save or a load."""
        lent = cls(optimizer, None, None, False)
        tensors = list(optimizer.tensors.values())
        try:
            for tensor, param in zip(tensors, match_arrays(
                    params, [tensor.name for tensor in tensors],
                    'parameters')):
                if param is not None:
                    call.lend(tensor.index, lent._hold_param(tensor, param))
        except BaseException:
            lent.release()
            raise
        return lent

    def _hold_param(self, tensor: Attached, param: Array | None) -> int:
        if param is None:
            return 0
        return self._hold(param, f"parameter '{tensor.name}'",
                          tensor.param_dtype, tensor, True)

    def _hold_grad(self, tensor: Attached, grad: Array, writes: bool) -> int:
        wanted = dtype_name(tensor.grad_dtype)
        return self._hold(
            grad, f"gradient of '{tensor.name}'", tensor.grad_dtype, tensor,
            writes, f": pass grad.astype('{wanted}'), or have the "
            'parameter take the other dtype from the beginning: attach it with '
            'such a gradient, or as a TensorSpec with such a grad_dtype')

    def _hold(self, array: Array, what: str, dtype: int, tensor: Attached,
              writable: bool, cure: str = '') -> int:
        held = hold(array, what, writable, True)
        self._held.append(held)
        check_fits(held, what, dtype, tensor.count, tensor.shape, cure)
        return held.address

    def release(self) -> None:
        """Lets go of the arrays."""
        for held in self._held:
            held.release()

    def __enter__(self) -> _native.StepCall:
        return self.call

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.release()


def _address(held: _native.Buffer | None) -> int:
    return held.address if held is not None else 0


def _hold_entry(entry: Entry, group: int,
                old: Attached | None = None) -> Attached:
    """Holds the memory of a parameter and its gradient; checks that they fit
    each other, or the tensor that they replace."""
    made = _declare(entry, group)
    expected = old if old is not None else made
    try:
        if made.held_param is not None:
            check_fits(made.held_param, entry.label, expected.param_dtype,
                       expected.count, expected.shape)
        if entry.grad is not None:
            what = entry.gradient_label
            grad = hold(entry.grad, what, True, True)
            made = replace(made, grad=entry.grad, held_grad=grad,
                           grad_dtype=grad.dtype)
            check_fits(grad, what, grad.dtype if old is None
                       else old.grad_dtype, expected.count, expected.shape)
    except BaseException:
        made.release()
        raise
    return made if old is None else replace(
        made, shape=old.shape, grad_dtype=old.grad_dtype)


def _declare(entry: Entry, group: int) -> Attached:
    name = entry.name or ''
    if isinstance(entry.param, TensorSpec):
        spec = entry.param
        shape = spec.extents()
        count = math.prod(shape)
        if min(shape, default=0) < 0 or count >= 1 << 61:
            raise ArgumentError(f'{entry.label}: no memory has the shape '
                                f'{shape}')
        dtype = dtype_of(spec.dtype)
        return Attached(name, -1, group, shape, count, dtype,
                        dtype_of(spec.grad_dtype) if spec.grad_dtype else dtype)
    held = hold(entry.param, entry.label, True, True)
    return Attached(name, -1, group, held.shape, held.count, held.dtype,
                    held.dtype, entry.param, held_param=held)


def _describe(tensors: Any, tensor: Attached, name: str | None) -> None:
    tensors.add(name, tensor.group, tensor.param_dtype, tensor.grad_dtype,
                tensor.count, _address(tensor.held_param),
                _address(tensor.held_grad))
    for extent in tensor.shape:
        tensors.extend(extent)
