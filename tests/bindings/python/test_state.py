# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Saving, loading and looking at the state."""

import array
import copy
import os
import pickle

import numpy as np
import pytest

import libopt

RULES = [rule.name for rule in libopt.rules()]


def make(rule='adam', **options):
    """An optimizer of two groups over arrays of its own."""
    w = np.arange(6, dtype=np.float32).reshape(2, 3)
    b = np.arange(4, dtype=np.float64)
    return w, b, libopt.Optimizer(
        rule, [{'params': {'w': (w, np.cos(w))}},
               {'params': {'ö/b': (b, np.sin(b))}, 'lr': 0.25}], **options)


def run(optimizer, steps):
    for _ in range(steps):
        optimizer.step()


def load_opened(old, new, path):
    old.save(path, params=True, epoch=3)
    with libopt.Checkpoint(path) as checkpoint:
        os.unlink(path)  # it is open, and is not opened again
        assert checkpoint['epoch'] == 3
        assert new.load(checkpoint, params=True) == {'epoch': 3}
        assert checkpoint['w/step'] == 3  # it stays open


WAYS = {
    'a file': lambda old, new, path: (
        old.save(path, params=True), new.load(path, params=True)),
    'a path-like': lambda old, new, path: (
        old.save(os.fsencode(path), params=True), new.load(path, params=True)),
    'a path of bytes': lambda old, new, path: (
        old.save(os.fsencode(path), params=True),
        new.load(os.fsencode(path), params=True)),
    'an open checkpoint': load_opened,
    'bytes': lambda old, new, path: new.load_bytes(
        old.save_bytes(params=True), params=True),
    'a read-only copy': lambda old, new, path: new.load_bytes(
        bytes(old.save_bytes(params=True)), params=True),
}


@pytest.mark.parametrize('way', WAYS.values(), ids=WAYS)
@pytest.mark.parametrize('rule', RULES)
def test_a_run_goes_on_to_the_same_bytes(rule, way, tmp_path):
    *params, old = make(rule)
    run(old, 3)
    *others, new = make(rule)
    way(old, new, tmp_path / 'Größe \udcff')
    run(old, 3), run(new, 3)
    for one, other in zip(params, others):
        assert one.tobytes() == other.tobytes()
    assert old.save_bytes() == new.save_bytes()


@pytest.mark.parametrize('copying', [copy.deepcopy, lambda d: pickle.loads(
    pickle.dumps(d)), lambda d: d], ids=['deepcopy', 'pickle', 'as it is'])
@pytest.mark.parametrize('rule', RULES)
def test_a_state_dict_holds_all_of_the_state(rule, copying):
    *_, old = make(rule, preset='textbook')
    run(old, 3)
    old.accumulate(3)
    old.param_groups[1]['weight_decay'] = 0.125
    *_, new = make(rule)
    new.load_state_dict(copying(old.state_dict()))
    assert old.save_bytes() == new.save_bytes()


def test_a_state_dict_is_in_pytorchs_words():
    *_, optimizer = make()
    run(optimizer, 2)
    made = optimizer.state_dict()
    assert list(made['state']['w']) == ['step', 'exp_avg', 'exp_avg_sq']
    assert made['state']['w']['step'] == 2
    assert made['state']['w']['exp_avg'].shape == (2, 3)
    assert made['param_groups'][1]['params'] == ['ö/b']
    assert made['param_groups'][1]['lr'] == 0.25


def test_a_state_dict_can_be_edited():
    *_, optimizer = make()
    run(optimizer, 2)
    made = optimizer.state_dict()
    made['state']['w']['exp_avg'][:] = 7
    made['state']['w']['step'] = 9
    made['param_groups'][0]['eps_placement'] = 'outside'
    optimizer.load_state_dict(made)
    assert np.asarray(optimizer.state['w']['exp_avg']).tolist() == [[7] * 3] * 2
    assert optimizer.state['w']['step'] == 9
    assert optimizer.param_groups[0]['eps_placement'] == 'outside'


def spoil_rule(made):
    made['metadata']['rule'] = 'sgd'


def spoil_shape(made):
    made['state']['w']['exp_avg'] = np.zeros((3, 2), np.float32)


def spoil_dtype(made):
    made['state']['w']['exp_avg'] = np.zeros((2, 3), np.float64)


def spoil_name(made):
    made['state']['v'] = made['state'].pop('w')
    made['param_groups'][0]['params'] = ['v']


def spoil_missing(made):
    del made['state']['w']['exp_avg_sq']


