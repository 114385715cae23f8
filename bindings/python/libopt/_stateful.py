# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""What an optimizer holds: its state in place, saved, loaded, and freed."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, TypeVar

from . import _checkpoint, _native, _state_dict
from ._arrays import Array, hold
from ._checkpoint import Loaded, Path
from ._core import Core
from ._describe import RuleInfo
from ._groups import Group, Options
from ._params import Params
from ._state import State

Self = TypeVar('Self', bound='Stateful')


class Stateful:
    """The half of Optimizer that is about its state and its end."""

    _core: Core
    _rule: RuleInfo
    _groups: list[Group]

    @property
    def defaults(self) -> Options:
        """Option values that new groups get."""
        return Options(self._core, self._rule, _native.OPT_ALL_GROUPS)

    @property
    def state(self) -> State:
        """The state in place: ``state['w']['exp_avg']`` is a memoryview."""
        return State(self._core, self._rule)

    @property
    def steps(self) -> int:
        """Number of steps made."""
        return self._core.info().steps

    @property
    def pending_samples(self) -> int:
        """Number of samples accumulated since the last step."""
        return self._core.info().pending_samples

    @property
    def param_count(self) -> int:
        """Number of elements of all parameters."""
        return self._core.info().param_count

    @property
    def state_bytes(self) -> int:
        """Size of the state in memory."""
        return self._core.info().state_bytes

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
        save = _checkpoint.Save(self._core, params, {**(entries or {}), **more})
        try:
            save.to_file(path)
        finally:
            save.release()

    def save_bytes(self, entries: Mapping[str, Any] | None = None, *,
                 params: bool | Params = False, **more: Any) -> bytearray:
        """As save(), into memory."""
        save = _checkpoint.Save(self._core, params, {**(entries or {}), **more})
        try:
            return save.to_bytes()
        finally:
            save.release()

    def load(self, path: Path, *, params: bool | Params = False,
             keep_options: bool = False, allow_missing: bool = False,
             allow_unexpected: bool = False,
             names: tuple[str, ...] | None = None) -> Loaded:
        """Loads what save() wrote into the attached parameters of the same
        names; raises MismatchError unless all fit. All is verified before
        anything changes. Returns the entries saved beside the state.

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
        with _checkpoint.Checkpoint(path) as checkpoint:
            loaded = _checkpoint.load(self._core, path, params, flags, names)
            loaded.update(checkpoint.entries)
        return loaded

    def load_bytes(self, data: Array, *, params: bool | Params = False,
                   keep_options: bool = False, allow_missing: bool = False,
                   allow_unexpected: bool = False,
                   names: tuple[str, ...] | None = None) -> Loaded:
        """As load(), from the bytes of a checkpoint."""
        flags = _load_flags(keep_options, allow_missing, allow_unexpected)
        held = hold(data, 'checkpoint', False)
        try:
            loaded = _checkpoint.load(self._core, held, params, flags, names)
        finally:
            held.release()
        with _checkpoint.Checkpoint(memoryview(data)) as checkpoint:
            loaded.update(checkpoint.entries)
        return loaded

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state and the options as a dict, whose arrays are
        NumPy's if it is installed, else flat array.arrays: in ``'state'``
        by name and slot, in ``'param_groups'`` and ``'defaults'`` the options,
        in ``'more'`` counters, schedules and the like as checkpoints have
        them. It can be pickled."""
        return _state_dict.from_checkpoint(
            self.save_bytes(), self._core, self._rule, self._groups,
            self.defaults)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Loads what state_dict() returned, by the names of the parameters."""
        self.load_bytes(_state_dict.to_checkpoint(state_dict, self._core,
                                                  self._rule))

    # The end.

    def close(self) -> None:
        """Frees the state and lets go of all memory; waits for a step of
        another thread. A second call does nothing; any other raises
        ClosedError. Raises ArrayError while a view of the state is in use."""
        self._core.close()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._core.closed

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._core.__reduce_ex__(protocol)  # which refuses

    def __enter__(self: Self) -> Self:
        self._core.info()  # raises if it is closed
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()


def _load_flags(keep_options: bool, allow_missing: bool,
                allow_unexpected: bool) -> int:
    return ((_native.OPT_LOAD_KEEP_OPTIONS if keep_options else 0)
            | (_native.OPT_LOAD_ALLOW_MISSING if allow_missing else 0)
            | (_native.OPT_LOAD_ALLOW_UNEXPECTED if allow_unexpected else 0))
