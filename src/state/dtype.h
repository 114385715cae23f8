// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// safetensors' names of libopt's element types.

#ifndef OPT_SRC_STATE_DTYPE_H_
#define OPT_SRC_STATE_DTYPE_H_

#include <cstdint>
#include <string_view>

#include "opt/opt_base.h"

namespace libopt {

// Bytes of an element of an entry, or 0 if it is no such type.
constexpr int64_t EntrySize(opt_dtype dtype) {
  switch (dtype) {
    case OPT_U8:
      return 1;
    case OPT_F32:
      return 4;
    case OPT_F64:
    case OPT_I64:
      return 8;
    default:
      return 0;
  }
}

constexpr const char* FormatDtype(opt_dtype dtype) {
  switch (dtype) {
    case OPT_U8:
      return "U8";
    case OPT_F32:
      return "F32";
    case OPT_F64:
      return "F64";
    default:
      return "I64";
  }
}

// The opt_dtype of a name of safetensors', or -1 if there is none.
constexpr opt_dtype ParseDtype(std::string_view name) {
  for (const opt_dtype dtype : {OPT_F32, OPT_F64, OPT_U8, OPT_I64}) {
    if (name == FormatDtype(dtype)) return dtype;
  }
  return -1;
}

}  // namespace libopt

#endif  // OPT_SRC_STATE_DTYPE_H_
