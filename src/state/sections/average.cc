// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The way in which parameters are averaged, if they are. The averages
// themselves are among the entries of the tensors.

#include <algorithm>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/optimizer/tensor.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kAverageKey = "average";
constexpr std::string_view kIntegersName = "__average__";
constexpr std::string_view kDecayName = "__average_decay__";

enum { kStart, kPeriod, kFlags, kUpdates, kIntegers };

constexpr int32_t kKinds[] = {OPT_AVERAGE_EMA, OPT_AVERAGE_SWA};

const char* KindName(int32_t kind) {
  return kind == OPT_AVERAGE_EMA ? "ema" : "swa";
}

class AverageSection : public Section {
 public:
  explicit AverageSection(pmr::MemoryResource*) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override {
    const Averaging& averaging = optimizer.averaging();
    if (averaging.kind == 0) return;
    contents->AddMetadata(kAverageKey, KindName(averaging.kind));
    const int64_t integers[kIntegers] = {averaging.start, averaging.period,
                                         int64_t{averaging.flags},
                                         averaging.updates};
    contents->AddTable(kIntegersName, {kIntegers}, integers);
    contents->AddNumber(kDecayName, averaging.decay);
  }

  void Claim(LoadPlan* plan) override {
    const Header& header = plan->header();
    averaging_.kind = AverageKindOf(header);
    if (averaging_.kind == 0) return;
    const HeaderEntry& integers =
        FindRequired(header, kIntegersName, "I64", 1, kIntegers);
    plan->Read(integers, integers_);
    plan->Read(FindRequired(header, kDecayName, "F64", 0, 1),
               &averaging_.decay);
    byte_ = header.ByteOf(integers);
  }

  void Verify(const LoadPlan&) override {
    if (averaging_.kind == 0) return;
    if (integers_[kPeriod] == 0 ||
        *std::min_element(integers_, integers_ + kIntegers) < 0 ||
        integers_[kUpdates] > kMaxCounter || integers_[kFlags] > UINT32_MAX) {
      FailAt(byte_, "in '", kIntegersName, "' a number is out of its range");
    }
    averaging_.flags = static_cast<uint32_t>(integers_[kFlags]);
    averaging_.start = integers_[kStart];
    averaging_.period = integers_[kPeriod];
    averaging_.updates = integers_[kUpdates];
    try {
      CheckAveraging(averaging_);
    } catch (const Error& error) {
      FailAt(byte_, "in '", kIntegersName, "': ", error.message);
    }
  }

  // The way of averaging is loaded together with the options. If the optimizer
  // keeps its options, it keeps its way of averaging too, and takes over the
  // number of updates only if that belongs to averages of the same kind.
  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override {
    if (!plan.request().whole()) return;
    Averaging& restored = optimizer->progress().averaging;
    if (plan.request().options()) {
      restored = averaging_;
    } else {
      const bool same = restored.kind == averaging_.kind;
      restored.updates = same ? averaging_.updates : 0;
    }
  }

 private:
  int64_t integers_[kIntegers] = {};
  Averaging averaging_;  // of the file
  int64_t byte_ = 0;     // of the file, where the integers begin
};

}  // namespace

int32_t AverageKindOf(const Header& header) {
  const std::string_view name = header.Metadata(kAverageKey);
  if (name.empty()) return 0;
  for (const int32_t kind : kKinds) {
    if (name == KindName(kind)) return kind;
  }
  FailAt(kLengthSize, "the metadata's '", kAverageKey, "' is '", name,
         "': this version knows ema and swa");
}

std::shared_ptr<Section> MakeAverageSection(pmr::MemoryResource* memory) {
  return NewSection<AverageSection>(memory);
}

}  // namespace libopt
