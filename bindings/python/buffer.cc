// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The type Buffer: the memory of someone else's array, held in place. While a
// Buffer lives and is not released, a bytearray or array.array cannot be
// resized and a DLPack tensor is not given back.

#include <dlpack/dlpack.h>

#include <cstring>
#include <string>

#include "bindings/python/runtime.h"

namespace opt_python {
namespace {

struct Buffer {
  // clang-format off
  PyObject_HEAD
      // clang-format on
      Py_buffer view;        // view.obj is NULL if there is none
  DLManagedTensor* managed;  // or NULL
  void* data;
  int64_t count;
  opt_dtype dtype;
  PyObject* shape;  // tuple of int
};

Buffer* Cast(PyObject* self) { return reinterpret_cast<Buffer*>(self); }

void Fail(opt_status status, const char* what, const std::string& problem) {
  Raise(status, (std::string(what) + ": " + problem).c_str());
}

// The purpose of an array: how an error names it, whether it is written to, and
// whether it takes part in the arithmetic.
struct Purpose {
  const char* what;
  bool writable;
  bool floats;
};

// The remedy for an array whose memory is not as libopt needs it: `expression`
// makes one that is.
std::string Cure(const Purpose& purpose, const char* expression) {
  if (!purpose.writable) return std::string("; pass ") + expression;
  return std::string("; use ") + expression +
         " throughout the program: a copy made for libopt alone would be "
         "trained in its place";
}

// The name of the elements' type by the array's own `dtype`, if it has one.
std::string NameOfType(PyObject* array, const char* format) {
  // Interned, since Python's cache of methods keeps any other name.
  PyObject* const key = PyUnicode_InternFromString("dtype");
  PyObject* const dtype =
      key != nullptr ? PyObject_GetAttr(array, key) : nullptr;
  PyObject* const text = dtype != nullptr ? PyObject_Str(dtype) : nullptr;
  const char* const name = text != nullptr ? PyUnicode_AsUTF8(text) : nullptr;
  std::string made =
      name != nullptr ? name : std::string("of the format '") + format + "'";
  Py_XDECREF(text);
  Py_XDECREF(dtype);
  Py_XDECREF(key);
  PyErr_Clear();
  return made;
}

void FailType(PyObject* array, const Purpose& purpose, const char* format,
              const char* expression) {
  Fail(OPT_ERR_DTYPE, purpose.what,
       "its elements are " + NameOfType(array, format) + ", not " +
           (purpose.floats ? "float32 or float64"
                           : "float32, float64, int64 or uint8") +
           Cure(purpose, expression));
}

bool ReadFormat(PyObject* array, const Purpose& purpose, const char* format,
                Py_ssize_t item, opt_dtype* dtype) {
  if (format == nullptr) format = "B";
  const char* code = format;
  if (*code == '>' || *code == '!') {
    Fail(OPT_ERR_DTYPE, purpose.what,
         "its bytes are in big-endian order" +
             Cure(purpose, "array.astype(array.dtype.newbyteorder('='))"));
    return false;
  }
  if (*code == '@' || *code == '=' || *code == '<') ++code;
  const bool single = *code != '\0' && code[1] == '\0';
  if (single && *code == 'f' && item == 4) {
    *dtype = OPT_F32;
  } else if (single && *code == 'd' && item == 8) {
    *dtype = OPT_F64;
  } else if (!purpose.floats && single && item == 1 &&
             std::strchr("Bbc", *code) != nullptr) {
    *dtype = OPT_U8;
  } else if (!purpose.floats && single && item == 8 &&
             std::strchr("lq", *code) != nullptr) {
    *dtype = OPT_I64;
  } else {
    FailType(array, purpose, format, "array.astype('float32')");
    return false;
  }
  return true;
}

PyObject* MakeShape(int64_t rank, const Py_ssize_t* extents) {
  PyObject* const shape = PyTuple_New(rank);
  for (int64_t i = 0; shape != nullptr && i < rank; ++i) {
    PyTuple_SET_ITEM(shape, i, PyLong_FromSsize_t(extents[i]));
  }
  return shape;
}

void FailOrder(const Purpose& purpose, const char* expression) {
  Fail(kNotContiguous, purpose.what,
       "its elements are not contiguous (in C order)" +
           Cure(purpose, expression));
}

bool FromView(Buffer* self, PyObject* array, const Purpose& purpose) {
  if (PyObject_GetBuffer(array, &self->view, PyBUF_FULL_RO) != 0) return false;
  const Py_buffer& view = self->view;
  if (purpose.writable && view.readonly != 0) {
    Fail(kReadOnly, purpose.what,
         "it is read-only, and libopt would write to it: pass one that can be "
         "written");
    return false;
  }
  if (PyBuffer_IsContiguous(&view, 'C') == 0) {
    FailOrder(purpose, "numpy.ascontiguousarray(array)");
    return false;
  }
  if (!ReadFormat(array, purpose, view.format, view.itemsize, &self->dtype)) {
    return false;
  }
  self->data = view.buf;
  self->count = view.len / view.itemsize;
  self->shape = MakeShape(view.ndim, view.shape);
  return self->shape != nullptr;
}

// The capsule's tensor, which is then ours to delete.
DLManagedTensor* TakeTensor(PyObject* array, const char* what) {
  PyObject* const capsule = PyObject_CallMethod(array, "__dlpack__", nullptr);
  if (capsule == nullptr) return nullptr;
  DLManagedTensor* managed = nullptr;
  if (PyCapsule_IsValid(capsule, "dltensor") == 0) {
    Fail(OPT_ERR_ARGUMENT, what,
         "its __dlpack__() gave no DLPack tensor, or one that is used already");
  } else if (PyCapsule_SetName(capsule, "used_dltensor") == 0) {
    managed = static_cast<DLManagedTensor*>(
        PyCapsule_GetPointer(capsule, "used_dltensor"));
  }
  Py_DECREF(capsule);
  return managed;
}

bool IsContiguous(const DLTensor& tensor) {
  int64_t expected = 1;
  for (int i = tensor.ndim - 1; tensor.strides != nullptr && i >= 0; --i) {
    if (tensor.shape[i] == 0) return true;
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

// Whether the memory is the host's, which has to be asked before __dlpack__.
bool IsOnHost(PyObject* array, const char* what) {
  PyObject* const device =
      PyObject_CallMethod(array, "__dlpack_device__", nullptr);
  if (device == nullptr) return false;
  int type = 0;
  int id = 0;
  const bool parsed = PyArg_ParseTuple(device, "ii", &type, &id) != 0;
  Py_DECREF(device);
  if (parsed && type != kDLCPU && type != kDLCUDAHost && type != kDLROCMHost) {
    Fail(kNotOnHost, what,
         "it is not in the memory of the CPU (DLPack device type " +
             std::to_string(type) + ")");
    return false;
  }
  return parsed;
}

bool FromTensor(Buffer* self, PyObject* array, const Purpose& purpose) {
  if (!IsOnHost(array, purpose.what)) return false;
  self->managed = TakeTensor(array, purpose.what);
  if (self->managed == nullptr) return false;
  const DLTensor& tensor = self->managed->dl_tensor;
  if (!IsContiguous(tensor)) {
    FailOrder(purpose, "tensor.contiguous()");
    return false;
  }
  const DLDataType type = tensor.dtype;
  const bool number = type.code == kDLFloat && type.lanes == 1;
  if (!number || (type.bits != 32 && type.bits != 64)) {
    const std::string code = "DLPack type code " + std::to_string(type.code) +
                             ", " + std::to_string(type.bits) + " bits";
    FailType(array, purpose, code.c_str(), "tensor.float()");
    return false;
  }
  self->dtype = type.bits == 32 ? OPT_F32 : OPT_F64;
  self->data = static_cast<char*>(tensor.data) + tensor.byte_offset;
  self->count = 1;
  for (int i = 0; i < tensor.ndim; ++i) self->count *= tensor.shape[i];
  static_assert(sizeof(Py_ssize_t) == sizeof(int64_t));
  self->shape =
      MakeShape(tensor.ndim, reinterpret_cast<const Py_ssize_t*>(tensor.shape));
  return self->shape != nullptr;
}

void Release(Buffer* self) {
  self->data = nullptr;
  if (self->view.obj != nullptr) PyBuffer_Release(&self->view);
  DLManagedTensor* const managed = self->managed;
  self->managed = nullptr;
  if (managed != nullptr && managed->deleter != nullptr) {
    managed->deleter(managed);
  }
}

PyObject* New(PyTypeObject* type, PyObject* arguments, PyObject* /*names*/) {
  PyObject* array = nullptr;
  const char* what = nullptr;
  int writable = 0;
  int floats = 0;
  if (PyArg_ParseTuple(arguments, "Ospp:Buffer", &array, &what, &writable,
                       &floats) == 0) {
    return nullptr;
  }
  const Purpose purpose{what, writable != 0, floats != 0};
  PyObject* const self = type->tp_alloc(type, 0);  // zeroed
  if (self == nullptr) return nullptr;
  bool made = false;
  if (PyObject_CheckBuffer(array) != 0) {
    made = FromView(Cast(self), array, purpose);
  } else if (PyObject_HasAttrString(array, "__dlpack__") != 0) {
    made = FromTensor(Cast(self), array, purpose);
  } else {
    Fail(OPT_ERR_DTYPE, what,
         std::string("its type is ") + Py_TYPE(array)->tp_name +
             ", but it must be an array: NumPy's, an array.array, or another "
             "with the buffer protocol or DLPack");
  }
  if (made) return self;
  Py_DECREF(self);
  return nullptr;
}

int Traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(Cast(self)->view.obj);
  return 0;
}

int Clear(PyObject* self) {
  Release(Cast(self));
  return 0;
}

void Deallocate(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Release(Cast(self));
  Py_XDECREF(Cast(self)->shape);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* ReleaseMethod(PyObject* self, PyObject* /*unused*/) {
  Release(Cast(self));
  Py_RETURN_NONE;
}

PyObject* Address(PyObject* self, void* /*unused*/) {
  return PyLong_FromVoidPtr(Cast(self)->data);
}
PyObject* Count(PyObject* self, void* /*unused*/) {
  return PyLong_FromLongLong(Cast(self)->count);
}
PyObject* Dtype(PyObject* self, void* /*unused*/) {
  return PyLong_FromLong(Cast(self)->dtype);
}
PyObject* Shape(PyObject* self, void* /*unused*/) {
  return Py_NewRef(Cast(self)->shape);
}

PyMethodDef methods[] = {{"release", ReleaseMethod, METH_NOARGS,
                          "Lets go of the memory; again: does nothing."},
                         {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {
    {"address", Address, nullptr, "where the elements are; 0 if released",
     nullptr},
    {"count", Count, nullptr, "number of elements", nullptr},
    {"dtype", Dtype, nullptr, "OPT_F32 and so on", nullptr},
    {"shape", Shape, nullptr, "extents", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(New)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Deallocate)},
    {Py_tp_traverse, reinterpret_cast<void*>(Traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc,
     const_cast<char*>(
         "Buffer(array, what, writable, floats)\n--\n\n"
         "Holds the memory of an array, of float32 or float64 if `floats`; "
         "`what` names it in errors.")},
    {0, nullptr}};

PyType_Spec spec = {"libopt._native.Buffer", sizeof(Buffer), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

PyObject* MakeBufferType() { return PyType_FromSpec(&spec); }

}  // namespace opt_python
