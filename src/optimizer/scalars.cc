// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/scalars.h"

namespace libopt {

void ScalarsCache::Reserve(int64_t keys) {
  const auto needed = static_cast<size_t>(keys);
  size_t size = 2;
  while (size < 2 * needed) size *= 2;
  if (size > buckets_.size()) buckets_.resize(size);
  if (needed > entries_.size()) entries_.resize(size / 2);
}

}  // namespace libopt
