# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Several threads: overlapping calls, closing meanwhile."""

import array
import os
import threading

import numpy as np
import pytest
from long_steps import LONG, long_optimizer, step_once

import libopt
from libopt import _native
from libopt._context import shared_context


class Steps(threading.Thread):
    """Steps until the optimizer is closed; keeps what was raised."""

    def __init__(self, optimizer):
        super().__init__()
        self.optimizer = optimizer
        self.made = 0
        self.busy = 0
        self.end = None
        self.started = threading.Event()

    def run(self):
        while self.end is None:
            try:
                self.optimizer.step()
                self.made += 1
            except libopt.BusyError:
                self.busy += 1
            except libopt.Error as error:
                self.end = error
            self.started.set()


def test_a_long_step_lets_other_threads_run():
    optimizer, _ = long_optimizer()
    thread = Steps(optimizer)
    thread.start()
    thread.started.wait()
    # Were the lock held, a call here could never fall into a step.
    while thread.busy == 0:
        try:
            optimizer.discard()
        except libopt.BusyError:
            break
    optimizer.close()
    thread.join()
    assert isinstance(thread.end, libopt.ClosedError)


def test_overlapping_steps_are_refused_and_change_nothing():
    optimizer, w = long_optimizer('sgd')
    threads = [Steps(optimizer) for _ in range(3)]
    for thread in threads:
        thread.start()
    while not any(thread.busy for thread in threads):
        pass
    optimizer.close()
    for thread in threads:
        thread.join()
        assert isinstance(thread.end, libopt.ClosedError)
    expected = np.float32(0)
    for _ in range(sum(thread.made for thread in threads)):
        expected -= np.float32(0.001)
    assert (w == expected).all()


def test_close_waits_for_the_step_and_releases_memory_afterwards():
    for _ in range(5):
        memory = bytearray(4 * LONG)
        optimizer = libopt.SGD(memoryview(memory).cast('f'),
                               np.ones(LONG, np.float32))
        thread = Steps(optimizer)
        thread.start()
        thread.started.wait()
        optimizer.close()
        made = np.frombuffer(memory, np.float32).copy()
        thread.join()
        assert (made == made[0]).all()  # whole steps
        assert (np.frombuffer(memory, np.float32) == made).all()
        assert isinstance(thread.end, libopt.ClosedError)


def test_close_releases_memory_only_when_the_step_has_ended():
    for _ in range(3):
        w = array.array('f', bytes(16 * LONG))
        optimizer = libopt.Adam(w, np.ones(4 * LONG, np.float32), lr=1,
                                context=libopt.Context(threads=1))
        stepping = threading.Thread(target=step_once, args=(optimizer,))
        closing = threading.Thread(target=optimizer.close)
        stepping.start()
        try:
            while stepping.is_alive():
                optimizer.discard()
        except libopt.BusyError:
            pass  # within the step
        closing.start()
        while len(w) == 4 * LONG:
            try:
                w.append(0)
            except BufferError:
                pass
        made = np.array(w[:-1])
        stepping.join(), closing.join()
        assert made[0] < 0 and (made == made[0]).all()


def test_several_threads_may_close():
    optimizer, _ = long_optimizer()
    stepping = Steps(optimizer)
    stepping.start()
    stepping.started.wait()
    closing = [threading.Thread(target=optimizer.close) for _ in range(4)]
    for thread in closing:
        thread.start()
    for thread in [*closing, stepping]:
        thread.join()
    assert optimizer.closed


def test_detaching_during_a_step_is_refused_and_keeps_the_memory():
    w, dw = array.array('f', bytes(4 * LONG)), np.ones(LONG, np.float32)
    refused = None
    while refused is None:
        with libopt.Adam({'w': (w, dw)}, lr=1) as optimizer:
            thread = threading.Thread(target=step_once, args=(optimizer,))
            thread.start()
            try:
                while thread.is_alive():
                    optimizer.discard()  # until one falls into the step
            except libopt.BusyError:
                try:
                    optimizer.detach('w')  # which may have ended meanwhile
                except libopt.BusyError as error:
                    refused = error
                    with pytest.raises(BufferError):
                        w.append(0)
            thread.join()
    assert w[0] < 0 and w[0] == w[-1]


def test_different_optimizers_step_side_by_side():
    optimizers = [libopt.Adam(np.zeros(1000, np.float32),
                              np.ones(1000, np.float32)) for _ in range(8)]

    def work(optimizer):
        for _ in range(200):
            optimizer.step()

    threads = [threading.Thread(target=work, args=(o,)) for o in optimizers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = {bytes(o.state['tensor.0']['exp_avg']) for o in optimizers}
    assert len(states) == 1
    for optimizer in optimizers:
        assert optimizer.steps == 200
        optimizer.close()


def test_all_cores_by_default_and_the_same_bytes_on_one():
    ends = []
    for context in (None, libopt.Context(threads=1), libopt.Context(threads=5)):
        w = np.linspace(-1, 1, 100_003, dtype=np.float32)
        with libopt.AdamW(w, np.cos(w), context=context) as optimizer:
            for _ in range(5):
                optimizer.step()
        ends.append(w.tobytes())
    assert len(set(ends)) == 1
    assert shared_context().threads == len(os.sched_getaffinity(0))
    assert shared_context().threads == libopt.Context().threads


def test_how_long_threads_wait_actively_is_the_hosts_choice():
    assert libopt.Context(threads=2).spin_microseconds == 0
    w = np.linspace(-1, 1, 100_003, dtype=np.float32)
    alone = w.copy()
    with libopt.Context(threads=2, spin_microseconds=200) as context:
        assert context.spin_microseconds == 200
        with libopt.AdamW(w, np.cos(w), context=context) as optimizer:
            for _ in range(20):
                optimizer.step()
    with libopt.AdamW(alone, np.cos(alone),
                      context=libopt.Context(1)) as optimizer:
        for _ in range(20):
            optimizer.step()
    assert w.tobytes() == alone.tobytes()
    for wrong in -1, 1_000_001:
        with pytest.raises(ValueError, match='spin_microseconds'):
            libopt.Context(spin_microseconds=wrong)


def test_a_context_may_be_closed_before_its_optimizers():
    w = np.zeros(LONG // 8, np.float32)
    with libopt.Context(threads=2) as context:
        optimizer = libopt.SGD(w, np.ones_like(w), lr=1, context=context)
        assert context.threads == 2
    optimizer.step()
    optimizer.close()
    assert (w == -1).all()
    with pytest.raises(libopt.ClosedError):
        libopt.SGD(w, context=context)
    assert repr(context) == 'Context(closed)'


def test_the_native_module_tells_that_a_step_overlaps():
    assert _native.OPT_ERR_BUSY == libopt.BusyError.status