def spoil_key(made):
    del made['metadata']


@pytest.mark.parametrize('spoil', [spoil_rule, spoil_shape, spoil_dtype,
                                   spoil_name, spoil_missing, spoil_key])
def test_a_wrong_state_dict_is_refused_and_changes_nothing(spoil):
    *_, optimizer = make()
    run(optimizer, 2)
    made = optimizer.state_dict()
    spoil(made)
    before = optimizer.save_bytes()
    with pytest.raises(libopt.Error):
        optimizer.load_state_dict(made)
    assert optimizer.save_bytes() == before


ENTRIES = {
    'int': (3, 3), 'large int': (-2**63, -2**63), 'bool': (True, 1),
    'float': (0.1, 0.1), 'numpy int': (np.int64(4), 4),
    'numpy float32': (np.float32(0.5), 0.5),
    'str': ('naïve', 'naïve'.encode()), 'bytes': (b'\0\xff', b'\0\xff'),
    'float64': (np.array([1.5, 2]), [1.5, 2]),
    'float32': (array.array('f', [1.5]), [1.5]),
    'int64': (np.arange(5), [0, 1, 2, 3, 4]),
    'uint8': (np.arange(3, dtype=np.uint8), bytes([0, 1, 2])),
    'empty': (np.zeros(0), []),
}


@pytest.mark.parametrize('value, expected', ENTRIES.values(), ids=ENTRIES)
def test_a_value_of_ones_own_is_saved_beside_the_state(value, expected,
                                                       tmp_path):
    *_, optimizer = make()
    optimizer.save(tmp_path / 'run', {'my value': value}, epoch=3)
    loaded = optimizer.load(tmp_path / 'run')
    found = loaded['my value']
    assert (found.tolist() if hasattr(found, 'tolist') else found) == expected
    assert loaded['epoch'] == 3 and loaded.report == ()
    assert optimizer.load_bytes(optimizer.save_bytes(x=value)).keys() == {'x'}


@pytest.mark.parametrize('value', [None, object(), [1, 2], 2**63,
                                   np.zeros(3, np.int32)])
def test_a_value_that_can_not_be_saved_is_refused(value, tmp_path):
    *_, optimizer = make()
    with pytest.raises(libopt.DTypeError, match="'wrong'"):
        optimizer.save(tmp_path / 'run', wrong=value)
    assert not os.path.exists(tmp_path / 'run')


def test_an_open_checkpoint_can_be_loaded_more_than_once():
    *_, old = make()
    run(old, 2)
    *_, first = make()
    *_, second = make()
    with libopt.Checkpoint(old.save_bytes(note='mine')) as checkpoint:
        for new in first, second:
            loaded = new.load(checkpoint, keep_options=True)
            assert (loaded['note'], loaded.report) == (b'mine', ())
            assert new.state['w']['step'] == 2
    assert first.save_bytes() == second.save_bytes()
    before = first.save_bytes()
    with pytest.raises(libopt.ClosedError):
        first.load(checkpoint)
    with pytest.raises(libopt.MismatchError) as caught, libopt.Checkpoint(
            libopt.SGD({'v': np.zeros(1)}).save_bytes()) as checkpoint:
        first.load(checkpoint)
    assert caught.value.report == () and first.save_bytes() == before


def test_a_damaged_entry_of_ones_own_is_found_before_anything_changes():
    *_, old = make()
    run(old, 2)
    data = old.save_bytes(note='mine')
    data[data.index(b'mine')] ^= 1
    *_, new = make()
    before = new.save_bytes()
    with pytest.raises(libopt.FormatError, match='note'):
        new.load_bytes(data)
    assert new.save_bytes() == before


def test_the_size_of_the_state_is_known_before_it_is_allocated():
    specs = {'w': libopt.TensorSpec((2, 3)), 'b': libopt.TensorSpec(4, 'float64')}
    with libopt.Adam() as optimizer:
        assert optimizer.state_bytes_of(specs) == 2 * (6 * 4 + 4 * 8)
        assert optimizer.state_bytes_of([np.zeros((2, 3), np.float32)]) == 48
        assert optimizer.state_bytes_of({}) == optimizer.state_bytes == 0
        optimizer.add_group({'params': specs})
        optimizer.add_group({'params': [], 'amsgrad': True})
        assert optimizer.state_bytes == 2 * (6 * 4 + 4 * 8)
        assert optimizer.state_bytes_of({'w': libopt.TensorSpec(8)},
                                        group=1) == 3 * 8 * 4
        optimizer.start_average()
        assert optimizer.state_bytes_of(libopt.TensorSpec(8)) == 3 * 8 * 4
        with pytest.raises(libopt.RangeError, match='group 2'):
            optimizer.state_bytes_of(libopt.TensorSpec(8), group=2)
        with pytest.raises(libopt.DTypeError):
            optimizer.state_bytes_of([np.zeros(3, np.int32)])
        assert optimizer.names == ['w', 'b']
    held = array.array('f', [1, 2])
    with libopt.SGD(momentum=0.5) as optimizer:
        assert optimizer.state_bytes_of([held]) == 8
        held.append(3)  # no longer held


