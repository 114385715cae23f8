// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The constants of one step: prepared once for each pair of a group and a step
// number t, which most tensors share.

#ifndef OPT_SRC_CORE_SCALARS_CACHE_H_
#define OPT_SRC_CORE_SCALARS_CACHE_H_

#include <cstdint>
#include <memory_resource>
#include <vector>

#include "src/core/rule.h"

namespace opt {

class ScalarsCache {
 public:
  explicit ScalarsCache(std::pmr::memory_resource* memory)
      : entries_(memory), buckets_(memory) {}

  // Makes room for a number of pairs.
  void Reserve(int64_t pairs);

  // Forgets the constants of the step before.
  void Clear() { count_ = 0, ++epoch_; }

  // The constants of a pair, prepared by prepare() if it is a new one. They
  // stay in place until Clear.
  template <typename Prepare>
  const Scalars* Get(int32_t group, int64_t step, const Prepare& prepare) {
    size_t at = Hash(group, step);
    for (; buckets_[at].epoch == epoch_;
         at = (at + 1) & (buckets_.size() - 1)) {
      const Entry& entry = entries_[buckets_[at].entry];
      if (entry.group == group && entry.step == step) return &entry.scalars;
    }
    buckets_[at].epoch = epoch_;
    buckets_[at].entry = count_;
    Entry& entry = entries_[count_++];
    entry.group = group;
    entry.step = step;
    prepare(&entry.scalars);
    return &entry.scalars;
  }

 private:
  struct Entry {
    int32_t group;
    int64_t step;
    Scalars scalars;
  };
  struct Bucket {
    uint64_t epoch;
    size_t entry;
  };

  size_t Hash(int32_t group, int64_t step) const {
    const uint64_t key =
        (static_cast<uint64_t>(step) << 8) + static_cast<uint64_t>(group);
    return (key * 0x9E3779B97F4A7C15U >> 20) & (buckets_.size() - 1);
  }

  std::pmr::vector<Entry> entries_;
  std::pmr::vector<Bucket> buckets_;  // open addressing; a power of two
  size_t count_ = 0;
  uint64_t epoch_ = 1;
};

}  // namespace opt

#endif  // OPT_SRC_CORE_SCALARS_CACHE_H_
