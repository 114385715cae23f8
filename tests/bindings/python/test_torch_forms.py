# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""State dicts in the forms of PyTorch's versions, written and loaded."""

import copy
import json
import os
import re

import pytest
import torch
from torch_cases import (CASES, IDS, NUMBERS, assert_close, grad_steps,
                         make)

import libopt
import libopt.torch as lt
from libopt.torch import _options

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, 'torch_state_dicts.json'),
          encoding='utf-8') as file:
    RECORDED = json.load(file)
NEW = '.'.join(RECORDED['torch'].split('.')[:2])
RULES = {name: rule for rule, name in _options.CLASSES.items()}


def one_step(kind, **options):
    p = torch.nn.Parameter(torch.ones(4, 3))
    optimizer = kind([p], **options)
    p.grad = torch.ones(4, 3)
    optimizer.step()
    return optimizer


def described(key, value):
    if key in NUMBERS:  # of libopt's a float64, which loses nothing
        assert isinstance(value, torch.Tensor) or value[0] == 'tensor'
        return list(value.shape if isinstance(value, torch.Tensor)
                    else value[2])
    if isinstance(value, torch.Tensor):
        return ['tensor', str(value.dtype), list(value.shape)]
    return value


def like_json(value):
    return json.loads(json.dumps(value))


@pytest.mark.parametrize('name', RECORDED['optimizers'])
def test_the_form_of_a_newer_pytorch_has_its_keys_types_and_nones(name):
    recorded = RECORDED['optimizers'][name]
    options = {'lr': 0.01, **({'momentum': 0.9} if name == 'SGD' else {})}
    optimizer = one_step(getattr(lt, name), **options)
    made = lt.to_torch_state_dict(optimizer, NEW)
    assert list(made) == ['state', 'param_groups']
    group, = made['param_groups']
    expected, = recorded['param_groups']
    assert list(group) == list(expected)  # in the same order
    assert json.dumps(group) == json.dumps(expected)  # 0 is no 0.0, nor False
    assert {key: described(key, value)
            for key, value in made['state'][0].items()} == {
        key: described(key, value)
        for key, value in recorded['state'].items()}


@pytest.mark.parametrize('name, options', CASES, ids=IDS)
def test_the_form_of_the_installed_pytorch_is_what_it_writes(name, options):
    options = {'lr': 0.01, **options}
    theirs = one_step(getattr(torch.optim, name), **options).state_dict()
    ours = one_step(getattr(lt, name), **options)
    for made in (ours.state_dict(), lt.to_torch_state_dict(ours),
                 lt.to_torch_state_dict(ours, torch.__version__)):
        assert [list(group.items()) for group in made['param_groups']] == [
            list(group.items()) for group in theirs['param_groups']]
        assert {key: described(key, value)
                for key, value in made['state'].get(0, {}).items()} == {
            key: described(key, value)
            for key, value in theirs['state'].get(0, {}).items()}


def test_what_is_known_of_the_installed_version_is_right():
    release = _options._release(torch.__version__)
    if release not in _options._FORMS:
        pytest.skip(f'nothing is written down about {release}')
    for rule, name in _options.CLASSES.items():
        if not hasattr(torch.optim, name):
            assert rule not in _options._FORMS[release]
            continue
        known = _options._FORMS[release][rule]
        found = _options._installed_form(name)
        assert list(known.group.items()) == list(found.group.items()), name
        assert known[1:] == found[1:]


def test_sgd_without_momentum_has_a_state_of_nones_or_none():
    optimizer = one_step(lt.SGD, lr=0.1)
    assert lt.to_torch_state_dict(optimizer, '1.13')['state'] == {
        0: {'momentum_buffer': None}}
    assert lt.to_torch_state_dict(optimizer, NEW)['state'] == {}