def test_lent_parameters_are_saved_and_loaded():
    spec = {'w': libopt.TensorSpec(2)}
    with libopt.SGD(spec) as old, libopt.SGD(spec) as new:
        data = old.save_bytes(params={'w': np.array([1, 2], np.float32)})
        w = np.zeros(2, np.float32)
        new.load_bytes(data, params=[w])
    assert w.tolist() == [1, 2]


def test_what_does_not_fit_is_reported():
    *_, old = make()
    w = np.zeros((3, 2), np.float32)
    with libopt.Adam({'w': w, 'c': np.zeros(1)}) as other:
        with pytest.raises(libopt.MismatchError) as caught:
            other.load_bytes(old.save_bytes(), keep_options=True)
        assert {(kind, name) for kind, name, _ in caught.value.report} >= {
            ('mismatched', 'w/exp_avg'), ('missing', 'c/exp_avg'),
            ('unexpected', 'ö/b/exp_avg')}


def test_some_parameters_can_be_loaded_alone():
    *_, old = make()
    run(old, 2)
    w, c = np.zeros((2, 3), np.float32), np.zeros(1)
    with libopt.Adam([('w', w), ('c', c)]) as new:
        loaded = new.load_bytes(old.save_bytes(), keep_options=True,
                                allow_missing=True, allow_unexpected=True)
        assert {found[0] for found in loaded.report} == {'missing',
                                                         'unexpected'}
        assert (new.state['w']['step'], new.state['c']['step']) == (2, 0)
    with libopt.Adam([('w', w), ('c', c)]) as new:
        new.load_bytes(old.save_bytes(), names=('w',))
        assert new.state['w']['step'] == 2


def test_a_checkpoint_can_be_looked_into(tmp_path):
    *_, optimizer = make()
    run(optimizer, 2)
    optimizer.save(tmp_path / 'run', epoch=7, params=True)
    with open(tmp_path / 'run', 'rb') as file:
        data = file.read()
    for source in (tmp_path / 'run', str(tmp_path / 'run'), data,
                   bytearray(data), memoryview(data)):
        with libopt.Checkpoint(source) as checkpoint:
            assert checkpoint['epoch'] == 7
            assert checkpoint.entries == {'epoch': 7}
            assert checkpoint['w/step'] == 2
            assert checkpoint['w'].shape == (2, 3)
            assert checkpoint.info('w/exp_avg') == libopt.CheckpointEntry(
                'w/exp_avg', 'float32', (2, 3), 24, False)
            assert 'ö/b/exp_avg_sq' in checkpoint
            with pytest.raises(KeyError, match='nothing'):
                checkpoint['nothing']
        with pytest.raises(libopt.ClosedError):
            checkpoint['epoch']


def test_the_state_is_shown_in_place_and_may_be_written():
    *_, optimizer = make()
    run(optimizer, 1)
    assert list(optimizer.state) == ['w', 'ö/b'] and len(optimizer.state) == 2
    state = optimizer.state['w']
    assert list(state) == ['step', 'exp_avg', 'exp_avg_sq']
    view = state['exp_avg']
    assert (view.format, view.shape, view.readonly) == ('f', (2, 3), False)
    view[0, 1] = 5
    optimizer.tensors['w'].step = 10
    assert optimizer.state_dict()['state']['w']['exp_avg'][0, 1] == 5
    assert optimizer.state['w']['step'] == 10
    with pytest.raises(KeyError):
        optimizer.state['v']
    with pytest.raises(KeyError, match='amsgrad'):
        state['max_exp_avg_sq']


