// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A step in slices gives the bytes of one call, however it is sliced: norms,
// factors of clipping, skips, scheduled values and counters are those of the
// whole step.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

// Matrices, whose second moments some rules keep in factors, and vectors. The
// largest are more than one block of the sums, and more than a thread's share.
const std::vector<std::vector<int64_t>> kShapes = {
    {1}, {300, 220}, {7}, {0}, {9, 5}, {20000}, {64}, {12, 8}};

// An optimizer with two groups, which the tensors take turns to be in.
class Subject {
 public:
  Subject(const std::string& rule, opt_context context, const Options& options)
      : optimizer_(rule, "", options, context) {
    Check(opt_add_group(optimizer_.get(), nullptr, nullptr, 0, &group_));
    for (const std::vector<int64_t>& shape : kShapes) {
      int64_t count = 1;
      for (const int64_t extent : shape) count *= extent;
      Tensor& tensor = tensors_.emplace_back(OPT_F32, OPT_F32, count);
      const auto at = static_cast<uint32_t>(tensors_.size());
      tensor.param.Fill(1, at);
      opt_tensor spec = OPT_TENSOR_INIT;
      spec.count = count;
      spec.shape = shape.data();
      spec.rank = static_cast<int32_t>(shape.size());
      spec.group = at % 2 == 0 ? group_ : 0;
      spec.param = tensor.param.data();
      spec.grad = tensor.grad.data();
      Check(opt_attach(optimizer_.get(), &spec, 1, &tensor.index));
    }
  }

  void FillGrads(uint32_t step) {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      tensors_[i].grad.Fill(3 + static_cast<uint32_t>(i), step);
    }
  }

  // Makes a step, which differs from one call in the order and the number of
  // the slices alone.
  void StepInSlices(const opt_step_args& args, uint32_t step) {
    int64_t remaining = -1;
    Check(opt_step_begin(get(), &args, &remaining));
    std::vector<int64_t> order;
    for (const Tensor& tensor : tensors_) order.push_back(tensor.index);
    if (step % 2 == 1) std::reverse(order.begin(), order.end());
    std::rotate(order.begin(), order.begin() + step % 5, order.end());
    const auto length = static_cast<int64_t>(1 + step % 3);
    for (size_t next = 0; remaining > 0; next += static_cast<size_t>(length)) {
      const int64_t count =
          remaining < length ? int64_t{OPT_REMAINING} : length;
      const int64_t before = remaining;
      Check(opt_step_slice(get(), nullptr, order.data() + next, count,
                           &remaining));
      ASSERT_EQ(remaining, count < 0 ? 0 : before - count);
    }
  }

  // The bits of all tensors, their state, averages and numbers, and what the
  // optimizer has counted.
  std::vector<std::string> Everything() const {
    std::vector<std::string> all;
    int64_t size = 0;
    Check(opt_save_memory(optimizer_.get(), nullptr, 0, &size, nullptr));
    std::string checkpoint(static_cast<size_t>(size), '\0');
    Check(opt_save_memory(optimizer_.get(), checkpoint.data(), size, nullptr,
                          nullptr));
    all.push_back(checkpoint);
    for (const Tensor& tensor : tensors_) {
      all.push_back(Bits(OPT_F32, tensor.grad.data(), tensor.grad.count()));
      all.push_back(Bits(OPT_F32, tensor.param.data(), tensor.param.count()));
    }
    return all;
  }

  opt_optimizer get() const { return optimizer_.get(); }
  int32_t group() const { return group_; }
  Tensor& tensor(size_t i) { return tensors_[i]; }

 private:
  Optimizer optimizer_;
  int32_t group_ = 0;
  std::vector<Tensor> tensors_;
};

// Something that concerns more than one tensor, or that the tensors differ in.
struct Feature {
  const char* name;
  std::function<void(Subject*, uint32_t step)> prepare;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_flags flags = 0;
};

opt_grad_work Clipping(double opt_grad_work::*bound, double value) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.*bound = value;
  return work;
}

opt_grad_work SkippingNonfinite() {
  opt_grad_work work = Clipping(&opt_grad_work::max_norm, 1);
  work.nonfinite = OPT_NONFINITE_SKIP;
  return work;
}

void AtFirst(uint32_t step, const std::function<void()>& act) {
  if (step == 0) act();
}

void Schedule(Subject* subject) {
  opt_schedule schedule = nullptr;
  Check(opt_schedule_create(nullptr, "exponential", &schedule));
  Check(opt_schedule_set(schedule, "gamma", .5));
  Check(opt_set_schedule(subject->get(), subject->group(), "lr", schedule));
  Check(opt_schedule_destroy(schedule));
}

void Average(Subject* subject) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = OPT_AVERAGE_EMA;
  config.decay = .5;
  config.period = 2;
  Check(opt_average_start(subject->get(), &config));
}

void Scale(Subject* subject) {
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.growth_interval = 2;
  Check(opt_scaler_start(subject->get(), &config));
}

void Freeze(Subject* subject, size_t at) {
  Check(opt_set_attribute(subject->get(), subject->tensor(at).index, "frozen",
                          1));
}

void BindWithoutGradient(Subject* subject, size_t at) {
  Tensor& tensor = subject->tensor(at);
  Check(opt_bind(subject->get(), tensor.index, tensor.param.data(), nullptr));
}

void Spoil(Subject* subject, uint32_t step) {
  if (step == 2) {
    subject->tensor(5).grad.Set(3, std::numeric_limits<double>::infinity());
  }
}

