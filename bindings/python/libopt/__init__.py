# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""libopt: deep-learning optimizers over the arrays that a program already has.

    import libopt, numpy as np
    w = np.zeros(10, np.float32)
    dw = np.zeros_like(w)
    with libopt.AdamW({'w': w}, {'w': dw}, lr=3e-4) as optimizer:
        for dw[:] in gradients():
            optimizer.step()
        optimizer.save('run.safetensors', epoch=3, params=True)

Arrays are NumPy's, array.array, any other with the buffer protocol or DLPack;
nothing is copied. ``libopt.torch`` has drop-ins for ``torch.optim``.
"""

from . import _rules
from ._arrays import TensorSpec
from ._averages import AverageInfo
from ._checkpoint import Checkpoint, EntryInfo, Loaded
from ._context import ALL_CORES, Context
from ._describe import (AliasInfo, OptionInfo, PresetInfo, RuleInfo, SlotInfo,
                        TargetInfo, aliases, attributes, build_info, catalog,
                        preset_values, rule, rules, targets, version)
from ._errors import (ArgumentError, ArrayError, BusyError, ClosedError,
                      DTypeError, Error, FileError, FormatError, InternalError,
                      LimitError, MismatchError, NonfiniteError, OptionError,
                      OutOfMemoryError, OverlapError, RangeError, StateError,
                      UnknownNameError)
from ._gradients import GradReport, GradWork
from ._groups import Group, Options
from ._optimizer import Optimizer
from ._scaler import ScalerInfo
from ._schedule import Schedule, ScheduleKind, schedule_kinds
from ._state import State, TensorState
from ._tensors import Tensor, Tensors
from ._rules import *  # noqa: F403, the class of each update rule

__version__ = version()

__all__ = ['ALL_CORES', 'AliasInfo', 'ArgumentError', 'ArrayError',
           'AverageInfo', 'BusyError', 'Checkpoint', 'ClosedError', 'Context',
           'DTypeError', 'EntryInfo', 'Error', 'FileError', 'FormatError',
           'GradReport', 'GradWork', 'Group', 'InternalError', 'LimitError',
           'Loaded', 'MismatchError', 'NonfiniteError', 'Optimizer',
           'OptionError', 'OptionInfo', 'Options', 'OutOfMemoryError',
           'OverlapError', 'PresetInfo', 'RangeError', 'RuleInfo',
           'ScalerInfo', 'Schedule', 'ScheduleKind', 'SlotInfo', 'State',
           'StateError', 'TargetInfo', 'Tensor', 'TensorSpec', 'TensorState',
           'Tensors', 'UnknownNameError', 'aliases', 'attributes',
           'build_info', 'catalog', 'preset_values', 'rule', 'rules',
           'schedule_kinds', 'targets', 'version']
__all__ += _rules.__all__
