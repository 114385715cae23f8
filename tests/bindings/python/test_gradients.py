# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Gradient work, loss scaling and schedules, as Python spells them."""

import inspect
import math

import numpy as np
import pytest
import torch

import libopt
from libopt import GradientWork


def make(*grads, **options):
    """An optimizer of one group for each gradient, and its parameters."""
    grads = [np.array(grad, np.float32) for grad in grads]
    params = [np.zeros_like(grad) for grad in grads]
    return params, grads, libopt.SGD(
        [{'params': {f'p{i}': (p, g)}}
         for i, (p, g) in enumerate(zip(params, grads))], lr=1, **options)


def test_a_step_clips_by_the_global_norm_and_reports_it():
    params, _, optimizer = make([3], [4])
    assert optimizer.step() is None
    report = optimizer.step(work=GradientWork(max_norm=1))
    assert (report.norm, report.group_norms) == (5, (3, 4))
    assert report.factor == pytest.approx(0.2)
    assert (report.skipped, report.nonfinite) == (False, None)
    assert [p[0] for p in params] == pytest.approx([-3.6, -4.8])


@pytest.mark.parametrize('work, expected', [
    (GradientWork(loss_scale=2), [1.5, 2]), (GradientWork(max_value=3.5), [3, 3.5]),
    (GradientWork(max_tensor_norm=1), [1, 1]), (GradientWork(max_norm=2, norm='inf'),
                                            [1.5, 2]),
    (GradientWork(max_norm=1, per_group=True), [1, 1]), (GradientWork(), [3, 4])],
    ids=str)
def test_gradients_are_clipped_in_place_and_in_the_step(work, expected):
    params, grads, optimizer = make([3], [4])
    optimizer.step(work=work)
    assert [-p[0] for p in params] == pytest.approx(expected, rel=1e-5)
    optimizer.clip_grads(work)
    assert [g[0] for g in grads] == pytest.approx(expected, rel=1e-5)


def test_clipping_is_pytorchs():
    grad = np.linspace(-3, 5, 1000, dtype=np.float32)
    _, (own,), optimizer = make(grad)
    p = torch.nn.Parameter(torch.zeros(1000))
    p.grad = torch.from_numpy(grad.copy())
    norm = torch.nn.utils.clip_grad_norm_([p], 1.5)
    assert optimizer.grad_norm().norm == pytest.approx(norm.item(), rel=1e-6)
    optimizer.clip_grads(GradientWork(max_norm=1.5))
    np.testing.assert_allclose(own, p.grad.numpy(), rtol=1e-5)


def test_inf_and_nan_are_an_error_or_skip_the_step():
    params, _, optimizer = make([1], [math.inf])
    with pytest.raises(ArithmeticError, match="'p1'"):
        optimizer.step(work=GradientWork(nonfinite='error'))
    report = optimizer.step(work=GradientWork(nonfinite='skip'))
    assert report.skipped and report.nonfinite == 'p1'
    assert params[0][0] == 0 and optimizer.steps == 0
    optimizer.step()
    assert params[1][0] == -math.inf


def test_the_loss_scaler_backs_off_and_grows():
    params, grads, optimizer = make([8])
    assert optimizer.scaler is None
    optimizer.start_scaler(initial_scale=8, growth_interval=2)
    optimizer.step()
    assert params[0][0] == -1
    grads[0][0] = math.nan
    optimizer.step()
    assert (params[0][0], optimizer.scaler.scale) == (-1, 4)
    assert optimizer.scaler.skipped == 1
    grads[0][0] = 4
    optimizer.step(), optimizer.step()
    assert (params[0][0], optimizer.scaler.scale) == (-3, 8)
    optimizer.stop_scaler()
    assert optimizer.scaler is None


