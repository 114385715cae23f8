#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Clipping and loss scaling are PyTorch's, to rounding.

usage: clip_torch.py <libopt.so>

torch.nn.utils.clip_grad_norm_ and clip_grad_value_ of the installed PyTorch are
the oracle: norms, clipped gradients, and what they make of Inf and NaN.
"""

import ctypes
import itertools
import math
import sys

import numpy
import tap
import torch

# Relative; of float gradients PyTorch adds up the squares in float.
ERROR = {'float32': 1e-6, 'float64': 1e-12}
COUNTS = [1, 17, 0, 1000, 70_001]
F32, F64 = 0, 1
NORM_2, NORM_INF = 0, 1


class Tensor(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('group', ctypes.c_int32),
                ('param_dtype', ctypes.c_int32), ('grad_dtype', ctypes.c_int32),
                ('count', ctypes.c_int64), ('shape', ctypes.c_void_p),
                ('name', ctypes.c_char_p), ('param', ctypes.c_void_p),
                ('grad', ctypes.c_void_p), ('rank', ctypes.c_int32),
                ('reserved', ctypes.c_int32)]


class Work(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('flags', ctypes.c_uint32),
                ('loss_scale', ctypes.c_double), ('max_value', ctypes.c_double),
                ('max_tensor_norm', ctypes.c_double),
                ('max_norm', ctypes.c_double), ('norm', ctypes.c_int32),
                ('nonfinite', ctypes.c_int32)]


class Report(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('skipped', ctypes.c_int32),
                ('norm', ctypes.c_double), ('factor', ctypes.c_double),
                ('nonfinite_tensor', ctypes.c_int64),
                ('group_norms', ctypes.c_void_p),
                ('group_capacity', ctypes.c_int64)]


class Args(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('flags', ctypes.c_uint32),
                ('lent', ctypes.c_void_p),
                ('work', ctypes.POINTER(Work))]


def check(library, status):
    if status != 0:
        raise RuntimeError(library.opt_last_error().decode())


def clip(library, grads, **fields):
    """Clips in place; returns the norm."""
    handle = ctypes.c_void_p()
    check(library, library.opt_create(None, b'sgd', ctypes.byref(handle)))
    for grad in grads:
        dtype = F32 if grad.dtype == numpy.float32 else F64
        tensor = Tensor(struct_size=ctypes.sizeof(Tensor), param_dtype=dtype,
                        grad_dtype=dtype, count=grad.size,
                        grad=grad.ctypes.data)
        check(library,
              library.opt_attach(handle, ctypes.byref(tensor),
                                 ctypes.c_int64(1), None))
    work = Work(struct_size=ctypes.sizeof(Work), **fields)
    args = Args(struct_size=ctypes.sizeof(Args), work=ctypes.pointer(work))
    report = Report(struct_size=ctypes.sizeof(Report))
    check(library, library.opt_clip_grads(handle, ctypes.byref(args),
                                          ctypes.byref(report)))
    check(library, library.opt_destroy(handle))
    return report.norm


def make_grads(dtype, special=None):
    random = numpy.random.default_rng(5)
    grads = [random.standard_normal(count).astype(dtype) for count in COUNTS]
    if special is not None:
        grads[3][500] = special
    return grads


def make_params(grads):
    params = []
    for grad in grads:
        params.append(torch.nn.Parameter(torch.zeros(grad.size,
                                                     dtype=torch.from_numpy(
                                                         grad).dtype)))
        params[-1].grad = torch.from_numpy(grad.copy())
    return params


def differences(ours, theirs):
    return [f'tensor {i}: {a} and {b.grad.numpy()}'
            for i, (a, b) in enumerate(zip(ours, theirs))
            if not numpy.allclose(a, b.grad.numpy(), rtol=ERROR[a.dtype.name],
                                  atol=0, equal_nan=True)]


def norm_case(library, dtype, norm, max_norm, special):
    ours = make_grads(dtype, special)
    params = make_params(ours)
    # An empty tensor has no largest value in PyTorch.
    counted = [p for p in params if p.numel() > 0]
    expected = torch.nn.utils.clip_grad_norm_(
        counted, max_norm, norm_type=math.inf if norm == NORM_INF else 2)
    got = clip(library, ours, max_norm=max_norm, norm=norm)
    if not numpy.isclose(got, float(expected), rtol=ERROR[dtype],
                         equal_nan=True):
        return f'the norm is {got}, in PyTorch {float(expected)}'
    return differences(ours, params)


def value_case(library, dtype, max_value, special):
    ours = make_grads(dtype, special)
    params = make_params(ours)
    torch.nn.utils.clip_grad_value_(params, max_value)
    clip(library, ours, max_value=max_value)
    return differences(ours, params)


def unscale_case(library, dtype):
    """GradScaler.unscale_, clip_grad_value_ and clip_grad_norm_ in a row."""
    ours = make_grads(dtype)
    params = make_params(ours)
    for param in params:
        param.grad.mul_(1 / 3.0)  # rounded to the gradient's dtype
    torch.nn.utils.clip_grad_value_(params, 0.25)
    expected = torch.nn.utils.clip_grad_norm_(params, 2.5)
    got = clip(library, ours, loss_scale=3, max_value=0.25, max_norm=2.5)
    if not numpy.isclose(got, float(expected), rtol=ERROR[dtype]):
        return f'the norm is {got}, in PyTorch {float(expected)}'
    return differences(ours, params)


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.opt_last_error.restype = ctypes.c_char_p
    specials = [None, math.inf, -math.inf, math.nan]
    for dtype, norm, max_norm, special in itertools.product(
            ['float32', 'float64'], [NORM_2, NORM_INF], [0.5, 1e6, math.inf],
            specials):
        name = 'infinity' if norm == NORM_INF else '2'
        tap.case(f'clip_grad_norm_ to {max_norm}, {name}-norm, {dtype}, '
                 f'{special} among the gradients',
                 norm_case(library, dtype, norm, max_norm, special))
    for dtype, max_value, special in itertools.product(
            ['float32', 'float64'], [0.25, 1e6], specials):
        tap.case(f'clip_grad_value_ to {max_value}, {dtype}, {special} among '
                 'the gradients',
                 value_case(library, dtype, max_value, special))
    for dtype in ['float32', 'float64']:
        tap.case(f'unscaling and both kinds of clipping, {dtype}',
                 unscale_case(library, dtype))
    tap.finish()


main()
