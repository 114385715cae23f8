// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/fixtures.h"

#include "tests/rules/configs.h"

namespace opt_test {

constexpr uint32_t kStop = 3;
constexpr uint32_t kEnd = 6;

Training FixtureTraining(const std::string& rule) {
  return Training(rule, Layouts(rule).back());
}

void TrainToFixture(Training* training) {
  training->Steps(0, kStop);
  training->Accumulate(kStop);
}

void TrainFromFixture(Training* training) { training->Steps(kStop, kEnd); }

std::string SaveFixture(const Training& training) {
  static constexpr int64_t kEpoch = 7;
  static constexpr char kState[] = "any bytes\xFF";
  const opt_entry entries[] = {
      {sizeof(opt_entry), OPT_I64, 1, "epoch", &kEpoch},
      {sizeof(opt_entry), OPT_U8, sizeof(kState), "random state", kState},
  };
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  args.entry_count = 2;
  args.entries = entries;
  return SaveWith(training.get(), args);
}

}  // namespace opt_test
