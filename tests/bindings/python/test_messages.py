# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A wrong call is told the culprit and the remedy, so that the message alone
leads to the right call."""

import glob
import os
import re
import resource
import signal

import numpy as np
import pytest
import torch

import libopt
from libopt import _errors

ROOT = os.path.join(os.path.dirname(__file__), '../../..')


def floats(*shape):
    return np.ones(shape or (3,), np.float32)


def make(kind=libopt.Adam, **options):
    return kind({'w': (floats(), floats())}, **options)


def lent():
    return libopt.Adam({'w': libopt.TensorSpec(3)})


def averaging():
    optimizer = make()
    optimizer.start_average()
    optimizer.step()
    return optimizer


# The call, the class of its error, and the culprit and the remedy as they stand
# in the message.
CALLS = {
    'a learning rate by its place': (
        lambda: libopt.Adam([floats()], 1e-3), TypeError,
        'the argument after the parameters is their gradients.*lr=0.001'),
    'a group without params': (
        lambda: libopt.Adam([{'param': [floats()], 'lr': .1}]), ValueError,
        r"keys \['param', 'lr'\], but lacks 'params'.*\{'params': ..., 'lr'"),
    'a group without params, alone': (
        lambda: libopt.Adam({'param': [floats()], 'lr': .1}), TypeError,
        "parameter 'param' is .*list.*numpy.array.*'params'"),
    'one group without params among others': (
        lambda: libopt.Adam([{'params': floats()}, {'param': floats()}]),
        ValueError, "lacks 'params'"),
    'parameters by name in a list': (
        lambda: libopt.Adam([{'w': floats()}]), ValueError,
        r"parameters by name .*\{'params': \{'w': w\}"),
    'an array for a group': (
        lambda: make().add_group(floats()), ValueError,
        'a parameter group is a dict.*not a value of type ndarray'),
    'a number for a name': (
        lambda: libopt.Adam({1: floats()}), ValueError,
        'the name of a parameter is a str, not 1'),
    'None for an array': (
        lambda: libopt.Adam([floats(), None]), TypeError,
        'parameter number 1: its type is NoneType.*NumPy'),
    'an array of half precision': (
        lambda: libopt.Adam({'w': floats().astype(np.float16)}), TypeError,
        "'w': its elements are float16, not float32 or float64; use "
        r"array.astype\('float32'\)"),
    'a tensor of half precision': (
        lambda: libopt.Adam({'w': torch.ones(3).half()}), TypeError,
        r"torch.float16, not float32 or float64; use tensor.float\(\)"),
    'a gradient of half precision': (
        lambda: make().step({'w': floats().astype(np.float16)}), TypeError,
        r"gradient of 'w'.* float16.*; pass array.astype\('float32'\)"),
    'a rule for the parameters': (
        lambda: libopt.Optimizer([floats()], 'adam'), TypeError,
        "rule is the name of an update rule, such as 'adamw'"),
    'a gradient of an unknown name': (
        lambda: make().step({'v': floats()}), KeyError,
        "no parameter named 'v'; there are 'w'"),
    'a number of gradients': (
        lambda: make().step([floats(), floats()]), ValueError,
        '2 gradients for 1 parameters: give one for each'),
    'a closure': (
        lambda: make().step(lambda: 3), TypeError,
        'gradients are arrays.*not .* function: compute the loss'),
    'gradients where their number belongs': (
        lambda: make().accumulate({'w': floats()}), TypeError,
        r'samples is .*not .* dict: accumulate\(samples, grads\)'),
    'gradient work by its place': (
        lambda: libopt.GradientWork(1.0), TypeError, '1 positional argument'),
    'an infinite gradient': (
        lambda: make().step({'w': floats() * np.inf},
                            work=libopt.GradientWork(nonfinite='error')),
        FloatingPointError, "tensor 'w' has Inf or NaN.*use nonfinite='skip'"),
    'a step without memory': (
        lambda: lent().step({'w': floats()}), RuntimeError,
        r"'w' has .*no parameters: lend them in params=, or give .*bind\(\)"),
    'a save without memory': (
        lambda: lent().save_bytes(params=True), RuntimeError,
        "'w' has no parameters to save: lend them in params="),
    'a load without memory': (
        lambda: lent().load_bytes(make().save_bytes(params=True), params=True),
        RuntimeError, "'w' has no place.*: lend one in params="),
    'a parameter by its number': (
        lambda: make().state[0], TypeError,
        r'by its name, a str, not by int: list\(optimizer.names\)'),
    'an unknown parameter': (
        lambda: make().tensors['v'], KeyError, "no tensor is named 'v'"),
    "PyTorch's zero_grad": (
        lambda: make().zero_grad(), AttributeError, r'use zero_grads\(\)'),
    "PyTorch's add_param_group": (
        lambda: make().add_param_group({}), AttributeError,
        r'use add_group\(\)'),
    'averaged without an average': (
        lambda: make().eval_weights().__enter__(), RuntimeError,
        r'and no average is kept: start_average\(\) begins one'),
    'a warmup of a mean': (
        lambda: make().start_average('swa', warmup=True), ValueError,
        "warmup=True is for kind='ema'"),
    'a decay where the kind of average belongs': (
        lambda: make().start_average(.99), ValueError,
        "kind is 'ema' or 'swa', not 0.99; .* by name: decay=0.99"),
    'the class of a schedule': (
        lambda: make().set_schedule('lr', libopt.schedules.Cosine), TypeError,
        r'libopt.schedules.Cosine\(t_max=100\), not the class Cosine'),
    'the name of a schedule': (
        lambda: libopt.schedules.Linear().then(3, 'cosine'), TypeError,
        r'libopt.schedules.Cosine\(t_max=100\), not a value of type str'),
    'a value that is no entry': (
        lambda: make().save_bytes(loss=[1, 2]), TypeError,
        r"entry 'loss': .* list cannot be saved; .*numpy.array\(...\)"),
    'an entry of half precision': (
        lambda: make().save_bytes(loss=floats().astype(np.float16)), TypeError,
        "entry 'loss': .* float16, not float32, float64, int64 or uint8"),
    'an empty state_dict': (
        lambda: make().load_state_dict({}), ValueError,
        "no state_dict.*'param_groups' is missing"),
    'no state_dict': (
        lambda: make().load_state_dict(None), ValueError,
        'a state_dict is a dict.*not a value of type NoneType'),
    "PyTorch's state_dict": (
        lambda: make().load_state_dict({'state': {}, 'param_groups': []}),
        ValueError, r'libopt.torch.load_torch_state_dict\('),
    'a state_dict of another rule': (
        lambda: make().load_state_dict(make(libopt.SGD).state_dict()),
        ValueError, "the state_dict is for rule 'sgd'"),
    'a name for names': (
        lambda: make().load_bytes(make().save_bytes(), names='w'), TypeError,
        r"names is a tuple .*names=\('w',\)"),
    'an unknown entry of a checkpoint': (
        lambda: libopt.Checkpoint(make().save_bytes())['nope'], KeyError,
        r"no entry 'nope' \(list\(checkpoint\) has them all\)"),
    'a checkpoint of other parameters': (
        lambda: libopt.Adam({'v': floats()}).load_bytes(make().save_bytes()),
        ValueError, "the first is 'w/.*the error's report lists them all"),
    'a checkpoint that is cut short': (
        lambda: make().load_bytes(make().save_bytes()[:-5]), ValueError,
        'damaged'),
}


@pytest.mark.parametrize('call, error, text', CALLS.values(), ids=CALLS)
def test_a_message_leads_to_the_right_call(call, error, text):
    with pytest.raises(error, match=text) as caught:
        call()
    assert not re.search(r'\bopt_|\bOPT_|\bNULL\b', str(caught.value))


USES = {
    'step': lambda o: o.step(),
    'step with gradients': lambda o: o.step({'w': floats()}),
    'save': lambda o: o.save_bytes(),
    'load': lambda o: o.load_bytes(b''),
    'state_dict': lambda o: o.state_dict(),
    'load_state_dict': lambda o: o.load_state_dict({}),
    'options': lambda o: o.param_groups[0]['lr'],
    'state': lambda o: o.state['w'],
    'averaged': lambda o: o.eval_weights().__enter__(),
}


@pytest.mark.parametrize('use', USES.values(), ids=USES)
def test_what_is_closed_says_so_and_by_what(use):
    optimizer = make()
    optimizer.close()
    with pytest.raises(libopt.ClosedError, match=(
            r'^the optimizer is closed: close\(\) or the end of its `with`')):
        use(optimizer)


def test_a_closed_checkpoint_and_a_closed_context_say_so():
    with libopt.Checkpoint(make().save_bytes()) as checkpoint:
        pass
    with pytest.raises(ValueError, match='^the checkpoint is closed'):
        checkpoint['w/exp_avg']
    with libopt.Context() as context:
        pass
    with pytest.raises(ValueError, match='^the context is closed'):
        make(context=context)


SWAPPED = {
    'step': lambda o: o.step(),
    'load': lambda o: o.load_bytes(o.save_bytes()),
    'accumulate': lambda o: o.accumulate(), 'clone': lambda o: o.clone(),
    'stop_average': lambda o: o.stop_average(),
}


@pytest.mark.parametrize('use', SWAPPED.values(), ids=SWAPPED)
def test_what_is_refused_while_evaluating_names_the_way_back(use):
    with averaging() as optimizer, optimizer.eval_weights():
        with pytest.raises(libopt.StateError, match=r'leave eval_weights\(\) '
                           r'first, or swap the parameters back with '
                           r'swap_eval_weights\(\)'):
            use(optimizer)
        with pytest.raises(libopt.StateError,
                           match=r'^eval_weights\(\): .* buffers already'):
            with optimizer.eval_weights():
                pass


def test_remedies_of_pythons_own_stand_for_remedies_of_the_library():
    literals = []
    for path in glob.glob(os.path.join(ROOT, 'src/**/*.cc'), recursive=True):
        with open(path, encoding='utf-8') as file:
            literals.append(re.sub(r'"\s*"', '', file.read()))
    text = '\n'.join(literals)
    for phrase in _errors.PHRASES:
        assert phrase in text


def test_what_is_looked_at_shows_what_it_is(tmp_path):
    optimizer = make()
    assert repr(optimizer.state) == (
        "State(TensorState(name='w', step=0, slots=['exp_avg', "
        "'exp_avg_sq']))")
    path = str(tmp_path / 'run')
    optimizer.save(path)
    checkpoint = libopt.Checkpoint(path)
    count = len(checkpoint)
    assert repr(checkpoint) == f'Checkpoint({path!r}, {count} arrays)'
    checkpoint.close()
    assert repr(checkpoint) == f'Checkpoint({path!r}, {count} arrays, closed)'
    with libopt.Checkpoint(optimizer.save_bytes()) as checkpoint:
        assert repr(checkpoint) == f'Checkpoint(in memory, {count} arrays)'
    assert repr(libopt.schedules.Cosine(t_max=100)) == (
        'Schedule(cosine(interval=1.0, t_max=100.0, eta_min=0.0))')


def test_no_threads_are_the_calling_one():
    for threads in 0, 1:
        with libopt.Context(threads) as context:
            assert context.threads == 1


def test_a_step_without_any_gradient_moves_nothing_and_is_counted():
    w = floats()
    with libopt.Adam({'w': w}, lr=1.0) as optimizer:
        optimizer.set_schedule('lr', libopt.Schedule('exponential', gamma=.5))
        for grads in None, {}, [None]:
            optimizer.step(grads)
        assert w.tolist() == [1, 1, 1]
        assert optimizer.state['w']['step'] == 0
        assert optimizer.steps == 3
        assert optimizer.param_groups[0]['lr'] == 0.125


def test_files_that_cannot_be_written_are_named_with_the_cause(tmp_path):
    optimizer = make()
    with pytest.raises(OSError, match="'/dev/full'") as caught:
        optimizer.save('/dev/full')
    assert caught.value.filename == '/dev/full'
    path = str(tmp_path / 'run')
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(OSError, match='File too large') as caught:
            optimizer.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, heard)
    assert caught.value.filename == path
    assert path in str(caught.value) and not os.listdir(tmp_path)


def test_a_file_of_torch_save_leads_to_the_converter(tmp_path):
    path = str(tmp_path / 'run.pt')
    torch.save({'w': torch.ones(3)}, path)
    with pytest.raises(libopt.FormatError, match='python3 -m libopt.convert'):
        make().load(path)
