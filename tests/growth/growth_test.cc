// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Ten times as many tensors cost about ten times as much: the library counts
// the ranges, entries and probes that it looks at.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "src/base/work_count.h"

namespace libopt {
namespace {

constexpr int64_t kFew = 10000;
constexpr int64_t kMany = 10 * kFew;
constexpr double kGrowth = 12;

// An optimizer of sgd and buffers of one element for each of its tensors.
class Tensors {
 public:
  explicit Tensors(int64_t count) : buffers_(static_cast<size_t>(2 * count)) {
    EXPECT_EQ(opt_create(nullptr, OPT_RULE_SGD, &optimizer_), OPT_OK);
  }
  ~Tensors() { EXPECT_EQ(opt_destroy(optimizer_), OPT_OK); }
  Tensors(const Tensors&) = delete;
  Tensors& operator=(const Tensors&) = delete;

  opt_optimizer optimizer() const { return optimizer_; }
  float* param(int64_t i) { return &buffers_[static_cast<size_t>(2 * i)]; }
  float* grad(int64_t i) { return param(i) + 1; }

  void Attach(int64_t i) {
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.count = 1;
    tensor.param = param(i);
    tensor.grad = grad(i);
    ASSERT_EQ(opt_attach(optimizer_, &tensor, 1, nullptr), OPT_OK)
        << opt_last_error();
  }
  void AttachAll(int64_t count) {
    for (int64_t i = 0; i < count; ++i) Attach(i);
  }

 private:
  opt_optimizer optimizer_ = nullptr;
  std::vector<float> buffers_;
};

std::vector<int64_t> Shuffled(int64_t count) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  return order;
}

// Expects that body(count) does at most kGrowth times as much for kMany as for
// kFew. `prepare` makes the tensors, which does not count.
template <typename Prepare, typename Body>
void ExpectLinear(const Prepare& prepare, const Body& body) {
  const auto work_of = [&](int64_t count) {
    Tensors tensors(count);
    prepare(&tensors, count);
    const int64_t before = work_count;
    body(&tensors, count);
    return static_cast<double>(work_count - before);
  };
  const double few = work_of(kFew);
  const double many = work_of(kMany);
  EXPECT_GT(few, 0) << "nothing was counted";
  EXPECT_LE(many, kGrowth * few);
}

void Nothing(Tensors* /*tensors*/, int64_t /*count*/) {}
void AttachAll(Tensors* tensors, int64_t count) { tensors->AttachAll(count); }

TEST(GrowthTest, AttachingOneByOne) { ExpectLinear(Nothing, AttachAll); }

TEST(GrowthTest, Binding) {
  ExpectLinear(AttachAll, [](Tensors* tensors, int64_t count) {
    for (const int64_t i : Shuffled(count)) {
      ASSERT_EQ(opt_bind(tensors->optimizer(), i, tensors->grad(i),
                         tensors->param(i)),
                OPT_OK);
    }
  });
}

TEST(GrowthTest, DetachingInAnyOrderAndAttachingAgain) {
  ExpectLinear(AttachAll, [](Tensors* tensors, int64_t count) {
    const std::vector<int64_t> order = Shuffled(count);
    for (const int64_t i : order) {
      if (i == count - 1) continue;  // so that the indices stay
      ASSERT_EQ(opt_detach(tensors->optimizer(), i), OPT_OK);
    }
    tensors->AttachAll(count - 1);
  });
}

TEST(GrowthTest, DetachingAndAttachingInTurns) {
  ExpectLinear(AttachAll, [](Tensors* tensors, int64_t count) {
    for (const int64_t i : Shuffled(count)) {
      ASSERT_EQ(opt_detach(tensors->optimizer(), i), OPT_OK);
      tensors->Attach(i);
    }
  });
}

// Each tensor has constants of its own, whose factors are neighbours.
TEST(GrowthTest, SteppingWithFactorsThatDifferInTheirLastBits) {
  const auto prepare = [](Tensors* tensors, int64_t count) {
    tensors->AttachAll(count);
    double factor = 1;
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_EQ(opt_set_attribute(tensors->optimizer(), i, "lr_factor", factor),
                OPT_OK);
      factor = std::nextafter(factor, 2);
    }
  };
  ExpectLinear(prepare, [](Tensors* tensors, int64_t /*count*/) {
    ASSERT_EQ(opt_step(tensors->optimizer(), nullptr), OPT_OK);
  });
}

