// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The type View: memory of libopt's, such as a slot of the state, for Python to
// read and to write. It counts who looks at it, so that the memory is not freed
// under a memoryview or a NumPy array.

#include <cstddef>

#include "bindings/python/runtime.h"

namespace opt_python {
namespace {

struct View {
  // clang-format off
  PyObject_HEAD
      // clang-format on
      PyObject* owner;  // kept alive as long as the view
  void* data;           // NULL once invalidated
  PyObject* shape;
  Py_ssize_t extents[64];
  Py_ssize_t strides[64];
  int rank;
  Py_ssize_t bytes;
  Py_ssize_t item;
  Py_ssize_t exports;
  PyObject* weak;  // references to the view
};

constexpr int kMaxRank = 64;

View* Cast(PyObject* self) { return reinterpret_cast<View*>(self); }

bool ReadShape(View* self) {
  const Py_ssize_t rank = PyTuple_GET_SIZE(self->shape);
  if (rank > kMaxRank) {
    PyErr_SetString(PyExc_ValueError, "more than 64 extents");
    return false;
  }
  self->rank = static_cast<int>(rank);
  self->bytes = self->item;
  for (int i = self->rank - 1; i >= 0; --i) {
    const Py_ssize_t extent =
        PyLong_AsSsize_t(PyTuple_GET_ITEM(self->shape, i));
    if (extent == -1 && PyErr_Occurred() != nullptr) return false;
    self->extents[i] = extent;
    self->strides[i] = self->bytes;
    self->bytes *= extent;
  }
  return true;
}

PyObject* New(PyTypeObject* type, PyObject* arguments, PyObject* /*names*/) {
  PyObject* owner = nullptr;
  PyObject* address = nullptr;
  PyObject* shape = nullptr;
  int dtype = 0;
  if (PyArg_ParseTuple(arguments, "OOiO!:View", &owner, &address, &dtype,
                       &PyTuple_Type, &shape) == 0) {
    return nullptr;
  }
  void* data = nullptr;
  if (!ReadAddress(address, &data)) return nullptr;
  PyObject* const self = type->tp_alloc(type, 0);  // zeroed
  if (self == nullptr) return nullptr;
  static char none;  // of no elements, but not invalidated
  Cast(self)->data = data != nullptr ? data : &none;
  Cast(self)->owner = Py_NewRef(owner);
  Cast(self)->shape = Py_NewRef(shape);
  Cast(self)->item = dtype == OPT_F64 ? 8 : 4;
  if (ReadShape(Cast(self))) return self;
  Py_DECREF(self);
  return nullptr;
}

int Traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(Cast(self)->owner);
  return 0;
}

void Deallocate(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (Cast(self)->weak != nullptr) PyObject_ClearWeakRefs(self);
  Py_XDECREF(Cast(self)->owner);
  Py_XDECREF(Cast(self)->shape);
  type->tp_free(self);
  Py_DECREF(type);
}

int GetBuffer(PyObject* object, Py_buffer* view, int flags) {
  View* const self = Cast(object);
  view->obj = nullptr;
  if (self->data == nullptr) {
    PyErr_SetString(PyExc_BufferError,
                    "the state that this view showed is gone");
    return -1;
  }
  static char single[] = "f";
  static char twice[] = "d";
  view->buf = self->data;
  view->obj = Py_NewRef(object);
  view->len = self->bytes;
  view->itemsize = self->item;
  view->readonly = 0;
  view->ndim = self->rank;
  view->format = nullptr;
  if ((flags & PyBUF_FORMAT) != 0) {
    view->format = self->item == 8 ? twice : single;
  }
  view->shape = (flags & PyBUF_ND) != 0 ? self->extents : nullptr;
  view->strides =
      (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? self->strides : nullptr;
  view->suboffsets = nullptr;
  view->internal = nullptr;
  ++self->exports;
  return 0;
}

void ReleaseBuffer(PyObject* object, Py_buffer* /*view*/) {
  --Cast(object)->exports;
}

// Ends the view, unless someone is looking: returns whether it has ended.
PyObject* End(PyObject* object, PyObject* /*unused*/) {
  View* const self = Cast(object);
  if (self->exports == 0) self->data = nullptr;
  return PyBool_FromLong(self->data == nullptr ? 1 : 0);
}

PyMethodDef methods[] = {
    {"end", End, METH_NOARGS,
     "Ends the view, unless a memoryview or array still shows it; returns "
     "whether it has ended."},
    {nullptr, nullptr, 0, nullptr}};

PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(View, weak), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Deallocate)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_bf_getbuffer, reinterpret_cast<void*>(GetBuffer)},
    {Py_bf_releasebuffer, reinterpret_cast<void*>(ReleaseBuffer)},
    {Py_tp_doc,
     const_cast<char*>("View(owner, address, dtype, shape)\n--\n\n"
                       "Memory of libopt's, for the buffer protocol.")},
    {0, nullptr}};

PyType_Spec spec = {"libopt._native.View", sizeof(View), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

PyObject* MakeViewType() { return PyType_FromSpec(&spec); }

}  // namespace opt_python
