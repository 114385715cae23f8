# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A wrong call of libopt.torch is told the culprit and the remedy, by a class of
errors that a program for torch.optim expects."""

import pytest
import torch

import libopt
import libopt.torch as lt


def parameter(*shape, **options):
    made = torch.nn.Parameter(torch.ones(*(shape or (3,)), **options))
    made.grad = torch.ones_like(made)
    return made


def embedding_step():
    layer = torch.nn.Embedding(3, 2, sparse=True)
    layer(torch.tensor([1])).sum().backward()
    lt.Adam(layer.named_parameters()).step()


def converted_step():
    model = torch.nn.Linear(2, 2)
    optimizer = lt.Adam(model.named_parameters())
    model.double()
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    optimizer.step()


def resized_step():
    p = parameter()
    optimizer = lt.Adam([('w', p)])
    p.data, p.grad = torch.ones(4), torch.ones(4)
    optimizer.step()


CALLS = {
    'nesterov without momentum': (
        lambda: lt.SGD([parameter()], lr=.1, nesterov=True), ValueError,
        'nesterov=True needs a momentum.*momentum=0 and dampening=0: set '),
    'nesterov with dampening': (
        lambda: lt.SGD([parameter()], .1, .9, .5, nesterov=True), ValueError,
        'nesterov=True needs .* no dampening.*dampening=0.5'),
    'a group without params': (
        lambda: lt.Adam([{'param': [parameter()]}]), ValueError,
        r"the keys \['param'\], but lacks 'params'"),
    'an added group without params': (
        lambda: lt.Adam([parameter()]).add_param_group({'lr': 1}), ValueError,
        "lacks 'params'"),
    'an added group that is a list': (
        lambda: lt.Adam([parameter()]).add_param_group([parameter()]),
        TypeError, 'a parameter group is a dict.*not .* list'),
    'a set of parameters': (
        lambda: lt.Adam([{'params': {parameter()}}]), TypeError,
        'ordered collections'),
    'half precision': (
        lambda: lt.Adam([('w', parameter(dtype=torch.float16))]), TypeError,
        r"'w' is torch.float16, not torch.float32 .*model.float\(\)"),
    'another device': (
        lambda: lt.Adam([parameter(device='meta')]), BufferError,
        r"on meta, but libopt steps on the CPU alone.*model.to\('cpu'\)"),
    'a sparse gradient': (
        embedding_step, BufferError,
        "gradient of 'weight' is sparse.*sparse=False.*SparseAdam"),
    'a model that is converted later': (
        converted_step, ValueError,
        "'weight' was torch.float32 and is torch.float64 now: convert"),
    'a parameter that is resized': (
        resized_step, ValueError, "'w' had 3 elements and has 4 now"),
    'an empty state_dict': (
        lambda: lt.Adam([parameter()]).load_state_dict({}), ValueError,
        "no state_dict.*lacks 'param_groups'"),
    'a state_dict of parameters': (
        lambda: lt.Adam([parameter()]).load_state_dict(
            torch.nn.Linear(2, 2).state_dict()), ValueError,
        r"it has the keys \['weight', 'bias'\], but lacks 'param_groups'"),
    'a state_dict of groups without params': (
        lambda: lt.Adam([parameter()]).load_state_dict(
            {'state': {}, 'param_groups': [{'lr': 1}]}), ValueError,
        "'param_groups' must be a list of dicts that have the key 'params'"),
    'a state_dict of numbers': (
        lambda: lt.Adam([('w', parameter())]).load_state_dict(
            {'state': {0: {'step': 1, 'exp_avg': 3.0, 'exp_avg_sq': 3.0}},
             'param_groups': [{'params': [0]}]}), ValueError,
        "'exp_avg' of 'w' is a value of type float, not a tensor"),
    'no state_dict': (
        lambda: lt.Adam([parameter()]).load_state_dict(None), ValueError,
        'a state_dict is a dict.*not a value of type NoneType'),
    'an empty state_dict over arrays': (
        lambda: lt.load_torch_state_dict(
            libopt.Adam({'w': libopt.TensorSpec(3)}), {}), ValueError,
        "lacks 'param_groups'"),
    'no average': (
        lambda: lt.Adam([parameter()]).eval_weights().__enter__(), RuntimeError,
        r'and no average is kept: start_average\(\)'),
    'an optimizer that libopt lacks': (
        lambda: lt.from_torch(torch.optim.SparseAdam([parameter()])),
        ValueError,
        'SGD, Adagrad, RMSprop, Adam, AdamW, NAdam, ASGD, Adadelta, Adamax, '
        'RAdam, Rprop, Adafactor; not .* SparseAdam'),
    "what only libopt's own optimizers have": (
        lambda: lt.Adam([parameter()]).start_average(), AttributeError,
        'native.start_average is there'),
    'a misspelt attribute': (
        lambda: lt.Adam([parameter()]).stepp(), AttributeError,
        "has no attribute 'stepp'$"),
    'a class that libopt lacks': (
        lambda: lt.SparseAdam, AttributeError,
        "'SparseAdam'; torch.optim.SparseAdam stays where it is"),
    'schedulers of PyTorch': (
        lambda: lt.lr_scheduler, AttributeError,
        'torch.optim.lr_scheduler stays where it is'),
    'a misspelt class': (
        lambda: lt.Adma, AttributeError, "has no attribute 'Adma'$"),
    'a version that is a number': (
        lambda: lt.Adam([parameter()]).to_torch_state_dict(2.11), ValueError,
        "torch_version is 2.11: it must be .* such as '2.11'"),
}


@pytest.mark.parametrize('call, error, text', CALLS.values(), ids=CALLS)
def test_a_message_leads_to_the_right_call(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize('options', [dict(nesterov=True),
                                     dict(nesterov=True, momentum=.9,
                                          dampening=.1)], ids=str)
def test_nesterov_is_refused_where_pytorch_refuses_it(options):
    for module in torch.optim, lt:
        with pytest.raises(ValueError):
            module.SGD([parameter()], lr=.1, **options)
        # In a group neither looks.
        module.SGD([{'params': [parameter()], **options}], lr=.1)


def test_a_step_without_any_gradient_moves_nothing_as_in_pytorch():
    for module in torch.optim, lt:
        p = parameter()
        optimizer = module.Adam([p])
        p.grad = None
        optimizer.step()
        assert p.tolist() == [1, 1, 1]
        assert len(optimizer.state) == 0
        assert optimizer.state_dict()['state'] == {}
