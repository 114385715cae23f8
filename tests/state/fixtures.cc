// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/fixtures.h"

#include "tests/rules/configs.h"
#include "tests/schedules/described.h"

namespace opt_test {

namespace {

constexpr uint32_t kStop = 3;

// The state of a training beside its rule's.
struct Extra {
  const char* name;
  void (*give)(opt_optimizer optimizer);
  const char* rule = OPT_RULE_ADAMW;
  // It is saved with the evaluation weights in the parameters' buffers.
  bool evaluates = false;
  Options options = {};
};

// After kStop steps each average has two updates, the scaler has skipped a
// step, and the plateau cools down.
void Average(opt_optimizer optimizer, int32_t kind, int64_t start,
             int64_t period, uint32_t flags) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = 0.75;
  config.start = start;
  config.period = period;
  config.flags = flags;
  Check(opt_average_start(optimizer, &config));
}

void Scale(opt_optimizer optimizer) {
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.initial_scale = 8;
  config.growth_factor = 3;
  config.growth_interval = 2;
  Check(opt_scaler_start(optimizer, &config));
}

void SetAttributes(opt_optimizer optimizer) {
  Check(opt_set_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, 0.3));
  Check(opt_set_attribute(optimizer, 1, OPT_TENSOR_WEIGHT_DECAY_FACTOR, 0));
  Check(opt_set_attribute(optimizer, 2, OPT_TENSOR_FROZEN, 1));
  Check(opt_set(optimizer, 1, OPT_FROZEN, 1));
}

const Extra kExtras[] = {
    {"schedules", GiveEverySchedule},
    {"ema",
     [](opt_optimizer optimizer) {
       Average(optimizer, OPT_AVERAGE_EMA, 0, 2, OPT_AVERAGE_WARMUP);
     }},
    {"swa",
     [](opt_optimizer optimizer) {
       Average(optimizer, OPT_AVERAGE_SWA, 1, 1, 0);
     }},
    {"ema_eval",
     [](opt_optimizer optimizer) {
       Average(optimizer, OPT_AVERAGE_EMA, 0, 2, OPT_AVERAGE_WARMUP);
     },
     OPT_RULE_ADAMW, true},
    {"schedule_free_eval", [](opt_optimizer) {}, OPT_RULE_SCHEDULE_FREE_ADAMW,
     true},
    {"lookahead",
     [](opt_optimizer) {},
     OPT_RULE_ADAMW,
     false,
     {{OPT_LOOKAHEAD, 2}}},
    {"scaler", Scale},
    {"attributes", SetAttributes},
};

const Extra* FindExtra(const std::string& name) {
  for (const Extra& extra : kExtras) {
    if (name == extra.name) return &extra;
  }
  return nullptr;
}

void Swap(Training* training) {
  Check(opt_swap_eval_weights(training->get(), nullptr));
}

// Steps with a report of a metric after each; some are skipped by a scaler.
void Train(Training* training, uint32_t from, uint32_t to) {
  opt_scaler_info scaler = OPT_SCALER_INFO_INIT;
  Check(opt_scaler_get_info(training->get(), &scaler));
  for (uint32_t step = from; step < to; ++step) {
    if (scaler.active != 0 && step % 4 == 1) training->AccumulateInf(step);
    training->StepsWithMetrics(step, step + 1);
  }
}

}  // namespace

std::vector<std::string> FixtureNames() {
  std::vector<std::string> names = Rules();
  for (const Extra& extra : kExtras) names.emplace_back(extra.name);
  return names;
}

std::string RuleOfFixture(const std::string& name) {
  const Extra* extra = FindExtra(name);
  return extra == nullptr ? name : extra->rule;
}

Training FixtureTraining(const std::string& name) {
  const std::string rule = RuleOfFixture(name);
  if (name == rule) {
    Options options = Layouts(rule).back();
    options.erase(OPT_LOOKAHEAD);  // has a fixture of its own
    return Training(rule, options);
  }
  std::vector<TrainedTensor> tensors = SmallTensors();
  tensors.push_back({"w2", OPT_F32, OPT_F32, {2, 2}, false, 1});
  return Training(rule, FindExtra(name)->options, tensors);
}

void TrainToFixture(const std::string& name, Training* training) {
  const Extra* extra = FindExtra(name);
  if (extra != nullptr) extra->give(training->get());
  Train(training, 0, kStop);
  training->Accumulate(kStop);
  if (extra != nullptr && extra->evaluates) Swap(training);
}

void TrainFromFixture(const std::string& name, Training* training) {
  const Extra* extra = FindExtra(name);
  if (extra != nullptr && extra->evaluates) Swap(training);
  Train(training, kStop, extra == nullptr ? 6 : 24);
}

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
