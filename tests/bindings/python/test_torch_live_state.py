# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""``optimizer.state`` of libopt.torch is what scripts take it for."""

import collections
import copy
import io

import pytest
import torch
from torch_cases import CASES, IDS, NUMBERS, grad_steps, make

import libopt
import libopt.torch as lt


def described(state):
    return {key: (type(value), getattr(value, 'shape', None),
                  # Of libopt's a float64, which loses nothing.
                  key in NUMBERS or getattr(value, 'dtype', None))
            for key, value in state.items()}


@pytest.mark.parametrize('name, options', CASES, ids=IDS)
def test_it_has_torch_optims_keys_values_and_order(name, options):
    p, ours = make(lt, name, options)
    q, theirs = make(torch.optim, name, options)
    assert len(ours.state) == (len(p) if name == 'Adagrad' else 0)
    for optimizer, parameters in ((ours, p), (theirs, q)):
        grad_steps(optimizer, parameters, 0, 3)
    assert set(map(id, ours.state)) >= {id(a) for a, b in zip(p, q)
                                        if theirs.state[b]}
    for a, b in zip(p, q):
        assert described(ours.state[a]) == described(theirs.state[b])
        for key, value in theirs.state[b].items():
            found = ours.state[a][key]
            if isinstance(value, torch.Tensor):
                torch.testing.assert_close(found, value, rtol=1e-4, atol=1e-6,
                                           check_dtype=key not in NUMBERS)
            else:
                assert found == value
        assert isinstance(ours.state[a], dict)
        assert isinstance(ours.state, collections.defaultdict)


def adam(*shapes):
    params = [torch.nn.Parameter(torch.ones(shape)) for shape in shapes]
    for p in params:
        p.grad = torch.ones_like(p)
    optimizer = lt.Adam(params, lr=0.1)
    optimizer.step()
    return [*params, optimizer]


def test_tensors_show_each_step_and_can_be_written_in_place():
    p, optimizer = adam((2, 3))
    state = optimizer.state[p]
    average = state['exp_avg']
    assert average.shape == (2, 3) and average[0, 0].item() == (
        pytest.approx(0.1))
    optimizer.step()
    assert average[0, 0].item() == pytest.approx(0.19)
    assert state['step'] == 2
    average.zero_()
    state['exp_avg_sq'].fill_(4)
    p.grad.zero_()
    before = p.detach().clone()
    optimizer.step()
    assert torch.equal(p, before)
    assert torch.equal(state['exp_avg_sq'], torch.full((2, 3), 4 * 0.999))


def test_values_are_copied_in():
    p, optimizer = adam((3,))
    state = optimizer.state[p]
    given = torch.arange(3.)
    state['exp_avg'] = given
    given.zero_()
    assert state['exp_avg'].tolist() == [0, 1, 2]
    for step in (torch.tensor(7.), 7, 7.0):
        state['step'] = step
        assert optimizer.native.tensors['tensor.0'].step == 7
    state['step'] += 1
    assert state['step'] == 8
    state.update(exp_avg=torch.zeros(3), step=1)
    assert (state['exp_avg'] == 0).all() and state['step'] == 1
    with pytest.raises(libopt.MismatchError, match="'exp_avg' of 'tensor.0'"):
        state['exp_avg'] = torch.zeros(4)


def test_a_step_count_that_is_changed_in_place_counts():
    p, optimizer = adam((3,))
    optimizer.state[p]['step'].fill_(41)
    assert optimizer.state[p]['step'] == 41
    optimizer.step()
    assert optimizer.native.tensors['tensor.0'].step == 42
    optimizer.state[p]['step'].zero_()
    assert optimizer.state_dict()['state'][0]['step'] == 0
    other = copy.deepcopy(optimizer)
    assert other.native.tensors['tensor.0'].step == 0


RESETS = {
    'a new defaultdict': lambda o: setattr(
        o, 'state', collections.defaultdict(dict)),
    'clear()': lambda o: o.state.clear(),
    'each parameter': lambda o: [o.state.pop(p) for p in list(o.state)],
    'each state': lambda o: [state.clear() for state in o.state.values()],
    'empty dicts': lambda o: [o.state.__setitem__(p, {})
                              for p in list(o.state)],
}


@pytest.mark.parametrize('reset', RESETS.values(), ids=RESETS)
@pytest.mark.parametrize('name, options', [
    CASES[1], CASES[6], CASES[9], CASES[14]],
    ids=['SGD', 'Adagrad', 'RMSprop', 'Adam'])
def test_a_reset_begins_anew(name, options, reset):
    p, optimizer = make(lt, name, options)
    grad_steps(optimizer, p, 0, 3, late=0)
    q, fresh = make(lt, name, options)
    for a, b in zip(p, q):
        b.data = a.detach().clone()
    reset(optimizer)
    assert len(optimizer.state) == len(fresh.state)
    grad_steps(optimizer, p, 3, 3, late=0), grad_steps(fresh, q, 3, 3, late=0)
    assert all(torch.equal(a, b) for a, b in zip(p, q))


def test_a_state_is_moved_from_one_optimizer_to_another():
    p, optimizer = make(lt, 'Adam', dict(amsgrad=True))
    grad_steps(optimizer, p, 0, 3)
    q, other = make(lt, 'Adam', dict(amsgrad=True))
    for a, b in zip(p, q):
        b.data = a.detach().clone()
    # As a script does that has pruned a model or moved it to another device.
    for a, b in zip(p, q):
        other.state[b] = {key: value.to('cpu') for key, value
                          in optimizer.state[a].items()}
    grad_steps(optimizer, p, 3, 3), grad_steps(other, q, 3, 3)
    assert all(torch.equal(a, b) for a, b in zip(p, q))
    popped = optimizer.state.pop(p[0])
    assert type(popped) is dict and popped['exp_avg'].abs().sum() > 0
    assert p[0] not in optimizer.state


