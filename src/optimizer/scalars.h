// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The constants of one step. They are prepared once for all tensors that share
// group, step number t and factors, as most tensors do.

#ifndef OPT_SRC_OPTIMIZER_SCALARS_H_
#define OPT_SRC_OPTIMIZER_SCALARS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "src/base/pmr.h"
#include "src/base/work_count.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/tensor.h"
#include "src/rules/descriptor.h"

namespace libopt {

// All that the constants of a tensor depend on within one step.
struct ScalarsKey {
  int32_t group;
  int64_t step;  // of the tensor; 1 at the first
  double lr_factor;
  double weight_decay_factor;
  const double* numbers;  // kMaxSlots of them; nullptr if the rule has none

  bool operator==(const ScalarsKey& other) const {
    return group == other.group && step == other.step &&
           lr_factor == other.lr_factor &&
           weight_decay_factor == other.weight_decay_factor &&
           (numbers == other.numbers ||
            std::equal(numbers, numbers + kMaxSlots, other.numbers));
  }
};

// The key of a tensor's next step.
inline ScalarsKey KeyOf(const Tensor& tensor, const double* numbers) {
  const double* const factors = tensor.attributes.values;
  return {tensor.group, tensor.state.step + 1, factors[kLrFactor],
          factors[kWeightDecayFactor], numbers};
}

// Computes the constants of a key, in the step for which `groups` began.
// `group_numbers` are those of its group in that step, or nullptr.
void PrepareScalars(const Rule& rule, const Groups& groups,
                    const ScalarsKey& key, const double* group_numbers,
                    Scalars* scalars);

// Prepares a step of a kernel with the constants of a key. Returns false if the
// step is not a plain one: if it needs sums, cautious decay or lookahead.
bool PreparePlainStep(const Rule& rule, const Groups& groups,
                      const ScalarsKey& key, const StepKernel& kernel,
                      PreparedStep* step);

// The constants that the tensors of one step share.
class ScalarsCache {
 public:
  explicit ScalarsCache(pmr::MemoryResource* memory)
      : entries_(memory), buckets_(memory) {}

  // Makes room for a number of keys.
  void Reserve(int64_t keys);

  // Forgets the constants of the step before.
  void Clear() { count_ = 0, ++epoch_; }

  // The constants of a key; prepare() makes them if the key is new. They stay
  // in place until Clear.
  template <typename Prepare>
  const Scalars* Get(const ScalarsKey& key, const Prepare& prepare) {
    size_t at = Hash(key);
    OPT_COUNT(1);
    for (; buckets_[at].epoch == epoch_;
         at = (at + 1) & (buckets_.size() - 1)) {
      OPT_COUNT(1);
      const Entry& entry = entries_[buckets_[at].entry];
      if (entry.key == key) return &entry.scalars;
    }
    buckets_[at].epoch = epoch_;
    buckets_[at].entry = count_;
    Entry& entry = entries_[count_++];
    entry.key = key;
    if (key.numbers != nullptr) {
      std::copy_n(key.numbers, kMaxSlots, entry.numbers);
      entry.key.numbers = entry.numbers;
    }
    prepare(&entry.scalars);
    return &entry.scalars;
  }

 private:
  struct Entry {
    ScalarsKey key;
    double numbers[kMaxSlots];  // those of the key
    Scalars scalars;
  };
  struct Bucket {
    uint64_t epoch;
    size_t entry;
  };

  static uint64_t BitsOf(double number) {
    uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof(bits));
    return bits;
  }

  // Every bit of `value` influences every bit of the result.
  static uint64_t Mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 32);
  }

  size_t Hash(const ScalarsKey& key) const {
    uint64_t hash =
        Mix(static_cast<uint64_t>(key.step), static_cast<uint64_t>(key.group));
    hash = Mix(hash, BitsOf(key.lr_factor));
    hash = Mix(hash, BitsOf(key.weight_decay_factor));
    for (int i = 0; key.numbers != nullptr && i < kMaxSlots; ++i) {
      hash = Mix(hash, BitsOf(key.numbers[i]));
    }
    return hash & (buckets_.size() - 1);
  }

  pmr::Vector<Entry> entries_;
  pmr::Vector<Bucket> buckets_;  // open addressing; a power of two
  size_t count_ = 0;
  uint64_t epoch_ = 1;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_SCALARS_H_
