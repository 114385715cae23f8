# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Memory stays in place while it is attached, and is let go of afterwards."""

import array
import gc
import sys
import weakref

import numpy as np
import pytest
import torch

import libopt
from libopt import _native


class Owned(np.ndarray):
    """An array to which a weak reference can be kept."""


def owned(values):
    return np.array(values, np.float32).view(Owned)


class Capsule:
    """DLPack whose deleter is told when the memory is given back."""

    def __init__(self, values):
        self.source = owned(values)
        self.gone = weakref.ref(self.source)

    def __dlpack__(self):
        source, self.source = self.source, None
        return source.__dlpack__()

    def __dlpack_device__(self):
        return 1, 0


RELEASES = {
    'close': lambda optimizer: optimizer.close(),
    'detach': lambda optimizer: optimizer.detach('w'),
    'bind': lambda optimizer: optimizer.bind(
        'w', array.array('f', [0, 0]), array.array('f', [0, 0])),
    'leaving the context': lambda optimizer: optimizer.__exit__(None, None, None),
}


@pytest.mark.parametrize('release', RELEASES.values(), ids=RELEASES)
@pytest.mark.parametrize('which', ['parameter', 'gradient'])
def test_an_array_can_be_resized_only_when_it_is_no_longer_attached(
        which, release):
    arrays = {'parameter': array.array('f', [1, 2]),
              'gradient': array.array('f', [1, 2])}
    optimizer = libopt.SGD({'w': (arrays['parameter'], arrays['gradient'])})
    with pytest.raises(BufferError):
        arrays[which].append(3)
    optimizer.step()
    release(optimizer)
    arrays[which].append(3)
    optimizer.close()


def test_a_lent_array_is_held_for_the_call_only():
    w, dw = array.array('f', [1, 2]), array.array('f', [1, 2])
    with libopt.SGD({'w': libopt.TensorSpec(2)}) as optimizer:
        optimizer.step([dw], [w])
        w.append(3), dw.append(3)
        with pytest.raises(libopt.ArgumentError):
            optimizer.step([dw], [w])  # too long now
        w.append(4), dw.append(4)


def test_a_refused_call_holds_nothing():
    w, dw = array.array('f', [1, 2]), array.array('f', [1])
    for call in (lambda: libopt.SGD({'w': (w, dw)}),
                 lambda: libopt.SGD([('w', w), ('w', dw)]),
                 lambda: libopt.SGD([w, dw, 3])):
        with pytest.raises(libopt.Error):
            call()
        w.append(0), dw.append(0)
        w.pop(), dw.pop()
    with libopt.SGD() as optimizer:
        with pytest.raises(libopt.Error):
            optimizer.add_group({'params': [w, dw, 3]})
        w.append(0), dw.append(0)


@pytest.mark.parametrize('release', RELEASES.values(), ids=RELEASES)
def test_an_owner_that_nobody_else_keeps_lives_as_long_as_it_is_attached(
        release):
    w, dw = owned([1, 2]), owned([1, 2])
    references = weakref.ref(w), weakref.ref(dw)
    optimizer = libopt.SGD({'w': (w, dw)})
    del w, dw
    gc.collect()
    assert all(reference() is not None for reference in references)
    optimizer.step()
    assert references[0]().tolist() != [1, 2]
    release(optimizer)
    assert [reference() for reference in references] == [None, None]
    optimizer.close()


def test_a_dlpack_tensor_is_given_back_once():
    capsule = Capsule([1, 2])
    optimizer = libopt.SGD({'w': capsule})
    gc.collect()
    assert capsule.gone() is not None
    optimizer.step([np.ones(2, np.float32)])
    optimizer.close()
    assert capsule.gone() is None


def test_a_dlpack_tensor_that_is_refused_is_given_back():
    capsule = Capsule(np.zeros(4))
    other = owned([1])
    with pytest.raises(libopt.Error):
        libopt.SGD([('w', capsule), ('w', other)])
    gc.collect()
    assert capsule.gone() is None


def test_torch_memory_survives_that_the_tensor_gets_other_memory():
    w = torch.ones(1000)
    alias = w.numpy()
    with libopt.SGD(w, lr=1) as optimizer:
        w.data = torch.zeros(1000)
        optimizer.step([torch.ones(1000)])
        assert w.sum() == 0 and alias.sum() == 0


