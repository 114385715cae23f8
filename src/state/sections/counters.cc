// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The counters of an optimizer: its steps, and the samples whose gradients wait
// for the next one.

#include "src/base/pmr.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kCountersName = "__counters__";
constexpr std::string_view kCountersKey = "counters";

enum { kSteps, kPendingSamples, kCounters };
constexpr std::string_view kCounterNames = "steps,pending_samples";

class CountersSection : public Section {
 public:
  explicit CountersSection(pmr::MemoryResource*) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override {
    contents->AddMetadata(kCountersKey, kCounterNames);
    const int64_t counters[kCounters] = {optimizer.steps(),
                                         optimizer.pending_samples()};
    contents->AddTable(kCountersName, {kCounters}, counters);
  }

  void Claim(LoadPlan* plan) override {
    const Header& header = plan->header();
    const HeaderEntry* entry = header.Find(kCountersName);
    if (entry == nullptr || entry->dtype != "I64" || entry->shape.size() != 1 ||
        entry->count != kCounters ||
        header.Metadata(kCountersKey) != kCounterNames) {
      FailAt(entry == nullptr ? kLengthSize : entry->named_at, "'",
             kCountersName, "' is missing or is not I64 [", int{kCounters},
             "] of ", kCounterNames);
    }
    plan->Read(*entry, counters_);
    byte_ = header.ByteOf(*entry);
  }

  void Verify(const LoadPlan& plan) override {
    for (const int64_t counter : counters_) {
      CheckCounter(counter, byte_, kCountersName);
    }
    const HeaderEntry* sum = plan.first_accumulator;
    if (sum != nullptr && counters_[kPendingSamples] == 0) {
      FailAt(plan.header().ByteOf(*sum), "'", std::string_view(sum->name),
             "' is a sum of gradients, but of no samples");
    }
  }

  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override {
    if (!plan.request().whole()) return;
    optimizer->progress().steps = counters_[kSteps];
    optimizer->progress().pending_samples = counters_[kPendingSamples];
  }

 private:
  int64_t counters_[kCounters] = {};
  int64_t byte_ = 0;  // of the file, where they begin
};

}  // namespace

std::shared_ptr<Section> MakeCountersSection(pmr::MemoryResource* memory) {
  return NewSection<CountersSection>(memory);
}

}  // namespace libopt
