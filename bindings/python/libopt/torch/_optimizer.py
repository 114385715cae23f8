# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""An optimizer of PyTorch's kind whose steps libopt makes."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, Union

import torch

from .. import _native, _safetensors
from .._arrays import TensorSpec, dtype_name
from .._catalog import rule as describe
from .._checkpoint import Checkpoint
from .._context import Context
from .._errors import (ArgumentError, ArrayError, BusyError, DTypeError,
                       MismatchError, StateError)
from .._gradients import (GradientReport, GradientWork, clear_work,
                          read_report, set_work)
from .._optimizer import Optimizer as Native, check_not_swapped
from .._params import Entry
from . import _options
from ._state import ParamState, Slots, State, slots_of

Self = TypeVar('Self', bound='Optimizer')

# As torch.optim takes them; also (name, parameter), as named_parameters() gives.
Params = Union[Iterable[torch.Tensor], Iterable['tuple[str, torch.Tensor]'],
               Iterable['dict[str, Any]']]

_DTYPES = {torch.float32: 'float32', torch.float64: 'float64'}
_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}

# Where state_dict() has what torch.optim has no word for.
_MORE = 'libopt'


class _Entry(NamedTuple):
    """A parameter, and what it was when it was added."""
    param: torch.Tensor
    name: str
    place: int  # the native index
    dtype: torch.dtype
    numel: int


