# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Training loops as people have them, with libopt.torch in the place of
torch.optim: both end with the same parameters."""

import copy
import io
import math
import os
import subprocess
import sys

import pytest
import torch
import torch_ddp
from torch import nn
from torch.nn import functional
from torch.optim import lr_scheduler, swa_utils
from torch.utils.data import DataLoader, TensorDataset

import libopt
import libopt.torch as lt

EPOCHS = 4


def digits(count=64):
    """Images of three classes."""
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(count) % 3
    images = torch.randn(count, 1, 8, 8, generator=generator)
    return TensorDataset(images + labels.reshape(-1, 1, 1, 1), labels)


def loader(count=64):
    return DataLoader(digits(count), batch_size=16, shuffle=True,
                      generator=torch.Generator().manual_seed(2))


def dense_net():
    torch.manual_seed(3)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(),
                         nn.Linear(32, 3))


def conv_net():
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3))


def loss_of(model, images, labels):
    return functional.cross_entropy(model(images), labels)


def one_epoch(model, optimizer, data, after_step=lambda: None):
    model.train()
    total = 0.
    for images, labels in data:
        optimizer.zero_grad()
        loss = loss_of(model, images, labels)
        loss.backward()
        optimizer.step()
        after_step()
        total += loss.item()
    return total


def quickstart(optim):
    model = dense_net()
    optimizer = optim.SGD(model.parameters(), lr=1e-2)
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader())
    return model


def classifier_with_momentum(optim):
    model = conv_net().to(memory_format=torch.channels_last)
    optimizer = optim.SGD(model.parameters(), 0.01, 0.9, weight_decay=5e-4)
    scheduler = lr_scheduler.MultiStepLR(optimizer, [2, 3], gamma=0.1)
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader())
        scheduler.step()
    return model


def chained_schedulers(optim):
    model = dense_net()
    optimizer = optim.SGD(model.parameters(), 0.1, 0.9)
    schedulers = [lr_scheduler.ExponentialLR(optimizer, gamma=0.9),
                  lr_scheduler.MultiStepLR(optimizer, [1, 3], gamma=0.1)]
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader())
        for scheduler in schedulers:
            scheduler.step()
    return model


def warmup_then_cosine(optim):
    model = dense_net()
    optimizer = optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    scheduler = lr_scheduler.SequentialLR(optimizer, [
        lr_scheduler.LinearLR(optimizer, 0.1, total_iters=4),
        lr_scheduler.CosineAnnealingLR(optimizer, 12)], [4])
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader(), scheduler.step)
    return model


def one_cycle(optim):
    model = dense_net()
    optimizer = optim.Adam(model.parameters())
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=16)
    for _ in range(EPOCHS):  # which cycles beta1 as well
        one_epoch(model, optimizer, loader(), scheduler.step)
    return model


def cyclic_momentum(optim):
    model = dense_net()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = lr_scheduler.CyclicLR(optimizer, 1e-3, 0.1, step_size_up=5)
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader(), scheduler.step)
    return model


def reduced_on_plateau(optim):
    model = dense_net()
    optimizer = optim.RMSprop(model.parameters(), lr=1e-3, momentum=0.9)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0,
                                               threshold=10)
    for _ in range(EPOCHS):
        scheduler.step(one_epoch(model, optimizer, loader()))
    assert optimizer.param_groups[0]['lr'] < 1e-3
    return model


def annealed_by_hand(optim):
    model = dense_net()
    optimizer = optim.Adagrad(model.parameters(), lr=0.1)
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader())
        for group in optimizer.param_groups:
            group['lr'] /= 4
    return model


def transferred(optim):
    """A frozen body, which is trained from the third epoch on."""
    model = conv_net()
    head, body = model[-1], model[0]
    for p in body.parameters():
        p.requires_grad_(False)
    optimizer = optim.Adam(head.parameters(), lr=1e-2)
    for epoch in range(EPOCHS):
        if epoch == 2:
            for p in body.parameters():
                p.requires_grad_(True)
            optimizer.add_param_group({'params': body.parameters(),
                                       'lr': 1e-3})
        one_epoch(model, optimizer, loader())
    return model


def decayed_in_groups(optim):
    """No weight decay for biases and norms."""
    model = conv_net()
    groups = [{'params': [p for p in model.parameters() if p.dim() > 1],
               'weight_decay': 0.1},
              {'params': [p for p in model.parameters() if p.dim() <= 1],
               'weight_decay': 0.0}]
    optimizer = optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), foreach=True)
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader())
    return model


def accumulated_and_clipped(optim):
    model = dense_net()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9,
                          nesterov=True)
    for _ in range(EPOCHS):
        for number, (images, labels) in enumerate(loader()):
            (loss_of(model, images, labels) / 2).backward()
            if number % 2 == 1:
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
    return model


def adversaries(optim):
    """Two networks, each with an optimizer of its own."""
    torch.manual_seed(4)
    maker = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 64))
    judge = nn.Sequential(nn.Linear(64, 16), nn.LeakyReLU(0.2),
                          nn.Linear(16, 1))
    of_judge = optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999))
    of_maker = optim.Adam(maker.parameters(), lr=2e-4, betas=(0.5, 0.999))
    error = nn.BCEWithLogitsLoss()
    for images, _ in loader():
        real, noise = images.flatten(1), torch.randn(len(images), 4)
        judge.zero_grad()
        fake = maker(noise)
        error(judge(real), torch.ones(len(images), 1)).backward()
        error(judge(fake.detach()), torch.zeros(len(images), 1)).backward()
        of_judge.step()
        maker.zero_grad()
        error(judge(fake), torch.ones(len(images), 1)).backward()
        of_maker.step()
    return nn.ModuleList([maker, judge])


class Scaler:
    """The work of torch.cuda.amp.GradScaler, which has to have CUDA."""

    def __init__(self):
        self.value = 2.**16

    def scale(self, loss):
        return loss * self.value

    def step(self, optimizer, *arguments, **options):
        grads = [p.grad for group in optimizer.param_groups
                 for p in group['params'] if p.grad is not None]
        for grad in grads:
            grad.mul_(1 / self.value)
        self.found = not all(grad.isfinite().all() for grad in grads)
        if not self.found:
            optimizer.step(*arguments, **options)

    def update(self):
        self.value *= 0.5 if self.found else 1


def new_scaler(kind):
    if kind == 'emulated':
        return Scaler()
    if hasattr(torch, 'amp') and hasattr(torch.amp, 'GradScaler'):
        return torch.amp.GradScaler('cpu')
    return torch.cuda.amp.GradScaler(enabled=False)


def scaled(optim, kind='emulated'):
    model = dense_net()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scaler = new_scaler(kind)
    for number, (images, labels) in enumerate(loader()):
        optimizer.zero_grad()
        with torch.autocast('cpu', dtype=torch.bfloat16):
            loss = loss_of(model, images, labels)
        scaler.scale(loss).backward()
        if number == 1 and kind == 'emulated':
            model[1].bias.grad[0] = math.inf  # this step is skipped
        scaler.step(optimizer)
        scaler.update()
    return model


def scaled_by_pytorch(optim):
    return scaled(optim, 'installed')


def weights_averaged(optim):
    model = conv_net()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    averaged = swa_utils.AveragedModel(model)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
    swa = swa_utils.SWALR(optimizer, anneal_epochs=1, swa_lr=0.05)
    for epoch in range(EPOCHS):
        one_epoch(model, optimizer, loader())
        if epoch > 1:
            averaged.update_parameters(model)
            swa.step()
        else:
            scheduler.step()
    swa_utils.update_bn(loader(), averaged)
    return averaged


def with_lookahead(optim):
    """An optimizer around another, whose groups and state it shares."""

    class Lookahead(torch.optim.Optimizer):
        def __init__(self, inner):
            self.inner, self.count = inner, 0
            self.param_groups, self.defaults = inner.param_groups, {}
            self.state = inner.state
            self.slow = [[p.detach().clone() for p in group['params']]
                         for group in self.param_groups]

        def step(self, closure=None):
            self.inner.step(closure)
            self.count += 1
            if self.count % 3 == 0:
                for group, slow in zip(self.param_groups, self.slow):
                    for p, q in zip(group['params'], slow):
                        q.add_(p.detach() - q, alpha=0.5)
                        p.data.copy_(q)

        def zero_grad(self, set_to_none=True):
            self.inner.zero_grad(set_to_none=set_to_none)

    model = dense_net()
    optimizer = Lookahead(optim.Adam(model.parameters(), 1e-2))
    scheduler = lr_scheduler.StepLR(optimizer, 2)
    for _ in range(EPOCHS):
        one_epoch(model, optimizer, loader())
        scheduler.step()
    assert len(optimizer.state) == 4
    return model


LOOPS = [quickstart, classifier_with_momentum, chained_schedulers,
         warmup_then_cosine, one_cycle, cyclic_momentum, reduced_on_plateau,
         annealed_by_hand, transferred, decayed_in_groups,
         accumulated_and_clipped, adversaries, scaled, scaled_by_pytorch,
         weights_averaged, with_lookahead]


@pytest.mark.filterwarnings('ignore')  # of schedulers, about their own calls
@pytest.mark.parametrize('loop', LOOPS, ids=lambda loop: loop.__name__)
def test_a_training_loop_ends_as_with_torch_optim(loop):
    ours, theirs = loop(lt).state_dict(), loop(torch.optim).state_dict()
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        torch.testing.assert_close(ours[name], value, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize('kind, options', [
    ('SGD', dict(lr=0.1, momentum=0.9)), ('Adam', dict(amsgrad=True)),
    ('RMSprop', dict(centered=True)), ('Adagrad', {}), ('AdamW', {})],
    ids=lambda value: str(value))
def test_a_run_that_is_resumed_ends_with_the_same_bytes(kind, options):
    def begin():
        model = conv_net()
        optimizer = getattr(lt, kind)(model.parameters(), **options)
        scheduler = lr_scheduler.CosineAnnealingLR(optimizer, 10)
        return model, optimizer, scheduler

    def train(model, optimizer, scheduler, epochs):
        for _ in range(epochs):
            one_epoch(model, optimizer, loader(), scheduler.step)
        return model

    whole = train(*begin(), 4)
    first = begin()
    train(*first, 2)
    file = io.BytesIO()
    torch.save([part.state_dict() for part in first], file)
    file.seek(0)
    second = begin()
    for part, saved in zip(second, torch.load(file)):
        part.load_state_dict(saved)
    resumed = train(*second, 2)
    for a, b in zip(whole.parameters(), resumed.parameters()):
        assert torch.equal(a, b)


def test_the_average_of_libopt_is_that_of_an_averaged_model():
    model = dense_net()
    optimizer = lt.SGD(model.named_parameters(), lr=0.1)
    optimizer.native.start_average('swa')
    averaged = swa_utils.AveragedModel(model)
    one_epoch(model, optimizer, loader(),
              lambda: averaged.update_parameters(model))
    with optimizer.eval_weights():
        mean = copy.deepcopy(model)
    for a, b in zip(mean.parameters(), averaged.module.parameters()):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_the_scaler_and_clipping_of_libopt_are_those_of_pytorch():
    model, other = dense_net(), dense_net()
    ours = lt.SGD(model.parameters(), lr=0.1)
    theirs = torch.optim.SGD(other.parameters(), lr=0.1)
    ours.native.start_scaler(2.**16)
    for images, labels in loader():
        scale = ours.native.scaler.scale
        (loss_of(model, images, labels) * scale).backward()
        ours.step(zero_grads=True, work=libopt.GradientWork(max_norm=0.5))
        theirs.zero_grad()
        loss_of(other, images, labels).backward()
        norm = nn.utils.clip_grad_norm_(other.parameters(), 0.5)
        theirs.step()
        assert ours.report.norm == pytest.approx(norm.item(), rel=1e-4)
    for a, b in zip(model.parameters(), other.parameters()):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(not torch.distributed.is_available(),
                    reason='this PyTorch is not built with it')
@pytest.mark.parametrize('way', ['ddp', 'zero'])
def test_two_processes_train_as_one(way, tmp_path):
    """Distributed data parallel over gloo, with the optimizer on each rank or
    its state shared out between them."""
    ends = []
    for module in 'libopt.torch', 'torch.optim':
        meeting = tmp_path / f'meeting-{module}'
        ranks = [subprocess.Popen(
            [sys.executable, torch_ddp.__file__, module, way, str(rank),
             str(meeting), str(tmp_path / f'{module}-{rank}')],
            env={**os.environ, 'GLOO_SOCKET_IFNAME': 'lo'},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for rank in range(2)]
        for rank in ranks:
            assert rank.communicate()[0] == '' and rank.returncode == 0
        saved = [torch.load(tmp_path / f'{module}-{rank}') for rank in range(2)]
        for a, b in zip(*saved):
            assert torch.equal(a, b)
        ends.append(saved[0])
    for a, b in zip(*ends):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
