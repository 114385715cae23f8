// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Every kind of schedule at its borders: the first tick, the ends of phases and
// what comes after them, phases without length, and more steps than anybody
// will take.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "tests/schedules/described.h"

namespace opt_test {
namespace {

constexpr int64_t kFar = int64_t{1} << 62;
constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

// A value that has to be exact, at a step, for base 8.
struct Border {
  const char* schedule;
  int64_t step;
  double value;
};

void PrintTo(const Border& border, std::ostream* out) {
  *out << border.schedule << " at " << border.step;
}

const Border kBorders[] = {
    {"constant factor=0.5 total_iters=2", 1, 4},
    {"constant factor=0.5 total_iters=2", 2, 8},
    {"constant factor=0 total_iters=0", 0, 8},
    {"constant factor=0.5", kFar, 8},
    {"linear start_factor=0.25 total_iters=4", 0, 2},
    {"linear start_factor=0.25 total_iters=4", 4, 8},
    {"linear end_factor=0.5 total_iters=0", 0, 4},
    {"linear end_factor=0.3", kLast, 8 * 0.3},
    {"step step_size=3 gamma=0.5", 2, 8},
    {"step step_size=3 gamma=0.5", 3, 4},
    {"step step_size=1 gamma=0.5", kLast, 0},
    {"step step_size=1 gamma=1", kLast, 8},
    {"step step_size=9007199254740992 gamma=0.5", kFar, 8 * 0x1p-512},
    {"multi_step milestones=0,0 gamma=0.5", 0, 2},
    {"multi_step gamma=0.5", kFar, 8},
    {"multi_step milestones=9223372036854775807 gamma=0.5", kLast - 1, 8},
    {"multi_step milestones=9223372036854775807 gamma=0.5", kLast, 4},
    {"exponential gamma=0.5", 0, 8},
    {"exponential gamma=0.99", kFar, 0},
    {"exponential gamma=1", kFar, 8},
    {"polynomial total_iters=4 power=2", 2, 2},
    {"polynomial total_iters=4 power=0", 9, 8},
    {"polynomial total_iters=4 power=0.5", 3, 4},
    {"polynomial total_iters=0 eta_min=1", 0, 1},
    {"polynomial eta_min=0.1", kLast, 0.1},
    {"cosine t_max=4 eta_min=2", 0, 8},
    {"cosine t_max=4 eta_min=2", 2, 5},
    {"cosine t_max=4 eta_min=2", 4, 2},
    {"cosine t_max=4 eta_min=2", 8, 8},
    {"cosine t_max=1", kLast, 0},
    {"cosine t_max=1", kFar, 8},
    {"cosine_restarts t_0=2 t_mult=1", 1, 4},
    {"cosine_restarts t_0=2 t_mult=1", 2, 8},
    {"cosine_restarts t_0=2 t_mult=3", 2, 8},
    {"cosine_restarts t_0=2 t_mult=3", 5, 4},
    {"cosine_restarts t_0=2 t_mult=3", 8, 8},
    {"cosine_restarts t_0=1 t_mult=9007199254740992", 1, 8},
    {"one_cycle total_steps=1", 0, 8.0 / 25 / 1e4},
    {"one_cycle total_steps=10 pct_start=0.5", 4, 8},
    {"one_cycle total_steps=10 pct_start=0", 9, 8.0 / 25 / 1e4},
    {"one_cycle total_steps=10 pct_start=1", 9, 8},
    {"one_cycle total_steps=10 div_factor=4", 0, 2},
    {"one_cycle total_steps=10", kLast, 8.0 / 25 / 1e4},
    {"one_cycle total_steps=10 inverse=1 min_value=2 pct_start=0.5", 4, 2},
    {"one_cycle total_steps=10 inverse=1 min_value=2", kFar, 8},
    {"one_cycle total_steps=9 three_phase=1 pct_start=0.5", kFar,
     8.0 / 25 / 1e4},
    {"cyclic peak_value=12 step_size_up=2", 2, 12},
    {"cyclic peak_value=12 step_size_up=2", 4, 8},
    {"cyclic peak_value=12 step_size_up=2 mode=1", 6, 10},
    {"cyclic peak_value=12 step_size_up=1 mode=1", kLast, 8},
    {"cyclic peak_value=12 step_size_up=1 mode=2 gamma=0.5", 1, 10},
    {"cyclic peak_value=4 step_size_up=1 step_size_down=3", 1, 4},
    {"inverse_sqrt warmup_steps=4", 0, 2},
    {"inverse_sqrt warmup_steps=4", 3, 8},
    {"inverse_sqrt warmup_steps=4", 15, 4},
    {"inverse_sqrt warmup_steps=0", 3, 4},
    {"inverse_sqrt warmup_steps=4 d_model=4", 3, 2},
    {"warmup_stable_decay", 0, 0},
    {"warmup_stable_decay end_factor=0.5", kLast, 4},
    {"warmup_stable_decay warmup_steps=4 stable_steps=1", 1, 2},
    {"warmup_stable_decay warmup_steps=4 stable_steps=1", 4, 8},
    {"warmup_stable_decay decay_steps=4 decay=0", 1, 6},
    {"warmup_stable_decay decay_steps=4 decay=1", 2, 4},
    {"warmup_stable_decay decay_steps=4 decay=2", 1, 4},
    {"warmup_stable_decay decay_steps=4 decay=2", 0, 8},
    {"plateau", kLast, 8},
    {"plateau min_value=9", 0, 8},
    {"exponential gamma=0.5 interval=3", 2, 8},
    {"exponential gamma=0.5 interval=3", 3, 4},
    {"exponential gamma=0.5 interval=9007199254740992", kFar, 8 * 0x1p-512},
    {"constant factor=0.5 then 0 exponential gamma=0.5", 0, 8},
    {"exponential gamma=0.5 then 2 constant factor=0.25 total_iters=9", 1, 4},
    {"exponential gamma=0.5 then 2 constant factor=0.25 total_iters=9", 2, 2},
    {"exponential gamma=0.5 then 2 exponential gamma=0.5 then 2 constant "
     "factor=2 total_iters=9",
     4, 16},
    {"exponential gamma=0.5 chain exponential gamma=0.5", 2, 0.5},
    {"linear start_factor=0 total_iters=2 chain step step_size=1 gamma=0.5", 1,
     2},
};

class BorderTest : public testing::TestWithParam<Border> {};

TEST_P(BorderTest, IsExact) {
  const Border& border = GetParam();
  EXPECT_EQ(ValueAt(Described(border.schedule), 8, border.step), border.value);
}

INSTANTIATE_TEST_SUITE_P(Borders, BorderTest, testing::ValuesIn(kBorders));

// A schedule of each kind, with what it requires.
std::vector<std::string> EveryKind() {
  std::vector<std::string> all;
  int32_t kinds = 0;
  Check(opt_schedule_kind_count(&kinds));
  for (int32_t k = 0; k < kinds; ++k) {
    opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
    Check(opt_schedule_kind_at(k, &kind));
    std::string line = kind.name;
    for (int32_t i = 0; i < kind.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      Check(opt_schedule_option_at(kind.name, i, &option));
      if ((option.flags & OPT_OPTION_REQUIRED) == 0) continue;
      line += std::string(" ") + option.name + "=1";
    }
    all.push_back(line);
  }
  return all;
}

class EveryKindTest : public testing::TestWithParam<std::string> {};

TEST_P(EveryKindTest, IsFiniteAtEveryStep) {
  const Schedule schedule = Described(GetParam());
  for (int shift = 0; shift < 63; ++shift) {
    for (const int64_t offset : {-1, 0, 1}) {
      const int64_t step = (int64_t{1} << shift) + offset;
      const double value = ValueAt(schedule, 0.1, step);
      EXPECT_TRUE(std::isfinite(value) && value >= 0) << step;
    }
  }
  EXPECT_TRUE(std::isfinite(ValueAt(schedule, 0.1, kLast)));
}

TEST_P(EveryKindTest, DependsOnTheStepAlone) {
  const Schedule schedule = Described(GetParam());
  std::vector<double> forward;
  for (int64_t step = 0; step < 50; ++step) {
    forward.push_back(ValueAt(schedule, 0.1, step));
  }
  for (int64_t step = 49; step >= 0; --step) {
    EXPECT_EQ(ValueAt(schedule, 0.1, step), forward[static_cast<size_t>(step)]);
  }
}

TEST_P(EveryKindTest, CountsFromWhereItBegins) {
  const Schedule alone = Described(GetParam());
  const Schedule late = Described("constant factor=1 then 7 " + GetParam());
  for (int64_t step = 0; step < 50; ++step) {
    EXPECT_EQ(ValueAt(late, 0.1, step + 7), ValueAt(alone, 0.1, step));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindTest, testing::ValuesIn(EveryKind()),
                         [](const auto& info) {
                           return info.param.substr(0, info.param.find(' '));
                         });

}  // namespace
}  // namespace opt_test
