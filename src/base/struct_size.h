// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The rules for structs that cross the ABI, which are those of
// copy_struct_from_user in Linux: fields that a shorter struct lacks are 0, and
// a longer struct is accepted if the bytes that this version does not know are
// 0.

#ifndef OPT_SRC_BASE_STRUCT_SIZE_H_
#define OPT_SRC_BASE_STRUCT_SIZE_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "src/base/error.h"

namespace libopt {

// No version of any struct is longer. A larger size was never set: it is
// whatever happened to be in memory.
constexpr uint32_t kMaxStructSize = 1024;

// Throws OPT_ERR_STRUCT unless a struct's size can be that of some version.
inline void CheckStructSize(uint32_t size, uint32_t first_size,
                            const char* name) {
  if (size < first_size) {
    Fail(OPT_ERR_STRUCT, name, ".struct_size is ", size, ", less than the ",
         first_size, " bytes of its first version: start from its _INIT macro");
  }
  if (size > kMaxStructSize) {
    Fail(OPT_ERR_STRUCT, name, ".struct_size is ", size, ", more than the ",
         kMaxStructSize,
         " bytes that any version can have: start from its _INIT macro");
  }
}

// Reads a caller's struct. `first_size` is its size in the first version that
// had it, and no caller's can be smaller; `name` is for the message.
template <typename T>
T ReadStruct(const T* in, uint32_t first_size, const char* name) {
  if (in == nullptr) Fail(OPT_ERR_ARGUMENT, "the ", name, " is NULL");
  const uint32_t size = in->struct_size;
  CheckStructSize(size, first_size, name);
  const auto* bytes = reinterpret_cast<const unsigned char*>(in);
  for (size_t i = sizeof(T); i < size; ++i) {
    if (bytes[i] != 0) {
      Fail(OPT_ERR_STRUCT, name, ".struct_size is ", size, " and byte ",
           static_cast<int64_t>(i), " is set, but libopt ", opt_version(),
           " knows ", static_cast<int64_t>(sizeof(T)),
           " bytes: use a newer library, or leave the newer field 0");
    }
  }
  T out = {};
  std::memcpy(&out, in, std::min<size_t>(size, sizeof(T)));
  return out;
}

// Reads element i of a caller's array. The elements lie struct_size bytes
// apart, which must be the same in all of them. So far, no struct that comes in
// arrays has changed its size.
template <typename T>
T ReadElement(const T* array, int64_t i, const char* name) {
  const uint32_t stride = array->struct_size;
  const auto* element = reinterpret_cast<const T*>(
      reinterpret_cast<const char*>(array) + i * static_cast<int64_t>(stride));
  if (i > 0 && element->struct_size != stride) {
    Fail(OPT_ERR_STRUCT, name, ".struct_size is ", element->struct_size,
         " in element ", i, " but ", stride,
         " in the first: start each from its _INIT macro");
  }
  return ReadStruct(element, static_cast<uint32_t>(sizeof(T)), name);
}

// As ReadStruct for an optional argument: `defaults` if it is nullptr.
template <typename T>
T ReadOptional(const T* in, const T& defaults, const char* name,
               size_t first_size = sizeof(T)) {
  return in == nullptr
             ? defaults
             : ReadStruct(in, static_cast<uint32_t>(first_size), name);
}

// Throws OPT_ERR_ARGUMENT if flags have bits beside the `known` ones. `field`
// is for the message, and `names` says which flags there are.
inline void CheckFlags(uint32_t flags, uint32_t known, const char* field,
                       const char* names) {
  if ((flags & ~known) != 0) {
    Fail(OPT_ERR_ARGUMENT, field, " has unknown bits ", flags & ~known,
         ": use only ", names);
  }
}

// Fills a caller's struct as far as its struct_size goes, and zeroes what this
// version does not know. `value.struct_size` is ignored.
template <typename T>
void WriteStruct(T value, uint32_t first_size, const char* name, T* out) {
  if (out == nullptr) Fail(OPT_ERR_ARGUMENT, "the ", name, " is NULL");
  const uint32_t size = out->struct_size;
  CheckStructSize(size, first_size, name);
  value.struct_size = size;
  std::memcpy(out, &value, std::min<size_t>(size, sizeof(T)));
  if (size > sizeof(T)) {
    std::memset(reinterpret_cast<char*>(out) + sizeof(T), 0, size - sizeof(T));
  }
}

}  // namespace libopt

#endif  // OPT_SRC_BASE_STRUCT_SIZE_H_