class Optimizer(torch.optim.Optimizer):
    """A drop-in for the optimizers of ``torch.optim``: each step reads the
    parameters' and gradients' addresses and the options in ``param_groups``
    again, so that a new .grad, ``p.data = ...`` and schedulers work.

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
    foreach, fused
        Taken for the sake of torch.optim; they change nothing.
    capturable, differentiable
        Likewise, if they are False.
    options
        Options of the rule, which groups may have of their own.

    ``state[p]`` has torch.optim's keys; its tensors are views of libopt's
    memory, which adding a group and the like refuse to move while they are in
    use. ``report`` is that of the last step that was given ``work``.
    """

    def __init__(self, rule: str, params: Params, *, preset: str | None = None,
                 context: Context | None = None, foreach: bool | None = None,
                 fused: bool | None = None, capturable: bool = False,
                 differentiable: bool = False, **options: Any) -> None:
        self._rule = describe(rule)
        self._form = _options.form_of(self._rule)
        self._native = Native(
            rule, preset=preset or _options.default_preset(self._rule),
            context=context,
            **_options.to_native(self._rule, options))
        self._context = context
        self._begin()
        defaults = _options.in_form(self._rule, self._native.defaults,
                                    self._form, True)
        for key, value in dict(foreach=foreach, fused=fused,
                               capturable=capturable,
                               differentiable=differentiable).items():
            _options.check_supported(self._rule, {key: value})
            if value is not None and key in defaults:
                defaults[key] = value
        if rule == 'sgd' and preset is None:
            _options.check_nesterov(defaults)
        super().__init__(self._take_names(params), defaults)

    def _begin(self) -> None:
        """The attributes of an optimizer that has no parameters yet."""
        self.report: GradientReport | None = None
        self._calls = [_native.StepCall()]  # none: a thread is using it
        self._entries: list[_Entry] = []
        self._pushed: list[dict[str, Any]] = []
        self._names: dict[int, str] = {}
        self._numbers: dict[torch.Tensor, int] = {}
        self._other: dict[Any, Any] = {}
        self._steps: dict[str, torch.Tensor] = {}
        self._written: set[str] = set()

    @property
    def native(self) -> Native:
        """The optimizer of libopt inside: its schedules, averages, loss scaler,
        checkpoints. Steps are this class's: ``native.step()`` knows of no
        gradients, and so moves nothing."""
        return self._native

    if not TYPE_CHECKING:  # to which every name would be an attribute

        def __getattr__(self, name):
            message = f'{type(self).__name__!r} object has no attribute {name!r}'
            if not name.startswith('_') and hasattr(Native, name):
                message += f'; native.{name} is there'
            raise AttributeError(message, name=name, obj=self)

    # Parameters and options.

    def _take_names(self, params: Any) -> Any:
        if isinstance(params, torch.Tensor):
            return params  # for torch to refuse
        made = []
        for item in params:
            if isinstance(item, tuple):
                name, item = item
                self._names[id(item)] = name
            elif isinstance(item, Mapping):
                item = self._take_names_of(item)
            made.append(item)
        return made

    def _take_names_of(self, group: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(group, Mapping):
            raise TypeError('a parameter group is a dict, such as '
                            "{'params': ..., 'lr': 0.1}, not a value of type "
                            f'{type(group).__name__}')
        if 'params' not in group:
            raise ArgumentError(
                f'a parameter group has the keys {list(group)}, but lacks '
                "'params', under which its parameters belong: {'params': ..., "
                "'lr': 0.1}")
        params = group['params']
        if isinstance(params, set):
            return {**group}  # for torch to refuse
        return {**group, 'params': self._take_names(params)}

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group, as torch.optim does."""
        taken = self._take_names_of(param_group)
        param_group.update(taken)
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            _options.check_supported(self._rule, group)
            options = _options.from_pytorch(self._rule, group)
            known = self._native._groups[len(self._pushed):]  # those of a clone
            made = known[0] if known else self._native.add_group({
                **options,
                'params': [self._declare(p) for p in group['params']]})
        except BaseException:
            self.param_groups.pop()
            raise
        self._pushed.append(options)
        for param, name in zip(group['params'], made.names):
            self._numbers[param] = len(self._entries)
            self._entries.append(self._enter(param, name))

    def _declare(self, param: torch.Tensor) -> tuple[Any, ...]:
        name = self._names.get(id(param))
        what = 'a parameter' if name is None else f"parameter '{name}'"
        if param.dtype not in _DTYPES:
            raise DTypeError(
                f'{what} is {param.dtype}, not torch.float32 or torch.float64: '
                'convert the model, as model.float() does, before the optimizer '
                'is made')
        _check_place(param, what)
        spec = TensorSpec(tuple(param.shape), _DTYPES[param.dtype])
        name = self._names.pop(id(param), None)
        return (spec,) if name is None else (name, spec)

    def _enter(self, param: torch.Tensor, name: str) -> _Entry:
        index = self._native._native.tensors[name].index
        return _Entry(param, name, index, param.dtype, param.numel())

    def _push_options(self) -> None:
        """Makes the options of ``param_groups`` those of libopt."""
        others = []  # after all values are known to be right
        for number, (group, pushed) in enumerate(zip(self.param_groups,
                                                     self._pushed)):
            options = _options.from_pytorch(self._rule, group)
            if options == pushed and not group.get('capturable') and (
                    not group.get('differentiable')):
                continue
            _options.check_supported(self._rule, group)
            native = self._native._groups[number]
            changed = {name: value for name, value in options.items()
                       if value != pushed.get(name)}
            try:
                native.set(**changed)
            except StateError:  # the values are right, and need other slots
                others.append((number, changed))
                continue
            pushed.update(changed)
        for number, changed in others:
            self._set_layout(number, changed)
            self._pushed[number].update(changed)

    def _set_layout(self, number: int, changed: dict[str, Any]) -> None:
        """Sets options that need other slots: the parameters of the group are
        attached again, with the state that they had. A slot that is no longer
        needed is set aside, as torch.optim leaves it where it is."""
        native = self._native
        native._native.end_views(f'{list(changed)} of a group')
        saved = native.state_dict()
        options = saved['param_groups'][number]
        options.update(changed)
        names = options['params']
        wanted = slots_of(self._rule, options)
        kept = []
        for name, param in zip(names, self.param_groups[number]['params']):
            state = saved['state'][name]
            other = self._other.setdefault(param, {})
            slots = self._slots(param)
            for slot in slots.names:
                if slot not in wanted:
                    other[slot] = slots.read(slot).clone()
                    del state[slot]
            for slot in wanted:
                if slot not in state:
                    state[slot] = _zeros(param)
                    kept.append((slots, slot, other.pop(slot, None)))
        tensors = [native._native.tensors[name] for name in names]
        for name in names:
            native.detach(name)
        native._groups[number].set(**changed)
        native._native.attach(
            [Entry(tensor.name, TensorSpec(tensor.shape, dtype_name(
                tensor.param_dtype))) for tensor in tensors], number)
        native.load_state_dict(saved)
        for slots, slot, value in kept:
            slots.write(slot, value)
        self._entries = [self._enter(entry.param, entry.name)
                         for entry in self._entries]

    def _show_options(self) -> None:
        """Makes ``param_groups`` show the options of libopt: what a schedule of
        libopt's gives the next step, or what has been loaded."""
        for group, native, pushed in zip(self.param_groups,
                                         self._native._groups, self._pushed):
            current = dict(native)
            pushed.update({name: current[name] for name in pushed})
            group.update(_options.to_pytorch(self._rule, pushed))

    # State.

    @property  # type: ignore[override]
    def state(self) -> State:
        """The state by parameter, live; setting it to an empty dict resets
        the optimizer."""
        return State(self._numbers, self._other, self._state_of)

    @state.setter
    def state(self, value: Mapping[Any, Any]) -> None:
        value = {key: state.copy() if isinstance(state, ParamState) else state
                 for key, state in value.items()}  # which may be its own
        state = self.state
        state.clear()
        state.update(value)

    def _slots(self, param: torch.Tensor) -> Slots:
        entry = self._entries[self._numbers[param]]
        return Slots(self._native, entry.name, self._form, param)

    def _state_of(self, param: torch.Tensor) -> ParamState:
        return ParamState(self._slots(param), self._other.setdefault(param, {}),
                          self._steps, self._written)

    def to_torch_state_dict(self, torch_version: str | None = None
                            ) -> dict[str, Any]:
        """As the function libopt.torch.to_torch_state_dict."""
        self._push_options()
        form = _options.form_of(self._rule, torch_version)
        state: dict[Any, Any] = {}
        for number, entry in enumerate(self._entries):
            slots = Slots(self._native, entry.name, form, entry.param)
            found = ParamState(slots, self._other.get(entry.param, {}),
                               self._steps, self._written).copy()
            if found:
                state[number] = found
        state.update(self._own_entries())
        groups = []
        first = 0
        for group, native in zip(self.param_groups, self._native._groups):
            made = _options.in_form(self._rule, native, form, False,
                                    _dtype_of(group))
            made.update(_options.other_keys(self._rule, group, self._form,
                                            form))
            last = first + len(group['params'])
            made['params'] = list(range(first, last))
            groups.append(made)
            first = last
        return {'state': state, 'param_groups': groups}

    def _own_entries(self) -> dict[Any, Any]:
        """Entries that a program keeps in ``state`` beside the parameters'."""
        return {key: value for key, value in self._other.items()
                if key not in self._numbers}

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state in torch.optim's layout, which torch.optim loads
        too. What it has no word for, such as averages, a loss scaler and
        schedules of ``native``, stands under a key of its own."""
        for hook in self._hooks('state_dict_pre'):
            hook(self)
        made = self.to_torch_state_dict()
        if self._has_more():
            metadata, tensors = _safetensors.read(self._native.save_bytes())
            for entry in self._entries:
                for slot in self._slots(entry.param).names:
                    tensors.pop(f'{entry.name}/{slot}', None)
            made[_MORE] = torch.frombuffer(
                bytearray(_safetensors.write(metadata, tensors)),
                dtype=torch.uint8)
        for hook in self._hooks('state_dict_post'):
            made = hook(self, made) or made
        return made

    def _hooks(self, kind: str) -> list[Callable[..., Any]]:
        """Those that PyTorch 2 lets a program register."""
        return list(getattr(self, f'_optimizer_{kind}_hooks', {}).values())

    def _has_more(self) -> bool:
        native = self._native
        return (native.average is not None or native.scaler is not None
                or native.pending_samples > 0 or native.swapped
                or native._native.scheduled
                or any((tensor.lr_factor, tensor.weight_decay_factor,
                        tensor.frozen) != (1, 1, False)
                       for tensor in native.tensors.values()))

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Loads a state_dict of this optimizer or of torch.optim's, of any
        version; one that does not fit changes nothing."""
        for hook in self._hooks('load_state_dict_pre'):
            state_dict = hook(self, state_dict) or state_dict
        groups = _options.groups_of(state_dict)
        _options.check_sizes(groups, [len(group['params'])
                                      for group in self.param_groups])
        options = [_options.complete(self._rule, group, _dtype_of(own))
                   for group, own in zip(groups, self.param_groups)]
        keys = [key for group in groups for key in group['params']]
        states = [state_dict['state'].get(key, {}) for key in keys]
        self._check_loaded(groups, options, states)
        more = state_dict.get(_MORE)
        if more is not None:
            more = self._check_more(more)
        for group, saved, values in zip(self.param_groups, groups, options):
            group.update({**_options.to_pytorch(self._rule, values), **saved,
                          'params': group['params']})
        self._push_options()
        self._other.clear()
        self._other.update({key: value for key, value
                            in state_dict['state'].items() if key not in keys})
        # A parameter that has no state yet must not undo what its group shares.
        for entry, state in sorted(zip(self._entries, states),
                                   key=lambda pair: len(pair[1]) > 0):
            slots = self._slots(entry.param)
            slots.load(state)
            idle = {'step', *slots.names}
            idle.update(key for key in self._form.idle
                        if state.get(key) is None)
            self._other[entry.param] = {key: value for key, value
                                        in state.items() if key not in idle}
        self._steps.clear()
        self._written.clear()
        if more is not None:
            self._load_more(more)
        self._show_options()
        for hook in self._hooks('load_state_dict_post'):
            hook(self)

    def _check_loaded(self, groups: list[Mapping[str, Any]],
                      options: list[dict[str, Any]],
                      states: list[Mapping[str, Any]]) -> None:
        """Raises unless a state_dict can be loaded."""
        _options.check_together(self._rule, options)
        if any(slots_of(self._rule, values) != slots_of(self._rule, native)
               for values, native in zip(options, self._native._groups)):
            self._native._native.end_views('load_state_dict')
        first = 0
        for group, values in zip(groups, options):
            _options.check_supported(self._rule, group)
            for _ in group['params']:
                slots = self._slots(self._entries[first].param)
                slots.check(states[first], slots.names_with(values))
                first += 1

    def _check_more(self, more: torch.Tensor) -> bytes:
        """The checkpoint without slots that state_dict() has made."""
        data = bytearray(more.numel())
        torch.frombuffer(data, dtype=torch.uint8).copy_(more)
        with Checkpoint(data) as checkpoint:
            names = {name.rpartition('/')[0] for name in checkpoint
                     if name.endswith('/group')}
        if names != set(self._native.names):
            raise MismatchError(
                f"'{_MORE}' of the state_dict is of parameters of other names: "
                f'{sorted(names)[:3]} ...; delete that key to load the rest')
        return bytes(data)

    def _load_more(self, data: bytes) -> None:
        metadata, tensors = _safetensors.read(data)
        _, current = _safetensors.read(self._native.save_bytes())
        for entry in self._entries:
            for slot in self._slots(entry.param).names:
                key = f'{entry.name}/{slot}'
                if key in current:  # and is not its group's
                    tensors[key] = current[key]
        self._native.load_bytes(_safetensors.write(metadata, tensors))

    def __deepcopy__(self: Self, memo: dict[int, Any]) -> Self:
        own = self._own_state()
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        made._restore(copy.deepcopy(self._native, memo), self._context,
                      copy.deepcopy(own, memo))
        return made

    def __getstate__(self) -> dict[str, Any]:
        context = self._context
        return {**self._own_state(), 'rule': self._rule.name,
                'threads': None if context is None else context.threads,
                'spin_microseconds':
                    0 if context is None else context.spin_microseconds,
                'checkpoint': bytes(self._native.save_bytes())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        threads = state['threads']
        context = None if threads is None else Context(
            threads, spin_microseconds=state['spin_microseconds'])
        self._restore(Native(state['rule'], context=context), context, state)
        self._native.load_bytes(state['checkpoint'])

    def _own_state(self) -> dict[str, Any]:
        """The attributes of a copy beside the optimizer of libopt inside."""
        self._push_options()
        self._pull_steps()
        return {'defaults': self.defaults, 'param_groups': self.param_groups,
                'names': [entry.name for entry in self._entries],
                'other': [self._other.get(entry.param, {})
                          for entry in self._entries],
                'own': self._own_entries(), 'written': self._written}

    def _restore(self, native: Native, context: Context | None,
                 state: dict[str, Any]) -> None:
        """Makes this a copy with such a state, on an optimizer inside that has
        either all groups already or none."""
        self._rule = describe(native.rule)
        self._form = _options.form_of(self._rule)
        self._context = context
        self._native = native
        self._begin()
        params = [param for group in state['param_groups']
                  for param in group['params']]
        self._names = {id(param): name
                       for param, name in zip(params, state['names'])}
        super().__init__([dict(group) for group in state['param_groups']],
                         state['defaults'])
        self._names.clear()
        self._other = {**state['own'], **dict(zip(params, state['other']))}
        self._written = state['written']

    # Steps.

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None, *,
             work: GradientWork | None = None, zero_grads: bool = False) -> Any:
        """Makes one step over every parameter whose ``.grad`` is not None, as
        in PyTorch; if there is none, nothing moves and nothing is raised, but
        schedules of libopt's go on.

        closure
            Computes the loss again; the step returns what it does.
        work
            Unscaling, clipping and what to do about Inf and NaN, in the same
            pass over memory; ``report`` tells what the gradients were like.
        zero_grads
            Sets the gradients to zero in the same pass.
        """
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
            self._step(call, work, zero_grads)
        finally:
            self._calls.append(call)
        return loss

    def _step(self, call: _native.StepCall, work: GradientWork | None,
              zero_grads: bool) -> None:
        native = self._native
        self._push_options()
        self._pull_steps()
        averaging = native.average is not None
        lend = call.lend
        kept = []  # gradients that were copied, and their copies
        for entry in self._entries:
            param, _, place, _, _ = entry
            grad = param.grad
            if grad is None and not averaging:
                lend(place, 0, 0)
                continue
            _check_unchanged(entry)
            if grad is None:  # its average goes on
                lend(place, param.data_ptr(), 0)
                continue
            if grad.dtype != param.dtype or grad.shape != param.shape:
                raise ArgumentError(
                    f"parameter '{entry.name}' is {param.dtype} of shape "
                    f'{tuple(param.shape)}, but its gradient {grad.dtype} of '
                    f'{tuple(grad.shape)}')
            if grad.is_sparse:
                raise ArrayError(
                    f"the gradient of '{entry.name}' is sparse, which libopt "
                    'does not take: make the layer with sparse=False, or step '
                    'this parameter with torch.optim.SparseAdam')
            if grad.stride() != param.stride():
                kept.append((grad, torch.empty_like(param).copy_(grad)))
                grad = kept[-1][1]
            _check_place(grad, f"the gradient of '{entry.name}'")
            lend(place, param.data_ptr(), grad.data_ptr())
        if work is not None:
            set_work(call, work)
        else:
            clear_work(call)
        call.step(native._handle, _native.OPT_STEP_ZERO_GRADS if zero_grads else 0)
        if work is not None:
            self.report = read_report(native._native, call)
        if zero_grads:
            for grad, _ in kept:
                grad.zero_()
        if native._native.scheduled:
            self._show_options()

    def _pull_steps(self) -> None:
        """Takes over step counts that a program has changed in ``state``."""
        for name, step in self._steps.items():
            tensor = self._native.tensors[name]
            if tensor.step != int(step):
                tensor.step = int(step)
        self._steps.clear()

    def swap_eval_weights(self) -> None:
        """Exchanges the parameters with the evaluation weights: the averages,
        if ``native.start_average()`` keeps them, else the rule's own, or else
        the slow weights of lookahead. The next call puts the parameters back.
        ``eval_weights()`` is safer."""
        self._lend_params().swap_eval_weights(self._native._handle)

    def read_eval_weights(self, param: torch.Tensor) -> torch.Tensor:
        """A new tensor with the evaluation weights of one parameter: those
        that swap_eval_weights() would put into its buffer. Nothing changes."""
        for entry in self._entries:
            if entry.param is param:
                break
        else:
            raise ArgumentError('read_eval_weights: the tensor is not a '
                                'parameter of this optimizer')
        call = self._lend_params()
        weights = torch.empty_like(param, requires_grad=False)
        call.read_eval_weights(self._native._handle, entry.place,
                               weights.data_ptr())
        return weights

    def _lend_params(self) -> _native.StepCall:
        call = _native.StepCall()
        for entry in self._entries:
            _check_unchanged(entry)
            call.lend(entry.place, entry.param.data_ptr(), 0)
        return call

    @contextlib.contextmanager
    def eval_weights(self) -> Iterator[None]:
        """``with optimizer.eval_weights(): evaluate(model)``: within, the
        parameters are the evaluation weights; at the end they are put back."""
        check_not_swapped(self._native._native)
        self.swap_eval_weights()
        try:
            yield
        finally:
            if self._native.swapped:
                self.swap_eval_weights()


def _dtype_of(group: Mapping[str, Any]) -> torch.dtype:
    """The type of the parameters of a group."""
    params = group['params']
    dtype: torch.dtype = params[0].dtype if params else torch.float64
    return dtype


def _zeros(param: torch.Tensor) -> memoryview:
    memory = memoryview(bytearray(param.numel() * param.element_size()))
    return memory.cast('d' if param.dtype == torch.float64 else 'f')


def _check_unchanged(entry: _Entry) -> None:
    """Raises unless the parameter has what its state was made for."""
    param = entry.param
    if param.dtype != entry.dtype:
        raise ArgumentError(
            f"parameter '{entry.name}' was {entry.dtype} and is {param.dtype} "
            'now: convert the model before the optimizer is made')
    if param.numel() != entry.numel:
        raise ArgumentError(
            f"parameter '{entry.name}' had {entry.numel} elements and has "
            f'{param.numel()} now: make a new optimizer for it')
    _check_place(param, f"parameter '{entry.name}'")


def _check_place(tensor: torch.Tensor, what: str) -> None:
    """Raises unless the elements are together in the memory of the CPU; in the
    order of torch.channels_last is well, too."""
    if tensor.device.type != 'cpu':
        raise ArrayError(f'{what} is on {tensor.device}, but libopt steps on '
                         "the CPU alone: move the model there, as model.to("
                         "'cpu') does, before the optimizer is made, or use "
                         'torch.optim')
    if tensor.is_contiguous():
        return
    order = _FORMATS.get(tensor.dim())
    if order is None or not tensor.is_contiguous(memory_format=order):
        raise ArrayError(
            f'the elements of {what} are not contiguous: have the model made '
            'with .contiguous() of it, before the optimizer is made')
