// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/ranges.h"

namespace libopt {

void AddRange(const void* data, int64_t bytes, int64_t tensor, bool is_grad,
              Ranges* ranges) {
  if (data == nullptr || bytes == 0) return;
  const auto begin = reinterpret_cast<uintptr_t>(data);
  ranges->push_back(
      {begin, begin + static_cast<uintptr_t>(bytes), tensor, is_grad});
}

const Range* FindOverlap(const Ranges& sorted) {
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].begin < sorted[i - 1].end) return &sorted[i];
  }
  return nullptr;
}

}  // namespace libopt