def test_accumulated_gradients_are_stepped_by_their_mean():
    w, dw = np.zeros(2, np.float32), np.zeros(2, np.float32)
    with libopt.SGD({'w': (w, dw)}, lr=1) as optimizer:
        dw[:] = 3
        optimizer.accumulate(1, zero_grads=True)
        assert dw.tolist() == [0, 0]
        optimizer.accumulate(2, [np.full(2, 1.5, np.float32)], means=True)
        assert optimizer.pending_samples == 3
        optimizer.step()
        assert w.tolist() == [-2, -2]
        dw[:] = 3
        optimizer.accumulate(3)
        optimizer.step(sum=True)
        assert w.tolist() == [-5, -5]
        optimizer.accumulate()
        optimizer.step(params=[w])
        assert w.tolist() == [-8, -8]
        optimizer.accumulate()
        optimizer.discard()
        assert optimizer.pending_samples == 0
        optimizer.step(zero_grads=True)
        assert dw.tolist() == [0, 0]
        dw[:] = 3
        optimizer.zero_grads()
        assert dw.tolist() == [0, 0]


def test_slots_have_shapes_types_and_starts_of_their_own():
    def told(rule):
        return {slot.name: (slot.shape, slot.dtype, slot.initial_option)
                for slot in libopt.rule(rule).slots}

    assert told('nadam')['exp_avg'] == ('param', None, None)
    assert told('nadam')['mu_product'] == ('number', 'float64', None)
    assert told('adagrad')['sum'] == ('param', None, 'initial_accumulator')
    assert told('schedule_free_adamw')['z'] == ('param', None, 'param')
    assert told('schedule_free_adamw')['k'] == ('group_number', 'float64', None)


@pytest.mark.parametrize('rule', RULES)
def test_matrices_and_vectors_tell_the_slots_that_they_have(rule):
    w, _, optimizer = make(rule)
    assert w.ndim == 2
    run(optimizer, 1)
    shared = {slot.name for slot in libopt.rule(rule).slots
              if slot.shape == 'group_number'}
    told = sum(np.asarray(state[slot]).nbytes
               for state in optimizer.state.values()
               for slot in state if slot != 'step' and slot not in shared)
    assert told == optimizer.state_bytes


def test_a_factored_matrix_has_factors_in_place_of_its_second_moment():
    _, _, optimizer = make('adafactor')
    matrix, vector = optimizer.state.values()
    assert list(matrix) == ['step', 'row_var', 'col_var']
    assert matrix['row_var'].shape == (2, 1)
    assert matrix['col_var'].shape == (1, 3)
    assert list(vector) == ['step', 'variance']


def test_a_number_is_one_float64_whatever_the_parameter_is():
    w, _, optimizer = make('nadam')
    state = optimizer.state['w']
    assert (state['mu_product'].shape, state['mu_product'].format) == ((), 'd')
    assert (state['exp_avg'].shape, state['exp_avg'].format) == ((2, 3), 'f')
    optimizer.step()
    factor = 0.9 * (1 - 0.5 * 0.96 ** 0.004)
    assert state['mu_product'][()] == pytest.approx(factor, rel=1e-15)
    state['mu_product'][()] = 0.5
    assert optimizer.state_dict()['state']['w']['mu_product'] == 0.5
    assert w.dtype == np.float32


def test_a_number_of_a_tensor_with_one_element_stays_a_number():
    def of_one():
        return libopt.Optimizer('nadam', {'w': (np.ones(1), np.ones(1))})

    old, new = of_one(), of_one()
    run(old, 2)
    new.load_state_dict(old.state_dict())
    assert new.save_bytes() == old.save_bytes()
    flat = old.state_dict()
    flat['state']['w']['mu_product'] = array.array(
        'd', [float(flat['state']['w']['mu_product'])])
    new.load_state_dict(flat)
    assert new.save_bytes() == old.save_bytes()


def test_the_numbers_of_a_group_are_those_of_all_its_tensors_and_are_saved():
    def of_two():
        v, w = np.ones(2, np.float32), np.ones(3)
        return v, w, libopt.ScheduleFreeAdamW(
            {'v': (v, np.cos(v)), 'w': (w, np.cos(w))}, warmup_steps=3, r=1)

    v, w, straight = of_two()
    run(straight, 2)
    assert straight.state['v']['k'][()] == straight.state['w']['k'][()] == 2
    saved = straight.save_bytes(params=True)
    run(straight, 2)
    later_v, later_w, resumed = of_two()
    resumed.load_bytes(saved, params=True)
    assert resumed.state['w']['lr_max'][()] == pytest.approx(0.0025 * 2 / 3)
    run(resumed, 2)
    assert later_v.tobytes() == v.tobytes()
    assert later_w.tobytes() == w.tobytes()
    assert resumed.save_bytes() == straight.save_bytes()
