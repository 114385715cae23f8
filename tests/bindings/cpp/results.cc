// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// opt.hpp without exceptions and RTTI: calls return results. Prints TAP.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "opt/opt.hpp"

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "this file is compiled with -fno-exceptions -fno-rtti"
#endif

namespace {

int cases = 0;
bool all_passed = true;

void Case(bool passed, const char* name) {
  std::printf("%s %d - %s\n", passed ? "ok" : "not ok", ++cases, name);
  all_passed = all_passed && passed;
}

bool Has(const std::string& message, const char* part) {
  return message.find(part) != std::string::npos;
}

void Training() {
  auto made = opt::Optimizer::Create(opt::Sgd().lr(0.5));
  Case(made.ok() && made.message().empty(), "an optimizer comes as a result");
  opt::Optimizer optimizer = *std::move(made);
  std::vector<float> param = {1};
  std::vector<float> grad = {1};
  const auto index = optimizer.Attach(opt::TensorSpec("w", param, grad));
  Case(index && *index == 0, "a result has its value");
  Case(optimizer.Step().ok() && param[0] == 0.5F, "a step succeeds");
  const auto bytes = optimizer.SaveMemory(opt::SaveOptions().Params());
  param[0] = 0;
  Case(bytes && optimizer.LoadMemory(*bytes, opt::LoadOptions().Params()) &&
           param[0] == 0.5F,
       "a checkpoint goes to memory and back");
  auto clone = optimizer.Clone();
  std::vector<float> other = {0.5F};
  Case(clone && clone->Bind(*index, other, grad).ok() && clone->Step().ok() &&
           other[0] == 0,
       "a clone comes as a result");
  Case(optimizer.Close().ok() && optimizer.Step().status() == OPT_ERR_HANDLE,
       "a closed optimizer is an error");
}

void Failures() {
  const auto none = opt::Optimizer::Create("adm");
  Case(!none && none.status() == OPT_ERR_NAME &&
           Has(none.message(), "did you mean 'adam'"),
       "a failure has the status and the message of C");
  const auto refused = opt::Optimizer::Create(opt::Adam().beta1(2));
  Case(refused.status() == OPT_ERR_VALUE && Has(refused.message(), "beta1"),
       "a typed option out of its range is refused");
  auto schedule = opt::Schedule::Create(opt::schedules::Cosine(-1));
  Case(schedule.status() == OPT_ERR_VALUE && Has(schedule.message(), "t_max"),
       "a typed schedule with a wrong value is refused");
  auto optimizer = *opt::Optimizer::Create("adam");
  const auto unset = optimizer.SetSchedule(OPT_LR, opt::schedules::Step(0));
  Case(unset.status() == OPT_ERR_VALUE && Has(unset.message(), "step_size"),
       "so is one that is given where a schedule is taken");
  Case(optimizer.SetSchedule(OPT_LR, opt::schedules::Cosine(9)).ok() &&
           *optimizer.GetScheduled(OPT_LR) == 0.001,
       "a typed schedule is taken where a schedule is");
  auto lent = optimizer.Lend();
  std::vector<float> values(1);
  Case(lent && lent->SetGrad(0, values).status() == OPT_ERR_RANGE,
       "a buffer for no tensor is refused");
  opt::ContextOptions config;
  config.Target("MMX");
  Case(opt::Context::Create(config).status() == OPT_ERR_NAME,
       "a context that cannot be is refused");
}

}  // namespace

int main() {
  Training();
  Failures();
  std::printf("1..%d\n", cases);
  return all_passed ? 0 : 1;
}
