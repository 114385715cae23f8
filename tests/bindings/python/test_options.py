# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Rules, options, groups, presets: what is generated and what is live."""

import inspect
import os
import pickle
import re

import numpy as np
import pytest

import libopt
from libopt import _native

ROOT = os.path.join(os.path.dirname(__file__), '../../..')

# Functions that calls.h makes, or that take no callback here.
ELSEWHERE = {
    'opt_context_create': _native.opt_context_create_with,
    'opt_attach': _native.TensorList.attach,
    'opt_state_bytes': _native.TensorList.state_bytes,
    'opt_add_group': _native.OptionList.add_group,
    'opt_set_options': _native.OptionList.set,
    'opt_step': _native.StepCall.step,
    'opt_step_begin': _native.StepCall.begin_step,
    'opt_step_slice': _native.StepCall.step_slice,
    'opt_accumulate': _native.StepCall.accumulate,
    'opt_average_start': _native.opt_average_start_with,
    'opt_swap_eval_weights': _native.StepCall.swap_eval_weights,
    'opt_read_eval_weights': _native.StepCall.read_eval_weights,
    'opt_grad_norm': _native.StepCall.grad_norm,
    'opt_clip_grads': _native.StepCall.clip_grads,
    'opt_scaler_start': _native.opt_scaler_start_with,
    'opt_schedule_set_milestones': _native.Milestones.set,
    'opt_zero_grads': _native.StepCall.zero_grads,
    'opt_save_file': _native.SaveCall.to_file,
    'opt_save_memory': _native.SaveCall.to_memory,
    'opt_load_checkpoint': _native.LoadCall.from_checkpoint,
    # Python opens the checkpoint first, since it returns the entries as well,
    # and has one in memory, which it reads and writes where it likes.
    'opt_load_file': libopt.Optimizer.load,
    'opt_load_memory': libopt.Optimizer.load_bytes,
    'opt_save_callback': libopt.Optimizer.save_bytes,
    'opt_load_callback': libopt.Optimizer.load_bytes,
}


# Exceptions tell of failures, and contexts end with the process.
NEEDLESS = {'opt_last_error', 'opt_status_name', 'opt_shutdown'}


def test_every_function_of_the_library_can_be_reached():
    with open(os.path.join(ROOT, 'cmake/libopt.map'), encoding='utf-8') as file:
        functions = re.findall(r'^ +(opt_\w+);', file.read(), re.M)
    assert len(functions) >= 50
    package = os.path.dirname(libopt.__file__)
    text = ''
    for name in os.listdir(package):
        if name.endswith('.py'):
            with open(os.path.join(package, name), encoding='utf-8') as file:
                text += file.read()
    used = set(re.findall(r'\b_native\.(opt_\w+)', text))
    for function in functions:
        assert function in ELSEWHERE or hasattr(_native, function), function
        assert (function in {*ELSEWHERE, *NEEDLESS, *used}), function


def test_every_rule_and_alias_has_a_class():
    made = [kind for kind in libopt.Optimizer.__subclasses__()
            if kind.__module__ == 'libopt']
    assert len(made) == len(libopt.rules()) + len(libopt.aliases())
    for kind in made:
        assert getattr(libopt, kind.__name__) is kind


@pytest.mark.parametrize('kind', libopt.Optimizer.__subclasses__(),
                         ids=lambda kind: kind.__name__)
def test_a_class_has_every_option_as_a_documented_argument(kind):
    with kind() as optimizer:
        rule = libopt.rule(optimizer.rule)
        for option in rule.options:
            value = optimizer.defaults[option.name]
            assert option.name in inspect.signature(kind).parameters
            assert f'\n    {option.name}: ' in inspect.getdoc(kind).replace(
                '\n', '\n    ')
            with kind(**{option.name: value}) as other:
                assert dict(other.defaults) == dict(optimizer.defaults)


def test_an_alias_has_its_own_defaults():
    assert libopt.Momentum().defaults['momentum'] == 0.9
    assert libopt.GD().defaults['momentum'] == 0
    assert libopt.rule('momentum').option('momentum').default == 0.9


def test_a_preset_sets_the_defaults_and_options_go_above_it():
    with libopt.RMSprop(preset='pytorch', eps=0.5) as optimizer:
        expected = libopt.preset_values('rmsprop', 'pytorch')
        assert expected['alpha'] == 0.99
        assert dict(optimizer.defaults) == {**expected, 'eps': 0.5}


