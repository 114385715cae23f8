// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The cost of a step of each rule beside one of AdamW, on one matrix that no
// cache holds and on matrices each of which fits the second-level cache; and on
// the large one beside the limit: the bytes that the rule must move.

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

struct Matrices {
  const char* name;
  int64_t tensors;
  int64_t rows;
  int64_t columns;
  double lamb;  // goals, by AdamW
  double adafactor;
  bool by_limit;
};

// No cache holds the small ones together.
constexpr Matrices kMatrices[] = {
    {"a large matrix", 1, 3000, 4000, 1.9, 1.5, true},
    {"small matrices", 1200, 100, 100, 1.35, 1.5, false}};

// By the limit; row-wise AdaGrad, which must know a row before it changes any
// of it, is not a rule of one pass.
constexpr double kOnePassGoal = 1.1;
constexpr double kMorePassesGoal = 1.25;

// Rules that look at a whole tensor before they change it: they read it once
// more, LAMB without its gradient.
bool HasTwoPasses(const std::string& rule) {
  const std::string rules[] = {OPT_RULE_LAMB, OPT_RULE_LARS, OPT_RULE_NOVOGRAD,
                               OPT_RULE_ADAFACTOR, OPT_RULE_STABLEADAMW};
  return std::count(std::begin(rules), std::end(rules), rule) != 0;
}

// Those that keep factors of a second moment, and clip the update that they
// divide by its root, read the gradient once more before all.
bool HasThreePasses(const std::string& rule) {
  return rule == OPT_RULE_ADAFACTOR;
}

void ReadOne(float* array, int64_t count) {
  Arrays<float> halves = {};
  halves.count = count / 2;
  halves.param = array;
  halves.grad = array + halves.count;
  Read(halves);
}

// The bytes of LAMB: its first phase reads everything and writes the state, and
// the second one reads everything but the gradient and writes the parameters.
void MoveAsLamb(const Arrays<float>& arrays, int variant) {
  Arrays<float> moved = {arrays.slots[0], arrays.grad, {}, arrays.count};
  moved.slots[0] = arrays.slots[1];
  ReadOne(arrays.param, arrays.count);
  FindLimitLoop<float>(1, variant)(moved);
  moved = {arrays.param, arrays.slots[0], {}, arrays.count};
  ReadOne(arrays.slots[1], arrays.count);
  FindLimitLoop<float>(0, variant)(moved);
}

// State of a matrix that is as large as the matrix.
int WholeSlots(const Case& rule_case) {
  const bool has_factors = rule_case.rule == OPT_RULE_ADAFACTOR;
  return rule_case.slot_count - (has_factors ? 1 : 0);
}

// Only moves the bytes that a step must move.
void Move(const Case& rule_case, const Arrays<float>& arrays, int variant) {
  if (rule_case.rule == OPT_RULE_LAMB) {
    MoveAsLamb(arrays, variant);
    return;
  }
  if (HasThreePasses(rule_case.rule)) ReadOne(arrays.grad, arrays.count);
  if (HasTwoPasses(rule_case.rule)) Read(arrays);
  FindLimitLoop<float>(WholeSlots(rule_case), variant)(arrays);
}

// The limit.
std::vector<Contestant> Limits(const Case& rule_case,
                               const Arrays<float>& arrays) {
  std::vector<Contestant> limits;
  for (int variant = 0; variant < kLimitVariants; ++variant) {
    limits.push_back(
        {"limit" + std::to_string(variant), [&rule_case, &arrays, variant]() {
           Move(rule_case, arrays, variant);
         }});
  }
  return limits;
}

std::string Judged(const Case& rule_case, const Matrices& matrices,
                   double ratio, Goals* goals) {
  const bool is_lamb = rule_case.rule == OPT_RULE_LAMB;
  if (!is_lamb && rule_case.rule != OPT_RULE_ADAFACTOR) return "";
  return goals->AtMost(rule_case.name + " by adamw, " + matrices.name, ratio,
                       is_lamb ? matrices.lamb : matrices.adafactor);
}

// Adds the time by that of the limits, which follow adamw and the rule.
void AddLimit(const Case& rule_case, const std::vector<Timing>& timings,
              Goals* goals, std::vector<std::string>* row) {
  Timing limit = timings[2];
  for (size_t i = 3; i < timings.size(); ++i) {
    limit.min = std::min(limit.min, timings[i].min);
    limit.median = std::min(limit.median, timings[i].median);
  }
  const double ratio = timings[1].min / limit.min;
  row->push_back(FormatRatio(ratio, timings[1].median / limit.median));
  const bool is_one_pass = !HasTwoPasses(rule_case.rule) &&
                           rule_case.rule != OPT_RULE_ROWWISE_ADAGRAD;
  row->push_back(goals->AtMost(rule_case.name + " by limit", ratio,
                               is_one_pass ? kOnePassGoal : kMorePassesGoal));
}

}  // namespace

void RunRules(const Options& options, Goals* goals) {
  for (const Matrices& matrices : kMatrices) {
    const int64_t shrink = options.quick ? 50 : 1;
    const std::vector<int64_t> shape = {matrices.rows / shrink,
                                        matrices.columns / shrink};
    const int64_t count = matrices.tensors * shape[0] * shape[1];
    const Case adamw = FindCases(OPT_RULE_ADAMW).front();
    Table table("Every rule on " + std::string(matrices.name) + ", " +
                    FormatCount(count) +
                    " elements, f32, 1 thread: time by that of adamw, and by "
                    "that of its bytes alone, fastest (median) rounds",
                {"rule", "by adamw", "goal", "by limit", "goal"});
    for (const Case& rule_case : FindCases(options.rule)) {
      Buffers<float> buffers(WholeSlots(rule_case), count);
      Subject reference(adamw, 1);
      Subject subject(rule_case, 1);
      reference.Attach(buffers.arrays(), matrices.tensors, shape);
      subject.Attach(buffers.arrays(), matrices.tensors, shape);
      std::vector<Contestant> contestants = {
          {"adamw", [&]() { reference.Step(); }},
          {"rule", [&]() { subject.Step(); }}};
      if (matrices.by_limit) {
        for (const Contestant& limit : Limits(rule_case, buffers.arrays())) {
          contestants.push_back(limit);
        }
      }
      const auto timings = Race(contestants, EffortFor(options, count));
      const double ratio = timings[1].min / timings[0].min;
      std::vector<std::string> row = {
          rule_case.name,
          FormatRatio(ratio, timings[1].median / timings[0].median),
          Judged(rule_case, matrices, ratio, goals)};
      if (matrices.by_limit) AddLimit(rule_case, timings, goals, &row);
      table.AddRow(row);
    }
    table.Print(options.markdown);
  }
}

}  // namespace bench
