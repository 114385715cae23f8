// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Rooms for the updates of whole tensors, which the first phase of a step makes
// and the second one subtracts: one for each thread that may work on a step.

#ifndef OPT_SRC_OPTIMIZER_UPDATE_ROOMS_H_
#define OPT_SRC_OPTIMIZER_UPDATE_ROOMS_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace libopt {

class UpdateRooms {
 public:
  UpdateRooms(pmr::MemoryResource* memory, int count);

  // Makes every room at least as large. No room may be taken.
  void Reserve(int64_t bytes);

  // Holds a room while it lives. data() is nullptr if `rooms` is nullptr, if
  // the rooms are too small, or if all are taken, which can happen where the
  // host runs the loops.
  class Taken {
   public:
    Taken(UpdateRooms* rooms, int64_t bytes);
    ~Taken();
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    void* data() const { return data_; }

   private:
    std::atomic<uint32_t>* taken_ = nullptr;
    void* data_ = nullptr;
  };

 private:
  pmr::MemoryResource* const memory_;
  pmr::Vector<std::atomic<uint32_t>> taken_;  // words: RISC-V swaps no bytes
  Block block_;
  int64_t bytes_ = 0;  // of a room
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_UPDATE_ROOMS_H_