std::vector<Feature> Features() {
  const auto nothing = [](Subject*, uint32_t) {};
  return {
      {"Nothing", nothing},
      {"ClippedByNorm", nothing, Clipping(&opt_grad_work::max_norm, 1)},
      {"ClippedByValue", nothing, Clipping(&opt_grad_work::max_value, .3)},
      {"ClippedByNormOfTensor", nothing,
       Clipping(&opt_grad_work::max_tensor_norm, 1)},
      {"ZeroedGradients", nothing, OPT_GRAD_WORK_INIT, OPT_STEP_ZERO_GRADS},
      {"SkippedStep", Spoil, SkippingNonfinite(), OPT_STEP_ZERO_GRADS},
      {"Accumulated",
       [](Subject* s, uint32_t step) {
         Check(opt_accumulate(s->get(), nullptr));
         s->FillGrads(step + 100);
         Check(opt_accumulate(s->get(), nullptr));
       },
       Clipping(&opt_grad_work::max_norm, 1), OPT_STEP_ZERO_GRADS},
      {"Schedule",
       [](Subject* s, uint32_t step) { AtFirst(step, [&] { Schedule(s); }); }},
      {"Average",
       [](Subject* s, uint32_t step) {
         AtFirst(step, [&] {
           Average(s);
           Freeze(s, 1);
           BindWithoutGradient(s, 4);
         });
       }},
      {"LossScale",
       [](Subject* s, uint32_t step) {
         AtFirst(step, [&] { Scale(s); });
         Spoil(s, step);
       }},
      {"FrozenTensor",
       [](Subject* s, uint32_t step) { AtFirst(step, [&] { Freeze(s, 0); }); },
       OPT_GRAD_WORK_INIT, OPT_STEP_ZERO_GRADS},
      {"FrozenGroup",
       [](Subject* s, uint32_t step) {
         Check(opt_set(s->get(), s->group(), "frozen", step % 2));
       }},
      {"MissingGradient",
       [](Subject* s, uint32_t step) {
         AtFirst(step, [&] { BindWithoutGradient(s, 5); });
       }},
      {"RateOfATensor",
       [](Subject* s, uint32_t step) {
         AtFirst(step, [&] {
           Check(opt_set_attribute(s->get(), s->tensor(6).index, "lr_factor",
                                   .5));
         });
       }},
  };
}

// Compares steps in slices with whole ones.
void Compare(const std::string& rule, const Feature& feature,
             opt_context context, const Options& options) {
  Subject sliced(rule, context, options);
  Subject whole(rule, context, options);
  for (uint32_t step = 0; step < 4; ++step) {
    opt_grad_report reports[2] = {OPT_GRAD_REPORT_INIT, OPT_GRAD_REPORT_INIT};
    for (Subject* subject : {&sliced, &whole}) {
      subject->FillGrads(step);
      feature.prepare(subject, step);
      opt_step_args args = OPT_STEP_ARGS_INIT;
      args.flags = feature.flags;
      args.work = &feature.work;
      args.report = &reports[subject == &sliced ? 0 : 1];
      if (subject == &whole) {
        Check(opt_step(subject->get(), &args));
      } else {
        ASSERT_NO_FATAL_FAILURE(subject->StepInSlices(args, step));
      }
    }
    ASSERT_EQ(sliced.Everything(), whole.Everything()) << "step " << step;
    ASSERT_EQ(reports[0].norm, reports[1].norm);
    ASSERT_EQ(reports[0].factor, reports[1].factor);
    ASSERT_EQ(reports[0].skipped, reports[1].skipped);
  }
}

class Slices
    : public testing::TestWithParam<std::tuple<std::string, size_t, int32_t>> {
};

TEST_P(Slices, GiveTheBytesOfOneCall) {
  const auto& [rule, at, threads] = GetParam();
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  config.spin_microseconds = 1000;  // so that workers pay for little work
  const Context context(config);
  Compare(rule, Features()[at], context.get(), {});
}

std::string NameOf(const testing::TestParamInfo<Slices::ParamType>& info) {
  return std::get<0>(info.param) + "_" +
         Features()[std::get<1>(info.param)].name + "_" +
         std::to_string(std::get<2>(info.param)) + "_threads";
}

std::vector<size_t> EveryFeature() {
  std::vector<size_t> all(Features().size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

INSTANTIATE_TEST_SUITE_P(EveryRule, Slices,
                         testing::Combine(testing::ValuesIn(Rules()),
                                          testing::ValuesIn(EveryFeature()),
                                          testing::Values(1)),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(
    Threads, Slices,
    testing::Combine(testing::Values("adamw", "lamb", "adafactor"),
                     testing::ValuesIn(EveryFeature()), testing::Values(3)),
    NameOf);

class SlicesOfRule : public testing::TestWithParam<std::string> {};

// Cautious steps sum over a tensor before they change it.
TEST_P(SlicesOfRule, GiveTheBytesOfOneCallWhileTheRuleIsCautious) {
  const std::vector<opt_option_info> infos = OptionInfos(GetParam());
  const bool can_be_cautious =
      std::any_of(infos.begin(), infos.end(), [](const opt_option_info& info) {
        return std::string(info.name) == "cautious";
      });
  const Options options =
      can_be_cautious ? Options{{"cautious", 1}} : Options{};
  Compare(GetParam(), Features()[1], nullptr, options);
}

INSTANTIATE_TEST_SUITE_P(Rules, SlicesOfRule, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
