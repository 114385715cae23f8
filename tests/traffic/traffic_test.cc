// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The memory that a step has to move: each array once, and the gradients once
// more where something is decided before anything is written.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "opt/opt.h"
#include "tests/rules/harness.h"
#include "tests/traffic/paged_cache.h"

namespace opt_test {
namespace {

constexpr int64_t kCount = 64 * 1024;  // elements: many times the cache

// AdamW over one tensor, whose memory and state are watched.
class Watched {
 public:
  explicit Watched(opt_dtype grad_dtype) : grad_dtype_(grad_dtype) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    cache_.Install(kCount * 4, &config);
    Check(opt_context_create(&config, &context_));
    Check(opt_create(context_, OPT_RULE_ADAMW, &optimizer_));
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.count = kCount;
    tensor.grad_dtype = grad_dtype;
    tensor.param = param_ = cache_.Allocate(kCount * 4);
    tensor.grad = grad_ = cache_.Allocate(static_cast<size_t>(GradBytes()));
    for (int64_t i = 0; i < kCount; ++i) SetGrad(i, 0.5);
    Check(opt_attach(optimizer_, &tensor, 1, nullptr));
  }
  ~Watched() {
    cache_.Stop();
    opt_destroy(optimizer_);
    opt_context_destroy(context_);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  opt_optimizer get() const { return optimizer_; }
  PagedCache& cache() { return cache_; }

  void SetGrad(int64_t i, double value) {
    if (grad_dtype_ == OPT_F32) {
      static_cast<float*>(grad_)[i] = static_cast<float>(value);
    } else {
      static_cast<double*>(grad_)[i] = value;
    }
  }

  // Counts what a call moves.
  template <typename Call>
  opt_status Count(const Call& call) {
    cache_.Start();
    const opt_status status = call();
    cache_.Stop();
    return status;
  }

  // Times that the whole gradient was read, and written.
  double GradReads() const { return Times(cache_.Of(grad_).reads); }
  double GradWrites() const { return Times(cache_.Of(grad_).writes); }
  // All that was moved but the gradient, in pages.
  int64_t OtherPages() const {
    const Transfers all = cache_.Total();
    const Transfers grad = cache_.Of(grad_);
    return all.reads + all.writes - grad.reads - grad.writes;
  }

 private:
  int64_t GradBytes() const {
    return kCount * (grad_dtype_ == OPT_F32 ? 4 : 8);
  }
  double Times(int64_t pages) const {
    return static_cast<double>(pages * PagedCache::PageSize()) /
           static_cast<double>(GradBytes());
  }

  PagedCache cache_;
  opt_context context_ = nullptr;
  opt_optimizer optimizer_ = nullptr;
  opt_dtype grad_dtype_;
  void* param_ = nullptr;
  void* grad_ = nullptr;
};

opt_grad_work WorkOf(double max_value, double max_tensor_norm, double max_norm,
                     int32_t nonfinite = OPT_NONFINITE_PROPAGATE) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_value = max_value;
  work.max_tensor_norm = max_tensor_norm;
  work.max_norm = max_norm;
  work.nonfinite = nonfinite;
  return work;
}

opt_status Step(opt_optimizer optimizer, const opt_grad_work& work,
                uint32_t flags = 0, opt_grad_report* report = nullptr) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.flags = flags;
  args.work = &work;
  args.report = report;
  return opt_step(optimizer, &args);
}

// The traffic of a gradient in a call: how often it is read and written.
struct Use {
  const char* name;
  opt_status (*call)(opt_optimizer optimizer);
  double reads;
  double writes;
};

opt_status Measured(opt_optimizer o) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  return opt_grad_norm(o, nullptr, &report);
}
opt_status Reported(opt_optimizer o) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  return Step(o, WorkOf(0, 0, 1, OPT_NONFINITE_SKIP), 0, &report);
}
opt_status Scaled(opt_optimizer o) {
  Check(opt_scaler_start(o, nullptr));
  return Step(o, WorkOf(0.25, 1, 1));
}
opt_status InPlace(opt_optimizer o, const opt_grad_work& work) {
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  args.work = &work;
  return opt_clip_grads(o, &args, nullptr);
}

