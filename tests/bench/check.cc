// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A race is worth something only among contestants that do the same work.

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/sections.h"
#include "tests/bench/slices.h"
#include "tests/bench/subject.h"

namespace bench {
namespace {

constexpr int64_t kCount = 1003;  // no multiple of a vector
constexpr int kSteps = 5;
constexpr int kThreads = 2;

// Compares what `kSteps` steps add to the parameters.
template <class T>
void CheckPeer(const Case& rule_case, const char* name, const Peer* peer,
               const char* preset, Cases* cases) {
  if (peer == nullptr) return;
  const Loop<T> loop = LoopOf<T>(*peer);
  const double tolerance = sizeof(T) == sizeof(float) ? 1e-5 : 1e-13;
  Case large_steps = rule_case;
  large_steps.options.emplace_back("lr", 0.1);
  Subject subject(large_steps, kThreads, preset);
  Buffers<T> expected(0, kCount);
  subject.Attach(expected.arrays());
  const Hyper hyper = subject.GetHyper();

  Buffers<T> actual(rule_case.slot_count, kCount);
  const Arrays<T>& arrays = actual.arrays();
  for (int k = 0; k < rule_case.slot_count; ++k) {
    for (int64_t i = 0; i < kCount; ++i) arrays.slots[k][i] = 0;
  }
  const Buffers<T> start(0, kCount);
  for (int64_t step = 1; step <= kSteps; ++step) {
    subject.Step();
    ForSlices(kThreads, arrays,
              [&](const Arrays<T>& slice) { loop(slice, hyper, step); });
  }
  for (int64_t i = 0; i < kCount; ++i) {
    const double origin = start.arrays().param[i];
    const double want = expected.arrays().param[i] - origin;
    const double got = arrays.param[i] - origin;
    if (!(std::abs(got - want) <= tolerance * std::abs(want))) {
      throw std::runtime_error(
          std::string(name) + " loop of " + rule_case.name + ", element " +
          std::to_string(i) + ": moved by " + std::to_string(got) +
          ", libopt by " + std::to_string(want) +
          "; make them the same rule before racing them");
    }
  }
  cases->Passed(std::string("the ") + name + " loop of " + rule_case.name +
                " steps like libopt in " + TypeName<T>());
}

// The limit must leave its arrays as they are, for the others use them too.
template <class T>
void CheckLimit(const Case& rule_case, Cases* cases) {
  const Buffers<T> expected(rule_case.slot_count, kCount);
  for (int variant = 0; variant < kLimitVariants; ++variant) {
    Buffers<T> actual(rule_case.slot_count, kCount);
    ForSlices(kThreads, actual.arrays(),
              FindLimitLoop<T>(rule_case.slot_count, variant));
    for (int64_t i = 0; i < kCount; ++i) {
      if (actual.arrays().param[i] != expected.arrays().param[i]) {
        throw std::runtime_error("the limit loop changes its parameters");
      }
    }
  }
  cases->Passed("the limit of " + rule_case.name +
                " leaves its arrays alone in " + TypeName<T>());
}

// The options that the fused loops reproduce, as far as the rule has them.
const char* FusedPreset(const std::string& rule) {
  double lr = 0;
  const bool exists =
      opt_preset_value(rule.c_str(), OPT_PRESET_PYTORCH, OPT_LR, &lr) == OPT_OK;
  return exists ? OPT_PRESET_PYTORCH : nullptr;
}

template <class T>
void CheckCase(const Case& rule_case, Cases* cases) {
  CheckPeer<T>(rule_case, "plain",
               FindPlainLoop(rule_case.rule, rule_case.slot_count), nullptr,
               cases);
  CheckPeer<T>(rule_case, "fused",
               FindFusedLoop(rule_case.rule, rule_case.slot_count),
               FusedPreset(rule_case.rule), cases);
  CheckLimit<T>(rule_case, cases);
}

// A rule that is not among the cases is never measured.
void CheckEveryRule(const std::vector<Case>& rule_cases, Cases* cases) {
  int32_t count = 0;
  Check(opt_rule_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    Check(opt_rule_at(i, &rule));
    const bool found =
        std::any_of(rule_cases.begin(), rule_cases.end(),
                    [&](const Case& one) { return one.rule == rule.name; });
    if (!found) {
      throw std::runtime_error(std::string(rule.name) +
                               " has no benchmark: FindCases() in "
                               "tests/bench/subject.cc leaves it out");
    }
    cases->Passed(std::string(rule.name) + " has a benchmark");
  }
}

}  // namespace

void CheckContestants(const Options& options, Cases* cases) {
  CheckEveryRule(FindCases(""), cases);
  for (const Case& rule_case : FindCases(options.rule)) {
    CheckCase<float>(rule_case, cases);
    CheckCase<double>(rule_case, cases);
  }
}

}  // namespace bench
