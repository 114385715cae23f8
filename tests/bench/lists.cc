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

}  // namespace

void RunLists(const Options& options, Goals* goals) {
  const List list = {options.quick ? 10 : 1000, 1000};
  Table table(
      FormatCount(list.tensors) + " tensors of " + FormatCount(list.count) +
          " elements, f32: microseconds of the fastest round, "
          "ratios of the fastest (of the median) rounds",
      {"rule", "libopt, 1 thread", "2 threads", "2 by 1 thread",
       "plain/libopt, 1", "fused/libopt, 1", "fused/libopt, 2", "goal"});
  for (const Case& rule_case : FindCases(options.rule)) {
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
    const bool has_peers = plain != nullptr && fused != nullptr;
    if (has_peers) {
      add_peer("plain 1", plain, 1);
      add_peer("fused 1", fused, 1);
      add_peer("fused 2", fused, 2);
    }
    const auto timings =
        Race(contestants, EffortFor(options, list.tensors * list.count));
    const auto ratio = [&timings](size_t of, size_t by) {
      return FormatRatio(timings[of].min / timings[by].min,
                         timings[of].median / timings[by].median);
    };
    const std::string what = "a list of tensors, " + rule_case.name;
    std::string goal;
    if (TwoCores()) {
      goal = "2 by 1 " + goals->AtMost(what + ", 2 threads by 1",
                                       timings[1].min / timings[0].min,
                                       kTwoThreadsGoal);
    }
    std::vector<std::string> row = {
        rule_case.name, Format(timings[0].min * 1e6, 1),
        Format(timings[1].min * 1e6, 1), ratio(1, 0)};
    if (has_peers) {
      row.insert(row.end(), {ratio(2, 0), ratio(3, 0), ratio(4, 1)});
      goal += ", fused " +
              goals->AtLeast("fused by libopt, " + what + ", 2 threads",
                             timings[4].min / timings[1].min, kFusedGoal);
    } else {
      row.insert(row.end(), 3, "-");
    }
    row.push_back(goal);
    table.AddRow(row);
  }
  table.Print(options.markdown);
}

}  // namespace bench