const Use kUses[] = {
    {"APlainStep", [](opt_optimizer o) { return opt_step(o, nullptr); }, 1, 0},
    {"ClippingByValue",
     [](opt_optimizer o) { return Step(o, WorkOf(1, 0, 0)); }, 1, 0},
    {"Zeroing",
     [](opt_optimizer o) {
       return Step(o, WorkOf(0, 0, 0), OPT_STEP_ZERO_GRADS);
     },
     1, 1},
    {"ClippingByNorm", [](opt_optimizer o) { return Step(o, WorkOf(0, 0, 1)); },
     2, 0},
    {"EveryKindOfClipping",
     [](opt_optimizer o) { return Step(o, WorkOf(0.25, 1, 1)); }, 2, 0},
    {"EveryKindAndZeroing",
     [](opt_optimizer o) {
       return Step(o, WorkOf(0.25, 1, 1), OPT_STEP_ZERO_GRADS);
     },
     2, 1},
    {"AskingForErrors",
     [](opt_optimizer o) {
       return Step(o, WorkOf(0, 0, 0, OPT_NONFINITE_ERROR));
     },
     2, 0},
    {"Skipping",
     [](opt_optimizer o) {
       return Step(o, WorkOf(0, 0, 0, OPT_NONFINITE_SKIP));
     },
     2, 0},
    {"AskingForErrorsWithANorm",
     [](opt_optimizer o) {
       return Step(o, WorkOf(0, 0, 1, OPT_NONFINITE_ERROR));
     },
     2, 0},
    {"SkippingWithANorm",
     [](opt_optimizer o) {
       return Step(o, WorkOf(0, 0, 1, OPT_NONFINITE_SKIP));
     },
     2, 0},
    {"SkippingWithANormAndAReport", Reported, 2, 0},
    {"AScalerWithEveryKindOfClipping", Scaled, 2, 0},
    {"Measuring", Measured, 1, 0},
    {"ClippingInPlaceByValue",
     [](opt_optimizer o) { return InPlace(o, WorkOf(0.25, 0, 0)); }, 1, 1},
    {"ClippingInPlaceByNorm",
     [](opt_optimizer o) { return InPlace(o, WorkOf(0, 0, 1)); }, 2, 1},
    {"ANormInPlaceThatDoesNotClip",
     [](opt_optimizer o) { return InPlace(o, WorkOf(0, 0, 1e9)); }, 1, 0},
    {"Accumulating", [](opt_optimizer o) { return opt_accumulate(o, nullptr); },
     1, 0},
};

void PrintTo(const Use& use, std::ostream* out) { *out << use.name; }

class GradientTest : public testing::TestWithParam<Use> {};

TEST_P(GradientTest, IsMovedNoMoreOftenThanItHasToBe) {
  for (const opt_dtype dtype : {OPT_F32, OPT_F64}) {
    Watched watched(dtype);
    const auto call = [&] { return GetParam().call(watched.get()); };
    ASSERT_EQ(watched.Count(call), OPT_OK) << opt_last_error();
    EXPECT_EQ(watched.GradReads(), GetParam().reads);
    EXPECT_EQ(watched.GradWrites(), GetParam().writes);
  }
}

INSTANTIATE_TEST_SUITE_P(Uses, GradientTest, testing::ValuesIn(kUses),
                         [](const auto& info) { return info.param.name; });

