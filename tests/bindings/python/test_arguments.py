# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The fault of an array or of a call is named, and has changed nothing."""

import errno
import gc
import os
import pickle

import numpy as np
import pytest
import torch

import libopt


def floats(*shape):
    return np.ones(shape, np.float32)


def read_only():
    made = floats(4)
    made.flags.writeable = False
    return made


WRONG = {
    'int32': (lambda: np.ones(4, np.int32), libopt.DTypeError, 'int32'),
    'int64': (lambda: np.ones(4, np.int64), libopt.DTypeError, 'int64'),
    'float16': (lambda: np.ones(4, np.float16), libopt.DTypeError, 'float16'),
    'complex': (lambda: np.ones(4, np.complex64), libopt.DTypeError,
                'complex64'),
    'objects': (lambda: np.array([None] * 4), libopt.DTypeError, 'object'),
    'big-endian': (lambda: np.ones(4, '>f4'), libopt.DTypeError, 'big-endian'),
    'read-only': (read_only, libopt.ArrayError, 'read-only'),
    'bytes': (lambda: memoryview(bytes(16)).cast('f'), libopt.ArrayError,
              'read-only'),
    'every second': (lambda: floats(8)[::2], libopt.ArrayError,
                     'not contiguous'),
    'reversed': (lambda: floats(4)[::-1], libopt.ArrayError, 'not contiguous'),
    'transposed': (lambda: floats(2, 3).T, libopt.ArrayError,
                   'not contiguous'),
    'misaligned': (lambda: np.frombuffer(bytearray(17), np.uint8)[1:]
                   .view(np.float32), libopt.ArgumentError, 'align'),
    'a number': (lambda: 3.0, libopt.DTypeError, 'type float'),
    'a list': (lambda: [1.0], libopt.DTypeError, 'type list'),
    'a str': (lambda: 'w', libopt.DTypeError, 'type is str'),
    'torch int': (lambda: torch.ones(4, dtype=torch.int32), libopt.DTypeError,
                  'torch.int32'),
    'torch bfloat16': (lambda: torch.ones(4, dtype=torch.bfloat16),
                       libopt.DTypeError, 'torch.bfloat16'),
    'torch sparse': (lambda: torch.ones(4).to_sparse(), libopt.ArrayError,
                     'not dense on the CPU'),
    'torch meta': (lambda: torch.ones(4, device='meta'), libopt.ArrayError,
                   'not dense on the CPU'),
    'torch transposed': (lambda: torch.ones(2, 3).T, libopt.ArrayError,
                         'not contiguous'),
}


@pytest.mark.parametrize('make, error, text', WRONG.values(), ids=WRONG)
def test_a_wrong_parameter_is_refused(make, error, text):
    with pytest.raises(error, match=text):
        libopt.SGD({'w': make()})


@pytest.mark.parametrize('make, error, text', WRONG.values(), ids=WRONG)
def test_a_wrong_gradient_is_refused_and_nothing_changes(make, error, text):
    if text == 'read-only':  # a lent gradient is only read
        error, text = (), ''
    param = floats(4)
    with libopt.SGD({'w': param}, lr=1) as optimizer:
        if error:
            with pytest.raises((error, libopt.ArgumentError)):
                optimizer.step([make()])
            assert param.tolist() == [1, 1, 1, 1]
            assert optimizer.steps == 0
        else:
            optimizer.step([make()])
            assert optimizer.steps == 1


def in_fortran_order():
    return np.asfortranarray(floats(2, 3))


@pytest.mark.parametrize('make', [in_fortran_order,
                                  lambda: torch.ones(3, 2).T,
                                  lambda: np.ones(4, '>f4')],
                         ids=['F-ordered', 'torch transposed', 'big-endian'])
def test_what_a_copy_would_be_trained_for_is_to_be_made_by_the_program(make):
    own = make()
    match = 'use .* throughout the program: a copy'
    for call in (lambda: libopt.SGD({'w': own}),
                 lambda: libopt.SGD({'w': (floats(*own.shape), own)})):
        with pytest.raises(libopt.Error, match=match):
            call()
    with libopt.SGD({'w': floats(*own.shape)}, lr=1) as optimizer:
        # A gradient is only read: a copy does.
        with pytest.raises(libopt.Error, match='; pass '):
            optimizer.step([own])
        grad = np.ascontiguousarray(own, np.float32)
        optimizer.step([grad])


