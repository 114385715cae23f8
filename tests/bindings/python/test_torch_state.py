# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""State goes from torch.optim to libopt and back."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch_cases import (CASES, IDS, LATE, SHAPES, assert_close, grad_steps,
                         groups_of, make, params, precise_numbers)

import libopt
import libopt.torch as lt


@pytest.mark.parametrize('late', [None, 2], ids=['never', 'late'])
@pytest.mark.parametrize('dtype', [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize('name, options', CASES, ids=IDS)
@pytest.mark.usefixtures(precise_numbers.__name__)
def test_a_run_of_torch_optim_goes_on_here_and_back_there(name, options, dtype,
                                                          late):
    q, theirs = make(torch.optim, name, options, dtype)
    grad_steps(theirs, q, 0, 5, late)
    p = copy.deepcopy(q)
    theirs_of_p = getattr(torch.optim, name)(groups_of(p), **options)
    theirs_of_p.load_state_dict(copy.deepcopy(theirs.state_dict()))
    ours = lt.from_torch(theirs_of_p)
    grad_steps(theirs, q, 5, 10, late)
    grad_steps(ours, p, 5, 10, late)
    assert_close(p, q)
    # And back, by way of a file.
    file = io.BytesIO()
    torch.save(lt.to_torch_state_dict(ours), file)
    file.seek(0)
    back = getattr(torch.optim, name)(groups_of(p), **options)
    back.load_state_dict(torch.load(file))
    for group, expected in zip(back.param_groups, theirs.param_groups):
        assert {key: group[key] for key in expected if key != 'params'} == {
            key: value for key, value in expected.items() if key != 'params'}
    for (_, a), (_, b) in zip(back.state.items(), theirs.state.items()):
        for key, value in b.items():
            if torch.is_tensor(value):
                assert a[key].dtype == value.dtype, key
                torch.testing.assert_close(a[key], value, rtol=1e-4, atol=1e-6)
            else:
                assert a[key] == value, key
    grad_steps(theirs, q, 15, 10, late)
    grad_steps(back, p, 15, 10, late)
    assert_close(p, q)


@pytest.mark.parametrize('name, options', CASES, ids=IDS)
def test_a_run_of_torch_optim_goes_on_over_numpy_arrays(name, options):
    q, theirs = make(torch.optim, name, options)
    grad_steps(theirs, q, 0, 5)
    arrays = {f'p{i}': p.detach().numpy().copy() for i, p in enumerate(q)}
    with lt.from_torch(theirs, arrays) as ours:
        assert ours.names == list(arrays)
        grad_steps(theirs, q, 5, 10)
        for step in range(5, 15):
            generator = torch.Generator().manual_seed(step)
            grads = [torch.randn(s, generator=generator).numpy()
                     for s in SHAPES]
            ours.step([None if i == LATE else g for i, g in enumerate(grads)])
        assert_close([torch.from_numpy(a) for a in arrays.values()],
                     [p.detach() for p in q])
        back = getattr(torch.optim, name)(groups_of(q), **options)
        back.load_state_dict(lt.to_torch_state_dict(ours))


@pytest.mark.parametrize('copying', [copy.deepcopy, lambda o: pickle.loads(
    pickle.dumps(o))], ids=['deepcopy', 'pickle'])
def test_an_optimizer_is_copied_with_its_state(copying):
    p, optimizer = make(lt, 'Adam', {})
    grad_steps(optimizer, p, 0, 3)
    other = copying(optimizer)
    q = [x for group in other.param_groups for x in group['params']]
    grad_steps(optimizer, p, 3, 3), grad_steps(other, q, 3, 3)
    assert all((a == b).all() for a, b in zip(p, q))


@pytest.mark.parametrize('copying', [copy.deepcopy, lambda o: pickle.loads(
    pickle.dumps(o))], ids=['deepcopy', 'pickle'])
def test_a_copy_is_independent_and_can_be_extended(copying):
    p, optimizer = make(lt, 'RMSprop', {})
    optimizer.state[p[0]]['square_avg'] = torch.full_like(p[0], 4)
    other = copying(optimizer)
    q, *_ = other.param_groups[0]['params']
    assert other.state[q]['square_avg'].unique() == 4
    before = optimizer.native.save_bytes()
    extra = torch.nn.Parameter(torch.ones(2))
    other.add_param_group({'params': [extra], 'momentum': 0.5})
    other.param_groups[0]['lr'] = 7
    q.grad, extra.grad = torch.ones_like(q), torch.ones(2)
    other.step()
    assert other.native.param_groups[2].names == ['tensor.4']
    assert other.state[extra]['momentum_buffer'].shape == (2,)
    assert optimizer.native.save_bytes() == before
    assert len(optimizer.param_groups) == 2


def test_a_model_and_its_optimizer_are_copied_together():
    model = torch.nn.Linear(3, 2)
    one = lt.SGD(model.named_parameters(), lr=0.1, momentum=0.9)
    trained, other = copy.deepcopy((model, one))
    assert [id(x) for x in other.param_groups[0]['params']] == [
        id(x) for x in trained.parameters()]
    assert other.native.names == ['weight', 'bias']
    trained(torch.ones(3)).sum().backward()
    other.step()
    assert (trained.weight != model.weight).all()


@pytest.mark.parametrize('name, options', CASES, ids=IDS)
def test_its_own_state_dict_goes_on_to_the_same_bytes(name, options):
    p, one = make(lt, name, options)
    grad_steps(one, p, 0, 3, late=1)
    q, other = make(lt, name, options)
    for a, b in zip(p, q):
        b.data = a.detach().clone()
    other.load_state_dict(copy.deepcopy(one.state_dict()))
    grad_steps(one, p, 3, 3, late=1), grad_steps(other, q, 3, 3, late=1)
    assert all((a == b).all() for a, b in zip(p, q))


def spoil_shape(made):
    made['state'][0]['exp_avg'] = torch.zeros(2)


def spoil_groups(made):
    made['param_groups'].pop()


def spoil_layout(made):
    made['param_groups'][0]['amsgrad'] = True


def spoil_slot(made):
    del made['state'][1]['exp_avg_sq']


def spoil_option(made):
    made['param_groups'][1]['eps'] = -1


@pytest.mark.parametrize('spoil', [spoil_shape, spoil_groups, spoil_layout,
                                   spoil_slot, spoil_option])
def test_a_wrong_state_dict_is_refused_and_changes_nothing(spoil):
    p, optimizer = make(lt, 'Adam', {})
    grad_steps(optimizer, p, 0, 3)
    made = copy.deepcopy(optimizer.state_dict())
    made['param_groups'][0]['lr'] = 0.5
    spoil(made)
    before = optimizer.native.save_bytes()
    with pytest.raises(libopt.Error):
        optimizer.load_state_dict(made)
    assert optimizer.native.save_bytes() == before


def test_a_wrong_option_beside_one_that_needs_more_state_changes_nothing():
    p, optimizer = make(lt, 'Adam', {})
    grad_steps(optimizer, p, 0, 3)
    _, more = make(lt, 'Adam', {'amsgrad': True})
    made = more.state_dict()
    made['state'] = {key: {**state, 'max_exp_avg_sq': state['exp_avg_sq']}
                     for key, state in optimizer.state_dict()['state'].items()}
    for number in range(2):
        spoiled = copy.deepcopy(made)
        spoiled['param_groups'][number]['eps'] = -1
        before = optimizer.native.save_bytes()
        groups = repr(optimizer.param_groups)
        with pytest.raises(libopt.OptionError, match='eps'):
            optimizer.load_state_dict(spoiled)
        assert optimizer.native.save_bytes() == before
        assert list(optimizer.state[p[0]]) == ['step', 'exp_avg', 'exp_avg_sq']
        assert repr(optimizer.param_groups) == groups
    optimizer.load_state_dict(made)
    assert 'max_exp_avg_sq' in optimizer.state[p[0]]


@pytest.mark.parametrize('number', range(2))
def test_a_wrong_option_leaves_an_optimizer_over_arrays_as_it_was(number):
    _, theirs = make(torch.optim, 'Adam', {'lr': 0.5})
    made = theirs.state_dict()
    made['param_groups'][number]['eps'] = -1
    arrays = [np.zeros(shape, np.float32) for shape in SHAPES]
    with libopt.Adam([{'params': arrays[:2]},
                      {'params': arrays[2:]}]) as optimizer:
        before = optimizer.save_bytes()
        with pytest.raises(libopt.OptionError, match='eps'):
            lt.load_torch_state_dict(optimizer, made)
        assert optimizer.save_bytes() == before


def test_an_optimizer_that_is_not_known_is_refused():
    with pytest.raises(libopt.ArgumentError, match='SparseAdam'):
        lt.from_torch(torch.optim.SparseAdam(params()))
    with pytest.raises(libopt.ArgumentError, match='1 arrays for 4'):
        lt.from_torch(torch.optim.Adam(params()), np.zeros(1, np.float32))


@pytest.mark.parametrize('way', ['state_dict', 'pickle'])
@pytest.mark.parametrize('average', [None, 'swa'])
def test_weights_to_evaluate_at_are_in_place_after_a_load_too(average, way):
    def make_one():
        p = torch.nn.Parameter(torch.ones(3))
        p.grad = torch.ones(3)
        return p, lt.ScheduleFreeAdamW([p], lr=0.1)

    p, optimizer = make_one()
    if average is not None:
        optimizer.native.start_average(average)
    for _ in range(3):
        optimizer.step()
    trained = p.detach().clone()
    with optimizer.eval_weights():
        shown = p.detach().clone()
        if way == 'pickle':
            other = pickle.loads(pickle.dumps(optimizer))
            q = other.param_groups[0]['params'][0]
        else:
            q, other = make_one()
            q.data.copy_(shown)  # as a state_dict of the model's does
            other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    q.grad = torch.ones(3)
    assert torch.equal(p, trained) and not torch.equal(p, shown)
    assert torch.equal(q, shown)
    with pytest.raises(libopt.StateError, match='swap_eval_weights'):
        other.step()
    other.swap_eval_weights()
    assert torch.equal(q, trained)
    optimizer.step(), other.step()
    assert torch.equal(q, p)


RULES = [name for name in lt.__all__ if isinstance(getattr(lt, name), type)
         and name != 'Optimizer']


@pytest.mark.parametrize('name', RULES)
def test_every_rule_goes_on_from_its_state_dict_to_the_same_bytes(name):
    p = params()
    optimizer = getattr(lt, name)(p)
    grad_steps(optimizer, p, 0, 3)
    q = copy.deepcopy(p)
    other = getattr(lt, name)(q)
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file))
    for parameters, one in ((p, optimizer), (q, other)):
        grad_steps(one, parameters, 3, 3)
    for a, b in zip(p, q):
        assert torch.equal(a, b)
    for a, b in zip(p, q):
        assert list(optimizer.state[a]) == list(other.state[b])
