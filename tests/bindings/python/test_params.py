# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Parameters in every spelling, none of which is copied."""

import array
import ctypes

import numpy as np
import pytest
import torch

import libopt

LR = 0.5


class OnlyDLPack:
    """An array that has no buffer protocol."""

    def __init__(self, data):
        self._data = data

    def __dlpack__(self):
        return self._data.__dlpack__()

    def __dlpack_device__(self):
        return self._data.__dlpack_device__()


def numpy32(values):
    return np.array(values, np.float32)


ARRAYS = {
    'numpy float32': numpy32,
    'numpy float64': lambda values: np.array(values, np.float64),
    'numpy matrix': lambda values: numpy32(values).reshape(2, 2),
    'array.array f': lambda values: array.array('f', values),
    'array.array d': lambda values: array.array('d', values),
    'memoryview of a bytearray':
        lambda values: memoryview(bytearray(numpy32(values).tobytes())).cast('f'),
    'ctypes array': lambda values: (ctypes.c_float * len(values))(*values),
    'DLPack float32': lambda values: OnlyDLPack(numpy32(values)),
    'DLPack float64': lambda values: OnlyDLPack(np.array(values)),
    'torch float32': torch.tensor,
    'torch float64': lambda values: torch.tensor(values, dtype=torch.float64),
    'torch parameter': lambda values: torch.nn.Parameter(torch.tensor(values)),
}


def values_of(thing):
    thing = getattr(thing, '_data', thing)
    if isinstance(thing, torch.Tensor):
        thing = thing.detach().numpy()
    return np.asarray(thing).ravel().tolist()


@pytest.mark.parametrize('make', ARRAYS.values(), ids=ARRAYS)
def test_a_step_changes_the_array_itself(make):
    param, grad = make([1.0, 2.0, 3.0, 4.0]), make([2.0, 4.0, 6.0, 8.0])
    with libopt.SGD(param, grad, lr=LR) as optimizer:
        optimizer.step()
    assert values_of(param) == [0, 0, 0, 0]


@pytest.mark.parametrize('make', ARRAYS.values(), ids=ARRAYS)
def test_a_gradient_of_any_kind_can_be_lent(make):
    param, grad = make([1.0, 2.0, 3.0, 4.0]), make([2.0, 4.0, 6.0, 8.0])
    with libopt.SGD(param, lr=LR) as optimizer:
        optimizer.step([grad])
    assert values_of(param) == [0, 0, 0, 0]


W, B = numpy32([1, 2]), numpy32([3])
DW, DB = numpy32([2, 2]), numpy32([2])
NAMES = ['w', 'b']
MADE_UP = ['tensor.0', 'tensor.1']
SPELLINGS = {
    'arrays, arrays': (([W, B], [DW, DB]), MADE_UP),
    'dict, dict': (({'w': W, 'b': B}, {'b': DB, 'w': DW}), NAMES),
    'dict, list': (({'w': W, 'b': B}, [DW, DB]), NAMES),
    'pairs': (([(W, DW), (B, DB)],), MADE_UP),
    'dict of pairs': (({'w': (W, DW), 'b': (B, DB)},), NAMES),
    'named': (([('w', W), ('b', B)], {'w': DW, 'b': DB}), NAMES),
    'named with gradients': (([('w', W, DW), ('b', B, DB)],), NAMES),
    'a generator': ((iter([(W, DW), (B, DB)]),), MADE_UP),
    'groups': (([{'params': W, 'grads': DW},
                 {'params': [B], 'grads': [DB]}],), MADE_UP),
    'groups of dicts': (([{'params': {'w': W}, 'grads': {'w': DW}},
                          {'params': {'b': (B, DB)}}],), NAMES),
    'groups with names': (([{'params': [W, B], 'grads': [DW, DB],
                             'names': NAMES}],), NAMES),
    'one group alone': (({'params': [W, B], 'grads': [DW, DB]},), MADE_UP),
}


@pytest.mark.parametrize('arguments, names', SPELLINGS.values(), ids=SPELLINGS)
def test_parameters_can_be_spelled(arguments, names):
    W[:], B[:] = [1, 2], [3]
    with libopt.SGD(*arguments, lr=LR) as optimizer:
        optimizer.step()
        assert optimizer.names == names
    assert (W.tolist(), B.tolist()) == ([0, 1], [2])


def test_memory_that_was_only_declared_is_lent_to_each_step():
    w, dw = numpy32([[1, 2]]), numpy32([[2, 2]])
    spec = libopt.TensorSpec((1, 2), 'float32')
    with libopt.SGD({'w': spec}, lr=LR) as optimizer:
        optimizer.step({'w': dw}, {'w': w})
        assert w.tolist() == [[0, 1]]
        with pytest.raises(libopt.StateError):
            optimizer.step({'w': dw})


def test_a_parameter_can_have_gradients_of_the_other_precision():
    w = numpy32([1, 2])
    with libopt.SGD(w, np.array([2.0, 2.0]), lr=LR) as optimizer:
        optimizer.step()
    assert w.tolist() == [0, 1]


def test_a_parameter_that_is_lent_no_gradient_stays_as_it_is():
    w, b = numpy32([1, 2]), numpy32([3])
    with libopt.SGD({'w': w, 'b': b}, lr=LR) as optimizer:
        optimizer.step({'b': numpy32([2])})
        assert optimizer.state['w']['step'] == 0
        assert optimizer.state['b']['step'] == 1
    assert (w.tolist(), b.tolist()) == ([1, 2], [2])


def test_lent_parameters_go_with_retained_gradients():
    w, other, dw = numpy32([1, 2]), numpy32([5, 5]), numpy32([2, 2])
    with libopt.SGD(w, dw, lr=LR) as optimizer:
        optimizer.step(params=[other])
    assert (w.tolist(), other.tolist()) == ([1, 2], [4, 4])


def test_a_zero_length_array_and_a_zero_dimensional_one_are_legal():
    empty, scalar = np.zeros(0, np.float32), np.array(3, np.float32)
    with libopt.Adam([(empty, empty.copy()),
                      (scalar, np.array(1, np.float32))]) as optimizer:
        optimizer.step()
        assert optimizer.param_count == 1
    assert scalar < 3


def test_a_parameter_is_bound_to_other_memory_and_keeps_its_state():
    w, other = numpy32([1, 2]), numpy32([5, 5])
    with libopt.SGD({'w': (w, numpy32([2, 2]))}, lr=LR) as optimizer:
        optimizer.step()
        optimizer.bind('w', other, numpy32([4, 4]))
        optimizer.step()
        assert optimizer.state['w']['step'] == 2
        assert optimizer.param_groups[0].params[0] is other
    assert (w.tolist(), other.tolist()) == ([0, 1], [3, 3])


def test_a_detached_parameter_is_no_longer_stepped():
    w, b = numpy32([1, 2]), numpy32([3])
    with libopt.SGD({'w': (w, numpy32([2, 2])), 'b': (b, numpy32([2]))},
                    lr=LR) as optimizer:
        optimizer.detach('w')
        optimizer.step()
        assert optimizer.names == ['b']
    assert (w.tolist(), b.tolist()) == ([1, 2], [2])


def test_parameters_in_a_thousand_groups_are_stepped():
    params = [numpy32([1]) for _ in range(1000)]
    with libopt.SGD([{'params': p, 'grads': numpy32([1]), 'lr': i}
                     for i, p in enumerate(params)]) as optimizer:
        optimizer.step()
    assert [p[0] for p in params] == [1 - i for i in range(1000)]