def test_a_lent_gradient_of_the_other_precision_is_refused_with_its_cures():
    w = floats(4)
    with libopt.SGD({'w': w}, lr=1) as optimizer:
        with pytest.raises(libopt.DTypeError) as caught:
            optimizer.step([np.ones(4)])
        for cure in ("grad.astype('float32')", 'attach it with', 'TensorSpec'):
            assert cure in str(caught.value)
        optimizer.step([np.ones(4).astype('float32')])
    with libopt.SGD({'w': (w, np.ones(4))}, lr=1) as optimizer:
        optimizer.step()
        optimizer.step([np.ones(4)])
    spec = libopt.TensorSpec(4, 'float32', grad_dtype='float64')
    with libopt.SGD({'w': spec}, lr=1) as optimizer:
        optimizer.step([np.ones(4)], [w])
    assert w.tolist() == [-3] * 4


def test_a_read_only_gradient_can_neither_be_retained_nor_zeroed():
    with pytest.raises(libopt.ArrayError, match="gradient of 'w'.*read-only"):
        libopt.SGD({'w': (floats(4), read_only())})
    with libopt.SGD({'w': floats(4)}) as optimizer:
        for call in (lambda: optimizer.step([read_only()], zero_grads=True),
                     lambda: optimizer.zero_grads([read_only()])):
            with pytest.raises(libopt.ArrayError, match='read-only'):
                call()


@pytest.mark.parametrize('grad', [floats(3), floats(5), floats(2, 4),
                                  floats(4, 1), np.ones(4)],
                         ids=['short', 'long', 'other rank', 'other shape',
                              'other dtype'])
def test_a_lent_gradient_must_fit_its_parameter(grad):
    with libopt.SGD({'w': floats(1, 4)}) as optimizer:
        with pytest.raises(libopt.Error, match="gradient of 'w'"):
            optimizer.step({'w': grad})


def test_a_flat_gradient_fits_a_matrix():
    with libopt.SGD(floats(2, 2), floats(4)) as optimizer:
        optimizer.step()
        optimizer.step([floats(4)])


def test_overlapping_parameters_are_refused():
    memory = floats(6)
    with pytest.raises(libopt.OverlapError):
        libopt.SGD([memory[:4], memory[2:]])


CALLS = {
    'unknown rule': (lambda: libopt.Optimizer('sdg'), KeyError, "'sgd'"),
    'unknown option': (lambda: libopt.Optimizer('sgd', lrr=1), KeyError,
                       "did you mean 'lr'"),
    'value out of range': (lambda: libopt.SGD(lr=-1), ValueError, '>= 0|\\[0'),
    'value is NaN': (lambda: libopt.SGD(lr=float('nan')), ValueError, 'lr'),
    'no such choice': (lambda: libopt.Adam(eps_placement='above'), ValueError,
                       "'inside', 'outside', 'hat'"),
    'unknown preset': (lambda: libopt.SGD(preset='torch'), KeyError,
                       'pytorch'),
    'unknown target': (lambda: libopt.Context(target='MMX'), KeyError, 'MMX'),
    'too many threads': (lambda: libopt.Context(threads=9999), ValueError,
                         'threads'),
    'two of a name': (lambda: libopt.SGD([('w', floats(1)), ('w', floats(1))]),
                      KeyError, "'w'"),
    'reserved name': (lambda: libopt.SGD({'__w': floats(1)}), KeyError, '__'),
    'NUL in a name': (lambda: libopt.SGD({'w\0': floats(1)}), ValueError, ''),
    'surrogate in a name': (lambda: libopt.SGD({'\ud800': floats(1)}),
                            ValueError, ''),
    'too few gradients': (lambda: libopt.SGD([floats(1)] * 2, [floats(1)]),
                          ValueError, '1 gradients for 2 parameters'),
    'gradient of no parameter': (
        lambda: libopt.SGD({'w': floats(1)}, {'v': floats(1)}), KeyError,
        "no parameter named 'v'"),
    'tuple of four': (lambda: libopt.SGD([('w', 1, 2, 3)]), ValueError,
                      'tuple of 4'),
    'file that is not there': (lambda: libopt.SGD().load('/nowhere/run'),
                               OSError, '/nowhere/run'),
    'folder that is not there': (lambda: libopt.SGD().save('/nowhere/run'),
                                 OSError, '/nowhere/'),
    'not a checkpoint': (lambda: libopt.SGD().load_bytes(b'12345678 no'),
                         ValueError, 'byte'),
}


@pytest.mark.parametrize('call, error, text', CALLS.values(), ids=CALLS)
def test_a_wrong_call_raises_pythons_own_kind_of_error(call, error, text):
    with pytest.raises(error, match=text) as caught:
        call()
    assert 'NUL' in str(caught) or isinstance(
        caught.value, (libopt.Error, ValueError))


