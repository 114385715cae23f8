// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A step that asks for no work on the gradients repeats what the steps before
// it have found out about the tensors. Whatever changes between two such steps,
// the next one must do as if it had looked at every tensor again, which a step
// with arguments does.

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

// The longest is one that several threads share.
constexpr int64_t kCounts[] = {1, 7, 64, 20000};

// An optimizer with two groups and a tensor of each of some lengths in either.
class Subject {
 public:
  Subject(const std::string& rule, bool by_plan, opt_context context,
          const Options& options = {})
      : by_plan_(by_plan), optimizer_(rule, "", options, context) {
    Check(opt_add_group(optimizer_.get(), nullptr, nullptr, 0, &group_));
    for (const int64_t count : kCounts) {
      for (const int32_t group : {0, group_}) AddTensor(count, group);
    }
  }

  void AddTensor(int64_t count, int32_t group) {
    auto& tensor = tensors_.emplace_back(OPT_F32, OPT_F32, count);
    const auto at = static_cast<uint32_t>(tensors_.size());
    tensor.param.Fill(1, at);
    tensor.grad.Fill(2, at);
    opt_tensor spec = OPT_TENSOR_INIT;
    spec.count = count;
    spec.group = group;
    spec.param = tensor.param.data();
    spec.grad = tensor.grad.data();
    Check(opt_attach(optimizer_.get(), &spec, 1, &tensor.index));
  }

  void Step(opt_step_flags flags = 0) { Check(TryStep(flags, nullptr)); }

  // A step without work on the gradients, or with work that changes nothing.
  opt_status TryStep(opt_step_flags flags, const opt_lent* lent) {
    const opt_grad_work no_work = OPT_GRAD_WORK_INIT;
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.flags = flags;
    args.lent = lent;
    args.work = by_plan_ ? nullptr : &no_work;
    return opt_step(optimizer_.get(), &args);
  }

  void FillGrads(uint32_t step) {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      tensors_[i].grad.Fill(3 + static_cast<uint32_t>(i), step);
    }
  }

  // The bits of all tensors and their numbers of steps.
  std::vector<std::string> Everything() const {
    std::vector<std::string> all;
    for (const Tensor& tensor : tensors_) {
      all.push_back(Bits(OPT_F32, tensor.grad.data(), tensor.grad.count()));
      all.push_back(Bits(OPT_F32, tensor.param.data(), tensor.param.count()));
      if (tensor.index < 0) continue;
      const std::vector<std::string> bits = optimizer_.AllBits(tensor);
      all.insert(all.end(), bits.begin(), bits.end());
      all.push_back(std::to_string(optimizer_.StepCount(tensor)));
    }
    return all;
  }

  opt_optimizer get() { return optimizer_.get(); }
  size_t size() const { return tensors_.size(); }
  Tensor& tensor(size_t i) { return tensors_[i]; }
  int32_t group() const { return group_; }

 private:
  const bool by_plan_;
  Optimizer optimizer_;
  int32_t group_ = 0;
  std::vector<Tensor> tensors_;
};

// Something that a program may do between two steps.
struct Change {
  const char* name;
  std::function<void(Subject*)> make;
};

void SetAttribute(Subject* subject, const char* name, double value) {
  Check(
      opt_set_attribute(subject->get(), subject->tensor(2).index, name, value));
}

void SaveAndLoad(Subject* subject, bool steps_between) {
  std::vector<unsigned char> bytes;
  int64_t size = 0;
  Check(opt_save_memory(subject->get(), nullptr, 0, &size, nullptr));
  bytes.resize(static_cast<size_t>(size));
  Check(opt_save_memory(subject->get(), bytes.data(), size, &size, nullptr));
  if (steps_between) subject->Step();
  Check(opt_load_memory(subject->get(), bytes.data(), size, nullptr));
}

