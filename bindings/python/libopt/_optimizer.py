# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The optimizer: parameters, groups, steps, averages, state."""

from __future__ import annotations

import contextlib
import copy
import numbers
import os
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from . import _checkpoint, _native, _state_dict
from ._arrays import Array, TensorSpec, dtype_name, hold, to_array
from ._catalog import Rule, rule as describe
from ._checkpoint import Loaded, Path
from ._context import Context
from ._errors import ArgumentError, DTypeError, Error, StateError
from ._gradients import GradientReport, GradientWork, read_report, set_work
from ._groups import Group, OptionValues, option_list, pair_of
from ._native_optimizer import Lent, NativeOptimizer
from ._params import (Entry, Grads, GroupSpec, Params, read_entries, read_group,
                      read_groups)
from ._schedule import Schedule, copy_schedule, set_schedule
from ._tensors import State, Tensors

Self = TypeVar('Self', bound='Optimizer')

_step_retained = _native.opt_step_retained

# Attributes that clone() rebuilds and need not be copied.
_NATIVE_PARTS = ('_native', '_handle', '_rule', '_groups')

# Methods of torch.optim's, and those in their place.
_OF_PYTORCH = {'zero_grad': 'zero_grads()', 'add_param_group': 'add_group()'}

_AVERAGES: dict[str, int] = {'ema': _native.OPT_AVERAGE_EMA,
                             'swa': _native.OPT_AVERAGE_SWA}


def _step_flags(zero_grads: bool, sum: bool) -> int:
    return ((_native.OPT_STEP_ZERO_GRADS if zero_grads else 0)
            | (_native.OPT_STEP_SUM if sum else 0))


class AverageInfo(NamedTuple):
    """An average of the parameters, as start_average() describes it.

    updates
        Number of steps that have updated the averages.
    """
    kind: Literal['ema', 'swa']
    decay: float
    start: int
    period: int
    warmup: bool
    updates: int


class ScalerInfo(NamedTuple):
    """A loss scaler, as start_scaler() describes it.

    scale
        What to multiply the next loss by.
    good_steps
        Number of steps since the scale last changed.
    skipped
        Number of steps that were skipped because of Inf or NaN.
    """
    scale: float
    growth_factor: float
    backoff_factor: float
    growth_interval: int
    good_steps: int
    skipped: int


