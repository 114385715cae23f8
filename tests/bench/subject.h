// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// libopt's side of a race: the cases that its introspection offers, and an
// optimizer over the contestants' arrays.

#ifndef OPT_TESTS_BENCH_SUBJECT_H_
#define OPT_TESTS_BENCH_SUBJECT_H_

#include <string>
#include <utility>
#include <vector>

#include "opt/opt.h"
#include "tests/bench/buffers.h"
#include "tests/bench/peers.h"

namespace bench {

// A rule with the options that differ from its defaults.
struct Case {
  std::string name;
  std::string rule;
  std::vector<std::pair<std::string, double>> options;
  int slot_count;
};

// Every rule of the registry with its default options, and the variants that
// keep more state. `rule`: only this one; "" for all.
std::vector<Case> FindCases(const std::string& rule);

// Throws std::runtime_error with libopt's message.
void Check(opt_status status);

// RAII over a context and an optimizer of its own.
class Subject {
 public:
  // `preset`: what the options start from; nullptr for the defaults.
  Subject(const Case& options, int threads, const char* preset = nullptr);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  // Attaches the parameters and gradients of `arrays`, cut into `tensors`
  // equal tensors: vectors, unless there is a shape.
  template <class T>
  void Attach(const Arrays<T>& arrays, int64_t tensors = 1,
              const std::vector<int64_t>& shape = {});

  void Step() { Check(opt_step(optimizer_, nullptr)); }
  void StepAndZero();
  void StartAverage(double decay);
  void StepWith(const opt_grad_work& work, uint32_t flags);
  void ZeroGrad() { Check(opt_zero_grads(optimizer_, nullptr)); }

  // The values of the options that the peers read; 0 for those that the rule
  // does not have.
  Hyper GetHyper() const;

 private:
  double GetOption(const char* name) const;

  opt_context context_ = nullptr;
  opt_optimizer optimizer_ = nullptr;
};

}  // namespace bench

#endif  // OPT_TESTS_BENCH_SUBJECT_H_
