# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""libopt.torch takes the place of torch.optim in a script: arguments, groups,
copies, and what it has beyond."""

import copy
import inspect
import math
import pickle

import pytest
import torch
from torch_cases import assert_close, grad_steps, make, params

import libopt
import libopt.torch as lt

CLASSES = ['SGD', 'Adagrad', 'RMSprop', 'Adam', 'AdamW', 'NAdam', 'ASGD',
           'Adadelta', 'Adamax', 'RAdam', 'Rprop']


def parameter(*shape):
    p = torch.nn.Parameter(torch.ones(*(shape or (3,))))
    p.grad = torch.ones_like(p)
    return p


POSITIONAL = {
    'SGD': (0.1, 0.9, 0.2, 0.01, False),
    'Adagrad': (0.1, 0.2, 0.01, 0.5, 1e-6),
    'RMSprop': (0.1, 0.9, 1e-6, 0.01, 0.8, True),
    'Adam': (0.1, (0.8, 0.9), 1e-6, 0.01, True),
    'AdamW': (0.1, (0.8, 0.9), 1e-6, 0.02, True),
    'NAdam': (0.1, (0.8, 0.9), 1e-6, 0.02, 0.1),
    'ASGD': (0.1, 0.01, 0.5, 2.0, 0.02),
    'Adadelta': (0.1, 0.8, 1e-5, 0.02),
    'Adamax': (0.1, (0.8, 0.9), 1e-6, 0.02),
    'RAdam': (0.1, (0.8, 0.9), 1e-6, 0.02),
    'Rprop': (0.1, (0.4, 1.3), (1e-4, 2.0)),
}


@pytest.mark.parametrize('name', CLASSES)
def test_arguments_stand_where_torch_optim_has_them(name):
    values = POSITIONAL[name]
    ours = getattr(lt, name)([parameter()], *values)
    theirs = getattr(torch.optim, name)([parameter()], *values)
    assert {key: ours.defaults[key] for key in theirs.defaults
            } == theirs.defaults
    names = list(inspect.signature(getattr(torch.optim, name)).parameters)
    own = list(inspect.signature(getattr(lt, name)).parameters)
    assert own[:len(values) + 1] == names[:len(values) + 1]


@pytest.mark.parametrize('name', CLASSES)
def test_defaults_and_groups_have_the_keys_of_torch_optim(name):
    lr = {'lr': 0.1}
    ours = getattr(lt, name)([parameter()], **lr)
    theirs = getattr(torch.optim, name)([parameter()], **lr)
    assert list(ours.defaults)[:len(theirs.defaults)] == list(theirs.defaults)
    for found, expected in ((ours.defaults, theirs.defaults),
                            (ours.param_groups[0], theirs.param_groups[0])):
        assert {key: found[key] for key in expected if key != 'params'} == {
            key: expected[key] for key in expected if key != 'params'}


@pytest.mark.parametrize('name', [*CLASSES, 'Lion', 'GD', 'Momentum'])
def test_foreach_and_fused_are_taken_and_change_nothing(name):
    ends = []
    for options in ({}, {'foreach': True}, {'fused': True},
                    {'foreach': False, 'fused': False},
                    {'capturable': False, 'differentiable': False}):
        p = parameter()
        optimizer = getattr(lt, name)([p], 0.1, **options)
        optimizer.step()
        ends.append(p.tolist())
        for key, value in options.items():
            assert optimizer.defaults.get(key, value) == value
    assert ends == ends[:1] * 5


@pytest.mark.parametrize('key, text', [('capturable', 'CUDA graph'),
                                       ('differentiable', 'autograd')])
def test_what_only_pytorch_can_do_is_refused_with_the_way_out(key, text):
    wrong = {key: True}
    match = f'{key}=True.*{text}.*use torch.optim.Adam'
    with pytest.raises(libopt.ArgumentError, match=match):
        lt.Adam([parameter()], **wrong)
    with pytest.raises(libopt.ArgumentError, match=match):
        lt.Adam([{'params': [parameter()], **wrong}])
    optimizer = lt.Adam([parameter()])
    saved = optimizer.state_dict()
    saved['param_groups'][0].update(wrong)
    with pytest.raises(libopt.ArgumentError, match=match):
        optimizer.load_state_dict(saved)
    optimizer.step()
    optimizer.param_groups[0].update(wrong)
    with pytest.raises(libopt.ArgumentError, match=match):
        optimizer.step()
    assert optimizer.native.steps == 1


COPIES = {
    'from_torch': lambda o: lt.from_torch(o),
    'deepcopy': copy.deepcopy,
    'pickle': lambda o: pickle.loads(pickle.dumps(o)),
}


@pytest.mark.parametrize('copying', COPIES.values(), ids=COPIES)
def test_a_group_that_is_added_to_a_copy_gets_the_defaults(copying):
    options = dict(lr=0.5, momentum=0.9, nesterov=True)
    one = (torch.optim if copying is COPIES['from_torch'] else lt).SGD(
        [parameter()], **options)
    other = copying(one)
    assert {key: other.defaults[key] for key in one.defaults} == one.defaults
    p, q = parameter(), parameter()
    one.add_param_group({'params': [p]})
    other.add_param_group({'params': [q]})
    assert {**other.param_groups[1], **options} == other.param_groups[1]
    for _ in range(3):
        one.step(), other.step()
    assert_close([q], [p])


def test_a_copy_keeps_what_pytorch_has_no_word_for():
    p = parameter()
    one = lt.Adam([('p', p)], lr=0.1,
                  context=libopt.Context(threads=3, spin_microseconds=50))
    one.native.start_average('ema', decay=0.5)
    one.native.start_scaler(4, growth_interval=2)
    one.native.param_groups[0].set_schedule(
        'lr', libopt.Schedule('exponential', gamma=0.5))
    one.native.tensors['p'].weight_decay_factor = 0.5
    one.step(), one.step()
    for other in copy.deepcopy(one), pickle.loads(pickle.dumps(one)):
        assert other.native.save_bytes() == one.native.save_bytes()
        assert other._context.threads == 3
        assert other._context.spin_microseconds == 50
        q, = other.param_groups[0]['params']
        q.grad = p.grad.clone()
        assert other.param_groups == [{**one.param_groups[0], 'params': [q]}]
        with other.eval_weights():
            averaged = q.tolist()
        assert averaged != p.tolist()
        other.step()
        assert other.native.average.updates == 3


def test_a_state_dict_brings_back_what_pytorch_has_no_word_for():
    def begin():
        p = parameter()
        return p, lt.SGD([('p', p)], lr=0.5, momentum=0.9)

    p, one = begin()
    one.native.start_average('swa')
    one.native.start_scaler(4)
    one.native.set_schedule('lr', libopt.Schedule('exponential', gamma=0.5))
    for _ in range(3):
        one.step()
    saved = one.state_dict()
    assert saved['libopt'].dtype == torch.uint8
    q, other = begin()
    q.data = p.detach().clone()
    other.load_state_dict(saved)
    assert other.native.save_bytes() == one.native.save_bytes()
    assert other.param_groups[0]['lr'] == one.param_groups[0]['lr'] == 0.0625
    q.grad = p.grad.clone()
    one.step(), other.step()
    assert torch.equal(p, q)
    theirs = torch.optim.SGD([q], lr=1, momentum=0.9)
    theirs.load_state_dict(saved)  # which passes it over
    unnamed = lt.SGD([parameter()], lr=0.5, momentum=0.9)
    before = unnamed.native.save_bytes()
    with pytest.raises(libopt.MismatchError, match="'libopt' of the state_dict"):
        unnamed.load_state_dict(saved)
    assert unnamed.native.save_bytes() == before
    del saved['libopt']
    unnamed.load_state_dict(saved)


@pytest.mark.parametrize('kind', [getattr(lt, name) for name in lt.__all__
                                  if isinstance(getattr(lt, name), type)
                                  and name != 'Optimizer'],
                         ids=lambda kind: kind.__name__)
def test_pickles_name_public_modules_alone(kind):
    data = pickle.dumps(kind([parameter()], lr=0.1))
    assert b'libopt.torch' in data and b'libopt._' not in data
    assert b'libopt.torch._' not in data
    assert type(pickle.loads(data)) is kind


MOMENTA = [0, 0, 0.9, 0.9, 0.5, 0, 0, 0.9, 0.9]


@pytest.mark.parametrize('dampening', [0, 0.3])
def test_momentum_that_comes_and_goes_is_pytorchs(dampening):
    p, ours = make(lt, 'SGD', dict(lr=0.1, dampening=dampening))
    q, theirs = make(torch.optim, 'SGD', dict(lr=0.1, dampening=dampening))
    ours.native.start_average('swa')
    for step, momentum in enumerate(MOMENTA):
        for optimizer, parameters in ((ours, p), (theirs, q)):
            optimizer.param_groups[1]['momentum'] = momentum
            grad_steps(optimizer, parameters, step, 1, late=3)
        for a, b in zip(ours.state_dict()['state'].values(),
                        theirs.state_dict()['state'].values()):
            assert list(a) == list(b)
            for x, y in zip(a.values(), b.values()):
                assert (x is None) == (y is None)
                assert x is None or torch.allclose(x, y, rtol=1e-5, atol=1e-6)
    assert_close(p, q)
    assert ours.native.average.updates == ours.native.steps == len(MOMENTA)


def test_one_cycle_turns_momentum_on():
    ends = []
    for module in lt, torch.optim:
        p, optimizer = make(module, 'SGD', dict(lr=0.1))
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 10)
        for step in range(10):
            grad_steps(optimizer, p, step, 1, late=2)
            scheduler.step()
        ends.append(p)
    assert_close(*ends)


def test_other_options_that_need_state_can_be_turned_on():
    p = params()
    optimizer = lt.Adam(p)
    grad_steps(optimizer, p, 0, 2)
    before = optimizer.state[p[0]].copy()
    optimizer.param_groups[0]['amsgrad'] = True
    grad_steps(optimizer, p, 2, 1)
    assert optimizer.state[p[0]]['max_exp_avg_sq'].sum() > 0
    assert optimizer.state[p[0]]['step'] == before['step'] + 1
    optimizer.param_groups[0].update(amsgrad=False, eps=-1)
    held = optimizer.native.save_bytes()
    with pytest.raises(libopt.OptionError, match='eps'):
        optimizer.step()
    assert optimizer.native.save_bytes() == held
    optimizer.param_groups[0]['eps'] = 1e-8
    grad_steps(optimizer, p, 3, 1)
    assert 'max_exp_avg_sq' not in optimizer.native.state['tensor.0']
    view = optimizer.state[p[0]]['exp_avg']
    optimizer.param_groups[0]['amsgrad'] = True
    with pytest.raises(libopt.ArrayError, match='view'):
        optimizer.step()
    del view
    optimizer.step()


def test_a_state_dict_that_needs_other_state_is_loaded_or_changes_nothing():
    p, one = parameter(), lt.SGD([parameter()], lr=0.1)
    two = lt.SGD([p], lr=0.5, momentum=0.9)
    one.step(), two.step()
    saved = two.state_dict()
    held = lt.SGD([q := parameter()], lr=0.1, momentum=0.5)
    held.step()
    view = held.state[q]['momentum_buffer']
    with pytest.raises(libopt.ArrayError, match='view'):
        held.load_state_dict(one.state_dict())
    assert held.param_groups[0]['momentum'] == 0.5
    assert view.tolist() == [1] * 3
    one.load_state_dict(saved)
    assert one.param_groups[0]['momentum'] == 0.9
    assert one.state_dict()['state'][0]['momentum_buffer'].tolist() == [1] * 3


def test_hooks_that_pytorch_2_registers_are_called():
    p = parameter()
    optimizer = lt.SGD([p], lr=0.1)
    seen = []
    optimizer._optimizer_state_dict_pre_hooks = {1: seen.append}
    optimizer._optimizer_state_dict_post_hooks = {
        1: lambda o, made: {**made, 'epoch': 3}, 2: lambda o, made: None}
    optimizer._optimizer_load_state_dict_pre_hooks = {
        1: lambda o, made: {**made, 'state': {}}}
    optimizer._optimizer_load_state_dict_post_hooks = {1: seen.append}
    optimizer.step()
    saved = optimizer.state_dict()
    assert saved['epoch'] == 3 and len(saved['state']) == 1
    optimizer.load_state_dict(saved)
    assert len(optimizer.state) == 0
    assert seen == [optimizer, optimizer]


def test_a_step_unscales_clips_and_zeroes_in_the_same_pass():
    p, q = parameter(2, 2), parameter(2, 3)
    q.grad = torch.ones(3, 2).T  # of other strides, so it is copied
    optimizer = lt.SGD([p, q], lr=1.0)
    assert optimizer.report is None
    loss = optimizer.step(lambda: 7, zero_grads=True, work=libopt.GradientWork(
        loss_scale=0.5, max_norm=1))
    assert loss == 7
    norm = 2 * math.sqrt(10)
    assert optimizer.report.norm == pytest.approx(norm)
    assert p[0, 0].item() == pytest.approx(1 - 2 / norm, rel=1e-5)
    assert not p.grad.any() and not q.grad.any()
    p.grad[:] = math.inf
    optimizer.step(work=libopt.GradientWork(nonfinite='skip'))
    assert optimizer.report.skipped
    p.grad[:], report = 1, optimizer.report
    optimizer.step()  # no work is left over
    assert p[0, 0].item() == pytest.approx(-2 / norm, rel=1e-4)
    assert optimizer.report is report
    with pytest.raises(TypeError, match='GradientWork'):
        optimizer.step(work=1)


def test_an_average_is_evaluated_without_naming_parameters():
    p = parameter(2)
    image = torch.nn.Parameter(torch.ones(1, 2, 3, 4).to(
        memory_format=torch.channels_last))
    image.grad = torch.ones(1, 2, 3, 4)
    optimizer = lt.SGD([p, image], lr=1.0)
    optimizer.native.start_average('swa')
    optimizer.step(), optimizer.step()
    read = optimizer.read_eval_weights(p)
    assert (read.tolist(), p.tolist()) == ([-0.5] * 2, [-1] * 2)
    assert (read.dtype, read.requires_grad) == (p.dtype, False)
    with pytest.raises(libopt.ArgumentError, match='not a parameter'):
        optimizer.read_eval_weights(read)
    with optimizer.eval_weights():
        assert (p.tolist(), image.mean().item()) == ([-0.5] * 2, -0.5)
        with pytest.raises(libopt.StateError), optimizer.eval_weights():
            pass
    assert (p.tolist(), image.mean().item()) == ([-1] * 2, -1)
    with pytest.raises(ZeroDivisionError), optimizer.eval_weights():
        raise ZeroDivisionError
    assert p.tolist() == [-1] * 2
    optimizer.swap_eval_weights()
    assert p.tolist() == [-0.5] * 2
    optimizer.swap_eval_weights()
    optimizer.native.stop_average()
    with pytest.raises(libopt.StateError), optimizer.eval_weights():
        pass


def test_groups_show_the_value_that_libopts_own_schedule_gives():
    p = parameter()
    optimizer = lt.SGD([p], lr=1.0)
    optimizer.native.param_groups[0].set_schedule(
        'lr', libopt.Schedule('exponential', gamma=0.5))
    seen = []
    for _ in range(3):
        optimizer.step()
        seen.append(optimizer.param_groups[0]['lr'])
    assert seen == [0.5, 0.25, 0.125]
    assert p.tolist() == [1 - 1 - 0.5 - 0.25] * 3
    optimizer.param_groups[0]['lr'] = 8  # the base, from now on
    optimizer.step()
    assert p.tolist() == [1 - 1.75 - 1] * 3
    assert optimizer.param_groups[0]['lr'] == 0.5
    assert optimizer.native.param_groups[0].base('lr') == 8


HELP = {
    'RMSprop': ['lr: 0.01', 'alpha: 0.99', "eps_placement: 'outside'",
                '(sqrt(E) + eps)'],
    'Adagrad': ['eps: 1e-10', '(sqrt(G) + eps)'],
    'Adam': ['lr: 0.001', '(sqrt(v_hat) + eps)'],
    'SGD': ['first_step_dampened: False'],
    'Lion': ['sign(c)'],
}


@pytest.mark.parametrize('name', HELP)
def test_help_tells_the_defaults_and_the_formula_that_are_used(name):
    text = inspect.getdoc(getattr(lt, name))
    optimizer = getattr(lt, name)([parameter()])
    for part in HELP[name]:
        assert part in text
    for key, value in optimizer.param_groups[0].items():
        line = next((line for line in text.splitlines()
                     if line.startswith(f'{key}: ')), None)
        if line is not None and not isinstance(value, tuple):
            shown = line.split(': ')[1].split(' (')[0]
            assert value == (shown.strip("'") if isinstance(value, str)
                             else eval(shown)), line
