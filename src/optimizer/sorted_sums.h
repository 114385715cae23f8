// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sums over tensors, whose bits do not depend on the order of the tensors.

#ifndef OPT_SRC_OPTIMIZER_SORTED_SUMS_H_
#define OPT_SRC_OPTIMIZER_SORTED_SUMS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace libopt {

// The summands of one or more totals, which are to be added up in the order of
// their values.
class SortedSums {
 public:
  struct Summand {
    size_t total;  // the index of that to which it belongs
    double value;
  };

  explicit SortedSums(pmr::MemoryResource* memory) : summands_(memory) {}

  // Makes room, so that Add() allocates nothing.
  void Reserve(int64_t summands) { ReserveRoom(summands, &summands_); }
  void Clear() { summands_.clear(); }
  void Add(size_t total, double value) { summands_.push_back({total, value}); }
  // All summands in the order in which they are to be added.
  const pmr::Vector<Summand>& Sorted();

 private:
  pmr::Vector<Summand> summands_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_SORTED_SUMS_H_
