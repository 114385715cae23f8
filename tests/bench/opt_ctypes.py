# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""As much of libopt, through ctypes, as the race against PyTorch needs."""

import ctypes

ALL_GROUPS = -1


class Tensor(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32),
                ('group', ctypes.c_int32),
                ('param_dtype', ctypes.c_int32),
                ('grad_dtype', ctypes.c_int32),
                ('count', ctypes.c_int64),
                ('shape', ctypes.c_void_p),
                ('name', ctypes.c_char_p),
                ('param', ctypes.c_void_p),
                ('grad', ctypes.c_void_p),
                ('rank', ctypes.c_int32),
                ('reserved', ctypes.c_int32)]


class ContextConfig(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32),
                ('threads', ctypes.c_int32),
                ('user', ctypes.c_void_p),
                ('allocate', ctypes.c_void_p),
                ('release', ctypes.c_void_p),
                ('log', ctypes.c_void_p),
                ('parallel_for', ctypes.c_void_p),
                ('target', ctypes.c_char_p),
                ('spin_microseconds', ctypes.c_int32),
                ('reserved', ctypes.c_int32)]


class GradWork(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32),
                ('flags', ctypes.c_uint32),
                ('loss_scale', ctypes.c_double),
                ('max_value', ctypes.c_double),
                ('max_tensor_norm', ctypes.c_double),
                ('max_norm', ctypes.c_double),
                ('norm', ctypes.c_int32),
                ('nonfinite', ctypes.c_int32)]


class StepArgs(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32),
                ('flags', ctypes.c_uint32),
                ('count', ctypes.c_int64),
                ('params', ctypes.c_void_p),
                ('grads', ctypes.c_void_p),
                ('work', ctypes.POINTER(GradWork)),
                ('report', ctypes.c_void_p)]


class AverageConfig(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32),
                ('kind', ctypes.c_int32),
                ('decay', ctypes.c_double),
                ('start', ctypes.c_int64),
                ('period', ctypes.c_int64),
                ('flags', ctypes.c_uint32),
                ('reserved', ctypes.c_int32)]


class View(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32),
                ('dtype', ctypes.c_int32),
                ('count', ctypes.c_int64),
                ('data', ctypes.POINTER(ctypes.c_float))]


AVERAGE_EMA = 1
ZERO_GRADS = 1
NONFINITE_SKIP = 2


class Library:
    def __init__(self, path):
        self._library = ctypes.CDLL(path)
        self._library.opt_last_error.restype = ctypes.c_char_p

    def call(self, function, *arguments):
        if getattr(self._library, function)(*arguments) != 0:
            message = self._library.opt_last_error().decode()
            raise RuntimeError(f'{function}: {message}')


class Optimizer:
    """Over pairs of NumPy float32 arrays: parameters and gradients."""

    def __init__(self, library, rule, options, threads, pairs):
        self._library = library
        self._pairs = pairs  # keeps the arrays alive
        config = ContextConfig(struct_size=ctypes.sizeof(ContextConfig),
                               threads=threads)
        self._context = ctypes.c_void_p()
        self._handle = ctypes.c_void_p()
        library.call('opt_context_create', ctypes.byref(config),
                     ctypes.byref(self._context))
        library.call('opt_create', self._context, rule.encode(),
                     ctypes.byref(self._handle))
        library.call('opt_set_preset', self._handle, ALL_GROUPS, b'pytorch')
        for name, value in options.items():
            library.call('opt_set', self._handle, ALL_GROUPS, name.encode(),
                         ctypes.c_double(value))
        tensors = (Tensor * len(pairs))()
        for tensor, (param, grad) in zip(tensors, pairs):
            tensor.struct_size = ctypes.sizeof(Tensor)
            tensor.count = param.size
            tensor.param = param.ctypes.data
            tensor.grad = grad.ctypes.data
        library.call('opt_attach', self._handle, tensors,
                     ctypes.c_int64(len(pairs)), None)

    def step(self):
        self._library.call('opt_step', self._handle, None)

    def training_step(self, loss_scale, max_norm):
        """A function: unscale, skip Inf and NaN, clip, step, zero."""
        work = GradWork(struct_size=ctypes.sizeof(GradWork),
                        loss_scale=loss_scale, max_norm=max_norm,
                        nonfinite=NONFINITE_SKIP)
        args = StepArgs(struct_size=ctypes.sizeof(StepArgs), flags=ZERO_GRADS,
                        work=ctypes.pointer(work))
        return lambda: self._library.call('opt_step', self._handle,
                                          ctypes.byref(args))

    def start_average(self, decay):
        """From now on steps keep an EMA of the parameters."""
        config = AverageConfig(struct_size=ctypes.sizeof(AverageConfig),
                               kind=AVERAGE_EMA, decay=decay)
        self._library.call('opt_average_start', self._handle,
                           ctypes.byref(config))

    def averages(self):
        """The averages, as copies."""
        averages = []
        for index, (param, _) in enumerate(self._pairs):
            view = View(struct_size=ctypes.sizeof(View))
            self._library.call('opt_state_view', self._handle,
                               ctypes.c_int64(index), b'param_average',
                               ctypes.byref(view))
            averages.append(param.copy())
            ctypes.memmove(averages[-1].ctypes.data, view.data, param.nbytes)
        return averages

    def close(self):
        self._library.call('opt_destroy', self._handle)
        self._library.call('opt_context_destroy', self._context)
