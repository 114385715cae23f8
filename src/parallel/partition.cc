// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/partition.h"

#include <algorithm>

#include "src/os/fp_env.h"

namespace libopt {
namespace {

constexpr int64_t kCutBytes = 64;
// The cost of beginning an item, in bytes that could be processed meanwhile.
constexpr int64_t kItemWeight = 128;
// Below this weight a second thread does not pay: 8 Ki elements of f32.
constexpr int64_t kMinParallelWeight = 32 * 1024;
// The weight for which it is worth waking one more thread beyond the second. On
// 16 cores a step of 100,000 elements of f32 was fastest on 4 to 8 threads.
constexpr int64_t kWeightPerThread = 64 * 1024;
// Parts per thread. If a thread is delayed, the others can take over its other
// parts.
constexpr int64_t kPartsPerThread = 4;

}  // namespace

void Partition::Clear() {
  items_.clear();
  weight_ = 0;
}

void Partition::Add(int64_t count, int64_t element_size, int64_t cut) {
  items_.push_back(
      {weight_, count, element_size, cut > 0 ? cut : kCutBytes / element_size});
  weight_ += count * element_size + kItemWeight;
}

void Partition::RunFunction(Context* context, Function function,
                            const void* data, int64_t cut) {
  cut_ = cut;
  function_ = function;
  data_ = data;
  if (!context->parallel() || weight_ < kMinParallelWeight) {
    for (size_t i = 0; i < items_.size(); ++i) {
      function(data, static_cast<int64_t>(i), 0, items_[i].count);
    }
    return;
  }
  const int64_t threads = std::min<int64_t>(
      context->threads(), std::max<int64_t>(2, weight_ / kWeightPerThread));
  loop_.Arm(&RunPart, this, std::min(kMaxParts, threads * kPartsPerThread));
  context->Run(&loop_, static_cast<int>(threads) - 1);
}

int64_t Partition::ElementsBefore(const Item& item, int64_t point) const {
  const int64_t elements =
      std::max<int64_t>(0, point - item.start) / item.element_size;
  const int64_t cut = cut_ > 0 ? cut_ : item.cut;
  // The item's end, or an earlier cut.
  return elements >= item.count ? item.count : elements / cut * cut;
}

int64_t Partition::Cut(int64_t part) const {
  return weight_ / loop_.parts() * part +
         weight_ % loop_.parts() * part / loop_.parts();
}

void Partition::RunPart(void* partition, int64_t part) {
  const os::DefaultFpEnv fp_env;
  const auto* self = static_cast<const Partition*>(partition);
  const int64_t from = self->Cut(part);
  const int64_t to = self->Cut(part + 1);
  const auto& items = self->items_;
  auto item = std::upper_bound(
      items.begin(), items.end(), from,
      [](int64_t point, const Item& other) { return point < other.start; });
  if (item != items.begin()) --item;
  for (; item != items.end() && item->start < to; ++item) {
    const int64_t begin = self->ElementsBefore(*item, from);
    const int64_t end = self->ElementsBefore(*item, to);
    if (begin < end) {
      self->function_(self->data_, item - items.begin(), begin, end - begin);
    }
  }
}

}  // namespace libopt
