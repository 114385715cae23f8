// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What the calls that work on all tensors check of their arguments.

#ifndef OPT_SRC_OPTIMIZER_STEP_ARGS_H_
#define OPT_SRC_OPTIMIZER_STEP_ARGS_H_

#include <cstdint>

#include "opt/opt_base.h"
#include "src/base/error.h"
#include "src/optimizer/tensor.h"

namespace libopt {

// Throws OPT_ERR_ARGUMENT if a flag is set that is not known.
inline void CheckFlags(uint32_t flags, uint32_t known, const char* function) {
  if ((flags & ~known) != 0) {
    Fail(OPT_ERR_ARGUMENT, function, " does not know flags ", flags & ~known,
         ": use only those that opt_tensor.h lists for it");
  }
}

// Throws OPT_ERR_ARGUMENT if lent arrays are not as long as there are indices.
inline void CheckCount(bool lent, int64_t count, int64_t index_count,
                       const char* function) {
  if (lent && count != index_count) {
    Fail(OPT_ERR_ARGUMENT, function, ": the lent arrays have ", count,
         " entries, but opt_info.index_count is ", index_count);
  }
}

// The address of an element of an array.
inline char* ElementAt(void* data, int64_t element, opt_dtype dtype) {
  return static_cast<char*>(data) + element * SizeOf(dtype);
}

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_STEP_ARGS_H_
