# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Steps in slices."""

import numpy as np
import pytest

import libopt

NAMES = ('w', 'b', 'v')


def make(**arguments):
    params = {name: np.linspace(-1, 1, 50, dtype=np.float32) * i
              for i, name in enumerate(NAMES, 1)}
    grads = {name: np.cos(param) for name, param in params.items()}
    return params, grads, libopt.AdamW(params, grads, **arguments)


def test_slices_give_the_bytes_of_one_step():
    work = libopt.GradientWork(max_norm=1)
    sliced, _, in_slices = make()
    whole, _, at_once = make()
    for _ in range(3):
        report = in_slices.begin_step(work=work, zero_grads=True)
        assert in_slices.remaining == 3
        assert in_slices.step_slice(['v']) == 2
        assert in_slices.step_slice(['w', 'b']) == 0
        assert in_slices.remaining == 0
        assert report == at_once.step(work=work, zero_grads=True)
    for name in NAMES:
        assert sliced[name].tobytes() == whole[name].tobytes()
    assert in_slices.save_bytes() == at_once.save_bytes()


def test_names_are_left_out_for_all_that_remain():
    params, _, optimizer = make()
    optimizer.begin_step()
    optimizer.step_slice(['b'])
    assert optimizer.step_slice() == 0
    assert [optimizer.state[name]['step'] for name in NAMES] == [1, 1, 1]
    assert params['w'][3] != np.linspace(-1, 1, 50, dtype=np.float32)[3]


def test_an_open_step_refuses_what_would_disturb_it():
    params, _, optimizer = make()
    optimizer.begin_step()
    optimizer.step_slice(['w'])
    before = params['b'].copy()
    message = (r"tensor 'b' \(index 1\) and 1 other have not had a turn: finish "
               r'it with step_slice\(\), or end it with abandon_step\(\)')
    for call in (optimizer.step, optimizer.begin_step, optimizer.save_bytes,
                 optimizer.zero_grads, optimizer.clone):
        with pytest.raises(libopt.StateError, match=message):
            call()
    with pytest.raises(libopt.ArgumentError, match="'w' .index 0. has already"):
        optimizer.step_slice(['b', 'w'])
    assert (params['b'] == before).all()
    optimizer.abandon_step()
    assert optimizer.steps == 1
    assert optimizer.state['b']['step'] == 0
    with pytest.raises(libopt.StateError, match=r'begin_step\(\)'):
        optimizer.step_slice(['b'])


def test_arrays_are_lent_to_each_slice():
    params, grads, optimizer = make()
    twins, _, at_once = make()
    given = {name: grad * 2 for name, grad in grads.items()}
    at_once.step(given)
    optimizer.begin_step(given)
    with pytest.raises(libopt.ArgumentError, match="gradients of tensor 'w'"):
        optimizer.step_slice(['w'])
    for name in NAMES:
        optimizer.step_slice([name], {name: given[name].copy()})
    for name in NAMES:
        assert params[name].tobytes() == twins[name].tobytes()


def test_names_are_a_list():
    _, _, optimizer = make()
    optimizer.begin_step()
    with pytest.raises(TypeError, match='a list of names'):
        optimizer.step_slice('w')
