#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Races libopt against torch.optim on the same arrays; prints Markdown.

Where PyTorch has fused kernels for CPUs, as 2.x does, they are raced as well:
its optimizer with fused=True, and the bare operator without any optimizer.

Both are measured in one process, in turns. PyTorch's temporaries come from
malloc, whose usual settings give large ones back to the system after each
operation; so a second process has a malloc that keeps them ("tuned").
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time

# rule, libopt's options, class in torch.optim, its options. The learning rate
# is libopt's; everything else is as PyTorch has it.
CASES = [
    ('sgd', {}, 'SGD', {}),
    ('sgd', {'momentum': 0.9}, 'SGD', {'momentum': 0.9}),
    ('adagrad', {}, 'Adagrad', {}),
    ('rmsprop', {}, 'RMSprop', {}),
    ('rmsprop', {'centered': 1}, 'RMSprop', {'centered': True}),
    ('adam', {}, 'Adam', {}),
    ('adam', {'amsgrad': 1}, 'Adam', {'amsgrad': True}),
    ('adamw', {}, 'AdamW', {}),
    ('adadelta', {}, 'Adadelta', {}),
    ('adamax', {}, 'Adamax', {}),
    ('nadam', {}, 'NAdam', {}),
    ('radam', {}, 'RAdam', {}),
    ('rprop', {}, 'Rprop', {}),
    ('asgd', {}, 'ASGD', {}),
    ('adafactor', {}, 'Adafactor', {}),
]
LIST = (1000, 1000)  # tensors, elements of each
SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
LEARNING_RATE = 1e-3
TUNED = {
    'MALLOC_MMAP_MAX_': '0',
    'MALLOC_TRIM_THRESHOLD_': str(1 << 40),
    'MALLOC_TOP_PAD_': str(64 << 20),
}


def others_run():
    """Whether another thread of this process is on a CPU: idle ones spin."""
    own = str(os.getpid())
    for task in os.listdir('/proc/self/task'):
        with open(f'/proc/self/task/{task}/stat', encoding='utf-8') as file:
            if task != own and file.read().rpartition(')')[2].split()[0] == 'R':
                return True
    return False


def measure(contestants, seconds, rounds):
    """Returns {name: (shortest, median) seconds a call}, in turns."""
    times = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            while others_run():
                time.sleep(0.001)
            call()
            calls = 0
            start = time.perf_counter()
            while (elapsed := time.perf_counter() - start) < seconds:
                call()
                calls += 1
            times[name].append(elapsed / calls)
    return {name: (min(t), statistics.median(t)) for name, t in times.items()}


def make_pairs(tensors, count):
    import numpy
    values = numpy.arange(tensors * count, dtype=numpy.float32) % 13 / 16
    params, grads = values + numpy.float32(0.5), values + numpy.float32(0.125)
    return [(params[i * count:(i + 1) * count], grads[i * count:(i + 1) * count])
            for i in range(tensors)]


def make_torch(case, pairs, foreach):
    import torch
    tensors = []
    for param, grad in pairs:
        tensors.append(torch.nn.Parameter(torch.from_numpy(param)))
        tensors[-1].grad = torch.from_numpy(grad)
    _, _, name, options = case
    return getattr(torch.optim, name)(tensors, lr=LEARNING_RATE,
                                      foreach=foreach, **options)


def make_fused(case, pairs):
    """Steps of PyTorch's fused kernel: its optimizer's and the bare operator's;
    nothing where this PyTorch has none for CPUs."""
    import torch
    tensors = []
    for param, grad in pairs:
        tensors.append(torch.nn.Parameter(torch.from_numpy(param)))
        tensors[-1].grad = torch.from_numpy(grad)
    _, _, name, options = case
    try:
        optimizer = getattr(torch.optim, name)(tensors, lr=LEARNING_RATE,
                                               fused=True, **options)
        optimizer.step()
    except (RuntimeError, TypeError, ValueError):
        return {}
    steps = {'fused': optimizer.step}
    if hasattr(torch, f'_fused_{name.lower()}_'):
        steps['bare'] = bare_operator(name, optimizer, tensors)
    return steps


