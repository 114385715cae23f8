// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Python for the wrappers that SWIG writes: exceptions of libopt, texts and the
// global interpreter lock (GIL).

#ifndef OPT_BINDINGS_PYTHON_RUNTIME_H_
#define OPT_BINDINGS_PYTHON_RUNTIME_H_

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <cstdint>

#include "opt/opt.h"

namespace opt_python {

// Faults of an array that only Python knows, beside those of opt_status.
constexpr opt_status kReadOnly = -1;
constexpr opt_status kNotContiguous = -2;
constexpr opt_status kNotOnHost = -3;

// Sets the exception that stands for a status (libopt.Error or a class of it).
void Raise(opt_status status, const char* message);

// As Raise, with the library's message of the last failure.
void RaiseLast(opt_status status);

// The UTF-8 text of a str, the bytes of a bytes object, or NULL of None, which
// live as long as the object. Returns false with an exception set: of another
// type, half a surrogate pair, a NUL in the text.
bool ReadText(PyObject* object, const char** text);

// The address that an int is.
bool ReadAddress(PyObject* object, void** address);

// The whole number that an int, or NumPy's, is, from min to max.
bool ReadInteger(PyObject* object, int64_t min, int64_t max, int64_t* value);

// Work on so many elements is long: on one thread it lasts 0.6 to 4 ms, about
// as long as Python lets a thread wait for the lock anyway (the 5 ms of
// sys.getswitchinterval()). Who gives the lock away waits up to that long for a
// thread that computes in Python: tests/bench/gil_python.py finds steps on
// 131,072 elements at less than 1/100 of their speed then, on 2^22 at 1/10 to
// 1/4, and at half of it if the lock is kept. Beside a thread that computes in
// NumPy, which gives the lock away itself, releasing would be the better choice
// from 16,384 elements on; but a training gives it away often enough in what
// computes its gradients.
constexpr int64_t kLongWork = int64_t{1} << 22;

// Elements of an optimizer's parameters; 0 of a handle that is none.
inline int64_t WorkOf(opt_optimizer optimizer) {
  opt_info info = OPT_INFO_INIT;
  return opt_get_info(optimizer, &info) == OPT_OK ? info.param_count : 0;
}

// Other threads run Python while an object of this class lives. Once the
// interpreter has ended, Python ends a daemon thread that wants the lock back
// by unwinding its stack, for which this destructor has to let that through.
class WithoutLock {
 public:
  explicit WithoutLock(bool wanted)
      : state_(wanted ? PyEval_SaveThread() : nullptr) {}
  ~WithoutLock() noexcept(false) {
    if (state_ != nullptr) PyEval_RestoreThread(state_);
  }
  WithoutLock(const WithoutLock&) = delete;
  WithoutLock& operator=(const WithoutLock&) = delete;

 private:
  PyThreadState* state_;
};

// The types Buffer (buffer.cc) and View (view.cc); NULL with an exception set.
PyObject* MakeBufferType();
PyObject* MakeViewType();

}  // namespace opt_python

#endif  // OPT_BINDINGS_PYTHON_RUNTIME_H_
