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

double ValueAt(const Schedule& schedule, double base, int64_t step) {
  double value = 0;
  Check(opt_schedule_value(schedule.get(), base, step, &value));
  return value;
}

}  // namespace opt_test
