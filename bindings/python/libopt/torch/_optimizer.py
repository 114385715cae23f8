# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""An optimizer of PyTorch's kind whose steps libopt makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

import torch

from .. import _native
from .._arrays import TensorSpec
from .._context import Context
from .._describe import rule as describe
from .._errors import ArgumentError, ArrayError, BusyError, DTypeError
from .._optimizer import Optimizer as Native
from . import _options

# As torch.optim takes them; also (name, parameter), as named_parameters() gives.
Params = Union[Iterable[torch.Tensor], Iterable['tuple[str, torch.Tensor]'],
               Iterable['dict[str, Any]']]

_DTYPES = {torch.float32: 'float32', torch.float64: 'float64'}
_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


class Optimizer(torch.optim.Optimizer):
    """A drop-in for the optimizers of ``torch.optim``: each step reads the
    parameters' and gradients' addresses and the options in ``param_groups``
    anew, so that a new .grad, ``p.data = ...`` and schedulers work. ``state`` is
    empty, for the library has it: see ``state_dict()`` and ``native.state``.

    rule
        Name of an update rule: 'adamw'.
    params
        Parameters, (name, parameter) pairs or groups, as torch.optim takes
        them: dense, float32 or float64, on the CPU. Names are used in
        ``native``'s checkpoints.
    preset
        'pytorch' where the rule has it, else 'textbook'.
    context
        Threads and SIMD target; None: all cores, shared by the process.
    options
        Options of the rule, which groups may have of their own.
    """

    def __init__(self, rule: str, params: Params, *, preset: str | None = None,
                 context: Context | None = None, **options: Any) -> None:
        info = describe(rule)
        self._rule = info
        self._native = Native(
            rule, preset=preset or _options.default_preset(info),
            context=context,
            **{_options.NATIVE.get(name, name): value
               for name, value in options.items()})
        self._calls = [_native.StepCall()]  # none: a thread is using it
        self._entries: list[tuple[torch.Tensor, int, str]] = []
        self._pushed: list[dict[str, Any]] = []
        self._names: dict[int, str] = {}
        defaults = _options.to_pytorch(info, self._native.defaults)
        super().__init__(self._without_names(params), defaults)

    @property
    def native(self) -> Native:
        """The optimizer of libopt inside: its state, checkpoints, context."""
        return self._native

    def _without_names(self, params: Any) -> Any:
        if isinstance(params, torch.Tensor):
            return params  # for torch to refuse
        made = []
        for item in params:
            if isinstance(item, tuple):
                name, item = item
                self._names[id(item)] = name
            elif isinstance(item, Mapping):
                item = dict(item)
                if not isinstance(item['params'], torch.Tensor):
                    item['params'] = self._without_names(item['params'])
            made.append(item)
        return made

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group, as torch.optim does."""
        if not isinstance(param_group.get('params'), torch.Tensor):
            param_group['params'] = self._without_names(param_group['params'])
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            options = _options.from_pytorch(self._rule, group)
            made = self._native.add_param_group({
                **options,
                'params': [self._declare(p) for p in group['params']]})
        except BaseException:
            self.param_groups.pop()
            raise
        self._pushed.append(options)
        for param, name in zip(group['params'], made.names):
            index = self._native._core.tensors[name].index
            self._entries.append((param, index, str(param.dtype)))

    def _declare(self, param: torch.Tensor) -> tuple[Any, ...]:
        if param.dtype not in _DTYPES:
            raise DTypeError(f'a parameter is {param.dtype}; torch.float32 and '
                             'torch.float64 are supported')
        _check_place(param, 'a parameter')
        spec = TensorSpec(tuple(param.shape), _DTYPES[param.dtype])
        name = self._names.pop(id(param), None)
        return (spec,) if name is None else (name, spec)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Makes one step; ``closure`` computes the loss again and returns it."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        try:
            call = self._calls.pop()
        except IndexError:
            raise BusyError('the optimizer is in use by another thread: step '
                            'it from one thread at a time') from None
        try:
            self._step(call)
        finally:
            self._calls.append(call)
        return loss

    def _step(self, call: _native.StepCall) -> None:
        self._push_options()
        lend = call.lend
        averaging = self._native.average is not None
        kept = []  # gradients that had to be copied
        for param, index, dtype in self._entries:
            grad = param.grad
            if grad is None and not averaging:
                lend(index, 0, 0)
                continue
            if str(param.dtype) != dtype:
                raise ArgumentError(f'a parameter of {dtype} has become '
                                    f'{param.dtype}')
            _check_place(param, 'a parameter')
            if grad is None:  # its average goes on
                lend(index, param.data_ptr(), 0)
                continue
            if grad.dtype != param.dtype or grad.shape != param.shape:
                raise ArgumentError(
                    f'a parameter is {dtype} of shape {tuple(param.shape)}, its'
                    f' gradient {grad.dtype} of {tuple(grad.shape)}')
            if grad.is_sparse or grad.stride() != param.stride():
                if grad.is_sparse:
                    raise ArrayError('sparse gradients are not supported')
                grad = torch.empty_like(param).copy_(grad)
                kept.append(grad)
            _check_place(grad, 'a gradient')
            lend(index, param.data_ptr(), grad.data_ptr())
        self._check_sizes()
        call.step(self._native._handle, 0)

    def _check_sizes(self) -> None:
        tensors = self._native._core.tensors.values()
        for (param, _, _), tensor in zip(self._entries, tensors):
            if param.numel() != tensor.count:
                raise ArgumentError(
                    f"parameter '{tensor.name}' has {param.numel()} elements, "
                    f'not {tensor.count} any longer')

    def _push_options(self) -> None:
        for group, native, pushed in zip(self.param_groups,
                                         self._native._groups, self._pushed):
            options = _options.from_pytorch(self._rule, group)
            if options != pushed:
                for name, value in options.items():
                    if value != pushed.get(name):
                        native.set(name, value)
                        pushed[name] = value

    def state_dict(self) -> dict[str, Any]:
        """The state in torch.optim's layout, which torch.optim loads too."""
        from . import _convert
        self._push_options()
        made = _convert.to_torch_state_dict(self)
        for group, own in zip(made['param_groups'], self.param_groups):
            for key, value in own.items():
                if key != 'params':
                    group[key] = value  # such as a scheduler's initial_lr
        return made

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Loads a state_dict of this optimizer or of torch.optim's."""
        from . import _convert
        _convert.load_torch_state_dict(self, state_dict)
        for group, saved, native, pushed in zip(
                self.param_groups, state_dict['param_groups'],
                self._native._groups, self._pushed):
            group.update({key: value for key, value in saved.items()
                          if key != 'params'})
            group.update(_options.to_pytorch(self._rule, native))
            pushed.update(_options.from_pytorch(self._rule, group))

    def __getstate__(self) -> dict[str, Any]:
        return {'rule': self._rule.name, 'groups': self.param_groups,
                'saved': self.state_dict()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Optimizer.__init__(self, state['rule'],
                           [dict(group) for group in state['groups']])
        self.load_state_dict(state['saved'])


def _check_place(tensor: torch.Tensor, what: str) -> None:
    """Raises unless the elements are together in the memory of the CPU; in the
    order of torch.channels_last is well, too."""
    if tensor.device.type != 'cpu':
        raise ArrayError(f'{what} is on {tensor.device}, not on the CPU')
    if tensor.is_contiguous():
        return
    order = _FORMATS.get(tensor.dim())
    if order is None or not tensor.is_contiguous(memory_format=order):
        raise ArrayError(f'the elements of {what} are not contiguous')
