// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Abilities of the engine that only a rule of the tests makes use of:
// sums over a group and over all tensors, and every shape of a slot.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/harness.h"

namespace opt_test {
namespace {

enum Scope { kTensor = 0, kGroup = 1, kAll = 2 };

// The sizes of tensors: one element, a few, more than a block of sums, and more
// than fits into a core's cache.
struct Kind {
  int64_t count;
  opt_dtype dtype;
  int32_t group;
};
constexpr Kind kKinds[] = {{1, OPT_F32, 0},     {37, OPT_F64, 1},
                           {70001, OPT_F32, 1}, {150000, OPT_F32, 0},
                           {8191, OPT_F64, 0},  {65537, OPT_F32, 1}};
constexpr size_t kCount = std::size(kKinds);

// Tensors of two groups, whose parameters and gradients depend on what they are
// and not on when they are attached.
class Model {
 public:
  explicit Model(const Options& options, opt_context context = nullptr,
                 bool backwards = false)
      : optimizer_("specimen", "", options, context) {
    int32_t group = 0;
    Check(opt_add_group(optimizer_.get(), nullptr, nullptr, 0, &group));
    for (const Kind& kind : kKinds) {
      tensors_.emplace_back(kind.dtype, kind.dtype, kind.count);
    }
    for (size_t i = 0; i < kCount; ++i) {
      const size_t k = backwards ? kCount - 1 - i : i;
      const auto stream = static_cast<uint32_t>(k);
      tensors_[k].param.Fill(stream, 0);
      tensors_[k].grad.Fill(100 + stream, 0);
      optimizer_.Attach(&tensors_[k]);
      Check(opt_tensor_set_group(optimizer_.get(), tensors_[k].index,
                                 kKinds[k].group));
    }
  }

  Optimizer& optimizer() { return optimizer_; }
  Tensor& tensor(size_t i) { return tensors_[i]; }
  double Number(size_t i, const char* slot) const {
    return optimizer_.State(tensors_[i], slot, 0);
  }
  // The bits of all parameters and of all state.
  std::vector<std::string> Everything() const {
    std::vector<std::string> all;
    for (const Tensor& tensor : tensors_) {
      const std::vector<std::string> bits = optimizer_.AllBits(tensor);
      all.insert(all.end(), bits.begin(), bits.end());
    }
    return all;
  }
  std::vector<std::string> AfterSteps(uint32_t steps) {
    for (uint32_t step = 0; step < steps; ++step) {
      for (size_t i = 0; i < kCount; ++i) {
        tensors_[i].grad.Fill(100 + static_cast<uint32_t>(i), step);
      }
      optimizer_.Step();
    }
    return Everything();
  }