def test_the_scale_of_a_loss_scaler_can_be_set():
    params, _, optimizer = make([8], [8])
    optimizer.start_scaler(initial_scale=2, growth_interval=2)
    optimizer.step()
    assert (params[0][0], optimizer.scaler.good_steps) == (-4, 1)
    optimizer.set_scale(4)
    assert (optimizer.scaler.scale, optimizer.scaler.good_steps) == (4, 0)
    optimizer.step()
    assert params[0][0] == -6
    for wrong in 0, -1, math.inf, math.nan:
        with pytest.raises(libopt.ArgumentError, match='scale'):
            optimizer.set_scale(wrong)
    optimizer.accumulate()
    with pytest.raises(libopt.StateError, match=r'set_scale\(\).*discard\(\)'):
        optimizer.set_scale(8)
    assert optimizer.scaler.scale == 4
    optimizer.discard()
    optimizer.stop_scaler()
    with pytest.raises(libopt.StateError, match=r'start_scaler\(\)'):
        optimizer.set_scale(8)


def test_a_schedule_drives_an_option():
    params, _, optimizer = make([1], [1])
    group = optimizer.param_groups[1]
    schedule = libopt.Schedule('multi_step', milestones=[1, 2], gamma=0.5)
    assert schedule['gamma'] == 0.5
    assert [schedule.value(1, step) for step in range(3)] == [1, 0.5, 0.25]
    assert group.schedule('lr') is None
    group.set_schedule('lr', schedule)
    copied = group.schedule('lr')
    assert copied.value(1, 2) == 0.25 and copied['gamma'] == 0.5
    for _ in range(3):
        optimizer.step()
    assert [p[0] for p in params] == [-3, -1.75]
    assert (group['lr'], group.base('lr')) == (0.25, 1)
    group.set_schedule('lr', None)
    assert group['lr'] == 1
    assert group.schedule('lr') is None and optimizer.schedule('lr') is None
    optimizer.set_schedule('lr', copied)
    assert optimizer.schedule('lr').value(1, 1) == 0.5
    assert optimizer.param_groups[0]['lr'] == 0.25
    optimizer.report_metric(1), group.report_metric(1)


REQUIRED = {'t_max': 10, 'gamma': 0.5, 'step_size': 3, 'total_steps': 20,
            't_0': 4, 'peak_value': 2, 'milestones': [2, 5], 'warmup_steps': 3,
            'stable_steps': 5, 'decay_steps': 4, 'd_model': 64}


@pytest.mark.parametrize('kind', libopt.schedule_kinds(),
                         ids=lambda kind: kind.name)
def test_a_kind_of_schedule_has_a_class_with_its_options(kind):
    name = ''.join(part.capitalize() for part in kind.name.split('_'))
    made = getattr(libopt.schedules, name)
    assert name in libopt.schedules.__all__
    parameters = inspect.signature(made).parameters
    documentation = inspect.getdoc(made)
    given = {}
    for option in kind.options:
        assert f'\n{option.name}\n    ' in documentation
        if parameters[option.name].default is inspect.Parameter.empty:
            given[option.name] = REQUIRED[option.name]
    if 'milestones' in parameters:
        given['milestones'] = REQUIRED['milestones']
    if given:
        with pytest.raises(TypeError, match=list(given)[0]):
            made()
    schedule, plain = made(**given), libopt.Schedule(kind.name, **given)
    assert isinstance(schedule, libopt.Schedule)
    assert [schedule.value(1, t) for t in range(20)] == [
        plain.value(1, t) for t in range(20)]
    for option in kind.options:
        assert schedule[option.name] == plain[option.name]
    assert made(**given, interval=2).value(1, 5) == schedule.value(1, 2)


def test_schedules_follow_each_other():
    warmup = libopt.Schedule('linear', start_factor=0.5, end_factor=1,
                             total_iters=2)
    warmup.then(2, libopt.Schedule('exponential', gamma=0.5))
    assert [warmup.value(4, step) for step in range(5)] == [2, 3, 4, 2, 1]
    halved = libopt.Schedule('constant', factor=1, total_iters=1).chain(
        libopt.Schedule('exponential', gamma=0.5))
    assert [halved.value(4, step) for step in range(3)] == [4, 2, 1]
    with pytest.raises(KeyError, match='cosine'):
        libopt.Schedule('cosin')
    with pytest.raises(KeyError):
        libopt.Schedule('cosine', gama=1)
    assert 'cosine' in [kind.name for kind in libopt.schedule_kinds()]