def test_options_are_live():
    w = np.zeros(1, np.float32)
    with libopt.SGD([{'params': {'w': (w, np.ones_like(w))}}],
                    lr=1) as optimizer:
        group, = optimizer.param_groups
        optimizer.step()
        group['lr'] = 0.5
        optimizer.step()
        assert w[0] == -1.5
        group.update(maximize=True, lr=0.25)
        optimizer.step()
        assert w[0] == -1.25
        optimizer.set_options(lr=2, maximize=False)
        assert (group['lr'], group['maximize']) == (2, False)
        other = optimizer.add_group({'params': []})
        group.set_preset('pytorch')
        assert group['first_step_dampened'] is False
        assert other['first_step_dampened'] is True
        assert optimizer.defaults['first_step_dampened'] is True
        optimizer.set_preset('pytorch')
        assert other['first_step_dampened'] is False
        assert group['names'] == ['w'] and group['params'][0] is w
        assert set(group) > {'params', 'names', 'lr', 'momentum'}
        assert len(group) == len(list(group))


WAYS_OF_SETTING = {
    'Group.set': lambda group, values: group.set(**values),
    'Group.update': lambda group, values: group.update(values),
    'update by name': lambda group, values: group.update(**values),
    'update of pairs': lambda group, values: group.update(values.items()),
}


@pytest.mark.parametrize('way', WAYS_OF_SETTING.values(), ids=WAYS_OF_SETTING)
def test_several_options_of_a_group_are_set_all_or_none(way):
    with libopt.Adam([{'params': np.zeros(1)},
                      {'params': np.zeros(1)}]) as optimizer:
        other, group = optimizer.param_groups
        way(group, {'lr': 0.5, 'betas': (0.25, 0.5), 'eps_placement': 'hat',
                    'maximize': True})
        assert (group['lr'], group['betas']) == (0.5, (0.25, 0.5))
        assert (group['eps_placement'], group['maximize']) == ('hat', True)
        assert (other['lr'], optimizer.defaults['lr']) == (0.001, 0.001)
        before = dict(group)
        for wrong, error in ({'eps': -1}, libopt.OptionError), (
                {'epss': 1}, libopt.UnknownNameError), (
                {'amsgrad': True}, libopt.StateError), (
                {'betas': 3}, libopt.OptionError), (
                {'eps': None}, libopt.OptionError):
            with pytest.raises(error, match=list(wrong)[0]):
                way(group, {'lr': 7, **wrong, 'beta1': 0.75})
            assert dict(group) == before
        way(group, {})
        assert dict(group) == before


def test_what_is_no_option_of_a_group_is_refused_with_all_others():
    with libopt.Adam({'w': np.zeros(1)}) as optimizer:
        group, = optimizer.param_groups
        for key in 'params', 'names':
            with pytest.raises(libopt.UnknownNameError, match='Tensor.group'):
                group.update({'lr': 7, key: []})
        with pytest.raises(libopt.ArgumentError, match='None'):
            group.update({'lr': 7, None: 1})
        assert group['lr'] == 0.001


def test_a_preset_is_set_together_with_options_above_it():
    expected = {**libopt.preset_values('rmsprop', 'pytorch'), 'eps': 0.5}
    with libopt.RMSprop([{'params': np.zeros(1)},
                         {'params': np.zeros(1)}], lr=3) as optimizer:
        first, second = optimizer.param_groups
        first.set(preset='pytorch', eps=0.5)
        assert {name: first[name] for name in expected} == expected
        assert second['lr'] == optimizer.defaults['lr'] == 3
        with pytest.raises(libopt.OptionError):
            optimizer.set_options(preset='pytorch', eps=-1)
        with pytest.raises(libopt.UnknownNameError, match='pytorch'):
            optimizer.set_options(preset='pytorc', eps=0.5)
        assert second['lr'] == optimizer.defaults['lr'] == 3
        optimizer.set_options(preset='pytorch', eps=0.5)
        assert {name: second[name] for name in expected} == expected
        assert dict(optimizer.defaults) == expected


def test_a_group_begins_with_a_preset_and_options_above_it():
    expected = {**libopt.preset_values('rmsprop', 'pytorch'), 'eps': 0.5}
    spec = {'preset': 'pytorch', 'eps': 0.5}
    with libopt.RMSprop([{'params': np.zeros(1), **spec}], lr=3) as optimizer:
        optimizer.add_group({'params': np.zeros(1), **spec})
        for group in optimizer.param_groups:
            assert {name: group[name] for name in expected} == expected
        assert optimizer.add_group({'params': np.zeros(1)})['lr'] == 3