FILES = {
    'load': lambda path: libopt.SGD().load(path),
    'save': lambda path: libopt.SGD().save(path),
    'open': libopt.Checkpoint,
}


@pytest.mark.parametrize('call', FILES.values(), ids=FILES)
def test_a_failure_of_a_file_is_caught_as_any_of_pythons(call, tmp_path):
    path = tmp_path / 'nothing' / 'run'
    with pytest.raises(FileNotFoundError) as caught:
        call(path)
    error = caught.value
    assert isinstance(error, libopt.FileError)
    assert (error.errno, error.strerror) == (errno.ENOENT,
                                             os.strerror(errno.ENOENT))
    assert error.filename == path and str(path.parent) in str(error)
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error) and str(copied) == str(error)
    assert (copied.errno, copied.filename) == (errno.ENOENT, path)


@pytest.mark.parametrize('name, error', [
    ('', IsADirectoryError), ('file/run', NotADirectoryError),
    ('x' * 300, OSError)], ids=['folder', 'below a file', 'name too long'])
def test_a_failure_of_a_file_has_pythons_own_class(name, error, tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    path = os.path.join(tmp_path, name)
    with pytest.raises(error) as caught:
        libopt.SGD().load(path)
    assert isinstance(caught.value, libopt.FileError)
    assert caught.value.errno and caught.value.filename == path
    assert caught.value.strerror in str(caught.value)


def test_exceptions_can_be_pickled():
    for make in (lambda: libopt.SGD(lr=-1), lambda: libopt.SGD().step([1])):
        with pytest.raises(libopt.Error) as caught:
            make()
        copied = pickle.loads(pickle.dumps(caught.value))
        assert type(copied) is type(caught.value)
        assert (str(copied), copied.status) == (str(caught.value),
                                                caught.value.status)


def test_every_status_of_the_library_has_an_exception_of_its_own():
    from libopt import _errors, _native
    statuses = {name: value for name, value in vars(_native).items()
                if name.startswith('OPT_ERR_')}
    assert len(statuses) >= 16
    for name, status in statuses.items():
        error = _errors.make(status, 'text')
        assert error.status == status and str(error) == 'text', name
        if name != 'OPT_ERR_STRUCT':  # which no Python program can cause
            assert type(error) is not libopt.Error, name


def test_the_message_of_a_failure_survives_what_python_does_meanwhile():
    class Noisy:
        """Calls libopt when it is collected."""
        def __init__(self):
            self.me = self

        def __del__(self):
            libopt.SGD().close()

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(50):
            Noisy()
            with pytest.raises(libopt.OptionError, match="'lr'"):
                libopt.SGD(lr=-1)
    finally:
        gc.set_threshold(*threshold)


def test_a_group_that_was_refused_leaves_no_trace():
    w, b = floats(2), floats(1)
    with libopt.Adam(w, lr=0.5) as optimizer:
        before = optimizer.save_bytes()
        with pytest.raises(libopt.OverlapError):
            optimizer.add_group({'params': [b, w], 'lr': 9})
        assert len(optimizer.param_groups) == 1
        assert optimizer.names == ['tensor.0']
        group = optimizer.add_group({'params': [b]})
        assert group['lr'] == 0.5
        assert optimizer.param_groups[1].names == ['tensor.1']
        assert len(before) < len(optimizer.save_bytes())


CLOSED = {
    'step': lambda o: o.step(),
    'step with lent gradients': lambda o: o.step([]),
    'accumulate': lambda o: o.accumulate(),
    'discard': lambda o: o.discard(),
    'zero_grads': lambda o: o.zero_grads(),
    'add_group': lambda o: o.add_group({'params': floats(1)}),
    'detach': lambda o: o.detach('w'),
    'bind': lambda o: o.bind('w', floats(2)),
    'save': lambda o: o.save('/nowhere/at/all'),
    'save_bytes': lambda o: o.save_bytes(),
    'load_bytes': lambda o: o.load_bytes(b''),
    'state_dict': lambda o: o.state_dict(),
    'set an option': lambda o: o.param_groups[0].__setitem__('lr', 1),
    'read an option': lambda o: o.param_groups[0]['lr'],
    'set_options': lambda o: o.set_options(lr=1),
    'set_preset': lambda o: o.set_preset('pytorch'),
    'steps': lambda o: o.steps,
}


@pytest.mark.parametrize('call', CLOSED.values(), ids=CLOSED)
def test_a_closed_optimizer_says_so(call):
    optimizer = libopt.Adam({'w': floats(2)})
    optimizer.close()
    optimizer.close()
    assert optimizer.closed and 'closed' in repr(optimizer)
    with pytest.raises(libopt.ClosedError):
        call(optimizer)
