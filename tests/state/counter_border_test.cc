// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Counters at the border: a load takes no counter beyond it, and what is
// counted after a load can be saved and loaded again.

#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <string>

#include "src/optimizer/tensor.h"
#include "tests/schedules/described.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

using libopt::kMaxCounter;

struct Counter {
  const char* name;   // of the test
  const char* entry;  // of the checkpoint
  size_t index;       // in the entry
};

void PrintTo(const Counter& counter, std::ostream* out) {
  *out << counter.name;
}

const Counter kCounters[] = {
    {"Steps", "__counters__", 0},
    {"PendingSamples", "__counters__", 1},
    {"SkippedSteps", "__skipped__", 0},
    {"SkippedStepsOfTheScaler", "__scaler_counters__", 2},
    {"UpdatesOfTheAverage", "__average__", 3},
    {"StepsOfATensor", "w/step", 0},
    {"UpdatesOfTheAverageOfATensor", "w/average_updates", 0},
    {"BadReports", "__schedules__", 6},
    {"Cooldown", "__schedules__", 7},
    {"Reductions", "__schedules__", 8},
};

class CounterBorderTest : public testing::TestWithParam<Counter> {
 protected:
  static Training New() { return Training(OPT_RULE_ADAMW, {}, SmallTensors()); }

  // A checkpoint of a training that has counted everything, with another
  // number in the place of the counter.
  static std::string With(int64_t number) {
    Training training = New();
    Give(training.get(), 0, OPT_LR, "plateau patience=0");
    Check(opt_scaler_start(training.get(), nullptr));
    Check(opt_average_start(training.get(), nullptr));
    training.Steps(0, 1);
    training.AccumulateInf(1);
    training.Steps(1, 2);
    training.StepsWithMetrics(2, 4);
    training.Accumulate(4);
    Edited edited(training.Save());
    edited.SetNumber(GetParam().entry, GetParam().index, number);
    return edited.Build();
  }
};

TEST_P(CounterBorderTest, NoLoadGoesBeyondIt) {
  const Training training = New();
  EXPECT_EQ(LoadAll(training.get(), With(kMaxCounter)), OPT_OK)
      << opt_last_error();
  EXPECT_EQ(LoadAll(training.get(), With(kMaxCounter + 1)), OPT_ERR_FORMAT);
  EXPECT_EQ(LoadAll(training.get(), With(-1)), OPT_ERR_FORMAT);
}

// Each of these counts from the border on, or is refused; in both cases the
// next checkpoint can be loaded.
TEST_P(CounterBorderTest, WhateverIsCountedFromItCanBeLoaded) {
  Training training = New();
  training.Load(With(kMaxCounter));
  const auto attempt = [&](const auto& call) {
    try {
      call();
    } catch (const std::runtime_error&) {
    }
    const Training other = New();
    EXPECT_EQ(LoadAll(other.get(), training.Save()), OPT_OK)
        << opt_last_error();
  };
  attempt([&] { Check(opt_step(training.get(), nullptr)); });
  attempt([&] { training.Accumulate(5); });
  Check(opt_discard(training.get()));
  attempt([&] { training.Steps(5, 6); });
  attempt([&] { training.StepsWithMetrics(6, 8); });
  attempt([&] {
    training.AccumulateInf(8);
    training.Steps(8, 9);
  });
}

INSTANTIATE_TEST_SUITE_P(Counters, CounterBorderTest,
                         testing::ValuesIn(kCounters), [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace opt_test