std::vector<Change> Changes() {
  return {
      {"Nothing", [](Subject*) {}},
      {"LearningRateOfAll",
       [](Subject* s) { Check(opt_set(s->get(), OPT_ALL_GROUPS, "lr", .3)); }},
      {"LearningRateOfAGroup",
       [](Subject* s) { Check(opt_set(s->get(), s->group(), "lr", .3)); }},
      {"WeightDecay",
       [](Subject* s) {
         Check(opt_set(s->get(), s->group(), "weight_decay", .1));
       }},
      {"GroupIsFrozen",
       [](Subject* s) { Check(opt_set(s->get(), 0, "frozen", 1)); }},
      {"FrozenGroupIsThawed",
       [](Subject* s) {
         Check(opt_set(s->get(), 0, "frozen", 1));
         s->Step();
         Check(opt_set(s->get(), 0, "frozen", 0));
       }},
      {"TensorIsFrozen", [](Subject* s) { SetAttribute(s, "frozen", 1); }},
      {"TensorIsThawed",
       [](Subject* s) {
         SetAttribute(s, "frozen", 1);
         s->Step();
         SetAttribute(s, "frozen", 0);
       }},
      {"FrozenTensorsAreZeroed",
       [](Subject* s) {
         SetAttribute(s, "frozen", 1);
         s->Step(OPT_STEP_ZERO_GRADS);
       }},
      {"GradientsAreZeroed", [](Subject* s) { s->Step(OPT_STEP_ZERO_GRADS); }},
      {"LearningRateFactor",
       [](Subject* s) { SetAttribute(s, "lr_factor", .5); }},
      {"WeightDecayFactor",
       [](Subject* s) {
         Check(opt_set(s->get(), 0, "weight_decay", .1));
         SetAttribute(s, "weight_decay_factor", .5);
       }},
      {"StepNumber",
       [](Subject* s) {
         Check(opt_tensor_set_step(s->get(), s->tensor(1).index, 100));
       }},
      {"Group",
       [](Subject* s) {
         Check(opt_set(s->get(), s->group(), "lr", .2));
         Check(opt_tensor_set_group(s->get(), s->tensor(0).index, s->group()));
       }},
      {"NewGroup",
       [](Subject* s) {
         int32_t group = 0;
         Check(opt_add_group(s->get(), nullptr, nullptr, 0, &group));
         Check(opt_tensor_set_group(s->get(), s->tensor(0).index, group));
         Check(opt_set(s->get(), group, "frozen", 1));
       }},
      {"NoGradient",
       [](Subject* s) {
         Tensor& tensor = s->tensor(3);
         Check(opt_bind(s->get(), tensor.index, tensor.param.data(), nullptr));
       }},
      {"OtherBuffers",
       [](Subject* s) {
         Tensor& tensor = s->tensor(3);
         Tensor other(OPT_F32, OPT_F32, tensor.param.count());
         other.index = tensor.index;
         other.param.Fill(9, 1);
         other.grad.Fill(9, 2);
         Check(opt_bind(s->get(), tensor.index, other.param.data(),
                        other.grad.data()));
         tensor = std::move(other);
       }},
      {"Detached",
       [](Subject* s) {
         Check(opt_detach(s->get(), s->tensor(3).index));
         s->tensor(3).index = -1;
       }},
      {"IndexTakenAgain",
       [](Subject* s) {
         Check(opt_detach(s->get(), s->tensor(3).index));
         s->tensor(3).index = -1;
         s->AddTensor(40, s->group());
       }},
      {"LateTensor", [](Subject* s) { s->AddTensor(33, 0); }},
      {"EmptyTensor", [](Subject* s) { s->AddTensor(0, 0); }},
      {"Schedule",
       [](Subject* s) {
         opt_schedule schedule = nullptr;
         Check(opt_schedule_create(nullptr, "exponential", &schedule));
         Check(opt_schedule_set(schedule, "gamma", .5));
         Check(opt_set_schedule(s->get(), s->group(), "lr", schedule));
         Check(opt_schedule_destroy(schedule));
       }},
      {"StepThatMeasures",
       [](Subject* s) {
         opt_grad_report report = OPT_GRAD_REPORT_INIT;
         opt_step_args args = OPT_STEP_ARGS_INIT;
         args.report = &report;
         Check(opt_step(s->get(), &args));
       }},
      {"AccumulatedGradients",
       [](Subject* s) {
         Check(opt_accumulate(s->get(), nullptr));
         Check(opt_accumulate(s->get(), nullptr));
       }},
      {"Average",
       [](Subject* s) {
         opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
         config.kind = OPT_AVERAGE_EMA;
         config.decay = .5;
         Check(opt_average_start(s->get(), &config));
         s->Step();
         Check(opt_average_stop(s->get()));
       }},
      {"LossScale",
       [](Subject* s) {
         const opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
         Check(opt_scaler_start(s->get(), &config));
         s->Step();
         Check(opt_scaler_stop(s->get()));
       }},
      {"LoadedState", [](Subject* s) { SaveAndLoad(s, false); }},
      {"StateOfAStepBefore", [](Subject* s) { SaveAndLoad(s, true); }},
  };
}

