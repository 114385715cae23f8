// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How a function of a chosen SIMD target is found in Highway's tables. The
// choice belongs to a context: Highway's own is one for the whole process,
// shared with the host's other libraries, and is never touched.

#ifndef OPT_SRC_KERNEL_DISPATCH_H_
#define OPT_SRC_KERNEL_DISPATCH_H_

#include <cstddef>

#include "hwy/highway.h"
#include "src/core/target.h"

namespace opt {

// Where the tables that HWY_EXPORT makes hold the function of a target.
size_t DispatchIndex(int target);

// A table of one entry is what HWY_EXPORT makes when one target is compiled.
#define OPT_DISPATCH(function, target)                                \
  (HWY_DISPATCH_TABLE(                                                \
      function)[sizeof(HWY_DISPATCH_TABLE(function)) == sizeof(void*) \
                    ? 0                                               \
                    : ::opt::DispatchIndex(target)])

#define OPT_RULE_OBJECT_CONCAT(name) kRule_##name
#define OPT_RULE_OBJECT(name) OPT_RULE_OBJECT_CONCAT(name)

}  // namespace opt

#endif  // OPT_SRC_KERNEL_DISPATCH_H_