// A slice of one tensor costs the same, however many tensors there are.
TEST(GrowthTest, SteppingInSlicesOfOneTensor) {
  const auto prepare = [](Tensors* tensors, int64_t count) {
    tensors->AttachAll(count);
    ASSERT_EQ(opt_step_begin(tensors->optimizer(), nullptr, nullptr), OPT_OK);
  };
  ExpectLinear(prepare, [](Tensors* tensors, int64_t count) {
    for (const int64_t i : Shuffled(count)) {
      ASSERT_EQ(opt_step_slice(tensors->optimizer(), nullptr, &i, 1, nullptr),
                OPT_OK);
    }
  });
}

std::string Saved(opt_optimizer optimizer) {
  int64_t size = 0;
  EXPECT_EQ(opt_save_memory(optimizer, nullptr, 0, &size, nullptr), OPT_OK);
  std::string saved(static_cast<size_t>(size), '\0');
  EXPECT_EQ(opt_save_memory(optimizer, saved.data(), size, nullptr, nullptr),
            OPT_OK);
  return saved;
}

void SaveAndLoad(Tensors* tensors, int64_t /*count*/) {
  const std::string saved = Saved(tensors->optimizer());
  ASSERT_EQ(opt_load_memory(tensors->optimizer(), saved.data(),
                            static_cast<int64_t>(saved.size()), nullptr),
            OPT_OK)
      << opt_last_error();
}

TEST(GrowthTest, SavingAndLoading) { ExpectLinear(AttachAll, SaveAndLoad); }

TEST(GrowthTest, SavingAndLoadingAScheduleForEachGroup) {
  const auto prepare = [](Tensors* tensors, int64_t count) {
    int32_t group = 0;
    for (int64_t i = 1; i < count; ++i) {
      ASSERT_EQ(
          opt_add_group(tensors->optimizer(), nullptr, nullptr, 0, &group),
          OPT_OK);
    }
    opt_schedule schedule = nullptr;
    ASSERT_EQ(opt_schedule_create(nullptr, "constant", &schedule), OPT_OK);
    ASSERT_EQ(opt_set_schedule(tensors->optimizer(), OPT_ALL_GROUPS, OPT_LR,
                               schedule),
              OPT_OK);
    ASSERT_EQ(opt_schedule_destroy(schedule), OPT_OK);
  };
  ExpectLinear(prepare, SaveAndLoad);
}

TEST(GrowthTest, OpeningACheckpointAndFindingEachEntry) {
  ExpectLinear(AttachAll, [](Tensors* tensors, int64_t /*count*/) {
    const std::string saved = Saved(tensors->optimizer());
    opt_checkpoint checkpoint = nullptr;
    ASSERT_EQ(opt_checkpoint_open_memory(nullptr, saved.data(),
                                         static_cast<int64_t>(saved.size()),
                                         &checkpoint),
              OPT_OK);
    int64_t entries = 0;
    ASSERT_EQ(opt_checkpoint_count(checkpoint, &entries), OPT_OK);
    for (int64_t i = 0; i < entries; ++i) {
      opt_entry_info info = OPT_ENTRY_INFO_INIT;
      ASSERT_EQ(opt_checkpoint_at(checkpoint, i, &info), OPT_OK);
      int64_t found = -1;
      ASSERT_EQ(opt_checkpoint_find(checkpoint, info.name, &found), OPT_OK);
      ASSERT_EQ(found, i);
    }
    ASSERT_EQ(opt_checkpoint_close(checkpoint), OPT_OK);
  });
}

}  // namespace
}  // namespace libopt
