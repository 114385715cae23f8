// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/load_input.h"

#include <vector>

#include "tests/rules/configs.h"

namespace opt_test {
namespace {

struct Setting {
  std::string rule;
  Options layout;
};

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = [] {
    std::vector<Setting> all;
    for (const std::string& rule : Rules()) {
      for (const Options& layout : Layouts(rule)) all.push_back({rule, layout});
    }
    return all;
  }();
  return settings;
}

}  // namespace

size_t OptimizerCount() { return 2 * Settings().size(); }

Training NewTraining(size_t optimizer, opt_context context) {
  const Setting& setting = Settings()[optimizer / 2 % Settings().size()];
  return Training(setting.rule, setting.layout,
                  optimizer % 2 == 0 ? SmallTensors() : EveryTensor(), context);
}

void Prepare(uint8_t how, Training* training) {
  if ((how & kStepped) != 0) training->Steps(0, 2);
  if ((how & kAccumulated) != 0) training->Accumulate(2);
}

std::string SeedInput(size_t optimizer, uint8_t how) {
  Training training = NewTraining(optimizer, nullptr);
  Prepare(how, &training);
  static const int64_t epoch = 7;
  opt_entry entry = OPT_ENTRY_INIT;
  entry.dtype = OPT_I64;
  entry.count = 1;
  entry.name = "epoch";
  entry.data = &epoch;
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  args.entry_count = 1;
  args.entries = &entry;
  std::string input = {static_cast<char>(optimizer), static_cast<char>(how)};
  return input + SaveWith(training.get(), args);
}

}  // namespace opt_test
