// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Typemaps of Python: handles and addresses are int, failures raise
// libopt.Error, outputs are returned.

%include <typemaps.i>

%define %opt_handle(TYPE)
%typemap(in) TYPE {
  $1 = static_cast<TYPE>(PyLong_AsVoidPtr($input));
  if (PyErr_Occurred() != nullptr) SWIG_fail;
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

%typemap(in) void* {
  $1 = PyLong_AsVoidPtr($input);
  if (PyErr_Occurred() != nullptr) SWIG_fail;
}
%typemap(in) const void* = void*;
%typemap(out) void*, const void* {
  $result = PyLong_FromVoidPtr(const_cast<void*>($1));
}

%typemap(out) opt_status {
  if ($1 != OPT_OK) {
    PyErr_Format(PyExc_RuntimeError, "%d %s", $1, opt_last_error());
    SWIG_fail;
  }
  $result = SWIG_Py_Void();
}