def bare_operator(name, optimizer, tensors):
    """PyTorch's fused operator on an optimizer's own state."""
    import torch
    operator = getattr(torch, f'_fused_{name.lower()}_')
    group = optimizer.param_groups[0]
    grads = [tensor.grad for tensor in tensors]

    def state(key):
        return [optimizer.state[tensor][key] for tensor in tensors]

    arguments = {'lr': group['lr'], 'weight_decay': group['weight_decay'],
                 'maximize': False}
    if name == 'SGD':
        momentum = group['momentum']
        lists = [state('momentum_buffer') if momentum != 0 else []]
        arguments.update(momentum=momentum, dampening=0, nesterov=False,
                         is_first_step=False)
    elif name == 'Adagrad':
        lists = [state('sum'), state('step')]
        arguments.update(lr_decay=group['lr_decay'], eps=group['eps'])
    else:
        beta1, beta2 = group['betas']
        amsgrad = group['amsgrad']
        lists = [state('exp_avg'), state('exp_avg_sq'),
                 state('max_exp_avg_sq') if amsgrad else [], state('step')]
        arguments.update(beta1=beta1, beta2=beta2, eps=group['eps'],
                         amsgrad=amsgrad)
    return lambda: no_grad(torch, operator, tensors, grads, *lists,
                           **arguments)


def no_grad(torch, operator, *lists, **arguments):
    with torch.no_grad():
        operator(*lists, **arguments)


def make_libopt(library, case, pairs, threads):
    import opt_ctypes
    rule, options, _, _ = case
    # Where PyTorch's defaults are not libopt's, its own are passed.
    settings = {'lr': LEARNING_RATE, **options}
    if rule == 'rmsprop':
        settings['alpha'] = 0.99
    return opt_ctypes.Optimizer(library, rule, settings, threads, pairs)


LOSS_SCALE = 1024.0
MAX_NORM = 1.0
EMA_DECAY = 0.999
TRAINING = 'unscale, clip, adamw, average, zero'
# The gradients stay zero after the first step, and the moments decay: with
# these slowly enough never to become subnormal, which would slow PyTorch down.
BETAS = (0.9999, 0.99999)
TRAINING_CASE = ('adamw', {'beta1': BETAS[0], 'beta2': BETAS[1]}, 'AdamW',
                 {'betas': BETAS})


class TrainingStep:
    """The work of a loop with GradScaler and an EMA after backward()."""

    def __init__(self, optimizer, foreach):
        import torch
        self.torch = torch
        self.optimizer = optimizer
        self.params = optimizer.param_groups[0]['params']
        self.grads = [param.grad for param in self.params]
        self.averages = []
        # _foreach_lerp_ came after PyTorch 1.13.
        self.foreach = foreach and hasattr(torch, '_foreach_lerp_')

    def average(self):
        with self.torch.no_grad():
            if not self.averages:
                self.averages = [param.clone() for param in self.params]
            elif self.foreach:
                self.torch._foreach_lerp_(self.averages, self.params,
                                          1 - EMA_DECAY)
            else:
                for average, param in zip(self.averages, self.params):
                    average.lerp_(param, 1 - EMA_DECAY)

    def __call__(self):
        self.torch._foreach_mul_(self.grads, 1 / LOSS_SCALE)
        # GradScaler's check is a kernel for CUDA alone: the norm shows as much.
        norm = self.torch.nn.utils.clip_grad_norm_(self.params, MAX_NORM)
        if self.torch.isfinite(norm).item():
            self.optimizer.step()
            self.average()
        self.optimizer.zero_grad(set_to_none=False)


def make_training_step(library, pairs, threads):
    """libopt's optimizer, and its training step as one call."""
    optimizer = make_libopt(library, TRAINING_CASE, pairs, threads)
    optimizer.start_average(EMA_DECAY)
    return optimizer, optimizer.training_step(LOSS_SCALE, MAX_NORM)


def check_training(library):
    ours, theirs = make_pairs(3, 1003), make_pairs(3, 1003)
    optimizer, step = make_training_step(library, ours, 1)
    other = TrainingStep(make_torch(TRAINING_CASE, theirs, True), True)
    for n in range(3):
        for pairs in ours, theirs:
            for param, grad in pairs:
                grad += param * (n + 1)
        step()
        other()
    check_equal(ours, theirs, TRAINING)
    check_equal([(average, None) for average in optimizer.averages()],
                [(average.numpy(), None) for average in other.averages],
                TRAINING)
    optimizer.close()


def race_training(library, arguments):
    """The training step as one call and as PyTorch's calls."""
    check_training(library)
    for tensors, count in [(1, size) for size in arguments.sizes] + [LIST]:
        pairs = make_pairs(tensors, count)
        optimizer, step = make_training_step(library, pairs,
                                              arguments.threads)
        contestants = {'libopt': step}
        for name, foreach in ('torch', False), ('foreach', True):
            contestants[name] = TrainingStep(
                make_torch(TRAINING_CASE, pairs, foreach), foreach)
        row = measure(contestants, arguments.seconds, arguments.rounds)
        print(json.dumps({**row, 'case': TRAINING, 'shape': (tensors, count)}),
              flush=True)
        optimizer.close()