 private:
  Optimizer optimizer_;
  std::vector<Tensor> tensors_;
};

double SquaresOf(const Array& array) {
  long double sum = 0;
  for (int64_t i = 0; i < array.count(); ++i) {
    sum += static_cast<long double>(array.Get(i)) * array.Get(i);
  }
  return static_cast<double>(sum);
}

// The norm of the arrays of those tensors that `belongs` tells.
double NormOf(Model* model, Array Tensor::*array,
              const std::function<bool(size_t)>& belongs) {
  double sum = 0;
  for (size_t i = 0; i < kCount; ++i) {
    if (belongs(i)) sum += SquaresOf(model->tensor(i).*array);
  }
  return std::sqrt(sum);
}

// Takes the first step, and looks whether tensor i has taken it with the norms
// of the tensors that belongs(i, other) tells.
void ExpectNormsOf(Model* model,
                   const std::function<bool(size_t, size_t)>& belongs) {
  std::vector<double> params(kCount);
  std::vector<double> grads(kCount);
  std::vector<double> before(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    const auto with_i = [&](size_t other) { return belongs(i, other); };
    params[i] = NormOf(model, &Tensor::param, with_i);
    grads[i] = NormOf(model, &Tensor::grad, with_i);
    before[i] = model->tensor(i).param.Get(0);
  }
  model->optimizer().Step();
  for (size_t i = 0; i < kCount; ++i) {
    SCOPED_TRACE(i);
    if (!belongs(i, i)) continue;  // has taken no step
    EXPECT_NEAR(model->Number(i, "norm"), grads[i], 1e-12 * grads[i]);
    const double grad = model->tensor(i).grad.Get(0);
    const bool has_ratio = params[i] > 0 && grads[i] > 0;
    const double update = 0.01 * (has_ratio ? params[i] / grads[i] : 1) * grad;
    EXPECT_NEAR(model->tensor(i).param.Get(0), before[i] - update,
                1e-6 * (std::abs(before[i]) + std::abs(update)));
  }
}

TEST(SumsTest, OfATensorAreItsOwn) {
  Model model({{"sum_scope", kTensor}});
  ExpectNormsOf(&model, [](size_t i, size_t other) { return i == other; });
}

TEST(SumsTest, OfAGroupAreThoseOfItsTensors) {
  Model model({{"sum_scope", kGroup}});
  ExpectNormsOf(&model, [](size_t i, size_t other) {
    return kKinds[i].group == kKinds[other].group;
  });
}

TEST(SumsTest, OfAllAreThoseOfEveryTensor) {
  Model model({{"sum_scope", kAll}});
  ExpectNormsOf(&model, [](size_t, size_t) { return true; });
}

TEST(SumsTest, LeaveOutTensorsThatTakeNoStep) {
  Model model({{"sum_scope", kAll}});
  Check(opt_set_attribute(model.optimizer().get(), model.tensor(3).index,
                          "frozen", 1));
  ExpectNormsOf(&model,
                [](size_t i, size_t other) { return i != 3 && other != 3; });
}

TEST(SumsTest, OfAllLeaveOutAGroupWhoseSumsAreItsOwn) {
  Model model({{"sum_scope", kAll}});
  Check(opt_set(model.optimizer().get(), 1, "sum_scope", kGroup));
  ExpectNormsOf(&model, [](size_t i, size_t other) {
    return kKinds[i].group == kKinds[other].group;
  });
}

// Within a step, some tensors do both phases at once and others wait for all.
TEST(SumsTest, ScopesMayDifferWithinAStep) {
  Model model({{"sum_scope", kTensor}});
  Check(opt_set(model.optimizer().get(), 1, "sum_scope", kAll));
  ExpectNormsOf(&model, [](size_t i, size_t other) {
    return i == other || (kKinds[i].group == 1 && kKinds[other].group == 1);
  });
}

// NaN is no number to be sorted: it must poison the sum at whatever place.
TEST(SumsTest, OfAllAreNaNIfOneIsInAnyTensor) {
  for (size_t i = 0; i < kCount; ++i) {
    Model model({{"sum_scope", kAll}});
    model.tensor(i).grad.Set(0, std::numeric_limits<double>::quiet_NaN());
    model.optimizer().Step();
    for (size_t k = 0; k < kCount; ++k) {
      EXPECT_TRUE(std::isnan(model.Number(k, "norm"))) << i << ' ' << k;
    }
  }
}

TEST(SumsTest, AndNumbersStayIfTheStepIsSkipped) {
  Model model({{"sum_scope", kAll}});
  model.AfterSteps(1);
  const std::vector<std::string> before = model.Everything();
  model.tensor(2).grad.Set(0, std::numeric_limits<double>::infinity());
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.nonfinite = OPT_NONFINITE_SKIP;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.work = &work;
  Check(opt_step(model.optimizer().get(), &args));
  EXPECT_TRUE(model.Everything() == before);
  EXPECT_EQ(model.Number(0, "steps"), 1);
}

TEST(SumsTest, OfSeveralTensorsAreRefusedByAStepInSlices) {
  Model model({{"sum_scope", kTensor}});
  Check(opt_set(model.optimizer().get(), 1, "sum_scope", kGroup));
  const std::vector<std::string> before = model.Everything();
  EXPECT_EQ(opt_step_begin(model.optimizer().get(), nullptr, nullptr),
            OPT_ERR_STATE);
  EXPECT_NE(std::string(opt_last_error()).find("use opt_step"),
            std::string::npos);
  EXPECT_TRUE(model.Everything() == before);
  Check(opt_set(model.optimizer().get(), OPT_ALL_GROUPS, "sum_scope", kTensor));
  Model whole({{"sum_scope", kTensor}});
  whole.optimizer().Step();
  Check(opt_step_begin(model.optimizer().get(), nullptr, nullptr));
  Check(opt_step_slice(model.optimizer().get(), nullptr, nullptr, OPT_REMAINING,
                       nullptr));
  EXPECT_TRUE(model.Everything() == whole.Everything());
}

class ScopeTest : public testing::TestWithParam<int> {
 protected:
  static Options options() {
    return {{"sum_scope", static_cast<double>(GetParam())}};
  }
};

TEST_P(ScopeTest, BitsDoNotDependOnTheOrderOfTheTensors) {
  Model forwards(options());
  Model backwards(options(), nullptr, true);
  EXPECT_TRUE(forwards.AfterSteps(8) == backwards.AfterSteps(8));
}

TEST_P(ScopeTest, BitsDoNotDependOnThreadsOrTheSimdTarget) {
  Model model(options());
  const std::vector<std::string> expected = model.AfterSteps(2);
  for (const std::string& target : Targets()) {
    for (const int32_t threads : {1, 2, 5}) {
      opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
      config.target = target.c_str();
      config.threads = threads;
      const Context context(config);
      Model other(options(), context.get());
      EXPECT_TRUE(other.AfterSteps(2) == expected) << target << ' ' << threads;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scopes, ScopeTest, testing::Values(0, 1, 2));

// ---- Slots ----

std::vector<int64_t> ShapeOf(const opt_view& view) {
  return {view.shape, view.shape + view.rank};
}

// Two slices of 3 rows and 500 columns, in which every slot has another number
// than the one before.
class SlotsTest : public testing::Test {
 protected:
  using Shape = std::vector<int64_t>;

  SlotsTest() : optimizer_("specimen", "", {{"lookahead", 2}}) {
    tensor_.param.Fill(1, 0);
    tensor_.grad.Fill(2, 0);
    optimizer_.Attach(&tensor_, {2, 3, 500});
  }
  void Number() {
    double next = 0;
    for (const std::string& slot : optimizer_.Slots()) {
      const opt_view view = optimizer_.View(tensor_, slot);
      for (int64_t i = 0; i < view.count; ++i) {
        ++next;
        if (view.dtype == OPT_F32) {
          static_cast<float*>(view.data)[i] = static_cast<float>(next);
        } else {
          static_cast<double*>(view.data)[i] = next;
        }
      }
    }
  }
  std::vector<std::string> Bits() const {
    std::vector<std::string> bits = optimizer_.AllBits(tensor_);
    bits.push_back(std::to_string(optimizer_.State(tensor_, "steps", 0)));
    return bits;
  }
  std::string Save() const {
    opt_save_args args = OPT_SAVE_ARGS_INIT;
    args.flags = OPT_SAVE_PARAMS;
    int64_t size = 0;
    Check(opt_save_memory(optimizer_.get(), nullptr, 0, &size, &args));
    std::string bytes(static_cast<size_t>(size), '\0');
    Check(opt_save_memory(optimizer_.get(), bytes.data(), size, &size, &args));
    return bytes;
  }
  opt_status Load(const std::string& bytes) {
    opt_load_args args = OPT_LOAD_ARGS_INIT;
    args.flags = OPT_LOAD_PARAMS;
    return opt_load_memory(optimizer_.get(), bytes.data(),
                           static_cast<int64_t>(bytes.size()), &args);
  }

  Optimizer optimizer_;
  Tensor tensor_{OPT_F32, OPT_F32, 3000};
};

TEST_F(SlotsTest, HaveEveryShapeAndFillTheRoom) {
  EXPECT_EQ(optimizer_.Slots().size(), 8U);
  const auto shape = [&](const char* slot) {
    return ShapeOf(optimizer_.View(tensor_, slot));
  };
  EXPECT_EQ(shape("momentum_buffer"), (Shape{2, 3, 500}));
  EXPECT_EQ(shape("left"), (Shape{2, 3, 3}));
  EXPECT_EQ(shape("right"), (Shape{2, 500, 500}));
  EXPECT_EQ(shape("scales"), Shape{12});
  EXPECT_EQ(shape("rows"), Shape{2});
  EXPECT_EQ(shape("norm"), Shape{});
  EXPECT_EQ(shape("steps"), Shape{});
  EXPECT_EQ(shape("slow"), (Shape{2, 3, 500}));
  EXPECT_EQ(optimizer_.View(tensor_, "left").dtype, OPT_F32);
  EXPECT_EQ(optimizer_.View(tensor_, "right").dtype, OPT_F64);
}

TEST_F(SlotsTest, StartAsTheirDescriptionSays) {
  EXPECT_EQ(optimizer_.State(tensor_, "left", 17), 1);
  EXPECT_EQ(optimizer_.State(tensor_, "right", 499999), 0.5);
  EXPECT_EQ(optimizer_.State(tensor_, "scales", 11), 1);
  EXPECT_EQ(optimizer_.State(tensor_, "rows", 1), 0);
}

TEST_F(SlotsTest, ComeBackFromACheckpointToTheBit) {
  optimizer_.Step();
  Number();
  const std::string saved = Save();
  const std::vector<std::string> expected = Bits();
  optimizer_.Step();
  const std::vector<std::string> later = Bits();
  EXPECT_FALSE(later == expected);
  Check(Load(saved));
  EXPECT_TRUE(Bits() == expected);
  EXPECT_TRUE(Save() == saved);
  optimizer_.Step();
  EXPECT_TRUE(Bits() == later);
}

TEST_F(SlotsTest, AreRefusedFromATensorOfAnotherShape) {
  Optimizer other("specimen", "", {{"lookahead", 2}});
  Tensor tensor(OPT_F32, OPT_F32, 3000);
  other.Attach(&tensor, {2, 500, 3});
  const std::string saved = Save();
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  EXPECT_EQ(opt_load_memory(other.get(), saved.data(),
                            static_cast<int64_t>(saved.size()), &args),
            OPT_ERR_MISMATCH);
}

TEST_F(SlotsTest, AreCopiedToAClone) {
  optimizer_.Step();
  Number();
  opt_optimizer copy = nullptr;
  Check(opt_clone(optimizer_.get(), nullptr, &copy));
  for (const std::string& slot : optimizer_.Slots()) {
    opt_view view = OPT_VIEW_INIT;
    Check(opt_state_view(copy, 0, slot.c_str(), &view));
    const opt_view own = optimizer_.View(tensor_, slot);
    EXPECT_TRUE(opt_test::Bits(view.dtype, view.data, view.count) ==
                opt_test::Bits(own.dtype, own.data, own.count))
        << slot;
  }
  Check(opt_destroy(copy));
}

}  // namespace
}  // namespace opt_test
