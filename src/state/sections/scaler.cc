// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loss scaler, if there is one, and the count of skipped steps, if there
// are any. Without a scaler in the checkpoint the optimizer keeps its own.

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kNumbersName = "__scaler__";
constexpr std::string_view kCountersName = "__scaler_counters__";
constexpr std::string_view kSkippedName = "__skipped__";

enum { kScale, kGrowthFactor, kBackoffFactor, kNumbers };
enum { kGrowthInterval, kGoodSteps, kSkipped, kCounters };

class ScalerSection : public Section {
 public:
  explicit ScalerSection(pmr::MemoryResource*) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override {
    if (optimizer.scaler().active()) {
      const opt_scaler_info& info = optimizer.scaler().info();
      const double numbers[kNumbers] = {info.scale, info.growth_factor,
                                        info.backoff_factor};
      const int64_t counters[kCounters] = {info.growth_interval,
                                           info.good_steps, info.skipped};
      contents->AddTable(kNumbersName, {kNumbers}, numbers);
      contents->AddTable(kCountersName, {kCounters}, counters);
    }
    if (optimizer.skipped() != 0) {
      contents->AddNumber(kSkippedName, optimizer.skipped());
    }
  }

  void Claim(LoadPlan* plan) override {
    const Header& header = plan->header();
    numbers_entry_ = FindOptional(header, kNumbersName, "F64", 1, kNumbers);
    const HeaderEntry* counters =
        FindOptional(header, kCountersName, "I64", 1, kCounters);
    skipped_entry_ = FindOptional(header, kSkippedName, "I64", 0, 1);
    if (numbers_entry_ != nullptr && counters == nullptr) {
      FailAt(numbers_entry_->named_at, "'", kNumbersName,
             "' is there without '", kCountersName, "'");
    }
    if (counters != nullptr && numbers_entry_ == nullptr) {
      FailAt(counters->named_at, "'", kCountersName, "' is there without '",
             kNumbersName, "'");
    }
    if (numbers_entry_ != nullptr) {
      plan->Read(*numbers_entry_, numbers_);
      plan->Read(*counters, counters_);
    }
    if (skipped_entry_ != nullptr) plan->Read(*skipped_entry_, &skipped_);
  }

  void Verify(const LoadPlan& plan) override {
    if (!plan.request().whole()) return;
    if (skipped_entry_ != nullptr) {
      CheckCounter(skipped_, plan.header().ByteOf(*skipped_entry_),
                   kSkippedName);
    }
    if (numbers_entry_ == nullptr) return;
    opt_scaler_info info = {};
    info.scale = numbers_[kScale];
    info.growth_factor = numbers_[kGrowthFactor];
    info.backoff_factor = numbers_[kBackoffFactor];
    info.growth_interval = counters_[kGrowthInterval];
    info.good_steps = counters_[kGoodSteps];
    info.skipped = counters_[kSkipped];
    try {
      scaler_.Restore(info);
    } catch (const Error& error) {
      FailAt(plan.header().ByteOf(*numbers_entry_), "in '", kNumbersName,
             "': ", error.message);
    }
  }

  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override {
    if (!plan.request().whole()) return;
    optimizer->progress().skipped = skipped_;
    if (scaler_.active()) optimizer->progress().scaler = scaler_;
  }

 private:
  const HeaderEntry* numbers_entry_ = nullptr;  // nullptr: there is no scaler
  const HeaderEntry* skipped_entry_ = nullptr;
  double numbers_[kNumbers] = {};
  int64_t counters_[kCounters] = {};
  int64_t skipped_ = 0;
  LossScaler scaler_;
};

}  // namespace

std::shared_ptr<Section> MakeScalerSection(pmr::MemoryResource* memory) {
  return NewSection<ScalerSection>(memory);
}

}  // namespace libopt
