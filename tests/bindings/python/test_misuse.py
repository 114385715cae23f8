# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Misuse is refused in words of Python's."""

import copy
import math
import pickle
import re
import sys

import numpy as np
import pytest
import torch

import libopt
from libopt import _errors


def floats(*shape):
    return np.ones(shape, np.float32)


def make(kind=libopt.Adam, **options):
    return kind({'w': (floats(4), floats(4))}, **options)


OBJECTS = {
    'param_groups': lambda: make().param_groups,
    'tensors': lambda: make().tensors,
    'state': lambda: make().state['w'],
    'schedule': lambda: libopt.Schedule('cosine'),
    'context': libopt.Context,
    'checkpoint': lambda: libopt.Checkpoint(make().save_bytes()),
}


@pytest.mark.parametrize('copying', [copy.deepcopy, pickle.dumps],
                         ids=['deepcopy', 'pickle'])
@pytest.mark.parametrize('thing', OBJECTS.values(), ids=OBJECTS)
def test_what_holds_memory_can_not_be_copied(thing, copying):
    made = thing()
    match = 'cannot be (copied or )?pickled'
    with pytest.raises(TypeError, match=match):
        copying(made)
    if hasattr(made, 'close'):
        with pytest.raises(TypeError, match=match):
            copy.copy(made)
        made.close()


def test_an_optimizer_can_not_be_pickled_and_says_what_can():
    with make() as optimizer:
        with pytest.raises(TypeError, match=r'not be pickled.* state_dict\(\)'):
            pickle.dumps(optimizer)


@pytest.mark.parametrize('kind', [
    libopt.Context, libopt.Schedule, libopt.Checkpoint, libopt.Adam])
def test_an_object_that_was_never_made_is_dropped_in_silence(kind,
                                                             monkeypatch):
    heard = []
    monkeypatch.setattr(sys, 'unraisablehook', heard.append)
    kind.__new__(kind)
    if kind is libopt.Context:  # half made
        with pytest.raises(libopt.Error):
            kind(-2)
    assert heard == []


def test_several_options_are_set_all_or_none():
    with make(betas=(.5, .75)) as optimizer:
        group, = optimizer.param_groups
        for value in (.25, 2), (.25,), .25, (.25, .5, .5), (2, .25):
            with pytest.raises(libopt.OptionError, match='beta'):
                group['betas'] = value
            with pytest.raises(libopt.OptionError, match='beta'):
                libopt.Adam(betas=value)
            assert group['betas'] == (.5, .75)
        group['lr'] = .125
        before = dict(group), dict(optimizer.defaults)
        for wrong in {'eps': -1}, {'epss': 1}, {'amsgrad': True}:
            with pytest.raises(libopt.Error):
                optimizer.set_options(lr=7, **wrong)
            assert (dict(group), dict(optimizer.defaults)) == before


@pytest.mark.parametrize('value', ['0.1', b'0.1', [1], 1j, 10**400, math.nan,
                                   -1, math.inf], ids=lambda v: repr(v)[:9])
def test_an_option_is_a_number_in_its_range(value):
    with pytest.raises(libopt.OptionError, match="option 'lr' cannot be"):
        make(lr=value)
    with make() as optimizer, pytest.raises(libopt.OptionError):
        optimizer.param_groups[0]['lr'] = value


def test_numpys_numbers_are_numbers():
    with make(lr=np.float32(.5)) as optimizer:
        optimizer.accumulate(np.int64(3))
        assert optimizer.pending_samples == 3
        optimizer.start_average(start=np.int32(1), decay=np.float32(.5))
        optimizer.tensors['w'].step = np.uint8(5)
        for wrong, error in ((1.5, TypeError), ('1', TypeError),
                             (2**63, OverflowError)):
            with pytest.raises(error):
                optimizer.accumulate(wrong)
        assert optimizer.pending_samples == 3
    assert libopt.Context(np.int64(1)).threads == 1
    with pytest.raises(OverflowError):
        libopt.Context(2**31)


@pytest.mark.parametrize('wrong', [
    dict(max_norm=0), dict(max_norm=-1), dict(max_norm=math.nan),
    dict(max_value='1'), dict(loss_scale=0), dict(max_tensor_norm=-1),
    dict(norm=3), dict(norm='2'), dict(nonfinite='explode')], ids=str)
def test_gradient_work_is_checked_when_it_is_made(wrong):
    with pytest.raises(libopt.ArgumentError, match=list(wrong)[0]):
        libopt.GradientWork(**wrong)
    libopt.GradientWork(norm=math.inf)


def test_an_object_of_another_class_is_a_type_error():
    with make() as optimizer:
        for call in (lambda: optimizer.step(work=3),
                     lambda: optimizer.clip_grads(None),
                     lambda: optimizer.grad_norm(work='norm'),
                     lambda: optimizer.set_schedule('lr', 'cosine'),
                     lambda: libopt.SGD(context=3),
                     lambda: optimizer.detach(0)):
            with pytest.raises(TypeError, match=' not '):
                call()
        assert optimizer.steps == 0


