// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Many small tensors, as a network has them: one parallel region for all of
// them, or one for each.

#include "tests/bench/machine.h"
#include "tests/bench/sections.h"
#include "tests/bench/slices.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

constexpr double kFusedGoal = 8;
constexpr double kTwoThreadsGoal = 0.6;

struct List {
  int64_t tensors;
  int64_t count;  // elements of each
};

// The peers' tensors: parameters and gradients are those of libopt; the state
// lies as a framework allocates it, tensor by tensor and slot by slot, each on
// cache lines of its own. (Slots that are contiguous over all tensors would
// make any loop 1.5 times as fast.)
class PeerList {
 public:
  PeerList(const List& list, int slot_count, const Arrays<float>& shared)
      : list_(list),
        slot_count_(slot_count),
        pitch_((list.count + 15) / 16 * 16),
        shared_(shared),
        state_(0, list.tensors * slot_count * pitch_ + 1) {}

  // Takes a step over each tensor, one parallel region for each.
  void Step(int threads, const Hyper& hyper, int64_t step, Loop<float> loop) {
    float* slot = state_.arrays().param;
    for (int64_t i = 0; i < list_.tensors; ++i) {
      Arrays<float> tensor =
          shared_.Slice(i * list_.count, (i + 1) * list_.count);
      for (int k = 0; k < slot_count_; ++k, slot += pitch_) {
        tensor.slots[k] = slot;
      }
      ForSlices(threads, tensor,
                [&](const Arrays<float>& slice) { loop(slice, hyper, step); });
    }
  }

 private:
  const List list_;
  const int slot_count_;
  const int64_t pitch_;
  const Arrays<float> shared_;
  Buffers<float> state_;
};

// A network's tensors, and ever smaller ones.
struct ListCase {
  List list;
  double plain_goal;  // least time of *plain*, called for each tensor, by
                      // ours; of adamw
};
constexpr ListCase kLists[] = {
    {{1000, 1000}, 0.95},
    {{10000, 100}, 1.4},
    {{100000, 10}, 1.4},
};

// The contestants of a list, by their place in the race.
enum : size_t { kOne, kTwo, kPlainOne, kFusedOne, kFusedTwo };

std::vector<Timing> RaceList(const List& list, const Case& rule_case,
                             const Options& options) {
  Buffers<float> buffers(0, list.tensors * list.count);
  const Arrays<float>& arrays = buffers.arrays();
  Subject one(rule_case, 1);
  Subject two(rule_case, 2);
  one.Attach(arrays, list.tensors);
  two.Attach(arrays, list.tensors);
  const Hyper hyper = one.GetHyper();
  std::vector<Contestant> contestants = {{"libopt 1", [&]() { one.Step(); }},
                                         {"libopt 2", [&]() { two.Step(); }}};
  PeerList peers(list, rule_case.slot_count, arrays);
  int64_t step = 0;
  const auto add_peer = [&](const char* name, const Peer* peer, int threads) {
    contestants.push_back({name, [&, threads, loop = peer->f32]() {
                             peers.Step(threads, hyper, ++step, loop);
                           }});
  };
  const Peer* plain = FindPlainLoop(rule_case.rule, rule_case.slot_count);
  const Peer* fused = FindFusedLoop(rule_case.rule, rule_case.slot_count);
  if (plain != nullptr && fused != nullptr) {
    add_peer("plain 1", plain, 1);
    add_peer("fused 1", fused, 1);
    add_peer("fused 2", fused, 2);
  }
  return Race(contestants, EffortFor(options, list.tensors * list.count));
}

void AddRow(const ListCase& list_case, const Case& rule_case,
            const std::vector<Timing>& timings, Goals* goals, Table* table) {
  const auto ratio = [&timings](size_t of, size_t by) {
    return FormatRatio(timings[of].min / timings[by].min,
                       timings[of].median / timings[by].median);
  };
  const List& list = list_case.list;
  const std::string size =
      FormatCount(list.tensors) + " x " + FormatCount(list.count);
  const std::string what = "a list of " + size + ", " + rule_case.name;
  std::vector<std::string> row = {rule_case.name, size,
                                  Format(timings[kOne].min * 1e6, 1),
                                  ratio(kTwo, kOne)};
  std::string goal;
  if (TwoCores()) {
    goal = "2 by 1 " + goals->AtMost(what + ", 2 threads by 1",
                                     timings[kTwo].min / timings[kOne].min,
                                     kTwoThreadsGoal);
  }
  if (timings.size() > kPlainOne) {
    row.insert(row.end(), {ratio(kPlainOne, kOne), ratio(kFusedOne, kOne),
                           ratio(kFusedTwo, kTwo)});
    if (rule_case.name == "adamw") {
      goal += ", plain " +
              goals->AtLeast("plain by libopt, " + what + ", 1 thread",
                             timings[kPlainOne].min / timings[kOne].min,
                             list_case.plain_goal);
    }
    goal +=
        ", fused " + goals->AtLeast("fused by libopt, " + what + ", 2 threads",
                                    timings[kFusedTwo].min / timings[kTwo].min,
                                    kFusedGoal);
  } else {
    row.insert(row.end(), 3, "-");
  }
  row.push_back(goal);
  table->AddRow(row);
}

}  // namespace

void RunLists(const Options& options, Goals* goals) {
  Table table(
      "Lists of small tensors, f32: microseconds of the fastest round, "
      "ratios of the fastest (of the median) rounds",
      {"rule", "tensors x elements", "libopt, 1 thread", "2 by 1 thread",
       "plain/libopt, 1", "fused/libopt, 1", "fused/libopt, 2", "goal"});
  for (const ListCase& list_case : kLists) {
    ListCase taken = list_case;
    if (options.quick) taken.list.tensors /= 100;
    for (const Case& rule_case : FindCases(options.rule)) {
      AddRow(taken, rule_case, RaceList(taken.list, rule_case, options), goals,
             &table);
    }
  }
  table.Print(options.markdown);
}

}  // namespace bench