def test_a_version_is_near_to_one_that_is_known():
    optimizer = one_step(lt.RMSprop)
    for version, kind in (('1.8.1', int), ('1.13', int), ('1.99', int),
                          ('2.11.0+cu130', torch.Tensor),
                          ('3.0', torch.Tensor)):
        made = lt.to_torch_state_dict(optimizer, version)
        assert isinstance(made['state'][0]['step'], kind), version
    for wrong in 'two', '2':
        with pytest.raises(libopt.ArgumentError, match='torch_version'):
            lt.to_torch_state_dict(optimizer, wrong)


@pytest.mark.parametrize('version', ['1.13', NEW, None])
@pytest.mark.parametrize('name, options', CASES, ids=IDS)
def test_every_form_goes_on_here_and_in_torch_optim(name, options, version):
    p, one = make(lt, name, options)
    grad_steps(one, p, 0, 3, late=1)
    saved = copy.deepcopy(lt.to_torch_state_dict(one, version))
    q, ours = make(lt, name, options)
    r, theirs = make(torch.optim, name, options)
    for a, b, c in zip(p, q, r):
        b.data, c.data = a.detach().clone(), a.detach().clone()
    ours.load_state_dict(saved)
    if version != NEW or torch.__version__ >= '2':
        theirs.load_state_dict(copy.deepcopy(saved))
    else:  # the older PyTorch wants an int of RMSprop
        theirs.load_state_dict(as_old(name, saved))
    for optimizer, parameters in ((one, p), (ours, q), (theirs, r)):
        grad_steps(optimizer, parameters, 3, 3, late=1)
    assert all(torch.equal(a, b) for a, b in zip(p, q))
    assert_close(q, r)


@pytest.mark.parametrize('name', ['NAdam', 'RAdam'])
def test_decoupled_decay_goes_there_and_back_by_pytorchs_word(name):
    _, ours = make(lt, name, dict(weight_decay=0.1,
                                  decoupled_weight_decay=True))
    saved = lt.to_torch_state_dict(ours, NEW)
    group = saved['param_groups'][0]
    assert group['decoupled_weight_decay'] is True
    assert 'weight_decay_kind' not in group
    _, other = make(lt, name, {})
    other.load_state_dict(saved)
    assert other.param_groups[0]['decoupled_weight_decay'] is True
    assert other.native.param_groups[0]['weight_decay_kind'] == 'decoupled'


def as_old(name, saved):
    if name == 'RMSprop':
        saved = copy.deepcopy(saved)
        for state in saved['state'].values():
            state['step'] = int(state['step'])
    return saved


def test_libopts_own_options_are_written_only_where_pytorch_does_otherwise():
    kept = one_step(lt.Adam, eps_placement='inside').state_dict()
    assert kept['param_groups'][0]['eps_placement'] == 'inside'
    usual = one_step(lt.Adam).state_dict()
    assert 'eps_placement' not in usual['param_groups'][0]
    p = torch.nn.Parameter(torch.ones(4, 3))
    other = lt.Adam([p])
    other.load_state_dict(kept)
    assert other.param_groups[0]['eps_placement'] == 'inside'
    other.load_state_dict(usual)
    assert other.param_groups[0]['eps_placement'] == 'outside'


def test_keys_of_schedulers_are_kept_in_every_form():
    optimizer = one_step(lt.SGD, lr=0.1)
    torch.optim.lr_scheduler.StepLR(optimizer, 3)
    for version in None, '1.13', NEW:
        group, = lt.to_torch_state_dict(optimizer, version)['param_groups']
        assert group['initial_lr'] == 0.1


def test_a_rule_that_pytorch_lacks_has_a_form_too():
    made = one_step(lt.Lion, lr=0.1).state_dict()
    assert set(made['state'][0]) == {'step', 'exp_avg'} or (
        'step' in made['state'][0])
    p = torch.nn.Parameter(torch.ones(4, 3))
    lt.Lion([p]).load_state_dict(made)


def test_the_recorded_version_is_written_down():
    assert re.fullmatch(r'\d+\.\d+', NEW)
    assert tuple(map(int, NEW.split('.'))) in _options._FORMS
    assert set(RULES) == set(RECORDED['optimizers'])