def test_a_group_whose_options_are_refused_is_not_added():
    with libopt.Adam({'w': np.zeros(1)}, lr=0.5) as optimizer:
        before = optimizer.save_bytes()
        for wrong in {'eps': -1}, {'epss': 1}, {'preset': 'x'}, {'betas': 1}:
            with pytest.raises(libopt.Error):
                optimizer.add_group({'params': np.zeros(1), 'lr': 9, **wrong})
            assert len(optimizer.param_groups) == 1
            assert optimizer.save_bytes() == before


@pytest.mark.parametrize('name', ['lr', 'betas', 'beta1', 'amsgrad'])
def test_an_option_is_no_attribute(name):
    with libopt.Adam(np.zeros(1, np.float32)) as optimizer:
        with pytest.raises(AttributeError, match=f"'{name}' is an option: set "
                           f"it by param_groups"):
            setattr(optimizer, name, 5)
        with pytest.raises(AttributeError, match=f"'{name}' is an option"):
            getattr(optimizer, name)
        with pytest.raises(AttributeError, match='has no attribute'):
            optimizer.learning
        group, tensor = optimizer.param_groups[0], optimizer.tensors
        for thing in group, optimizer.defaults, tensor['tensor.0']:
            with pytest.raises(AttributeError, match=name):
                setattr(thing, name, 5)
        optimizer.note = 'of the program'
        assert group['lr'] == 0.001


def test_a_group_shows_the_value_that_a_schedule_gives_the_next_step():
    w = np.zeros(1, np.float32)
    with libopt.SGD({'w': (w, np.ones_like(w))}, lr=1) as optimizer:
        group, = optimizer.param_groups
        group.set_schedule('lr', libopt.Schedule('exponential', gamma=0.5))
        for value in 1, 0.5, 0.25:
            assert group['lr'] == dict(group)['lr'] == value
            assert f'lr: {value}' in repr(group).replace('1.0', '1')
            assert (group.base('lr'), optimizer.defaults['lr']) == (1, 1)
            optimizer.step()
        assert w[0] == -1.75
        group['lr'] = 8  # the base
        assert group['lr'] == 1
        optimizer.set_options(momentum=0)
        assert (group['lr'], group.base('lr')) == (1, 1 * 8)
        saved = optimizer.state_dict()
        assert saved['param_groups'][0]['lr'] == 8
        with libopt.SGD({'w': w}) as other:
            other.load_state_dict(saved)
            assert other.param_groups[0]['lr'] == 1
            assert other.param_groups[0].base('lr') == 8


def test_options_speak_pythons_types():
    with libopt.Adam(np.zeros(1), betas=(0.5, 0.75), amsgrad=True,
                     eps_placement='hat') as optimizer:
        group = optimizer.param_groups[0]
        assert (group['betas'], group['beta2']) == ((0.5, 0.75), 0.75)
        assert group['amsgrad'] == 'raw' and group['eps_placement'] == 'hat'
        group['betas'] = 0.25, 0.5
        assert group['beta1'] == 0.25
        assert libopt.RMSprop(alpha=0.5).defaults['beta'] == 0.5


def test_a_group_refuses_what_is_no_option():
    with libopt.SGD(np.zeros(1, np.float32)) as optimizer:
        group = optimizer.param_groups[0]
        for key in ('params', 'names', 'lrr', 'betas'):
            with pytest.raises(KeyError):
                group[key] = 1
        with pytest.raises(KeyError):
            del group['lr']
        with pytest.raises(libopt.StateError):
            group['momentum'] = 0.9  # would need other state


def test_what_is_public_has_public_names():
    for name in libopt.__all__:
        thing = getattr(libopt, name)
        if isinstance(thing, type):
            assert thing.__module__ == 'libopt', name
            assert pickle.loads(pickle.dumps(thing)) is thing


def test_the_library_describes_itself():
    adam = libopt.rule('adam')
    assert adam.slots[2] == libopt.Slot(
        'max_exp_avg_sq', 'running maximum of v or v_hat', 'amsgrad', 'param',
        None, None)
    assert adam.option('eps_placement').choices == ('inside', 'outside', 'hat')
    assert adam.option('eps_placement').default == 'inside'
    assert adam.presets[1].name == 'pytorch'
    assert libopt.rule('rmsprop').option('beta').name == 'alpha'
    assert libopt.catalog()['rules'][0]['name'] == libopt.rules()[0].name
    assert libopt.version() == libopt.__version__
    major, minor, patch = map(int, libopt.version().split('.'))
    assert libopt.version_number() == major * 10000 + minor * 100 + patch
    assert libopt.version() in libopt.build_info()
    assert any(target.supported for target in libopt.targets())
    plainest = libopt.targets()[-1].name  # its name depends on the compiler
    assert libopt.Context(target=plainest).target == plainest