class Optimizer:
    """An optimizer of any update rule; ``libopt.AdamW`` and the other classes
    have the options of their rule as keyword arguments.

    rule
        Name or alias of a rule: 'adamw', 'momentum' (see ``rules()``).
    params
        What to optimize, in one of these spellings:

        - one array, or an iterable of arrays;
        - a dict of name to array;
        - in place of an array, (parameter, gradient), and in an iterable also
          (name, parameter) and (name, parameter, gradient);
        - in place of an array, a TensorSpec: the memory is lent to each step;
        - an iterable of groups, dicts with these in 'params', gradients in
          'grads', and options of the group: {'params': [w], 'lr': 1e-3}.

        An array is float32 or float64, contiguous, writable and of the CPU:
        NumPy, array.array, any other with the buffer protocol, DLPack, torch.
        It is not copied, but held in place until it is detached or the
        optimizer closed.
    grads
        Gradients in the order, or by the names, of the parameters, each with
        its parameter's shape (or flat). Those that are not given here are lent
        to each step; ``.grad`` of a torch tensor is not looked at
        (``libopt.torch`` does so).
    preset
        A set of defaults: 'pytorch', or 'textbook' (as without).
    context
        Threads and SIMD target; None: all cores, shared by the process.
    options
        Values of options, of every group that does not have its own.

    A context manager: it closes at the end. One optimizer serves one thread at
    a time (else BusyError); different ones are independent. A call that raises
    has changed nothing.
    """

    def __init__(self, rule: str, params: Params = (), grads: Grads = None, *,
                 preset: str | None = None, context: Context | None = None,
                 **options: Any) -> None:
        if not isinstance(rule, str):
            raise TypeError("rule is the name of an update rule, such as "
                            f"'adamw', not a value of type {type(rule).__name__}"
                            '; the classes of rules, as libopt.AdamW, take '
                            'the parameters first')
        if isinstance(grads, numbers.Number):
            raise DTypeError(
                'the argument after the parameters is their gradients; options '
                f'such as the learning rate are given by name: lr={grads!r}')
        self._native = NativeOptimizer(
            context, lambda handle: _native.opt_create(handle, rule))
        self._handle = self._native.handle
        self._rule: Rule = describe(rule)
        self._groups: list[Group] = []
        try:
            self.set_options(preset=preset, **{
                name: value for name, value in options.items()
                if value is not None})
            for group in read_groups(params, grads):
                self._add(group)
        except BaseException:
            self._native.close()
            raise

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith('_') and self._is_option(name):
            raise AttributeError(
                f"'{name}' is an option: set it by param_groups[i]['{name}'] = "
                f'..., or in all groups by set_options({name}=...)')
        super().__setattr__(name, value)

    if not TYPE_CHECKING:  # to which every name would be an attribute

        def __getattr__(self, name):
            message = f'{type(self).__name__!r} object has no attribute {name!r}'
            if name in _OF_PYTORCH:
                message += f'; use {_OF_PYTORCH[name]}'
            elif not name.startswith('_') and self._is_option(name):
                message = f"'{name}' is an option: see param_groups[i]['{name}']"
            raise AttributeError(message, name=name, obj=self)

    def _is_option(self, name: str) -> bool:
        return (self._rule.option(name) is not None
                or pair_of(self._rule, name) is not None)

    # Parameters and options.

    @property
    def rule(self) -> str:
        """Name of the update rule."""
        return self._rule.name

    @property
    def param_groups(self) -> list[Group]:
        """The groups, live: ``param_groups[0]['lr'] = 1e-4`` acts from the
        next step on."""
        return list(self._groups)

    @property
    def defaults(self) -> OptionValues:
        """Option values that new groups get."""
        return OptionValues(self._native, self._rule, _native.OPT_ALL_GROUPS)

    @property
    def names(self) -> list[str]:
        """Names of the parameters, in the order of attaching."""
        return list(self._native.tensors)

    @property
    def tensors(self) -> Tensors:
        """The parameters, live: ``tensors['embedding'].frozen = True`` and
        ``tensors['bias'].weight_decay_factor = 0`` act from the next step."""
        return Tensors(self._native)

    def set_options(self, *, preset: str | None = None, **options: Any) -> None:
        """Sets options of every group, and what new groups get: all or none.

        preset
            Sets every option to the values of a preset first.
        """
        self.defaults.set(preset=preset, **options)

    def set_preset(self, preset: str) -> None:
        """Sets every option of every group to the values of a preset."""
        self.defaults.set_preset(preset)

    def add_group(self, group: Mapping[str, Any]) -> Group:
        """Adds a group: {'params': ..., 'grads': ..., 'names': ..., 'preset':
        ..., and options}; what it leaves out is as in the preset, or without
        one as in ``defaults``."""
        return self._add(read_group(group))

    def _add(self, spec: GroupSpec) -> Group:
        native, index = self._native, len(self._groups)
        if index < native.info().group_count:
            # It is there already: the first, or one whose tensors were refused.
            values = {**spec.options}
            if spec.preset is None:
                values = {**self.defaults, **values}
            option_list(self._rule, values, spec.preset).set(self._handle,
                                                             index)
        else:
            option_list(self._rule, spec.options,
                        spec.preset).add_group(self._handle)
        native.attach(spec.entries, index)
        self._groups.append(Group(native, self._rule, index))
        return self._groups[-1]

    def bind(self, name: str, param: Array | TensorSpec,
             grad: Array | None = None) -> None:
        """Gives a parameter other memory, of the same size; its state stays."""
        self._native.bind(name, Entry(name, param, grad))

    def detach(self, name: str) -> None:
        """Forgets a parameter and its state, and lets go of its memory."""
        self._native.detach(name)

    # Schedules.

    def set_schedule(self, option: str, schedule: Schedule | None) -> None:
        """Schedules an option of every group, and of those to come."""
        set_schedule(self._native, _native.OPT_ALL_GROUPS, option, schedule)

    def schedule(self, option: str) -> Schedule | None:
        """A copy of the schedule that new groups get for an option."""
        return copy_schedule(self._handle, _native.OPT_ALL_GROUPS, option)

    def report_metric(self, metric: float) -> None:
        """Reports a metric, such as a loss, to every 'plateau' schedule."""
        _native.opt_report_metric(self._handle, _native.OPT_ALL_GROUPS, metric)

    # Steps.

    def step(self, grads: Grads = None, params: Params | None = None, *,
             zero_grads: bool = False, sum: bool = False,
             work: GradientWork | None = None) -> GradientReport | None:
        """Makes one step over every parameter that has a gradient. One without
        is left as it is, and so is its own count, ``state[name]['step']``. If
        all are without, nothing moves and nothing is raised, as in PyTorch;
        ``steps`` counts the call nevertheless, and schedules go on.

        grads
            Gradients for this step alone, by name or one for each parameter
            (None: it is left as it is); by default the retained ones.
        params
            Memory of the parameters for this step alone, likewise.
        zero_grads
            Sets the gradients to zero in the same pass over memory.
        sum
            Use the sum of accumulated gradients, not their mean.
        work
            Unscaling, clipping and what to do about Inf and NaN, in the same
            pass; the step then returns a report.
        """
        if (grads is None and params is None and work is None
                and not zero_grads and not sum):
            _step_retained(self._handle)
            return None
        with Lent(self._native, grads, params, zero_grads) as call:
            if work is not None:
                set_work(call, work)
            if grads is None and params is not None and self.pending_samples:
                make = call.step_accumulated
            else:
                make = call.step
            make(self._handle, _step_flags(zero_grads, sum))
            return read_report(self._native, call) if work is not None else None

    def begin_step(self, grads: Grads = None, *, params: Params | None = None,
                   zero_grads: bool = False, sum: bool = False,
                   work: GradientWork | None = None) -> GradientReport | None:
        """Begins a step in slices, for a program that must go on after a few
        milliseconds. It decides everything that concerns all parameters:
        norms, clipping, scheduled values. step_slice() then gives some their
        turn, until none is ``remaining``; all slices together give the bytes
        of one step(). Until then whatever would disturb the step raises
        StateError.

            optimizer.begin_step()
            for name in names:
                optimizer.step_slice([name])  # one in each frame

        Takes what step() takes, and returns what it returns. Arrays that are
        given here are given to each slice once more.
        """
        with Lent(self._native, grads, params, zero_grads) as call:
            if work is not None:
                set_work(call, work)
            if grads is None and params is not None and self.pending_samples:
                make = call.begin_step_accumulated
            else:
                make = call.begin_step
            make(self._handle, _step_flags(zero_grads, sum))
            self._native.slices_zero = zero_grads
            return read_report(self._native, call) if work is not None else None

    def step_slice(self, names: Iterable[str] | None = None,
                   grads: Grads = None, *,
                   params: Params | None = None) -> int:
        """Gives some parameters their turn in the open step, and returns the
        number of those that have not had theirs; 0: the step has ended.

        names
            Names of the parameters, each once; None: all that remain.
        grads, params
            What was given to begin_step(), which may have moved.
        """
        with Lent(self._native, grads, params, self._native.slices_zero) as call:
            if names is None:
                call.step_remaining(self._handle)
            else:
                if isinstance(names, str):
                    raise TypeError('names is a list of names, such as '
                                    f'[{names!r}], not one name')
                for name in names:
                    call.add_to_slice(self._native.find(name).index)
                call.step_slice(self._handle)
            return call.remaining()

    def abandon_step(self) -> None:
        """Ends the open step early: parameters that remain are left out of it.
        If none has had its turn, nothing has changed."""
        _native.opt_step_abandon(self._handle)

    def accumulate(self, samples: int = 1, grads: Grads = None, *,
                   means: bool = False, zero_grads: bool = False) -> None:
        """Adds the gradients to those that the next step uses the mean of.

        samples
            Number of samples that the gradients are of.
        means
            The gradients are means over the samples, not sums.
        grads, zero_grads
            As in step().
        """
        if not isinstance(samples, numbers.Number) and grads is None:
            raise TypeError(
                'samples is the number of samples that the gradients are of, '
                f'not a value of type {type(samples).__name__}: '
                'accumulate(samples, grads)')
        flags = ((_native.OPT_ACCUMULATE_ZERO_GRADS if zero_grads else 0)
                 | (_native.OPT_ACCUMULATE_MEANS if means else 0))
        with Lent(self._native, grads, None, zero_grads) as call:
            call.accumulate(self._handle, samples, flags)

    def discard(self) -> None:
        """Forgets what accumulate() has added up since the last step."""
        _native.opt_discard(self._handle)

    def grad_norm(self, grads: Grads = None, *, sum: bool = False,
                  work: GradientWork | None = None) -> GradientReport:
        """Measures the gradients that a step would use; changes nothing."""
        with Lent(self._native, grads, None, False) as call:
            set_work(call, work or GradientWork())
            call.grad_norm(self._handle, _native.OPT_GRAD_SUM if sum else 0)
            return read_report(self._native, call)

    def clip_grads(self, work: GradientWork,
                   grads: Grads = None) -> GradientReport:
        """Does the work on the gradients in place."""
        with Lent(self._native, grads, None, True) as call:
            set_work(call, work)
            call.clip_grads(self._handle)
            return read_report(self._native, call)

    def zero_grads(self, grads: Grads = None) -> None:
        """Sets the retained gradients, or these, to zero."""
        with Lent(self._native, grads, None, True) as call:
            call.zero_grads(self._handle)

    # Loss scaling and averages.

    def start_scaler(self, initial_scale: float = 65536,
                     growth_factor: float = 2, backoff_factor: float = 0.5,
                     growth_interval: int = 2000) -> None:
        """From now on each step divides the gradients by ``scaler.scale``, is
        skipped if they hold Inf or NaN, and adapts the scale.

        initial_scale
            What the first loss is to be multiplied by.
        growth_factor, growth_interval
            So many steps in a row that were not skipped multiply the scale by
            the factor.
        backoff_factor
            A step that is skipped multiplies the scale by it.
        """
        _native.opt_scaler_start_with(
            self._handle, initial_scale, growth_factor, backoff_factor,
            growth_interval)

    def set_scale(self, scale: float) -> None:
        """Sets the scale of the loss scaler, as when a run is continued from
        another library; the count of good steps starts over."""
        _native.opt_scaler_set_scale(self._handle, scale)

    def stop_scaler(self) -> None:
        """Ends loss scaling."""
        _native.opt_scaler_stop(self._handle)

    @property
    def scaler(self) -> ScalerInfo | None:
        """The loss scaler, if there is one."""
        info = _native.opt_scaler_info()
        _native.opt_scaler_get_info(self._handle, info)
        if not info.active:
            return None
        return ScalerInfo(info.scale, info.growth_factor, info.backoff_factor,
                          info.growth_interval, info.good_steps, info.skipped)

    def start_average(self, kind: Literal['ema', 'swa'] = 'ema', *,
                      decay: float = 0.999, start: int = 0, period: int = 1,
                      warmup: bool = False) -> None:
        """Keeps an average of every parameter, in its shape and dtype, updated
        in the same pass over memory as the step; or changes how. At the first
        update it becomes the parameter, and after n updates the next makes it
        ``average + weight * (param - average)``.

        kind
            'ema', exponential moving average: weight = 1 - decay. 'swa',
            stochastic weight averaging, the plain mean: weight = 1 / (n + 1);
            Izmailov et al. 2018, arXiv:1803.05407. Another kind than before
            starts over.
        decay
            Of the EMA, in [0, 1].
        start
            Number of steps before the first update.
        period
            Number of steps from one update to the next.
        warmup
            Of the EMA: the decay is min(decay, (1 + n) / (10 + n)), which
            leaves the first, untrained parameters behind sooner.

        ``state['w']['param_average']`` is a view of it, ``eval_weights()``
        evaluates with it, and checkpoints hold it.
        """
        if kind not in _AVERAGES:
            raise ArgumentError(f"kind is 'ema' or 'swa', not {kind!r}; what "
                                'else there is, is given by name: decay=0.99')
        if warmup and kind != 'ema':
            raise ArgumentError("warmup=True is for kind='ema', whose decay "
                                'begins smaller: leave it out')
        _native.opt_average_start_with(
            self._handle, _AVERAGES[kind], decay, start, period,
            _native.OPT_AVERAGE_WARMUP if warmup else 0)

    def stop_average(self) -> None:
        """Stops averaging and frees the averages. Raises ArrayError while a
        view of the state is in use."""
        self._native.end_views('stop_average')
        _native.opt_average_stop(self._handle)

    @property
    def average(self) -> AverageInfo | None:
        """How the parameters are averaged, if they are."""
        info = _native.opt_average_info()
        _native.opt_average_get_info(self._handle, info)
        if info.kind == 0:
            return None
        return AverageInfo(
            'ema' if info.kind == _native.OPT_AVERAGE_EMA else 'swa',
            info.decay, info.start, info.period,
            bool(info.flags & _native.OPT_AVERAGE_WARMUP), info.updates)

    @property
    def swapped(self) -> bool:
        """Whether the evaluation weights are in the parameters' buffers, where
        eval_weights() and swap_eval_weights() put them."""
        return self._native.is_swapped()

    def swap_eval_weights(self, params: Params | None = None) -> None:
        """Exchanges the parameters, byte for byte, with the evaluation
        weights: the averages, if an average is kept, else the rule's own, as
        'schedule_free_adamw' has them, or else the slow weights of lookahead.
        The next call puts the parameters back. Until then steps, loading,
        start_average() and stop_average() raise StateError, and close() leaves
        the weights in the parameters' buffers. What is saved meanwhile holds
        the parameters as state, and after its load they are put back by such a
        call. ``eval_weights()`` is safer.

        params
            The parameters, by name or in order, if they are lent; the same at
            both calls.
        """
        with Lent(self._native, None, params, False) as call:
            call.swap_eval_weights(self._handle)

    @contextlib.contextmanager
    def eval_weights(self, params: Params | None = None) -> Iterator[None]:
        """``with optimizer.eval_weights(): evaluate(w)``: within, the
        parameters are the evaluation weights, as swap_eval_weights() says; at
        the end, even after an exception, they are put back.

        params
            The parameters, by name or in order, if they are lent: their memory
            stays in place until the end.
        """
        check_not_swapped(self._native)
        with Lent(self._native, None, params, False) as call:
            call.swap_eval_weights(self._handle)
            try:
                yield
            finally:
                if self.swapped:
                    call.swap_eval_weights(self._handle)

    def read_eval_weights(self, name: str,
                          params: Params | None = None) -> Array:
        """A new array with the evaluation weights of one parameter, in its
        shape and dtype: those that swap_eval_weights() would put into its
        buffer. NumPy's if it is installed, else a flat array.array. Nothing
        changes.

        params
            The parameters, by name or in order, if they are lent.
        """
        tensor = self._native.find(name)
        size = 8 if tensor.param_dtype == _native.OPT_F64 else 4
        weights = to_array(bytes(tensor.count * size), tensor.param_dtype,
                           tensor.shape)
        held = hold(weights, 'weights')
        try:
            with Lent(self._native, None, params, False) as call:
                call.read_eval_weights(self._handle, tensor.index, held.address)
        finally:
            held.release()
        return weights

    # State.

    @property
    def state(self) -> State:
        """The state in place: ``state['w']['exp_avg']`` is a memoryview."""
        return State(self._native, self._rule)

    @property
    def steps(self) -> int:
        """Number of steps made."""
        return self._native.info().steps

    @property
    def pending_samples(self) -> int:
        """Number of samples accumulated since the last step."""
        return self._native.info().pending_samples

    @property
    def remaining(self) -> int:
        """Number of parameters that have not had their turn in the open step
        in slices; 0: no step is open."""
        return self._native.info().remaining

    @property
    def param_count(self) -> int:
        """Number of elements of all parameters."""
        return self._native.info().param_count

    @property
    def state_bytes(self) -> int:
        """Size of the state in memory."""
        return self._native.info().state_bytes

    def state_bytes_of(self, params: Params, grads: Grads = None, *,
                       group: int = 0) -> int:
        """By how much ``state_bytes`` would grow if these parameters were
        added; nothing is allocated.

        params, grads
            Parameters of one group, as ``Optimizer`` takes them; a TensorSpec
            stands for an array that there is not yet.
        group
            Which of ``param_groups`` has their options; 0 is also that of an
            optimizer without parameters, with the options of ``defaults``.
        """
        return self._native.state_bytes(read_entries(params, grads), group)

    def save(self, path: Path, entries: Mapping[str, Any] | None = None, *,
             params: bool | Params = False, **more: Any) -> None:
        """Saves the state to a file, which is replaced as a whole: after a
        crash it is the old one or the new one.

        params
            True: the parameters too; or the parameters, if they are lent.
        entries, more
            Values to save beside the state: ``epoch=3``; numbers, str, bytes
            or arrays of float32, float64, int64 or uint8.
        """
        entries = {**(entries or {}), **more}
        with _checkpoint.Save(self._native, params, entries) as save:
            save.to_file(path)

    def save_bytes(self, entries: Mapping[str, Any] | None = None, *,
                   params: bool | Params = False, **more: Any) -> bytearray:
        """As save(), into memory."""
        entries = {**(entries or {}), **more}
        with _checkpoint.Save(self._native, params, entries) as save:
            return save.to_bytes()

    def load(self, source: Path | _checkpoint.Checkpoint, *,
             params: bool | Params = False, keep_options: bool = False,
             allow_missing: bool = False, allow_unexpected: bool = False,
             names: tuple[str, ...] | None = None) -> Loaded:
        """Loads what save() wrote into the attached parameters of the same
        names; raises MismatchError unless all fit. All is verified before
        anything changes. Returns the entries saved beside the state.

        source
            Path of a file; or a Checkpoint that is open, which stays so.
        params
            True: copy the saved parameters into the attached memory; or the
            parameters, if they are lent.
        keep_options
            Keep the options of this optimizer, not the file's.
        allow_missing, allow_unexpected
            Parameters that the file lacks keep their state; those that are not
            attached are passed over. The result's ``report`` lists both.
        names
            Load these parameters alone, and no options.
        """
        flags = _load_flags(keep_options, allow_missing, allow_unexpected)
        self._native.info()  # raises if it is closed
        if isinstance(names, str):
            raise TypeError('names is a tuple of names, not a str: '
                            f'names=({names!r},)')
        opened: contextlib.AbstractContextManager[_checkpoint.Checkpoint]
        if isinstance(source, _checkpoint.Checkpoint):
            opened = contextlib.nullcontext(source)
        else:
            # Of bytes a Checkpoint takes the contents, not the path.
            opened = _checkpoint.Checkpoint(
                os.fsdecode(source) if isinstance(source, bytes) else source)
        with opened as checkpoint:
            loaded = _checkpoint.load(self._native, checkpoint, params, flags,
                                      names)
        self._look_for_schedules()
        return loaded

    def load_bytes(self, data: Array, *, params: bool | Params = False,
                   keep_options: bool = False, allow_missing: bool = False,
                   allow_unexpected: bool = False,
                   names: tuple[str, ...] | None = None) -> Loaded:
        """As load(), from the bytes of a checkpoint."""
        self._native.info()  # raises if it is closed
        with _checkpoint.Checkpoint(memoryview(data)) as checkpoint:
            return self.load(checkpoint, params=params,
                             keep_options=keep_options,
                             allow_missing=allow_missing,
                             allow_unexpected=allow_unexpected, names=names)

    def _look_for_schedules(self) -> None:
        groups = [_native.OPT_ALL_GROUPS,
                  *range(self._native.info().group_count)]
        self._native.scheduled = any(
            copy_schedule(self._handle, group, option.name) is not None
            for group in groups for option in self._rule.options)

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state and the options as a dict, whose arrays are
        NumPy's if it is installed, else flat array.arrays: in ``'state'``
        by name and slot, in ``'param_groups'`` and ``'defaults'`` the options,
        in ``'more'`` counters, schedules and the like as checkpoints have
        them. It can be pickled."""
        return _state_dict.from_checkpoint(
            self.save_bytes(), self._native, self._rule, self._groups,
            self.defaults)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Loads what state_dict() returned, by the names of the parameters."""
        self._native.info()  # raises if it is closed
        data = _state_dict.to_checkpoint(state_dict, self._native, self._rule)
        try:
            self.load_bytes(data)
        except Error as error:
            error.args = (str(error).replace('the checkpoint',
                                             'the state_dict'),)
            raise

    # Copies, and the end.

    def clone(self: Self, context: Context | None = None) -> Self:
        """A copy that continues exactly as this one would, with options,
        schedules, state, loss scaler, average and what was accumulated. Its
        parameters have no memory: each step is lent theirs, or ``bind()`` gives
        them some. ``copy.deepcopy()`` copies the arrays as well.

        context
            As of the class.
        """
        native = self._native.clone(context)
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)  # and what a subclass has
        made.__dict__.update(
            _native=native, _handle=native.handle,
            _groups=[Group(native, self._rule, index)
                     for index in range(len(self._groups))])
        return made

    def __deepcopy__(self: Self, memo: dict[int, Any]) -> Self:
        made = self.clone(self._native.context)
        memo[id(self)] = made
        try:
            for name, tensor in self._native.tensors.items():
                if tensor.param is None and tensor.grad is None:
                    continue
                param = TensorSpec(tensor.shape, dtype_name(tensor.param_dtype))
                made.bind(name, param if tensor.param is None
                          else copy.deepcopy(tensor.param, memo),
                          copy.deepcopy(tensor.grad, memo))
            own = vars(made)
            own.update({name: copy.deepcopy(value, memo)
                        for name, value in own.items()
                        if name not in _NATIVE_PARTS})
        except BaseException:
            made.close()
            raise
        return made

    def close(self) -> None:
        """Frees the state and lets go of all memory; waits for a step of
        another thread. A second call does nothing; any other raises
        ClosedError. Raises ArrayError while a view of the state is in use."""
        self._native.close()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._native.closed

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._native.__reduce_ex__(protocol)  # which refuses

    def __enter__(self: Self) -> Self:
        self._native.info()  # raises if it is closed
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.closed:
            return f'{name}(closed)'
        groups = ''.join(f'\n  {group!r},' for group in self._groups)
        return f'{name}(rule={self.rule!r}, groups=[{groups}\n])'


def check_not_swapped(native: NativeOptimizer) -> None:
    """Raises if the evaluation weights are in the parameters' buffers."""
    if native.is_swapped():
        raise StateError('eval_weights(): the evaluation weights are in the '
                         "parameters' buffers already: leave the eval_weights() "
                         'around it first, or swap the parameters back with '
                         'swap_eval_weights()')


def _load_flags(keep_options: bool, allow_missing: bool,
                allow_unexpected: bool) -> int:
    return ((_native.OPT_LOAD_KEEP_OPTIONS if keep_options else 0)
            | (_native.OPT_LOAD_ALLOW_MISSING if allow_missing else 0)
            | (_native.OPT_LOAD_ALLOW_UNEXPECTED if allow_unexpected else 0))
