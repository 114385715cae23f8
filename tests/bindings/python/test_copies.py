# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A copy of an optimizer continues exactly as the optimizer does."""

import array
import copy

import numpy as np
import pytest
import torch

import libopt

RULES = [rule.name for rule in libopt.rules()]


def make(rule='adam', **options):
    """Two groups, of which one has a schedule, with all that a state has."""
    w = np.arange(6, dtype=np.float32).reshape(2, 3)
    b = np.arange(4, dtype=np.float64)
    optimizer = libopt.Optimizer(
        rule, [{'params': {'w': (w, np.cos(w))}},
               {'params': {'b': (b, np.sin(b))}, 'lr': 0.25}], **options)
    optimizer.param_groups[1].set_schedule(
        'lr', libopt.schedules.Exponential(gamma=0.5))
    optimizer.tensors['b'].lr_factor = 0.5
    optimizer.start_average('ema', decay=0.5)
    optimizer.start_scaler(4, growth_interval=3)
    for _ in range(4):
        optimizer.step()
    optimizer.accumulate(3)
    return w, b, optimizer


def of(optimizer):
    """The parameters of an optimizer, by name."""
    return {name: tensor.param for name, tensor in optimizer.tensors.items()}


@pytest.mark.parametrize('rule', RULES)
def test_a_deep_copy_trains_copies_of_the_arrays_to_the_same_bytes(rule):
    w, b, one = make(rule)
    other = copy.deepcopy(one)
    assert type(other) is type(one) and other.names == ['w', 'b']
    assert not np.shares_memory(of(other)['w'], w)
    before = w.tobytes()
    for _ in range(3):
        other.step()
    assert w.tobytes() == before
    for _ in range(3):
        one.step()
    assert one.save_bytes(params=True) == other.save_bytes(params=True)
    assert of(other)['w'].tobytes() == w.tobytes() != before
    assert repr(one) == repr(other)


@pytest.mark.parametrize('rule', RULES)
def test_a_clone_is_lent_its_parameters(rule):
    w, b, one = make(rule)
    copies = {'w': w.copy(), 'b': b.copy()}
    with one.clone(libopt.Context(threads=1)) as other:
        assert of(other) == {'w': None, 'b': None}
        assert other.tensors['w'].grad is None
        with pytest.raises(libopt.StateError, match=r'bind\(\), or lend them'):
            other.step()
        for _ in range(3):
            one.step(), other.step(params=copies)
            one.accumulate(), other.accumulate(
                grads={'w': np.cos(np.float32([[0, 1, 2], [3, 4, 5]])),
                       'b': np.sin(np.arange(4.))})
        assert copies['w'].tobytes() == w.tobytes()
        assert copies['b'].tobytes() == b.tobytes()
        assert one.save_bytes() == other.save_bytes()


def test_a_clone_is_given_memory():
    w, b, one = make()
    other = one.clone()
    own = {'w': w.copy(), 'b': b.copy()}
    other.bind('w', own['w'], np.cos(np.float32([[0, 1, 2], [3, 4, 5]])))
    other.bind('b', own['b'], np.sin(np.arange(4.)))
    one.discard(), other.discard()
    one.step(), other.step()
    assert own['w'].tobytes() == w.tobytes()
    assert one.save_bytes(params=True) == other.save_bytes(params=True)


def test_a_clone_is_independent():
    w, _, one = make()
    other = one.clone()
    other.set_options(lr=7)
    other.param_groups[1]['weight_decay'] = 0.5
    other.tensors['w'].frozen = True
    other.add_group({'params': [np.zeros(2)]})
    assert len(other.param_groups) == 3 and len(one.param_groups) == 2
    assert one.param_groups[0]['lr'] == 0.001
    assert not one.tensors['w'].frozen and one.names == ['w', 'b']
    before = w.tobytes()
    other.close()
    one.step()
    assert w.tobytes() != before


def test_what_is_lent_to_the_optimizer_is_lent_to_its_deep_copy():
    with libopt.Adam({'w': libopt.TensorSpec(2)}) as one:
        other = copy.deepcopy(one)
        w, v = np.zeros(2, np.float32), np.zeros(2, np.float32)
        grad = np.ones(2, np.float32)
        one.step([grad], [w]), other.step([grad], [v])
        assert w.tobytes() == v.tobytes() != bytes(8)
        one.bind('w', libopt.TensorSpec(2), grad)
        kept = copy.deepcopy(one).tensors['w']
        assert kept.param is None and kept.grad.tolist() == [1, 1]


def test_an_array_that_is_copied_with_the_optimizer_is_that_of_its_copy():
    model = {'w': np.zeros(2, np.float32), 'dw': np.ones(2, np.float32)}
    one = libopt.SGD({'w': (model['w'], model['dw'])}, lr=1)
    trained, other = copy.deepcopy((model, one))
    assert other.tensors['w'].param is trained['w']
    trained['dw'][:] = 2
    other.step()
    assert (trained['w'].tolist(), model['w'].tolist()) == ([-2, -2], [0, 0])


@pytest.mark.parametrize('param', [
    array.array('f', [1, 2]), bytearray(8), torch.nn.Parameter(torch.ones(2)),
    torch.ones(2, dtype=torch.float64)], ids=lambda p: type(p).__name__)
def test_an_array_of_any_kind_is_copied(param):
    if isinstance(param, bytearray):
        with libopt.SGD({'w': memoryview(param).cast('f')}) as one:
            with pytest.raises(TypeError, match='memoryview'):
                copy.deepcopy(one)
        return
    with libopt.SGD({'w': param}) as one, copy.deepcopy(one) as other:
        made = other.tensors['w'].param
        assert type(made) is type(param) and made is not param
        assert [float(x) for x in made] == [float(x) for x in param]


class Noted(libopt.AdamW):
    """A class of a program's, with an argument and an attribute of its own."""

    def __init__(self, note):
        super().__init__({'w': np.zeros(2, np.float32)}, lr=0.5)
        self.notes = [note]


def test_an_optimizer_of_ones_own_class_is_copied_with_its_attributes():
    with Noted('first') as one:
        other, lent = copy.deepcopy(one), one.clone()
        one.notes.append('second')
        other.rivals = [other]  # which is copied with it
        again = copy.deepcopy(other)
        assert again.rivals == [again]
        assert type(other) is type(lent) is Noted
        assert (other.notes, lent.notes) == (['first'], one.notes)
        assert other.param_groups[0]['lr'] == 0.5


def test_what_can_not_be_copied_now_is_refused_and_leaves_nothing():
    _, _, one = make()
    one.discard()
    with one.eval_weights(), pytest.raises(libopt.StateError, match='evaluat'):
        copy.deepcopy(one)
    with pytest.raises(TypeError, match='Context'):
        one.clone(3)
    with pytest.raises(TypeError, match=r'clone\(\) or copy.deepcopy\(\)'):
        copy.copy(one)
    one.close()
    with pytest.raises(libopt.ClosedError):
        one.clone()


def test_views_of_the_state_do_not_hinder_a_copy():
    _, _, one = make()
    view = np.asarray(one.state['w']['exp_avg'])
    other = copy.deepcopy(one)
    own = np.asarray(other.state['w']['exp_avg'])
    assert own.tolist() == view.tolist()
    own[:] = 7
    assert view.max() < 7
