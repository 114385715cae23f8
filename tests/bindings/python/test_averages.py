# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Averages of the parameters."""

import array
import gc

import numpy as np
import pytest

import libopt


def make(**options):
    """Plain descent by 0.5 a step in 'w', and by 1 in 'b'."""
    w, b = np.zeros(3, np.float32), np.zeros(2)
    return w, b, libopt.SGD(
        {'w': (w, np.full(3, .5, np.float32)), 'b': (b, np.ones(2))},
        **{'lr': 1, **options})


def run(optimizer, steps):
    for _ in range(steps):
        optimizer.step()


def test_an_ema_is_kept_and_swapped_in_and_back():
    w, b, optimizer = make()
    assert optimizer.average is None
    optimizer.start_average(decay=0.5)
    run(optimizer, 2)
    assert optimizer.average == ('ema', .5, 0, 1, False, 2)
    assert optimizer.state['w']['param_average'].tolist() == [-.75] * 3
    with optimizer.eval_weights():
        assert optimizer.swapped
        assert w.tolist() == [-.75] * 3 and b.tolist() == [-1.5] * 2
        with pytest.raises(libopt.StateError):
            optimizer.step()
        with pytest.raises(libopt.StateError, match='already'), \
                optimizer.eval_weights():
            pass
        assert w.tolist() == [-.75] * 3
    assert w.tolist() == [-1] * 3 and b.tolist() == [-2] * 2
    assert not optimizer.swapped


def test_the_parameters_come_back_after_an_error():
    w, _, optimizer = make()
    optimizer.start_average('swa')
    run(optimizer, 3)
    with pytest.raises(ZeroDivisionError), optimizer.eval_weights():
        assert w.tolist() == [-1] * 3  # the mean of -0.5, -1, -1.5
        raise ZeroDivisionError
    assert w.tolist() == [-1.5] * 3


def test_parameters_can_be_swapped_by_hand():
    w, _, optimizer = make()
    optimizer.start_average('swa')
    run(optimizer, 3)
    for expected in -1, -1.5:
        optimizer.swap_eval_weights()
        assert w.tolist() == [expected] * 3
    with optimizer.eval_weights():
        optimizer.swap_eval_weights()
        assert w.tolist() == [-1.5] * 3
    assert w.tolist() == [-1.5] * 3


def schedule_free(dtype=np.float32):
    w = np.arange(6, dtype=dtype).reshape(2, 3)
    optimizer = libopt.ScheduleFreeAdamW({'w': (w, np.ones_like(w))}, lr=.1)
    run(optimizer, 3)
    return w, optimizer


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_a_rules_own_weights_are_read_as_a_swap_puts_them_in(dtype):
    w, optimizer = schedule_free(dtype)
    trained = w.copy()
    read = optimizer.read_eval_weights('w')
    assert (read.dtype, read.shape) == (w.dtype, w.shape)
    assert w.tobytes() == trained.tobytes() != read.tobytes()
    with optimizer.eval_weights():
        assert w.tobytes() == read.tobytes()
        with pytest.raises(libopt.StateError, match='already'), \
                optimizer.eval_weights():
            assert False, 'not reached'
        with pytest.raises(libopt.StateError, match=r'swap_eval_weights\(\)'):
            optimizer.read_eval_weights('w')
    assert w.tobytes() == trained.tobytes()
    lent = optimizer.read_eval_weights('w', [w + 1])
    assert not np.allclose(lent, read)
    with pytest.raises(KeyError, match='v'):
        optimizer.read_eval_weights('v')


def test_an_average_is_read_and_stays_as_it_is():
    w, _, optimizer = make()
    with pytest.raises(libopt.StateError, match='no average'):
        optimizer.read_eval_weights('w')
    optimizer.start_average('swa')
    run(optimizer, 3)
    read = optimizer.read_eval_weights('w')
    assert read.tolist() == [-1] * 3 and w.tolist() == [-1.5] * 3
    read[:] = 7
    assert optimizer.read_eval_weights('w').tolist() == [-1] * 3
    assert optimizer.read_eval_weights('b').tolist() == [-2] * 2


def test_without_an_average_nothing_can_be_swapped():
    w, _, optimizer = make()
    for _ in range(2):
        with pytest.raises(libopt.StateError, match='no average'), \
                optimizer.eval_weights():
            assert False, 'not reached'
        with pytest.raises(libopt.StateError, match='no average'):
            optimizer.swap_eval_weights()
        optimizer.start_average()
        optimizer.stop_average()
        assert optimizer.average is None


