// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Which buffers share memory.

#ifndef OPT_SRC_OPTIMIZER_RANGES_H_
#define OPT_SRC_OPTIMIZER_RANGES_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

namespace libopt {

// The bytes of one tensor's parameters or gradient.
struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  int64_t tensor = 0;  // index
  bool is_grad = false;
};

using Ranges = std::pmr::vector<Range>;

// Appends a buffer of some bytes, unless it is nullptr or empty.
void AddRange(const void* data, int64_t bytes, int64_t tensor, bool is_grad,
              Ranges* ranges);

inline bool IsBefore(const Range& a, const Range& b) {
  return a.begin < b.begin;
}

// Of sorted ranges, the first that begins inside its predecessor, or nullptr.
const Range* FindOverlap(const Ranges& sorted);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_RANGES_H_