def check_equal(ours, theirs, what):
    import numpy
    for (param, _), (other, _) in zip(ours, theirs):
        if not numpy.allclose(param, other, rtol=1e-5, atol=0):
            raise RuntimeError(f'libopt and PyTorch differ: {what}')


def check(library, case):
    """A race is worth something only if both do the same work."""
    ours, theirs = make_pairs(1, 1003), make_pairs(1, 1003)
    optimizer = make_libopt(library, case, ours, 1)
    # Without foreach, PyTorch 1.13 multiplies by NAdam's momentum factor twice.
    other = make_torch(case, theirs, foreach=case[0] == 'nadam')
    for _ in range(5):
        optimizer.step()
        other.step()
    optimizer.close()
    check_equal(ours, theirs, f'{case[2]} {case[3]}')


def work(arguments):
    """One process of the race: prints a JSON line for each row."""
    import torch
    import opt_ctypes
    library = opt_ctypes.Library(arguments.library)
    torch.set_num_threads(arguments.threads)
    race_training(library, arguments)
    shapes = [(1, size) for size in arguments.sizes] + [LIST]
    for case in CASES:
        if not hasattr(torch.optim, case[2]):
            continue  # a later PyTorch's
        check(library, case)
        for tensors, count in shapes:
            pairs = make_pairs(tensors, count)
            optimizer = make_libopt(library, case, pairs, arguments.threads)
            contestants = {
                'libopt': optimizer.step,
                'torch': make_torch(case, pairs, foreach=False).step,
                'foreach': make_torch(case, pairs, foreach=True).step,
                **make_fused(case, pairs),
            }
            row = measure(contestants, arguments.seconds, arguments.rounds)
            row['case'] = ' '.join([case[0], *case[1]])
            row['shape'] = (tensors, count)
            print(json.dumps(row), flush=True)
            optimizer.close()
            del contestants, pairs
            gc.collect()


def start(arguments, threads, environment):
    command = [sys.executable, __file__, arguments.library, '--worker',
               '--threads', str(threads), '--seconds', str(arguments.seconds),
               '--rounds', str(arguments.rounds), '--sizes',
               *map(str, arguments.sizes)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                            text=True, env={**os.environ, **environment})
    return [json.loads(line) for line in output.stdout.splitlines()]


def format_shape(shape):
    tensors, count = shape
    return f'{tensors:,} x {count:,}' if tensors > 1 else f'{count:,}'


def report(threads, shipped, tuned):
    unit = 'thread' if threads == 1 else 'threads'
    print(f'\n### libopt and torch.optim, f32, {threads} {unit}\n\n'
          "Microseconds of libopt's step, and how many times as long "
          "PyTorch's takes: shortest (median) round.\n\n"
          '| rule | elements | libopt, µs | torch | torch, foreach '
          '| torch, tuned malloc | foreach, tuned malloc | fused | bare |\n'
          '|---|---:|---:|---:|---:|---:|---:|---:|---:|')
    for plain, kept in zip(shipped, tuned):
        cells = [plain['case'], format_shape(plain['shape']),
                 f'{plain["libopt"][0] * 1e6:,.1f}']
        for row, name in ((plain, 'torch'), (plain, 'foreach'),
                          (kept, 'torch'), (kept, 'foreach'),
                          (plain, 'fused'), (plain, 'bare')):
            if name not in row:
                cells.append('')
                continue
            ratios = [a / b for a, b in zip(row[name], row['libopt'])]
            cells.append(f'{ratios[0]:.2f} ({ratios[1]:.2f})')
        print(f'| {" | ".join(cells)} |', flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('library', help='path of libopt.so')
    parser.add_argument('--sizes', nargs='+', type=lambda s: int(float(s)),
                        default=SIZES, help='elements of the single tensor')
    parser.add_argument('--threads', type=int, nargs='+', default=[1, 2])
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=float, default=0.05,
                        help='length of a round, of at least one step')
    parser.add_argument('--worker', action='store_true',
                        help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        arguments.threads = arguments.threads[0]
        work(arguments)
        return
    for threads in arguments.threads:
        report(threads, start(arguments, threads, {}),
               start(arguments, threads, TUNED))


if __name__ == '__main__':
    main()
