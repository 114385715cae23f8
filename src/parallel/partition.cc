// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/partition.h"

#include <algorithm>

#include "src/os/clock.h"
#include "src/os/fp_env.h"

namespace libopt {
namespace {

constexpr int64_t kCutBytes = 64;
// The cost of beginning an item, in bytes that could be processed meanwhile.
constexpr int64_t kItemWeight = 128;
// The host is asked for help from this weight on, 8 Ki elements of f32, and for
// one more thread beyond the second for each 64 KiB.
constexpr int64_t kMinHostWeight = 32 * 1024;
constexpr int64_t kHostWeightPerThread = 64 * 1024;
constexpr int64_t kHostPartsPerThread = 4;
// The host must make a run faster by this factor to be asked again. Whether it
// does is not tried where the caller would take long alone.
constexpr double kHostMargin = 1.1;
// Work that takes long, in nanoseconds.
constexpr double kLongWork = 1e6;
// Work that is not worth a look at the clock, in nanoseconds.
constexpr double kLittleWork = 4000;
// Work that is first done alone, to see how long it takes, in nanoseconds.
constexpr double kShortWork = 20'000;
// A thread has several parts, so that the others can take over the rest if it
// begins late or is delayed; but no part takes less time than this.
constexpr double kPartTime = 4000;
constexpr double kMaxPartsPerThread = 16;
// After a change from one thread to several, or back, so many runs go by until
// each thread has its share of the data in its cache. They tell little of the
// time of those to come. Long work does not fit a cache anyway.
constexpr int kSettlingRuns = 8;

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
  if (context->has_host()) {
    RunOnHost(context);
  } else {
    RunOnWorkers(context);
  }
}

void Partition::RunAlone() const {
  for (size_t i = 0; i < items_.size(); ++i) {
    function_(data_, static_cast<int64_t>(i), 0, items_[i].count);
  }
}

void Partition::RunOnHost(Context* context) {
  if (weight_ < kMinHostWeight) {
    RunAlone();
    return;
  }
  const int64_t threads = std::min<int64_t>(
      context->threads(), std::max<int64_t>(2, weight_ / kHostWeightPerThread));
  Cost& cost = CostOf(function_);
  const auto weight = static_cast<double>(weight_);
  const bool ask = cost.HostPays(weight);
  const int64_t begin = os::Nanoseconds();
  if (ask) {
    loop_.Arm(&RunPart, this,
              std::min(kMaxParts, threads * kHostPartsPerThread));
    context->RunOnHost(&loop_);
  } else {
    RunAlone();
  }
  const auto time = static_cast<double>(os::Nanoseconds() - begin);
  if (ask) {
    cost.shared.Add(time / weight);
    cost.alone.Doubt(static_cast<double>(std::max<int64_t>(2, threads)));
  } else {
    cost.alone.Add(time / weight);
    cost.shared.Doubt();
  }
}

bool Partition::Cost::HostPays(double weight) const {
  if (!shared.measured()) return true;
  if (!alone.measured()) return alone.value() * weight > kLongWork;
  return kHostMargin * shared.value() < alone.value();
}

void Partition::RunOnWorkers(Context* context) {
  Cost& cost = CostOf(function_);
  const auto weight = static_cast<double>(weight_);
  if (cost.alone.average() * weight < kLittleWork) {
    RunAlone();
    return;
  }
  const Work work = cost.WorkOf(weight);
  Pool::Turn turn(context->pool());
  const bool unknown = !cost.alone.measured() && work.alone < kShortWork;
  const int helpers = unknown || cost.StaysAlone() ? 0 : turn.Choose(work);
  if (helpers == 0) {
    RunAlone();
  } else {
    const int64_t threads = helpers + 1;
    const double parts_each =
        std::clamp(work.shared / (kPartTime * static_cast<double>(threads)),
                   1.0, kMaxPartsPerThread);
    loop_.Arm(&RunPart, this,
              std::min(kMaxParts, threads * static_cast<int64_t>(parts_each)));
    context->Run(&turn, &loop_, helpers);
  }
  cost.Learn(turn.End(), weight, helpers);
}

Work Partition::Cost::WorkOf(double weight) const {
  Work work;
  work.alone = alone.value() * weight;
  work.shared = work.alone;
  if (shared.measured()) {
    // However much it is doubted, several threads do no less than one.
    work.shared = std::max(shared.value() * weight,
                           std::min(shared.average() * weight, work.alone));
  }
  if (settling > 0) work.shared = std::min(work.shared, work.alone);
  return work;
}

void Partition::Cost::Learn(const Work& took, double weight, int helpers) {
  const bool has_help = helpers > 0;
  if (has_help != had_help && alone.average() * weight < kLongWork) {
    settling = kSettlingRuns;
  }
  had_help = has_help;
  if (settling > 0 && --settling > 0) return;
  if (took.alone > 0) alone.Add(took.alone / weight);
  if (took.shared > 0) shared.Add(took.shared / weight);
  if (has_help) {
    alone.Doubt(helpers + 1);
  } else {
    shared.Doubt();
  }
}

Partition::Cost& Partition::CostOf(Function function) {
  for (Cost& cost : costs_) {
    if (cost.function == function) return cost;
  }
  Cost& cost = costs_[next_cost_];
  next_cost_ = (next_cost_ + 1) % kCosts;
  cost = Cost();
  cost.function = function;
  return cost;
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