// Inf in the last element: all is read, nothing else is touched.
TEST(RefusedStepTest, ReadsTheGradientsOnceAndTouchesNothingElse) {
  for (const int32_t policy : {OPT_NONFINITE_ERROR, OPT_NONFINITE_SKIP}) {
    for (const double max_norm : {0.0, 1.0}) {
      Watched watched(OPT_F32);
      Check(opt_average_start(watched.get(), nullptr));
      watched.SetGrad(kCount - 1, std::numeric_limits<double>::infinity());
      const opt_grad_work work = WorkOf(0, 0, max_norm, policy);
      EXPECT_EQ(watched.Count([&] { return Step(watched.get(), work); }),
                policy == OPT_NONFINITE_SKIP ? OPT_OK : OPT_ERR_NONFINITE);
      EXPECT_EQ(watched.GradReads(), 1);
      EXPECT_EQ(watched.GradWrites(), 0);
      EXPECT_EQ(watched.OtherPages(), 0);
    }
  }
}

// Bytes for an element: of the arrays' own pages, and of two more at each of
// their ends, which need not be at the borders of pages.
double MostBytes(double budget) {
  constexpr int kArrays = 5;
  const auto ends =
      static_cast<double>(kArrays * 2 * 2 * PagedCache::PageSize());
  return budget + ends / kCount;
}

double BytesPerElement(const PagedCache& cache) {
  const Transfers all = cache.Total();
  return static_cast<double>((all.reads + all.writes) *
                             PagedCache::PageSize()) /
         kCount;
}

struct Part {
  bool averages;
  uint32_t flags;
  double max_norm;
  double bytes;
};

TEST(TrainingStepTest, MovesNoMoreBytesThanItsParts) {
  constexpr double kNorm = 4;
  constexpr double kUpdate = 28;
  constexpr double kAverage = 8;
  constexpr double kZeros = 4;
  const Part parts[] = {
      {false, 0, 0, kUpdate},
      {false, 0, 1, kNorm + kUpdate},
      {true, 0, 0, kUpdate + kAverage},
      {false, OPT_STEP_ZERO_GRADS, 0, kUpdate + kZeros},
      {true, OPT_STEP_ZERO_GRADS, 1, kNorm + kUpdate + kAverage + kZeros},
  };
  for (const Part& part : parts) {
    Watched watched(OPT_F32);
    if (part.averages) Check(opt_average_start(watched.get(), nullptr));
    opt_grad_work work = WorkOf(0, 0, part.max_norm);
    work.loss_scale = 1024;
    Check(Step(watched.get(), work));  // the first average is a copy
    Check(watched.Count([&] { return Step(watched.get(), work, part.flags); }));
    EXPECT_LE(BytesPerElement(watched.cache()), MostBytes(part.bytes));
    EXPECT_GE(BytesPerElement(watched.cache()), part.bytes);
  }
}

// In place of the gradients, which are zeroed in a pass of their own.
TEST(TrainingStepTest, ReadsAccumulatedGradientsAndDoesNotWriteThem) {
  Watched watched(OPT_F32);
  Check(opt_accumulate(watched.get(), nullptr));
  const opt_grad_work work = WorkOf(0, 0, 0);
  Check(watched.Count(
      [&] { return Step(watched.get(), work, OPT_STEP_ZERO_GRADS); }));
  constexpr double kUpdate = 28;
  constexpr double kZeros = 8;
  EXPECT_LE(BytesPerElement(watched.cache()), MostBytes(kUpdate + kZeros));
  EXPECT_GE(BytesPerElement(watched.cache()), kUpdate + kZeros);
}

// That the cache tells: the same work as calls of their own moves more.
TEST(TrainingStepTest, IsLessThanTheSameAsCallsOfTheirOwn) {
  Watched watched(OPT_F32);
  const opt_grad_work work = WorkOf(0, 0, 1);
  Check(watched.Count([&] {
    Check(InPlace(watched.get(), work));
    Check(opt_step(watched.get(), nullptr));
    return opt_zero_grads(watched.get(), nullptr);
  }));
  constexpr double kClip = 4 + 8;
  constexpr double kUpdate = 28;
  constexpr double kZeros = 8;
  EXPECT_GE(BytesPerElement(watched.cache()), kClip + kUpdate + kZeros);
}

}  // namespace
}  // namespace opt_test
