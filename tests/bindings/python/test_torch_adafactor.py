# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Adafactor goes from PyTorch to libopt and back. Versions that lack it are
given one that computes what PyTorch 2.11 does."""

import copy
import io

import pytest
import torch
from torch_cases import assert_close, grad_steps, params

import libopt
import libopt.torch as lt
from libopt import convert


class Theirs(torch.optim.Optimizer):
    """torch.optim.Adafactor, from its formulas."""

    def __init__(self, parameters, lr=1e-2, beta2_decay=-0.8,
                 eps=(None, 1e-3), d=1.0, weight_decay=0.0, *, foreach=None,
                 maximize=False):
        super().__init__(parameters, dict(
            lr=lr, beta2_decay=beta2_decay, eps=eps, d=d,
            weight_decay=weight_decay, foreach=foreach, maximize=maximize))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is not None:
                    self.step_one(p, group)

    def step_one(self, p, group):
        state = self.state[p]
        grad = -p.grad if group['maximize'] else p.grad
        if not state:
            state['step'] = torch.tensor(0.0)
            shape = list(p.shape)
            if p.dim() > 1:
                state['row_var'] = p.new_zeros(shape[:-1] + [1])
                state['col_var'] = p.new_zeros(shape[:-2] + [1, shape[-1]])
            else:
                state['variance'] = torch.zeros_like(p)
        state['step'] += 1
        t = float(state['step'])
        fresh = t ** group['beta2_decay']
        eps1, eps2 = group['eps']
        eps1 = torch.finfo(p.dtype).eps if eps1 is None else eps1
        rate = min(group['lr'], 1 / t ** 0.5) * max(
            eps2, p.norm().item() / p.numel() ** 0.5)
        p.mul_(1 - group['lr'] * group['weight_decay'])
        if p.dim() > 1:
            row, col = state['row_var'], state['col_var']
            row.lerp_((grad * grad).mean(-1, keepdim=True), fresh)
            col.lerp_((grad * grad).mean(-2, keepdim=True), fresh)
            moment = row @ col / row.mean(-2, keepdim=True).clamp(min=eps1)
        else:
            moment = state['variance'].lerp_(grad * grad, fresh).clone()
        update = grad / moment.clamp(min=eps1 * eps1).sqrt()
        rms = update.norm().item() / update.numel() ** 0.5
        p.sub_(update, alpha=rate / max(1.0, rms / group['d']))


@pytest.fixture(autouse=True)
def pytorch_has_it(monkeypatch):
    if not hasattr(torch.optim, 'Adafactor'):
        monkeypatch.setattr(torch.optim, 'Adafactor', Theirs, raising=False)


OPTIONS = [dict(), dict(lr=0.05, weight_decay=0.1, maximize=True),
           dict(lr=0.05, beta2_decay=-0.5, eps=(1e-8, 0.1), d=0.5)]
BOTH = [torch.float32, torch.float64]


def made(kind, options, dtype):
    parameters = params(dtype)
    return parameters, kind(parameters, **options)


@pytest.mark.parametrize('dtype', BOTH, ids=str)
@pytest.mark.parametrize('options', OPTIONS, ids=str)
def test_it_steps_as_pytorch_does(options, dtype):
    q, theirs = made(Theirs, options, dtype)
    p, ours = made(lt.Adafactor, options, dtype)
    grad_steps(theirs, q, 0, 10)
    grad_steps(ours, p, 0, 10)
    assert_close(p, q)


@pytest.mark.parametrize('dtype', BOTH, ids=str)
@pytest.mark.parametrize('options', OPTIONS, ids=str)
def test_a_run_goes_on_here_and_back_there(options, dtype):
    q, theirs = made(torch.optim.Adafactor, options, dtype)
    grad_steps(theirs, q, 0, 5, late=2)
    p = copy.deepcopy(q)
    theirs_of_p = torch.optim.Adafactor(p, **options)
    theirs_of_p.load_state_dict(copy.deepcopy(theirs.state_dict()))
    ours = lt.from_torch(theirs_of_p)
    grad_steps(theirs, q, 5, 10)
    grad_steps(ours, p, 5, 10)
    assert_close(p, q)
    file = io.BytesIO()
    torch.save(lt.to_torch_state_dict(ours, '2.11'), file)
    file.seek(0)
    back = torch.optim.Adafactor(p, **options)
    back.load_state_dict(torch.load(file))
    for key, value in theirs.param_groups[0].items():
        if key != 'params':
            assert back.param_groups[0][key] == value, key
    grad_steps(theirs, q, 15, 5)
    grad_steps(back, p, 15, 5)
    assert_close(p, q)


@pytest.mark.parametrize('dtype', BOTH, ids=str)
def test_a_run_goes_on_over_numpy_arrays(dtype):
    q, theirs = made(torch.optim.Adafactor, {}, dtype)
    grad_steps(theirs, q, 0, 5)
    arrays = [p.detach().numpy().copy() for p in q]
    with lt.from_torch(theirs, arrays) as ours:
        generator = torch.Generator().manual_seed(1)
        grads = [torch.randn(p.shape, generator=generator).to(dtype)
                 for p in q]
        for p, grad in zip(q, grads):
            p.grad = grad
        theirs.step()
        ours.step([grad.numpy() for grad in grads])
        assert_close([torch.from_numpy(array) for array in arrays],
                     [p.detach() for p in q])
        saved = lt.to_torch_state_dict(ours, '2.11')
        assert saved['param_groups'][0]['eps'] == (None, 0.001)


def test_a_file_of_pytorch_becomes_a_checkpoint(tmp_path):
    q, theirs = made(torch.optim.Adafactor, {}, torch.float32)
    grad_steps(theirs, q, 0, 2, late=1)
    source, target = tmp_path / 'theirs.pt', tmp_path / 'ours.safetensors'
    torch.save(theirs.state_dict(), source)
    assert convert.main([str(source), str(target)]) == 0
    arrays = [(f'param.{i}', torch.zeros(p.shape).numpy())
              for i, p in enumerate(q)]
    with libopt.Adafactor(arrays, preset='pytorch') as ours:
        ours.load(target)
        for i, p in enumerate(q):
            for name, value in theirs.state[p].items():
                if name != 'step':
                    found = torch.tensor(ours.state[f'param.{i}'][name].tolist())
                    torch.testing.assert_close(found, value)


def test_an_eps_of_none_is_the_roundoff_of_the_parameters_type():
    for dtype in BOTH:
        ours = lt.Adafactor([torch.nn.Parameter(torch.ones(2, dtype=dtype))])
        assert ours.param_groups[0]['eps'] == (None, 0.001)
        assert ours.native.param_groups[0]['eps1'] == torch.finfo(dtype).eps
        ours.param_groups[0]['eps'] = (1e-5, 0.1)
        ours.param_groups[0]['params'][0].grad = torch.ones(2, dtype=dtype)
        ours.step()
        assert ours.native.param_groups[0]['eps1'] == 1e-5


def test_an_eps_that_is_no_pair_is_refused():
    with pytest.raises(libopt.OptionError, match='eps'):
        lt.Adafactor([torch.nn.Parameter(torch.ones(2))], eps=1e-8)
