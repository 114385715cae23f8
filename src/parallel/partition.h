// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Work over many tensors, laid end to end and cut into equal parts, so that
// one parallel loop does it all, whatever their sizes.

#ifndef OPT_SRC_PARALLEL_PARTITION_H_
#define OPT_SRC_PARALLEL_PARTITION_H_

#include <cstdint>
#include <vector>

#include "src/base/pmr.h"
#include "src/parallel/context.h"
#include "src/parallel/estimate.h"
#include "src/parallel/parallel_loop.h"

namespace libopt {

class Partition {
 public:
  explicit Partition(pmr::MemoryResource* memory) : items_(memory) {}

  // Makes room for a number of items, so that Add() allocates nothing.
  void Reserve(int64_t items) { ReserveRoom(items, &items_); }

  void Clear();
  // Adds the next item: `count` elements of `element_size` bytes, which is cut
  // at 64-byte boundaries, or at multiples of `cut` elements.
  void Add(int64_t count, int64_t element_size, int64_t cut = 0);

  // Calls body(item, begin, count) for all elements of all items: on the
  // calling thread alone if there is little work, otherwise on as many threads
  // as pay, each under the default floating-point environment. How long each
  // kind of body takes is measured, and remembered for later runs. With `cut`,
  // all items are cut at multiples of so many elements.
  template <typename Body>
  void Run(Context* context, const Body& body, int64_t cut = 0) {
    if (!context->parallel() || weight_ < kLittleWeight) {
      for (size_t i = 0; i < items_.size(); ++i) {
        body(static_cast<int64_t>(i), int64_t{0}, items_[i].count);
      }
      return;
    }
    RunFunction(
        context,
        [](const void* data, int64_t item, int64_t begin, int64_t count) {
          (*static_cast<const Body*>(data))(item, begin, count);
        },
        &body, cut);
  }

 private:
  using Function = void (*)(const void* data, int64_t item, int64_t begin,
                            int64_t count);

  // The weight of an item is its size in bytes and a little for the call. All
  // parts have the same weight.
  struct Item {
    int64_t start;  // sum of the weights before it
    int64_t count;
    int64_t element_size;
    int64_t cut;  // in elements
  };

  // Too little work for several threads: 2 Ki elements of f32.
  static constexpr int64_t kLittleWeight = 8 * 1024;

  // How long a body takes for a unit of weight, in nanoseconds: one thread that
  // is alone, and several together.
  struct Cost {
    Function function = nullptr;
    Estimate alone{kFirstGuess};
    Estimate shared{kFirstGuess};
    bool had_help = false;  // in the last run
    int settling = 0;       // runs that are not learned from

    Work WorkOf(double weight) const;
    // Whether the calling thread has only just gone back to doing it alone.
    bool StaysAlone() const { return settling > 0 && !had_help; }
    // Learns what took so long with so many helpers.
    void Learn(const Work& took, double weight, int helpers);
    // Whether the host shall run it. What several threads take is then the time
    // from the beginning to the end.
    bool HostPays(double weight) const;
  };
  // Of most rules in the first-level cache, times two.
  static constexpr double kFirstGuess = 0.1;
  static constexpr int kCosts = 4;  // the bodies that a step has at most

  void RunFunction(Context* context, Function function, const void* data,
                   int64_t cut);
  void RunAlone() const;
  void RunOnHost(Context* context);
  void RunOnWorkers(Context* context);
  Cost& CostOf(Function function);
  static void RunPart(void* partition, int64_t part);
  // The number of an item's elements that lie before a point on the line of
  // weights.
  int64_t ElementsBefore(const Item& item, int64_t point) const;
  int64_t Cut(int64_t part) const;

  pmr::Vector<Item> items_;
  int64_t weight_ = 0;
  ParallelLoop loop_;
  int64_t cut_ = 0;  // 0: that of each item
  Function function_ = nullptr;
  const void* data_ = nullptr;
  Cost costs_[kCosts];
  int next_cost_ = 0;  // that is given up if there is one body more
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_PARTITION_H_