def test_a_shape_is_whole_numbers():
    for shape in (np.int64(3), [3], (np.int64(3),), range(3, 4)):
        with libopt.SGD({'w': libopt.TensorSpec(shape)}) as optimizer:
            assert optimizer.tensors['w'].shape == (3,)
    for wrong, error in ((2.5, TypeError), ('3', TypeError),
                         (-1, ValueError), ((-1, -1), ValueError),
                         (1 << 62, ValueError), ((1 << 40,) * 2, ValueError)):
        with pytest.raises(error):
            libopt.SGD({'w': libopt.TensorSpec(wrong)})


@pytest.mark.parametrize('dtype', [
    'float64', np.float64, np.dtype('float64'), torch.float64], ids=repr)
def test_a_dtype_is_anyones(dtype):
    with libopt.SGD({'w': libopt.TensorSpec(3, dtype)}) as optimizer:
        assert optimizer.tensors['w'].dtype == 'float64'
    for wrong in np.float16, torch.bfloat16, int, None:
        with pytest.raises(libopt.DTypeError, match='not supported'):
            libopt.SGD({'w': libopt.TensorSpec(3, wrong)})


def test_a_dlpack_tensor_is_taken_once():
    class Used:
        """Gives the same capsule again."""

        def __init__(self, capsule):
            self.capsule = capsule

        def __dlpack__(self):
            return self.capsule

        def __dlpack_device__(self):
            return 1, 0

    array = Used(floats(2).__dlpack__())
    libopt.SGD({'w': array}).step([floats(2)])
    for wrong in array, Used(3):
        with pytest.raises(libopt.ArgumentError, match="'w': its __dlpack__"):
            libopt.SGD({'w': wrong})


@pytest.mark.parametrize('wrong', [
    {}, None, 3, {'state': 3}, {'state': {'w': 3}}, {'more': {'x': 3}},
    {'more': {'x': ('F32', (2,), b'')}}, {'param_groups': 3},
    {'metadata': {}}, {'state': {'w': {'step': 'x'}}},
    {'state': {'w': {'step': 2**70}}}], ids=repr)
def test_what_is_no_state_dict_is_refused(wrong):
    with make() as optimizer:
        before = optimizer.save_bytes()
        if isinstance(wrong, dict) and wrong:
            wrong = {**optimizer.state_dict(), **wrong}
        with pytest.raises(libopt.Error):
            optimizer.load_state_dict(wrong)
        assert optimizer.save_bytes() == before


def test_a_closed_optimizer_is_not_entered_again():
    optimizer = make()
    with optimizer:
        pass
    with pytest.raises(libopt.ClosedError), optimizer:
        assert False, 'not reached'


REFUSED = {
    'samples is 0': lambda o: o.accumulate(0),
    'threads is -2: use 0 to 1024, or ALL_CORES': lambda o: libopt.Context(-2),
    "'lrr'; did you mean 'lr'? (libopt.rule() lists": lambda o:
        o.set_options(lrr=1),
    'no average is kept: start_average() begins': lambda o: o.swap_eval_weights(),
    "warmup=True is for kind='ema'": lambda o: o.start_average(
        'swa', warmup=True),
    'or none for a generated one': lambda o: libopt.SGD({'': floats(1)}),
    "named 'opt_add_group NULL'": lambda o: libopt.SGD(
        [('opt_add_group NULL', floats(1))] * 2),
    'before parameters are attached': lambda o: o.set_options(amsgrad=True),
    "bind(), or lend them in the call": lambda o: o.clone().step(),
    'set_scale(): no loss scaler is active': lambda o: o.set_scale(4),
    'start one with start_scaler()': lambda o: o.set_scale(4),
    "Tensor.group: tensor 'w'": lambda o: setattr(
        o.tensors['w'], 'group', o.add_group({
            'params': [], 'amsgrad': True}) and 1),
    'there is no group 7': lambda o: o.state_bytes_of(floats(1), group=7),
}


def test_pythons_words_for_functions_are_functions_of_python():
    words = {name: word for name, word in _errors._WORDS.items()
             if word.endswith(')')}
    assert len(words) >= 20
    for name, word in words.items():
        owner, _, function = word[:-2].rpartition('.')
        assert word.endswith('()') and owner in ('', 'libopt'), name
        owners = ((libopt,) if owner else
                  (libopt, libopt.Optimizer, libopt.Schedule))
        assert any(callable(getattr(made, function, None))
                   for made in owners), name


@pytest.mark.parametrize('text, call', REFUSED.items(), ids=REFUSED)
def test_a_message_has_pythons_words(text, call):
    with make() as optimizer, pytest.raises(libopt.Error) as caught:
        call(optimizer)
    message = str(caught.value)
    assert text in message
    assert not re.search(r'\bopt_|\bOPT_|\bNULL\b',
                         re.sub("'[^']*'", '', message))
