# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Converts between PyTorch's files of optimizer state and libopt's checkpoints.

    python3 -m libopt.convert run.pt run.safetensors --rule adamw
    python3 -m libopt.convert run.safetensors run.pt

A checkpoint that any language reads is made of a file that torch.save() wrote:
of an optimizer's state_dict(), or of a dict that has one under a key
(--optimizer). The state_dict() of the model under another key (--model) tells
names and parameters, which are saved too; without it the parameters are named
param.0, param.1, ... as PyTorch counts them. The way back makes the state_dict()
of the optimizer, and if the checkpoint has parameters, of the model.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

try:
    import torch
except ImportError:
    sys.exit('libopt.convert: this needs PyTorch, which is not installed')

from . import _safetensors
from ._arrays import TensorSpec
from ._checkpoint import Checkpoint
from ._catalog import Rule
from ._catalog import rule as describe
from ._errors import ArgumentError, Error
from ._optimizer import Optimizer
from .torch import _options
from .torch._convert import load_torch_state_dict, to_torch_state_dict

_RULES = tuple(_options.CLASSES)
_DTYPES = {'F32': 'float32', 'F64': 'float64'}


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog='python3 -m libopt.convert', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='file to read')
    parser.add_argument('target', help='file to write')
    parser.add_argument('--rule', choices=_RULES,
                        help='update rule of a PyTorch file; only Adam and '
                        'AdamW look the same there')
    parser.add_argument('--optimizer', metavar='KEY', default='optimizer',
                        help='key of the optimizer in a PyTorch file that has '
                        'more (%(default)s)')
    parser.add_argument('--model', metavar='KEY', default='model',
                        help='key of the model (%(default)s)')
    options = parser.parse_args(arguments)
    try:
        if _is_checkpoint(options.source):
            _to_pytorch(options)
        else:
            _to_libopt(options)
    except (Error, OSError) as error:
        print(f'libopt.convert: {error}', file=sys.stderr)
        return 1
    return 0


def _is_checkpoint(path: str) -> bool:
    """Whether the file has a header of safetensors; torch.save's is another."""
    with open(path, 'rb') as file:
        return file.read(9)[8:] == b'{'


def _guess_rule(group: Mapping[str, Any]) -> str:
    """The rule whose words PyTorch's options are."""
    for word, rule in (('lr_decay', 'adagrad'), ('centered', 'rmsprop'),
                       ('nesterov', 'sgd'), ('momentum_decay', 'nadam'),
                       ('lambd', 'asgd'), ('rho', 'adadelta'),
                       ('etas', 'rprop'), ('beta2_decay', 'adafactor')):
        if word in group:
            return rule
    raise ArgumentError('Adam, AdamW, Adamax and RAdam look alike in a PyTorch '
                        'file: say which with --rule')


def _to_libopt(options: argparse.Namespace) -> None:
    loaded = torch.load(options.source, map_location='cpu')
    if not isinstance(loaded, Mapping):
        raise ArgumentError(f'{options.source}: not a dict of states')
    state = loaded if 'param_groups' in loaded else loaded.get(
        options.optimizer)
    if state is None:
        raise ArgumentError(f"{options.source}: no key '{options.optimizer}'; "
                            f'there are {list(loaded)}')
    model = None if state is loaded else loaded.get(options.model)
    groups = state['param_groups']
    rule = options.rule or _guess_rule(groups[0])
    with Optimizer(rule, preset='pytorch') as optimizer:
        params = _attach(optimizer, state, groups, model)
        load_torch_state_dict(optimizer, state)
        optimizer.save(options.target, params=params if model else False)


def _attach(optimizer: Optimizer, state: Mapping[str, Any], groups: Any,
            model: Mapping[str, torch.Tensor] | None) -> dict[str, Any]:
    """Declares the parameters; returns those that the model has."""
    count = sum(len(group['params']) for group in groups)
    if model is None:
        known: list[Any] = [(f'param.{i}', None) for i in range(count)]
    else:
        # Buffers, such as running means, are no parameters; PyTorch keeps the
        # order of both.
        known = list(model.items())
        if len(known) != count:
            raise ArgumentError(
                f'the model has {len(known)} tensors and the optimizer {count}'
                ' parameters: buffers, or parameters that are not optimized, '
                'cannot be told from the others; convert without --model')
    params = {}
    for group in groups:
        entries = []
        for key in group['params']:
            name, param = known.pop(0)
            entries.append((name, _declare(
                state['state'].get(key, {}), param, name,
                _like_param(optimizer._rule))))
            if param is not None:
                params[name] = param.contiguous()
        optimizer.add_group({
            **_options.complete(optimizer._rule, group), 'params': entries})
    return params


def _like_param(rule: Rule) -> list[str]:
    """The slots that have the shape and the type of the parameter."""
    return [slot.name for slot in rule.slots
            if (slot.shape, slot.dtype) == ('param', None)]


def _declare(state: Mapping[str, Any], param: torch.Tensor | None,
             name: str, slots: list[str]) -> TensorSpec:
    like = param
    for slot in slots:
        value = state.get(slot)
        if like is None and isinstance(value, torch.Tensor):
            like = value
    if like is None and 'row_var' in state and 'col_var' in state:
        like = state['row_var'] * state['col_var']
    if like is None:
        # It has no state: any size will do, but libopt wants the right one.
        raise ArgumentError(f"the size of '{name}' is not told by its state; "
                            'save the model in the file as well')
    return TensorSpec(tuple(like.shape), str(like.dtype).split('.')[-1])


def _to_pytorch(options: argparse.Namespace) -> None:
    with open(options.source, 'rb') as file:
        data = file.read()
    Checkpoint(data).close()  # which verifies that it is one
    metadata, tensors = _safetensors.read(data)
    rule = describe(metadata['rule'])
    columns = metadata['options'].split(',')
    table: Any = memoryview(tensors['__options__'].data).cast(
        'B').cast('d', tensors['__options__'].shape)
    groups: list[dict[str, Any]] = [
        {'params': [], **dict(zip(columns, row))} for row in table.tolist()[1:]]
    params = {}
    for key, group in tensors.items():
        name, mark, last = key.rpartition('/group')
        if not mark or last:
            continue
        spec = _spec_of(tensors, name, _like_param(rule))
        groups[int.from_bytes(group.data, 'little')]['params'].append(
            (name, spec))
        if name in tensors:
            params[name] = torch.empty(spec.extents(),
                                       dtype=getattr(torch, spec.dtype))
    with Optimizer(rule.name) as optimizer:
        for made in groups:
            optimizer.add_group(made)
        optimizer.load_bytes(data, params=params or False)
        state = to_torch_state_dict(optimizer)
    torch.save({options.optimizer: state, options.model: params} if params
               else state, options.target)


def _spec_of(tensors: Mapping[str, _safetensors.Tensor], name: str,
             slots: list[str]) -> TensorSpec:
    for key in (name, *(f'{name}/{slot}' for slot in slots)):
        if key in tensors:
            return TensorSpec(tensors[key].shape, _DTYPES[tensors[key].dtype])
    return TensorSpec(0)  # nothing of its size is in the file


if __name__ == '__main__':
    sys.exit(main())
