# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The parameters one by one: what they are, and attributes of their own."""

import numpy as np
import pytest

import libopt


def make(**options):
    """Plain descent by 0.5 a step in 'w', and by 1 in 'b'."""
    w, b = np.zeros((1, 3), np.float32), np.zeros(2)
    return w, b, libopt.SGD(
        [{'params': {'w': (w, np.full((1, 3), .5, np.float32))}},
         {'params': {'b': (b, np.ones(2))}}], **{'lr': 1, **options})


def test_a_tensor_tells_what_it_is():
    w, _, optimizer = make()
    optimizer.add_group({'params': {
        'lent': libopt.TensorSpec((2, 2), 'float32', 'float64')}})
    tensors = optimizer.tensors
    assert list(tensors) == ['w', 'b', 'lent'] and len(tensors) == 3
    first, lent = tensors['w'], tensors['lent']
    assert (first.name, first.group, first.shape) == ('w', 0, (1, 3))
    assert (first.dtype, first.grad_dtype) == ('float32', 'float32')
    assert first.param is w and first.grad.tolist() == [[.5] * 3]
    assert (lent.param, lent.grad, lent.group) == (None, None, 2)
    assert (lent.dtype, lent.grad_dtype) == ('float32', 'float64')
    assert tensors['b'].dtype == 'float64'
    assert repr(first) in repr(tensors) and "'w'" in repr(first)


def test_factors_act_from_the_next_step_on():
    w, b, optimizer = make()
    tensor = optimizer.tensors['w']
    assert (tensor.lr_factor, tensor.weight_decay_factor) == (1, 1)
    optimizer.step()
    tensor.lr_factor = .5
    optimizer.step()
    assert w.tolist() == [[-.75] * 3] and b.tolist() == [-2] * 2
    optimizer.set_options(weight_decay=1)
    tensor.weight_decay_factor = 0
    optimizer.step()
    assert w.tolist() == [[-1] * 3] and b.tolist() == [-1] * 2
    assert (tensor.lr_factor, tensor.weight_decay_factor) == (.5, 0)


def test_a_frozen_tensor_is_passed_over():
    w, b, optimizer = make()
    tensor = optimizer.tensors['w']
    assert tensor.frozen is False
    tensor.frozen = True
    optimizer.step()
    assert tensor.frozen is True
    assert w.tolist() == [[0] * 3] and b.tolist() == [-1] * 2
    assert (tensor.step, optimizer.tensors['b'].step) == (0, 1)
    tensor.frozen = False
    optimizer.step()
    assert w.tolist() == [[-.5] * 3] and tensor.step == 1


def test_a_group_is_frozen():
    w, b, optimizer = make()
    optimizer.param_groups[0]['frozen'] = True
    optimizer.step()
    assert w.tolist() == [[0] * 3] and b.tolist() == [-1] * 2


def test_a_step_count_can_be_set():
    *_, optimizer = make()
    tensor = optimizer.tensors['w']
    tensor.step = 7
    optimizer.step()
    assert tensor.step == optimizer.state['w']['step'] == 8
    with pytest.raises(ValueError, match='step'):
        tensor.step = -1
    assert tensor.step == 8


def test_a_tensor_moves_to_another_group_with_its_state():
    w, b, optimizer = make(momentum=.5)
    optimizer.param_groups[1]['lr'] = 2
    optimizer.step()
    before = optimizer.state_dict()['state']['w']
    tensor = optimizer.tensors['w']
    tensor.group = 1
    assert tensor.group == 1 and 'group=1' in repr(tensor)
    assert [group.names for group in optimizer.param_groups] == [[], ['w', 'b']]
    assert optimizer.param_groups[1].params[0] is w
    after = optimizer.state_dict()['state']['w']
    assert after['step'] == before['step'] == 1
    assert (after['momentum_buffer'] == before['momentum_buffer']).all()
    optimizer.step()  # v = 0.5 * 0.5 + 0.5, of which lr is 2 now
    assert w.tolist() == [[-.5 - 2 * .75] * 3]
    tensor.group = np.int64(0)
    assert optimizer.param_groups[0].names == ['w']
    optimizer.bind('w', np.zeros((1, 3), np.float32))
    assert tensor.group == 0


def test_a_group_that_needs_other_state_is_refused_by_name():
    with libopt.Adam([{'params': {'w': np.zeros(2)}},
                      {'params': [], 'amsgrad': True}]) as optimizer:
        tensor = optimizer.tensors['w']
        with pytest.raises(libopt.StateError, match="'amsgrad'"):
            tensor.group = 1
        for wrong, error in (2, IndexError), (-1, IndexError), ('1', TypeError):
            with pytest.raises(error):
                tensor.group = wrong
        assert tensor.group == 0
        assert optimizer.param_groups[0].names == ['w']


@pytest.mark.parametrize('attribute, value', [
    ('lr_factor', -1), ('lr_factor', float('nan')),
    ('weight_decay_factor', float('inf')), ('frozen', 2)])
def test_a_value_out_of_range_is_refused_and_changes_nothing(attribute, value):
    *_, optimizer = make()
    tensor = optimizer.tensors['w']
    before = repr(tensor)
    with pytest.raises(ValueError, match=attribute):
        setattr(tensor, attribute, value)
    with pytest.raises(TypeError):
        setattr(tensor, attribute, 'much')
    assert repr(tensor) == before


def test_a_tensor_that_is_not_there_is_an_error():
    w, _, optimizer = make()
    for key in 'weight', '':
        with pytest.raises(KeyError):
            optimizer.tensors[key]
        assert key not in optimizer.tensors
    with pytest.raises(TypeError):
        optimizer.tensors[0]
    gone = optimizer.tensors['w']
    assert not gone.frozen
    optimizer.detach('w')
    other = np.zeros(3, np.float32)
    optimizer.add_group({'params': {'v': other}})
    for use in (lambda: gone.shape, lambda: gone.frozen,
                lambda: setattr(gone, 'frozen', True)):
        with pytest.raises(KeyError, match="'w'"):
            use()
    assert not optimizer.tensors['v'].frozen
    held = optimizer.tensors['v']
    optimizer.close()
    with pytest.raises(libopt.ClosedError):
        held.frozen = True
    assert list(optimizer.tensors) == []


def test_attributes_are_described_and_saved_with_the_state():
    *_, optimizer = make()
    described = {made.name: made for made in libopt.attributes()}
    assert described['frozen'].is_bool
    for name in described:
        assert isinstance(getattr(libopt.Tensor, name), property)
    tensor = optimizer.tensors['b']
    tensor.lr_factor, tensor.frozen = .5, True
    made = optimizer.state_dict()
    assert made['state']['b'] == {'step': 0, 'lr_factor': .5, 'frozen': 1}
    *_, other = make()
    other.load_state_dict(made)
    assert repr(other.tensors) == repr(optimizer.tensors)
    made['state']['b']['lr_factor'] = .25
    other.load_state_dict(made)
    assert other.tensors['b'].lr_factor == .25
