# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Which calls let other threads run Python."""

import gc
import sys
import threading

import numpy as np
import pytest
from long_steps import LONG, long_optimizer, step_once

import libopt
from libopt import GradientWork, _native

CALLS = {
    'step': lambda o, w, dw: o.step(),
    'lent step': lambda o, w, dw: o.step([dw], [w]),
    'accumulate': lambda o, w, dw: o.accumulate(),
    'step of accumulated': lambda o, w, dw: o.step(params=[w]),
    'zero_grads': lambda o, w, dw: o.zero_grads(),
    'grad_norm': lambda o, w, dw: o.grad_norm(),
    'clip_grads': lambda o, w, dw: o.clip_grads(GradientWork(max_norm=1)),
    'swap_eval_weights': lambda o, w, dw: o.swap_eval_weights(),
    'read_eval_weights': lambda o, w, dw: o.read_eval_weights('tensor.0'),
    'clone': lambda o, w, dw: o.clone(),
}


def lets_others_run(call, times, prepare=lambda: None):
    """Whether another thread that wants the lock gets it during a call. The end
    of an optimizer always gives it away, so none ends meanwhile."""
    gc.collect()
    gc.disable()
    try:
        return any(lets_another_run(call, prepare) for _ in range(times))
    finally:
        gc.enable()


def lets_another_run(call, prepare):
    """Whether it gets the lock during one call."""
    prepare()
    interval = sys.getswitchinterval()
    gate, ran = threading.Lock(), []
    gate.acquire()

    def wait():
        with gate:
            ran.append(True)

    thread = threading.Thread(target=wait)
    sys.setswitchinterval(1000)  # none gets it but what is given away
    try:
        thread.start()
        gate.release()
        result = call()
        found = bool(ran)
        del result  # a clone ends here
    finally:
        sys.setswitchinterval(interval)
    thread.join()
    return found


@pytest.mark.parametrize('name', CALLS)
def test_long_calls_alone_give_the_lock_away(name):
    for count, times, expected in (LONG, 5000, True), (1 << 16, 20, False):
        w, dw = np.zeros(count, np.float32), np.ones(count, np.float32)
        with libopt.SGD(w, dw, context=libopt.Context(threads=1)) as optimizer:
            if 'eval_weights' in name:
                optimizer.start_average()
                optimizer.step()
            assert lets_others_run(
                lambda: CALLS[name](optimizer, w, dw), times,
                optimizer.accumulate if name == 'step of accumulated'
                else optimizer.discard) is expected


@pytest.mark.parametrize('name', ['to_file', 'to_memory', 'from_file',
                                  'from_memory', 'from_checkpoint', 'open',
                                  'read'])
def test_saving_and_loading_give_the_lock_away(name, tmp_path):
    path = str(tmp_path / 'run')
    # One that takes long to read, and many that take long to find.
    params = [np.zeros(n, np.float32) for n in (LONG // 4, *[1] * 2000)]
    with libopt.Adam(params) as optimizer:
        handle = optimizer._native.handle
        optimizer.save(path)
        data = optimizer.save_bytes()
        held = _native.Buffer(data, '', True, False)
        save, load = _native.SaveCall(0), _native.LoadCall(0)
        with libopt.Checkpoint(path) as checkpoint:
            index, info = checkpoint._infos['tensor.0/exp_avg']
            calls = {
                'to_file': lambda: save.to_file(handle, path),
                'to_memory': lambda: save.to_memory(handle, held.address,
                                                    held.count),
                'from_file': lambda: load.from_file(handle, path),
                'from_memory': lambda: load.from_memory(handle, held.address,
                                                        held.count),
                'from_checkpoint': lambda: load.from_checkpoint(
                    handle, checkpoint._handle),
                'open': lambda: _native.opt_checkpoint_close(
                    _native.opt_checkpoint_open_file(0, path)),
                'read': lambda: _native.opt_checkpoint_read(
                    checkpoint._handle, index, held.address, info.bytes),
            }
            assert lets_others_run(calls[name], 5000)


def test_close_lets_others_run_while_it_waits_for_a_step():
    found = False
    for _ in range(20):  # until it falls into the step
        optimizer, _ = long_optimizer()
        stepping = threading.Thread(target=step_once, args=(optimizer,))
        stepping.start()
        try:
            while stepping.is_alive():
                optimizer.discard()
        except libopt.BusyError:
            found = lets_others_run(optimizer.close, 1)
        stepping.join()
        optimizer.close()
        if found:
            break
    assert found
