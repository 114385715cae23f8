# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The optimizer: parameters, groups, steps, state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _native
from ._arrays import Array, TensorSpec
from ._averages import Averages
from ._context import Context
from ._core import Core
from ._describe import RuleInfo, rule as describe
from ._gradients import GradReport, GradWork, read_report, set_work
from ._groups import Group, Options
from ._lending import Loan
from ._params import Entry, Grads, GroupSpec, Params, read_group, read_groups
from ._scaler import Scaling
from ._schedule import Schedule, copy_schedule, set_schedule
from ._stateful import Stateful
from ._tensors import Tensors

_step_retained = _native.opt_step_retained


class Optimizer(Stateful, Averages, Scaling):
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
        to each step.
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
        self._core = Core(rule, context)
        self._handle = self._core.handle
        self._rule: RuleInfo = describe(rule)
        self._groups: list[Group] = []
        everywhere = Options(self._core, self._rule, _native.OPT_ALL_GROUPS)
        try:
            if preset is not None:
                _native.opt_set_preset(self._handle, _native.OPT_ALL_GROUPS,
                                       preset)
            for name, value in options.items():
                if value is not None:
                    everywhere.set(name, value)
            for group in read_groups(params, grads):
                self._add(group)
        except BaseException:
            self._core.close()
            raise

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
    def names(self) -> list[str]:
        """Names of the parameters, in the order of attaching."""
        return list(self._core.tensors)

    @property
    def tensors(self) -> Tensors:
        """The parameters, live: ``tensors['embedding'].frozen = True`` and
        ``tensors['bias'].weight_decay_factor = 0`` act from the next step."""
        return Tensors(self._core)

    def set_options(self, **options: Any) -> None:
        """Sets options of every group, and what new groups get: all or
        none."""
        everywhere = self.defaults
        groups = [everywhere, *self._groups]
        before = [{name: made[name] for name in options} for made in groups]
        try:
            for name, value in options.items():
                everywhere.set(name, value)
        except BaseException:
            for made, values in zip(groups, before):
                for name, value in values.items():
                    made.set(name, value)
            raise

    def set_preset(self, preset: str) -> None:
        """Sets every option of every group to the values of a preset."""
        _native.opt_set_preset(self._handle, _native.OPT_ALL_GROUPS, preset)

    def add_param_group(self, group: Mapping[str, Any]) -> Group:
        """Adds a group: {'params': ..., 'grads': ..., 'names': ..., and
        options}; what it leaves out is as in ``defaults``."""
        return self._add(read_group(group))

    def _add(self, spec: GroupSpec) -> Group:
        core = self._core
        # A group whose tensors were refused is still there, to be used now.
        index = (core.spare_group if core.spare_group is not None
                 else _native.opt_add_group(self._handle))
        core.spare_group = index
        group = Group(core, self._rule, index)
        for name, value in self.defaults.items():
            group.set(name, value)
        for name, value in spec.options.items():
            group.set(name, value)
        core.attach(spec.entries, index)
        core.spare_group = None
        self._groups.append(group)
        return group

    def bind(self, name: str, param: Array | TensorSpec,
             grad: Array | None = None) -> None:
        """Gives a parameter other memory, of the same size; its state stays."""
        self._core.bind(name, Entry(name, param, grad))

    def detach(self, name: str) -> None:
        """Forgets a parameter and its state, and lets go of its memory."""
        self._core.detach(name)

    # Steps.

    def step(self, grads: Grads = None, params: Params | None = None, *,
             zero_grads: bool = False, sum: bool = False,
             work: GradWork | None = None) -> GradReport | None:
        """Makes one step over every parameter that has a gradient.

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
        flags = ((_native.OPT_ZERO_GRADS if zero_grads else 0)
                 | (_native.OPT_SUM if sum else 0))
        with Loan(self._core, grads, params, zero_grads) as call:
            if work is not None:
                set_work(call, work)
            if grads is None and params is not None and self.pending_samples:
                call.step_accumulated(self._handle, flags)
            else:
                call.step(self._handle, flags)
            return read_report(self._core, call) if work is not None else None

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
        flags = ((_native.OPT_ZERO_GRADS if zero_grads else 0)
                 | (_native.OPT_GRADS_ARE_MEANS if means else 0))
        with Loan(self._core, grads, None, zero_grads) as call:
            call.accumulate(self._handle, samples, flags)

    def grad_norm(self, grads: Grads = None, *, sum: bool = False,
                  work: GradWork | None = None) -> GradReport:
        """Measures the gradients that a step would use; changes nothing."""
        with Loan(self._core, grads, None, False) as call:
            set_work(call, work or GradWork())
            call.grad_norm(self._handle, _native.OPT_SUM if sum else 0)
            return read_report(self._core, call)

    def clip_grads(self, work: GradWork, grads: Grads = None) -> GradReport:
        """Does the work on the gradients in place."""
        with Loan(self._core, grads, None, True) as call:
            set_work(call, work)
            call.clip_grads(self._handle)
            return read_report(self._core, call)

    def set_schedule(self, option: str, schedule: Schedule | None) -> None:
        """Schedules an option of every group, and of those to come."""
        set_schedule(self._handle, _native.OPT_ALL_GROUPS, option, schedule)

    def schedule(self, option: str) -> Schedule | None:
        """A copy of the schedule that new groups get for an option."""
        return copy_schedule(self._handle, _native.OPT_ALL_GROUPS, option)

    def report_metric(self, metric: float) -> None:
        """Tells every 'plateau' schedule a metric, such as a loss."""
        _native.opt_report_metric(self._handle, _native.OPT_ALL_GROUPS, metric)

    def discard(self) -> None:
        """Forgets what accumulate() has added up since the last step."""
        _native.opt_discard(self._handle)

    def zero_grad(self, grads: Grads = None) -> None:
        """Sets the retained gradients, or these, to zero."""
        with Loan(self._core, grads, None, True) as call:
            call.zero_grad(self._handle)

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.closed:
            return f'{name}(closed)'
        groups = ''.join(f'\n  {group!r},' for group in self._groups)
        return f'{name}(rule={self.rule!r}, groups=[{groups}\n])'
