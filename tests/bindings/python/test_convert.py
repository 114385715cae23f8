# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""python3 -m libopt.convert: PyTorch's files to checkpoints and back."""

import contextlib
import copy
import io
import subprocess
import sys

import numpy as np
import pytest
import torch

import libopt.convert

CASES = {
    'sgd': lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    'adagrad': lambda p: torch.optim.Adagrad(p, lr_decay=0.1),
    'rmsprop': lambda p: torch.optim.RMSprop(p, centered=True),
    'adam': lambda p: torch.optim.Adam(p, amsgrad=True),
    'adamw': lambda p: torch.optim.AdamW(p, weight_decay=0.1),
    'nadam': lambda p: torch.optim.NAdam(p, momentum_decay=0.1),
    'asgd': lambda p: torch.optim.ASGD(p, t0=1),
    'adadelta': lambda p: torch.optim.Adadelta(p, rho=0.8),
    'adamax': lambda p: torch.optim.Adamax(p, lr=0.1),
    'radam': lambda p: torch.optim.RAdam(p, lr=0.1),
    'rprop': lambda p: torch.optim.Rprop(p, etas=(0.4, 1.3)),
}


def convert(*arguments):
    """As the command does, without another process that imports PyTorch."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        try:
            status = libopt.convert.main([str(each) for each in arguments])
        except SystemExit as end:
            status = end.code
    return subprocess.CompletedProcess(arguments, status,
                                       stderr=errors.getvalue())


def command(*arguments):
    return subprocess.run([sys.executable, '-m', 'libopt.convert',
                           *map(str, arguments)], text=True,
                          capture_output=True, check=False)


def train(make, steps=3):
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(),
                                torch.nn.Linear(4, 2))
    optimizer = make([{'params': model[0].parameters()},
                      {'params': model[2].parameters(), 'lr': 0.02}])
    step(model, optimizer, steps)
    return model, optimizer


def step(model, optimizer, steps=1):
    for i in range(steps):
        optimizer.zero_grad()
        model(torch.arange(3.) + i).square().sum().backward()
        optimizer.step()


@pytest.mark.parametrize('rule, make', CASES.items(), ids=CASES)
def test_a_run_goes_there_and_back_unchanged(rule, make, tmp_path):
    model, optimizer = train(make)
    start, middle, end = (tmp_path / name for name in ('a.pt', 'b', 'c.pt'))
    torch.save({'optimizer': optimizer.state_dict(),
                'model': model.state_dict(), 'epoch': 3}, start)
    done = convert(start, middle, '--rule', rule)
    assert done.returncode == 0, done.stderr
    with libopt.Checkpoint(middle) as checkpoint:
        assert (checkpoint['0.weight']
                == model[0].weight.detach().numpy()).all()
    done = convert(middle, end)
    assert done.returncode == 0, done.stderr
    other, theirs = train(make, 0)
    loaded = torch.load(end)
    other.load_state_dict(loaded['model'])
    theirs.load_state_dict(loaded['optimizer'])
    step(model, optimizer, 3), step(other, theirs, 3)
    for a, b in zip(model.parameters(), other.parameters()):
        assert torch.equal(a, b)


def test_a_checkpoint_of_a_pytorch_run_goes_on_without_pytorch(tmp_path):
    model, optimizer = train(CASES['adam'])
    torch.save({'optimizer': optimizer.state_dict(),
                'model': model.state_dict()}, tmp_path / 'a.pt')
    assert convert(tmp_path / 'a.pt', tmp_path / 'b', '--rule',
                   'adam').returncode == 0
    names = [name for name, _ in model.named_parameters()]
    arrays = {name: np.zeros(tuple(p.shape), np.float32)
              for name, p in model.named_parameters()}
    with libopt.Adam([{'params': {n: arrays[n] for n in names[:2]}},
                      {'params': {n: arrays[n] for n in names[2:]}}],
                     amsgrad=True) as ours:
        ours.load(tmp_path / 'b', params=True)
        assert ours.param_groups[1]['lr'] == 0.02
        before = copy.deepcopy(model)
        step(model, optimizer)
        ours.step({name: p.grad for name, p in model.named_parameters()})
    for name, p in model.named_parameters():
        np.testing.assert_allclose(arrays[name], p.detach().numpy(), rtol=1e-5,
                                   atol=1e-7)
        assert not torch.equal(p, dict(before.named_parameters())[name])


def test_a_bare_state_dict_gets_made_up_names(tmp_path):
    _, optimizer = train(CASES['sgd'])
    torch.save(optimizer.state_dict(), tmp_path / 'a.pt')
    assert command(tmp_path / 'a.pt', tmp_path / 'b').returncode == 0
    with libopt.Checkpoint(tmp_path / 'b') as checkpoint:
        assert checkpoint['param.3/momentum_buffer'].shape == (2,)
    assert convert(tmp_path / 'b', tmp_path / 'c.pt').returncode == 0
    saved = torch.load(tmp_path / 'c.pt')
    theirs = train(CASES['sgd'], 0)[1]
    theirs.load_state_dict(saved)
    assert torch.equal(
        theirs.state_dict()['state'][2]['momentum_buffer'],
        optimizer.state_dict()['state'][2]['momentum_buffer'])


def test_what_can_not_be_converted_is_said(tmp_path):
    _, optimizer = train(CASES['adam'])
    torch.save(optimizer.state_dict(), tmp_path / 'adam.pt')
    torch.save({'x': 1}, tmp_path / 'other.pt')
    (tmp_path / 'broken').write_bytes(b'\x08\0\0\0\0\0\0\0{"a": 1}')
    for arguments, text in (
            (('adam.pt', 'b'), '--rule'),
            (('other.pt', 'b'), "no key 'optimizer'"),
            (('nothing.pt', 'b'), 'nothing.pt'),
            (('broken', 'b'), 'byte')):
        done = convert(*(tmp_path / name for name in arguments))
        assert done.returncode == 1
        assert text in done.stderr
        assert not (tmp_path / 'b').exists()
    done = command(tmp_path / 'nothing.pt', tmp_path / 'b')
    assert done.returncode == 1 and 'Traceback' not in done.stderr
