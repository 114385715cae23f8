// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Typemaps of Python: handles and addresses are int, failures raise
// libopt.Error, outputs are returned. Each call decides for itself whether
// other threads run Python meanwhile: runtime.h.

%include <typemaps.i>

%{
#include <new>

#include "bindings/python/runtime.h"
%}

%init %{
  PyModule_AddObject(m, "Buffer", opt_python::MakeBufferType());
  PyModule_AddObject(m, "View", opt_python::MakeViewType());
%}

%exception {
  try {
    $action
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
    SWIG_fail;
  }
}

%define %opt_without_lock(FUNCTION, WANTED)
%exception FUNCTION {
  try {
    const opt_python::WithoutLock unlocked(WANTED);
    $action
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
    SWIG_fail;
  }
}
%enddef

%define %opt_long(FUNCTION, OPTIMIZER)
%opt_without_lock(FUNCTION,
                  opt_python::WorkOf(OPTIMIZER) >= opt_python::kLongWork)
%enddef
%opt_long(opt_step_retained, arg1)
%opt_long(StepCall::step, arg2)
%opt_long(StepCall::step_accumulated, arg2)
%opt_long(StepCall::begin_step, arg2)
%opt_long(StepCall::begin_step_accumulated, arg2)
%opt_long(StepCall::step_slice, arg2)
%opt_long(StepCall::step_remaining, arg2)
%opt_long(StepCall::accumulate, arg2)
%opt_long(StepCall::zero_grads, arg2)
%opt_long(StepCall::grad_norm, arg2)
%opt_long(StepCall::clip_grads, arg2)
%opt_long(StepCall::swap_eval_weights, arg2)
%opt_long(StepCall::read_eval_weights, arg2)
%opt_long(opt_clone, arg1)
// These wait for a disk, or for another thread's call.
%opt_without_lock(SaveCall::to_file, true)
%opt_without_lock(SaveCall::to_memory, true)
%opt_without_lock(LoadCall::from_file, true)
%opt_without_lock(LoadCall::from_memory, true)
%opt_without_lock(LoadCall::from_checkpoint, true)
%opt_without_lock(opt_checkpoint_open_file, true)
%opt_without_lock(opt_checkpoint_read, true)
%opt_without_lock(opt_destroy, true)
%opt_without_lock(opt_context_destroy, true)
%opt_without_lock(opt_shutdown, true)

%define %opt_handle(TYPE)
%typemap(in) TYPE {
  void* bits = nullptr;
  if (!opt_python::ReadAddress($input, &bits)) SWIG_fail;
  $1 = static_cast<TYPE>(bits);
}
%typemap(in, numinputs=0) TYPE* (TYPE made) {
  made = nullptr;
  $1 = &made;
}
%typemap(argout) TYPE* {
  $result = SWIG_Python_AppendOutput($result, PyLong_FromVoidPtr(*$1));
}
%enddef

%define %opt_output(TYPE)
%apply TYPE* OUTPUT { TYPE* };
%enddef

%typemap(in) void*, const void* {
  void* address = nullptr;
  if (!opt_python::ReadAddress($input, &address)) SWIG_fail;
  $1 = address;
}
%typemap(out) void*, const void* {
  $result = PyLong_FromVoidPtr(const_cast<void*>($1));
}

// NumPy's numbers are as good as Python's; errors are Python's own.
%define %opt_integer(TYPE, MIN, MAX)
%typemap(in) TYPE {
  int64_t number = 0;
  if (!opt_python::ReadInteger($input, MIN, MAX, &number)) SWIG_fail;
  $1 = static_cast<TYPE>(number);
}
%enddef
%opt_integer(int64_t, INT64_MIN, INT64_MAX)
%opt_integer(int32_t, INT32_MIN, INT32_MAX)
%opt_integer(uint32_t, 0, UINT32_MAX)
%typemap(in) double {
  $1 = PyFloat_AsDouble($input);
  if ($1 == -1 && PyErr_Occurred() != nullptr) SWIG_fail;
}

%typemap(in) const char* {
  const char* text = nullptr;
  if (!opt_python::ReadText($input, &text)) SWIG_fail;
  $1 = const_cast<char*>(text);
}
%typemap(freearg) const char* "";

%typemap(out) opt_status {
  if ($1 != OPT_OK) {
    opt_python::RaiseLast($1);
    SWIG_fail;
  }
  $result = SWIG_Py_Void();
}