def test_references_are_balanced():
    w, dw = np.ones(4, np.float32), np.ones(4, np.float32)
    entry = np.arange(3)

    def work():
        with libopt.Adam({'w': (w, dw)}) as optimizer:
            optimizer.step()
            optimizer.step([dw])
            optimizer.step(zero_grads=True)
            optimizer.load_bytes(optimizer.save_bytes(entry=entry))
            optimizer.load_state_dict(optimizer.state_dict())
            np.asarray(optimizer.state['w']['exp_avg']).sum()
            for bad in ([w[:2]], [entry]):
                with pytest.raises(libopt.Error):
                    optimizer.step(bad)

    work()
    gc.collect()
    before = [sys.getrefcount(thing) for thing in (w, dw, entry)]
    blocks = sys.getallocatedblocks()
    for _ in range(100):
        work()
    gc.collect()
    assert [sys.getrefcount(thing) for thing in (w, dw, entry)] == before
    assert sys.getallocatedblocks() < blocks + 200


def test_an_optimizer_that_is_dropped_is_freed_without_the_collector():
    gc.disable()
    try:
        w = array.array('f', [1, 2])
        optimizer = libopt.SGD({'w': w})
        groups, state = optimizer.param_groups, optimizer.state
        handle = optimizer._native.handle
        del optimizer
        assert groups[0]['lr'] == 0.001  # what is left keeps it alive
        del groups, state
        w.append(3)
        with pytest.raises(libopt.ClosedError):
            _native.opt_get_info(handle, _native.opt_info())
    finally:
        gc.enable()


@pytest.mark.parametrize('make, use', [
    (libopt.Context, lambda handle: _native.opt_context_get_info(
        handle, _native.opt_context_info())),
    (lambda: libopt.Schedule('cosine'), lambda handle:
     _native.opt_schedule_get(handle, 't_max')),
    (lambda: libopt.Checkpoint(libopt.SGD().save_bytes()),
     _native.opt_checkpoint_count)], ids=['context', 'schedule', 'checkpoint'])
def test_what_is_dropped_is_freed_in_the_library_too(make, use):
    made = make()
    handle = made._handle
    use(handle)
    del made
    with pytest.raises(libopt.ClosedError):
        use(handle)


def test_an_optimizer_in_a_cycle_is_collected():
    w = array.array('f', [1, 2])
    holder = {}
    holder['me'], holder['optimizer'] = holder, libopt.SGD({'w': w})
    del holder
    gc.collect()
    w.append(3)


def test_the_collector_never_frees_memory_that_is_stepped():
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(20):
            kept = [weakref.ref(thing) for thing in (owned([1] * 64),)]
            optimizer = libopt.SGD(
                [(owned([i] * 999), owned([1] * 999)) for i in range(20)], lr=1)
            garbage = [bytearray(4096) for _ in range(200)]
            del garbage
            for _ in range(5):
                optimizer.step()
                [np.full(999, np.nan, np.float32) for _ in range(50)]
            for i, param in enumerate(optimizer.param_groups[0].params):
                assert (param == i - 5).all()
            references = [weakref.ref(param) for param
                          in optimizer.param_groups[0].params]
            del param
            optimizer.close()
            assert [r() for r in references + kept] == [None] * 21
    finally:
        gc.set_threshold(*threshold)


def test_a_view_of_the_state_blocks_what_would_free_it():
    w = np.ones(4, np.float32)
    optimizer = libopt.Adam({'w': (w, w.copy())})
    optimizer.step()
    saved = optimizer.save_bytes()
    look = np.asarray(optimizer.state['w']['exp_avg'])[1:]
    gc.collect()
    for call in (optimizer.close, lambda: optimizer.detach('w'),
                 lambda: optimizer.load_bytes(saved),
                 lambda: optimizer.add_group({'params': w.copy()})):
        with pytest.raises(libopt.ArrayError, match='view'):
            call()
    optimizer.step()  # views show steps
    assert look[0] == np.asarray(optimizer.state['w']['exp_avg'])[1]
    del look
    optimizer.detach('w')
    optimizer.close()


def test_a_view_keeps_a_dropped_optimizer_alive():
    w = array.array('f', [1, 2])
    optimizer = libopt.Adam({'w': (w, array.array('f', [1, 1]))})
    optimizer.step()
    look = optimizer.state['w']['exp_avg']
    del optimizer
    gc.collect()
    assert look.tolist() == [pytest.approx(0.1)] * 2
    with pytest.raises(BufferError):
        w.append(3)
    del look
    w.append(3)
