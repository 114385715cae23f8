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

import importlib.util as _util

if _util.find_spec('libopt._native') is None:
    raise ImportError(
        'this is the source folder of libopt, without the module that CMake '
        'builds: run `pip install .` in bindings/python, and Python in another '
        'folder; or put <build directory>/python first on PYTHONPATH, where '
        'the target opt_python makes the package')

from . import _rules, schedules
from ._arrays import TensorSpec
from ._catalog import (Alias, Option, Preset, Rule, SimdTarget, Slot, aliases,
                       attributes, build_info, catalog, preset_values, rule,
                       rules, targets, version, version_number)
from ._checkpoint import Checkpoint, CheckpointEntry, Loaded
from ._context import ALL_CORES, Context
from ._errors import (ArgumentError, ArrayError, BusyError, ClosedError,
                      DTypeError, Error, FileError, FileForbiddenError,
                      FileInNoFolderError, FileIsFolderError, FileMissingError,
                      FormatError, InternalError, LimitError, LoadFinding,
                      MismatchError, NonfiniteError, OptionError,
                      OutOfMemoryError, OverlapError, RangeError, StateError,
                      UnknownNameError)
from ._gradients import GradientReport, GradientWork
from ._groups import Group, OptionValues
from ._optimizer import AverageInfo, Optimizer, ScalerInfo
from ._schedule import Schedule, ScheduleKind, SchedulePart, schedule_kinds
from ._tensors import State, Tensor, Tensors, TensorState
from ._rules import *  # noqa: F403, the class of each update rule

__version__ = version()

__all__ = ['ALL_CORES', 'Alias', 'ArgumentError', 'ArrayError', 'AverageInfo',
           'BusyError', 'Checkpoint', 'CheckpointEntry', 'ClosedError',
           'Context', 'DTypeError', 'Error', 'FileError', 'FileForbiddenError',
           'FileInNoFolderError', 'FileIsFolderError', 'FileMissingError',
           'FormatError', 'GradientReport', 'GradientWork', 'Group',
           'InternalError', 'LimitError', 'LoadFinding', 'Loaded',
           'MismatchError', 'NonfiniteError', 'Optimizer', 'Option',
           'OptionError', 'OptionValues', 'OutOfMemoryError', 'OverlapError',
           'Preset', 'RangeError', 'Rule', 'ScalerInfo', 'Schedule',
           'ScheduleKind', 'SchedulePart', 'SimdTarget', 'Slot', 'State',
           'StateError', 'Tensor', 'TensorSpec', 'TensorState', 'Tensors',
           'UnknownNameError', 'aliases', 'attributes', 'build_info',
           'catalog', 'preset_values', 'rule', 'rules', 'schedule_kinds',
           'schedules', 'targets', 'version', 'version_number']
__all__ += _rules.__all__

# Public names belong to this module, in pickles and in messages, wherever
# in the package it is written.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
