# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""libopt.torch against torch.optim: the same steps."""

import pytest
import torch
from torch_cases import (CASES, IDS, assert_close, grad_steps, make,
                         precise_numbers)

import libopt
import libopt.torch as lt

@pytest.mark.parametrize('dtype', [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize('name, options', CASES, ids=IDS)
@pytest.mark.usefixtures(precise_numbers.__name__)
def test_the_steps_are_those_of_torch_optim(name, options, dtype):
    p, ours = make(lt, name, options, dtype)
    q, theirs = make(torch.optim, name, options, dtype)
    for optimizer, parameters in ((ours, p), (theirs, q)):
        grad_steps(optimizer, parameters, 0, 10, late=4)
    assert_close(p, q)


SCHEDULERS = {
    'StepLR': lambda o: torch.optim.lr_scheduler.StepLR(o, 3),
    'LambdaLR': lambda o: torch.optim.lr_scheduler.LambdaLR(
        o, lambda t: 1 / (1 + t)),
    'CosineAnnealingLR': lambda o:
        torch.optim.lr_scheduler.CosineAnnealingLR(o, 10),
    'OneCycleLR': lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.1, 20),
}


@pytest.mark.parametrize('schedule', SCHEDULERS.values(), ids=SCHEDULERS)
@pytest.mark.parametrize('name, options', [CASES[1], CASES[12]],
                         ids=['SGD', 'Adam'])
def test_schedulers_of_pytorch_drive_it(name, options, schedule):
    p, ours = make(lt, name, options)
    q, theirs = make(torch.optim, name, options)
    for optimizer, parameters in ((ours, p), (theirs, q)):
        scheduler = schedule(optimizer)
        for step in range(10):
            grad_steps(optimizer, parameters, step, 1, late=2)
            scheduler.step()
    assert_close(p, q)
    assert ours.param_groups[0]['lr'] == theirs.param_groups[0]['lr']


def test_addresses_are_read_anew_at_each_step():
    p = torch.nn.Parameter(torch.ones(4))
    optimizer = lt.SGD([p], 1.0)
    p.grad = torch.ones(4)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    optimizer.step()  # no gradient: nothing happens
    assert p.tolist() == [0] * 4
    p.data = torch.full((4,), 10.0)
    p.grad = torch.full((4,), 2.0)
    optimizer.step()
    assert p.tolist() == [8] * 4
    optimizer.param_groups[0]['lr'] = 2
    optimizer.step()
    assert p.tolist() == [4] * 4


def test_an_average_goes_on_without_gradients():
    p, q = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(3))
    optimizer = lt.SGD([('p', p), ('q', q)], 1.0)
    optimizer.native.start_average('swa')
    for p.grad in torch.ones(2), None, torch.ones(2):
        q.data = q.data + 1
        optimizer.step()
    with optimizer.native.eval_weights([p, q]):
        assert torch.allclose(p.data, torch.tensor((0 + 0 - 1) / 3))
        assert torch.allclose(q.data, torch.tensor((2. + 3 + 4) / 3))
    assert (p.tolist(), q.tolist()) == ([-1] * 2, [4] * 3)
    q.data = torch.ones(3, dtype=torch.float64)
    with pytest.raises(libopt.ArgumentError, match='float64'):
        optimizer.step()


def test_a_second_thread_is_refused_before_it_lends_anything():
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = lt.SGD([p], 1.0)

    class Meddler(torch.Tensor):
        """A gradient whose reading steps the optimizer, as a thread might."""
        @property
        def dtype(self):
            with pytest.raises(libopt.BusyError):
                optimizer.step()
            refused.append(True)
            return torch.float32

    refused = []
    p.grad = torch.ones(2).as_subclass(Meddler)
    optimizer.step()
    assert refused and p.tolist() == [0] * 2
    p.grad = torch.ones(2)
    optimizer.step()
    assert p.tolist() == [-1] * 2


def test_a_closure_computes_the_loss():
    p = torch.nn.Parameter(torch.ones(4))
    optimizer = lt.SGD([p], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (p ** 2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure) == 4
    assert p.tolist() == [0] * 4


def test_channels_last_is_stepped_and_saved_as_pytorch_does():
    ends = []
    for module in (lt, torch.optim):
        p = torch.nn.Parameter(torch.arange(24.).reshape(1, 4, 3, 2).to(
            memory_format=torch.channels_last))
        optimizer = module.Adam([p])
        for _ in range(3):
            p.grad = torch.cos(torch.arange(24.)).reshape(1, 4, 3, 2)
            optimizer.step()
        ends.append((p.detach(), optimizer.state_dict()['state'][0]['exp_avg']))
    assert_close(*ends)


def test_a_group_is_added_later():
    p, q = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
    optimizer = lt.SGD([p], lr=1.0)
    optimizer.add_param_group({'params': [q], 'lr': 0.5})
    for x in (p, q):
        x.grad = torch.ones(2)
    optimizer.step()
    assert (p.tolist(), q.tolist()) == ([0, 0], [0.5, 0.5])


def test_names_are_those_of_the_native_checkpoint(tmp_path):
    model = torch.nn.Linear(3, 2)
    optimizer = lt.Adam(model.named_parameters())
    model(torch.ones(3)).sum().backward()
    optimizer.step()
    optimizer.native.save(tmp_path / 'run')
    with libopt.Checkpoint(tmp_path / 'run') as checkpoint:
        assert checkpoint['weight/exp_avg'].shape == (2, 3)


WRONG = {
    'half': lambda: torch.ones(2, dtype=torch.float16),
    'transposed': lambda: torch.ones(2, 3).T,
    'meta': lambda: torch.ones(2, device='meta'),
}


@pytest.mark.parametrize('tensor', WRONG.values(), ids=WRONG)
def test_a_wrong_parameter_is_refused(tensor):
    with pytest.raises(libopt.Error):
        lt.SGD([torch.nn.Parameter(tensor())])
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = lt.SGD([p])
    with pytest.raises(libopt.Error):
        optimizer.add_param_group({'params': torch.nn.Parameter(tensor())})
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize('key, value', [
    ('lr', None), ('lr', 'fast'), ('lr', -1), ('betas', (.5, 2)),
    ('betas', (.5,)), ('betas', None), ('eps', float('nan'))], ids=str)
def test_a_wrong_option_is_refused_until_it_is_mended(key, value):
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = lt.Adam([p])
    p.grad = torch.ones(2)
    group, = optimizer.param_groups
    before, group[key] = group[key], value
    with pytest.raises(libopt.OptionError, match=key.rstrip('s')):
        optimizer.step()
    assert (p == 1).all()
    group[key] = before
    optimizer.step()
    assert (p < 1).all() and optimizer.native.steps == 1
    assert optimizer.native.param_groups[0]['betas'] == (.9, .999)


def test_a_parameter_that_has_changed_its_kind_is_refused():
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = lt.SGD([p])
    for data in (torch.ones(3), torch.ones(2, dtype=torch.float64)):
        p.grad, p.data = None, data
        p.grad = torch.ones_like(p)
        with pytest.raises(libopt.ArgumentError):
            optimizer.step()
        assert (p == 1).all()


def test_a_sparse_gradient_is_refused():
    table = torch.nn.Embedding(4, 2, sparse=True)
    optimizer = lt.SGD(table.parameters())
    table(torch.tensor([1])).sum().backward()
    with pytest.raises(libopt.ArrayError, match='sparse'):
        optimizer.step()