SAME = {
    'moved where it is': lambda o: [
        o.state.__setitem__(p, {key: value.to('cpu') for key, value
                                in state.items()})
        for p, state in o.state.items()],
    'each set to itself': lambda o: [o.state.__setitem__(p, o.state[p])
                                     for p in o.state],
    'as a whole': lambda o: setattr(o, 'state', o.state),
    'updated': lambda o: [state.update(state) for state in o.state.values()],
}


@pytest.mark.parametrize('assign', SAME.values(), ids=SAME)
def test_a_state_that_is_set_to_itself_stays(assign):
    p, optimizer = make(lt, 'Adam', {})
    grad_steps(optimizer, p, 0, 3)
    before = optimizer.native.save_bytes()
    assign(optimizer)
    assert optimizer.native.save_bytes() == before


def test_a_program_keeps_entries_of_its_own_there():
    p, q, optimizer = adam((3,), (2,))
    optimizer.state[p]['old_p'] = p.detach().clone()
    optimizer.state['rounds'] = 3
    optimizer.state['seen'].update(epoch=1)
    assert list(optimizer.state[p]) == ['step', 'exp_avg', 'exp_avg_sq',
                                        'old_p']
    saved = optimizer.state_dict()
    assert torch.equal(saved['state'][0]['old_p'], p)
    assert saved['state']['rounds'] == 3
    assert copy.deepcopy(optimizer).state['rounds'] == 3
    p2, q2, other = adam((3,), (2,))
    other.load_state_dict(saved)
    assert torch.equal(other.state[p2]['old_p'], p)
    assert 'old_p' not in other.state[q2] and other.state['rounds'] == 3
    assert list(optimizer.state)[2:] == ['rounds', 'seen']
    assert optimizer.state['rounds'] == 3
    del optimizer.state[p]['old_p'], optimizer.state['rounds']
    assert 'old_p' not in optimizer.state[p]
    assert 'rounds' not in optimizer.state
    for wrong in 'old_p', 'momentum_buffer':
        with pytest.raises(KeyError, match=wrong):
            optimizer.state[p][wrong]
        with pytest.raises(KeyError, match=wrong):
            del optimizer.state[p][wrong]
    assert optimizer.state[p].pop('old_p', 4) == 4
    assert optimizer.state.pop('rounds', 5) == 5
    with pytest.raises(KeyError):
        del optimizer.state['rounds']


def test_copies_of_it_are_plain_and_do_not_change():
    p, optimizer = adam((3,))
    file = io.BytesIO()
    torch.save(optimizer.state, file)
    file.seek(0)
    state = next(iter(torch.load(file).values()))
    copies = [copy.deepcopy(optimizer.state[p]), optimizer.state[p].copy(),
              state]
    # A deep copy of the whole has copies of the parameters as its keys.
    copies += copy.deepcopy(optimizer.state).values()
    optimizer.step()
    for made in copies:
        assert type(made) is dict
        assert made['exp_avg'].tolist() == pytest.approx([0.1] * 3)
        assert made['step'] == 1


def test_a_held_tensor_blocks_what_would_move_its_memory():
    p, optimizer = adam((3,))
    held = optimizer.state[p]['exp_avg']
    with pytest.raises(libopt.ArrayError, match='view of the state'):
        optimizer.add_param_group({'params': [torch.nn.Parameter(
            torch.ones(1))]})
    assert len(optimizer.param_groups) == 1
    optimizer.load_state_dict(optimizer.state_dict())  # which copies
    del held
    optimizer.add_param_group({'params': [torch.nn.Parameter(torch.ones(1))]})


def test_a_number_is_a_view_without_extents_and_may_be_written():
    p = torch.nn.Parameter(torch.ones(2))
    p.grad = torch.ones(2)
    optimizer = lt.NAdam([p])
    optimizer.step()
    product = optimizer.state[p]['mu_product']
    assert product.shape == () and product.dtype == torch.float64
    assert product.item() == pytest.approx(0.9 * (1 - 0.5 * 0.96 ** 0.004),
                                           rel=1e-15)
    optimizer.state[p]['mu_product'] = 0.5  # as it was before PyTorch 1.12
    assert product.item() == 0.5
    optimizer.state[p].clear()
    assert product.item() == 1
    with pytest.raises(libopt.MismatchError, match='mu_product'):
        optimizer.state[p]['mu_product'] = torch.ones(2)


def test_what_a_group_shares_outlives_the_state_of_a_parameter():
    def make_two():
        p, q = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
        p.grad = torch.ones(2)
        return p, q, lt.ScheduleFreeAdamW([p, q], lr=0.1, warmup_steps=3, r=1)

    p, q, one = make_two()
    one.step(), one.step()  # of q there is no gradient
    assert one.state[p]['k'] == 2 and q not in one.state
    saved = copy.deepcopy(one.state_dict())
    r, s, other = make_two()
    r.data = p.detach().clone()
    other.load_state_dict(saved)
    assert other.state[r]['k'] == 2
    for optimizer in one, other:
        optimizer.step()
    assert torch.equal(p, r)
    state = dict(one.state[p])
    assert other.state[r]['weight_sum'] == state['weight_sum'] > 0
    s.grad = torch.ones(2)
    other.step()
    other.state[r].clear()
    assert other.state[s]['k'] == state['k'] + 1 == 4
    other.state.clear()
    assert other.native.state[other.native.names[0]]['k'][()] == 0
