// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "bindings/python/runtime.h"

#include <cstring>

namespace opt_python {

void Raise(opt_status status, const char* message) {
  // First of all, for what Python does may call libopt, and so end `message`.
  PyObject* const text = PyUnicode_FromString(message);
  PyObject* const errors = PyImport_ImportModule("libopt._errors");
  if (text != nullptr && errors != nullptr) {
    PyObject* const error =
        PyObject_CallMethod(errors, "make", "iO", status, text);
    if (error != nullptr) {
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error)), error);
      Py_DECREF(error);
    }
  }
  Py_XDECREF(text);
  Py_XDECREF(errors);
}

void RaiseLast(opt_status status) { Raise(status, opt_last_error()); }

bool ReadText(PyObject* object, const char** text) {
  Py_ssize_t size = 0;
  if (object == Py_None) {
    *text = nullptr;
    return true;
  }
  if (PyBytes_Check(object)) {
    *text = PyBytes_AS_STRING(object);
    size = PyBytes_GET_SIZE(object);
  } else if (PyUnicode_Check(object)) {
    *text = PyUnicode_AsUTF8AndSize(object, &size);
    if (*text == nullptr) return false;
  } else {
    PyErr_Format(PyExc_TypeError, "expected a str, not %.200s",
                 Py_TYPE(object)->tp_name);
    return false;
  }
  if (std::strlen(*text) != static_cast<size_t>(size)) {
    PyErr_SetString(PyExc_ValueError, "a text must not hold a NUL");
    return false;
  }
  return true;
}

bool ReadAddress(PyObject* object, void** address) {
  *address = PyLong_AsVoidPtr(object);
  return *address != nullptr || PyErr_Occurred() == nullptr;
}

bool ReadInteger(PyObject* object, int64_t min, int64_t max, int64_t* value) {
  PyObject* const number = PyNumber_Index(object);
  if (number == nullptr) return false;
  int overflow = 0;
  *value = PyLong_AsLongLongAndOverflow(number, &overflow);
  if (overflow != 0 || *value < min || *value > max) {
    PyErr_Format(PyExc_OverflowError, "%R is not from %zd to %zd", number,
                 static_cast<Py_ssize_t>(min), static_cast<Py_ssize_t>(max));
  }
  Py_DECREF(number);
  return PyErr_Occurred() == nullptr;
}

}  // namespace opt_python
