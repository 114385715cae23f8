// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/schedules/described.h"

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace opt_test {
namespace {

Schedule Create(const std::string& kind) {
  opt_schedule schedule = nullptr;
  Check(opt_schedule_create(nullptr, kind.c_str(), &schedule));
  return Schedule(schedule);
}

void SetMilestones(const Schedule& schedule, const std::string& list) {
  std::vector<int64_t> milestones;
  std::istringstream numbers(list);
  for (std::string number; std::getline(numbers, number, ',');) {
    milestones.push_back(std::stoll(number));
  }
  Check(opt_schedule_set_milestones(schedule.get(), milestones.data(),
                                    static_cast<int64_t>(milestones.size())));
}

// "gamma=0.5" or "milestones=1,2".
void Set(const Schedule& schedule, const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) throw std::runtime_error("no '=': " + word);
  const std::string name = word.substr(0, equals);
  const std::string value = word.substr(equals + 1);
  if (name == "milestones") return SetMilestones(schedule, value);
  Check(opt_schedule_set(schedule.get(), name.c_str(),
                         std::strtod(value.c_str(), nullptr)));
}

}  // namespace

Schedule Described(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  Schedule whole = Create(word);
  Schedule part;
  int64_t steps = -1;  // until the part begins; -1: on top of the whole
  const auto join = [&] {
    if (part == nullptr) return;
    Check(steps < 0 ? opt_schedule_chain(whole.get(), part.get())
                    : opt_schedule_then(whole.get(), steps, part.get()));
  };
  while (words >> word) {
    if (word == "then" || word == "chain") {
      join();
      steps = -1;
      if (word == "then") words >> steps;
      words >> word;
      part = Create(word);
    } else {
      Set(part == nullptr ? whole : part, word);
    }
  }
  join();
  return whole;
}

void Give(opt_optimizer optimizer, int32_t group, const char* option,
          const std::string& described) {
  Check(opt_set_schedule(optimizer, group, option, Described(described).get()));
}

void GiveEverySchedule(opt_optimizer optimizer) {
  Give(optimizer, OPT_ALL_GROUPS, OPT_LR,
       "linear total_iters=3 then 4 cosine t_max=9 chain plateau patience=1 "
       "factor=0.5 cooldown=1");
  Give(optimizer, 1, OPT_WEIGHT_DECAY,
       "multi_step milestones=2,5,5,9 gamma=0.5 then 12 step step_size=2 "
       "then 3 warmup_stable_decay warmup_steps=3 stable_steps=2 "
       "decay_steps=4 decay=2");
  Give(optimizer, 0, OPT_BETA1,
       "one_cycle total_steps=30 inverse=1 min_value=0.7");
  Give(optimizer, 1, OPT_BETA1, "cyclic peak_value=0.8 step_size_up=4");
  Give(optimizer, 0, OPT_EPS,
       "exponential gamma=0.9 chain polynomial power=0.5 total_iters=40 chain "
       "constant chain cosine_restarts t_0=3 t_mult=2 chain inverse_sqrt "
       "warmup_steps=5");
}

double ValueAt(const Schedule& schedule, double base, int64_t step) {
  double value = 0;
  Check(opt_schedule_value(schedule.get(), base, step, &value));
  return value;
}

}  // namespace opt_test
