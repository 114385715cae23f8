# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Drop-ins for ``torch.optim``, and the way from there to here and back.

    optimizer = libopt.torch.AdamW(model.parameters(), lr=3e-4)

Schedulers of PyTorch drive them, imported from ``torch.optim.lr_scheduler`` as
before; parameters stay PyTorch's, on the CPU. The preset 'pytorch' is the
default, where a rule has it.
"""

from typing import TYPE_CHECKING

from . import _rules
from ._convert import from_torch, load_torch_state_dict, to_torch_state_dict
from ._optimizer import Optimizer
from ._rules import *  # noqa: F403, the class of each update rule

__all__ = ['Optimizer', 'from_torch', 'load_torch_state_dict',
           'to_torch_state_dict']
__all__ += _rules.__all__

# As in libopt: pickles and messages have the public name.
for _name in __all__:
    globals()[_name].__module__ = __name__

if not TYPE_CHECKING:  # to which every name would be an attribute

    def __getattr__(name):
        import torch
        message = f'module {__name__!r} has no attribute {name!r}'
        if hasattr(torch.optim, name) and not name.startswith('_'):
            message += f'; torch.optim.{name} stays where it is'
        raise AttributeError(message, name=name)