class Plan
    : public testing::TestWithParam<std::tuple<std::string, size_t, int32_t>> {
};

TEST_P(Plan, StepsAsIfEveryTensorWereLookedAtAnew) {
  const auto& [rule, at, threads] = GetParam();
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  config.spin_microseconds = 1000;  // so that workers pay for little work
  const Context context(config);
  Subject planned(rule, true, context.get());
  Subject classified(rule, false, context.get());
  const Change change = Changes()[at];
  for (uint32_t step = 0; step < 6; ++step) {
    for (Subject* subject : {&planned, &classified}) {
      subject->FillGrads(step);
      if (step == 3) change.make(subject);
      subject->Step();
    }
    ASSERT_EQ(planned.Everything(), classified.Everything()) << "step " << step;
  }
}

std::string NameOf(const testing::TestParamInfo<Plan::ParamType>& info) {
  return std::get<0>(info.param) + "_" +
         Changes()[std::get<1>(info.param)].name + "_" +
         std::to_string(std::get<2>(info.param)) + "_threads";
}

std::vector<size_t> EveryChange() {
  std::vector<size_t> all(Changes().size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    Changes, Plan,
    testing::Combine(testing::Values("sgd", "adagrad", "adamw", "rmsprop",
                                     "lamb", "schedule_free_sgd"),
                     testing::ValuesIn(EveryChange()), testing::Values(1)),
    NameOf);

INSTANTIATE_TEST_SUITE_P(ChangesWithThreads, Plan,
                         testing::Combine(testing::Values("adamw"),
                                          testing::ValuesIn(EveryChange()),
                                          testing::Values(3)),
                         NameOf);

bool Takes(const std::string& rule, const Options& options) {
  try {
    Optimizer(rule, "", options);
  } catch (const std::exception&) {
    return false;  // out of the option's range
  }
  return true;
}

class PlanOfRule : public testing::TestWithParam<std::string> {};

// The value of each option that makes a rule do more than without it.
TEST_P(PlanOfRule, StepsAsIfEveryTensorWereLookedAtAnew) {
  std::vector<Options> configs = {{}};
  for (const opt_option_info& option : OptionInfos(GetParam())) {
    for (const double value : {0.5, 1.0, 2.0}) {
      const bool is_whole =
          (option.flags &
           (OPT_OPTION_BOOL | OPT_OPTION_CHOICE | OPT_OPTION_INTEGER)) != 0;
      if (is_whole ? value >= 1 : value < 1) {
        const Options options = {{option.name, value}};
        if (Takes(GetParam(), options)) configs.push_back(options);
      }
    }
  }
  for (const Options& options : configs) {
    Subject planned(GetParam(), true, nullptr, options);
    Subject classified(GetParam(), false, nullptr, options);
    for (uint32_t step = 0; step < 5; ++step) {
      for (Subject* subject : {&planned, &classified}) {
        subject->FillGrads(step);
        subject->Step(step % 2 == 0 ? 0 : OPT_STEP_ZERO_GRADS);
      }
      ASSERT_EQ(planned.Everything(), classified.Everything())
          << (options.empty() ? "" : options.begin()->first);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, PlanOfRule, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

// Buffers for the tensors of a Subject, which are lent for one step.
struct Loan {
  explicit Loan(Subject* subject, uint32_t step) {
    for (size_t i = 0; i < subject->size(); ++i) {
      const int64_t count = subject->tensor(i).param.count();
      // Later arrays may lie before earlier ones.
      params.emplace_back(OPT_F32, count);
      grads.emplace_back(OPT_F32, count, step % 3);
      params[i].Fill(20, step);
      grads[i].Fill(static_cast<uint32_t>(i), step);
      param_data.push_back(params[i].data());
      grad_data.push_back(grads[i].data());
    }
  }

  opt_lent Lent(bool lends_params) const {
    opt_lent lent = OPT_LENT_INIT;
    lent.count = static_cast<int64_t>(grad_data.size());
    lent.grads = grad_data.data();
    lent.params = lends_params ? param_data.data() : nullptr;
    return lent;
  }

  std::vector<Array> params;
  std::vector<Array> grads;
  std::vector<void*> param_data;
  std::vector<void*> grad_data;
};

// The ways in which the buffers of a step differ from those of the steps before
// it.
struct LentChange {
  const char* name;
  std::function<void(Subject*, Loan*)> make;
};

std::vector<LentChange> LentChanges() {
  return {
      {"Nothing", [](Subject*, Loan*) {}},
      {"MissingGradient",
       [](Subject*, Loan* loan) { loan->grad_data[2] = nullptr; }},
      {"NoGradients",
       [](Subject*, Loan* loan) {
         for (void*& grad : loan->grad_data) grad = nullptr;
       }},
      {"RetainedParameter",
       [](Subject*, Loan* loan) { loan->param_data[3] = nullptr; }},
      {"OtherOrder",
       [](Subject*, Loan* loan) {
         std::swap(loan->grad_data[0], loan->grad_data[1]);
       }},
      {"MisalignedGradient",
       [](Subject*, Loan* loan) {
         loan->grad_data[4] = static_cast<char*>(loan->grad_data[4]) + 1;
       }},
      {"SharedGradient",
       [](Subject*, Loan* loan) { loan->grad_data[0] = loan->grad_data[1]; }},
      {"GradientInParameters",
       [](Subject* s, Loan* loan) {
         loan->grad_data[7] = s->tensor(7).param.data();
         loan->param_data[7] = nullptr;
       }},
      {"GradientOfAFrozenTensor",
       [](Subject* s, Loan*) { SetAttribute(s, "frozen", 1); }},
      {"LateTensor",
       [](Subject* s, Loan* loan) {
         s->AddTensor(33, 0);
         *loan = Loan(s, 9);
       }},
  };
}

class PlanOfLentBuffers
    : public testing::TestWithParam<std::tuple<size_t, bool>> {};

TEST_P(PlanOfLentBuffers, StepsAsIfEveryTensorWereLookedAtAnew) {
  const auto [at, lends_params] = GetParam();
  const LentChange change = LentChanges()[at];
  Subject planned("adamw", true, nullptr);
  Subject classified("adamw", false, nullptr);
  for (uint32_t step = 0; step < 7; ++step) {
    std::string outcomes[2];
    for (Subject* subject : {&planned, &classified}) {
      Loan loan(subject, step);
      if (step == 3) change.make(subject, &loan);
      const opt_lent lent = loan.Lent(lends_params);
      const opt_status status =
          subject->TryStep(step == 5 ? OPT_STEP_ZERO_GRADS : 0, &lent);
      std::string& outcome = outcomes[subject == &planned ? 0 : 1];
      outcome = status == OPT_OK ? "" : opt_last_error();
      for (const Array& array : loan.params) {
        outcome += Bits(OPT_F32, array.data(), array.count());
      }
      for (const Array& array : loan.grads) {
        outcome += Bits(OPT_F32, array.data(), array.count());
      }
    }
    ASSERT_EQ(outcomes[0], outcomes[1]) << "step " << step;
    ASSERT_EQ(planned.Everything(), classified.Everything()) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Changes, PlanOfLentBuffers,
    testing::Combine(testing::Range<size_t>(0, LentChanges().size()),
                     testing::Bool()),
    [](const auto& info) {
      return std::string(LentChanges()[std::get<0>(info.param)].name) +
             (std::get<1>(info.param) ? "_of_lent_parameters" : "");
    });

}  // namespace
}  // namespace opt_test