def test_start_period_and_warmup_are_passed_on():
    w, _, optimizer = make()
    optimizer.start_average(decay=.75, start=1, period=2, warmup=True)
    run(optimizer, 4)
    assert optimizer.average == ('ema', .75, 1, 2, True, 2)
    # -1, then with the decay (1 + 1) / (10 + 1) towards -2.
    assert optimizer.state['w']['param_average'].tolist() == [
        pytest.approx(-1 - 9 / 11)] * 3


@pytest.mark.parametrize('average', [None, 'ema'])
def test_what_is_saved_meanwhile_is_loaded_with_the_weights_in_place(average):
    w, optimizer = schedule_free()
    if average:
        optimizer.start_average(average)
        run(optimizer, 2)
    trained = optimizer.save_bytes(params=True)
    with optimizer.eval_weights():
        saved = optimizer.save_bytes(params=True)
        made, shown = optimizer.state_dict(), w.copy()
        assert optimizer.swapped and 'train_weights' in made['state']['w']
    for way in 'bytes', 'dict':
        v, other = schedule_free()
        if way == 'bytes':
            other.load_bytes(saved, params=True)
        else:
            v[:] = shown
            other.load_state_dict(made)
        assert other.swapped and v.tobytes() == shown.tobytes()
        with pytest.raises(libopt.StateError, match='leave eval_weights'):
            other.step()
        with pytest.raises(libopt.StateError, match='already'), \
                other.eval_weights():
            assert False, 'not reached'
        other.swap_eval_weights()
        assert not other.swapped and v.tobytes() == w.tobytes()
        assert other.save_bytes(params=True) == trained


def test_lent_parameters_are_swapped_and_stay_in_place_meanwhile():
    w, dw = array.array('f', [0, 0]), array.array('f', [1, 1])
    optimizer = libopt.SGD({'w': libopt.TensorSpec(2)}, lr=1)
    optimizer.start_average('swa')
    for _ in range(3):
        optimizer.step([dw], [w])
    with optimizer.eval_weights(iter([w])):
        gc.collect()
        assert w.tolist() == [-2] * 2
        with pytest.raises(BufferError):
            w.append(0)
    assert w.tolist() == [-3] * 2
    w.append(0)
    with pytest.raises(libopt.ArgumentError), optimizer.eval_weights([w]):
        assert False, 'not reached'
    with pytest.raises(libopt.StateError, match="'w'"), optimizer.eval_weights():
        assert False, 'not reached'


def test_what_is_wrong_is_refused():
    *_, optimizer = make()
    for wrong, error, text in (
            (dict(kind='mean'), ValueError, "'ema' or 'swa', not 'mean'"),
            (dict(decay=2), ValueError, r'decay.*\[0, 1\]'),
            (dict(decay=float('nan')), ValueError, 'decay'),
            (dict(start=-1), ValueError, 'start'),
            (dict(kind='swa', warmup=True), ValueError, 'warmup')):
        with pytest.raises(error, match=text) as caught:
            optimizer.start_average(**wrong)
        assert isinstance(caught.value, libopt.Error)
        assert optimizer.average is None


def test_a_view_of_the_average_blocks_what_would_free_it():
    *_, optimizer = make()
    optimizer.start_average()
    run(optimizer, 1)
    view = optimizer.state['w']['param_average']
    optimizer.start_average('swa')  # in the same memory
    with pytest.raises(libopt.ArrayError, match='stop_average: a view'):
        optimizer.stop_average()
    run(optimizer, 1)
    assert view.tolist() == [-1] * 3  # anew
    del view
    optimizer.stop_average()
    with pytest.raises(KeyError):
        optimizer.state['w']['param_average']


def test_an_average_counts_as_state():
    w, b, optimizer = make()
    assert 'param_average' not in optimizer.state['w']
    optimizer.start_average('swa')
    run(optimizer, 2)
    assert list(optimizer.state['w']) == ['step', 'param_average']
    made = optimizer.state_dict()
    assert made['state']['w']['param_average'].tolist() == [-.75] * 3
    assert made['state']['w']['average_updates'] == 2
    v, c, other = make()
    v[:], c[:] = w, b
    other.load_state_dict(made)
    run(optimizer, 1), run(other, 1)
    assert optimizer.average == other.average
    assert optimizer.save_bytes() == other.save_bytes()
