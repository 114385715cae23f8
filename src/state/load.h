// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Reading a checkpoint into an optimizer: everything is read into fresh memory
// and verified, and only then put in place.

#ifndef OPT_SRC_STATE_LOAD_H_
#define OPT_SRC_STATE_LOAD_H_

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "opt/opt_state.h"
#include "src/optimizer/optimizer.h"
#include "src/state/average_table.h"
#include "src/state/container/header.h"
#include "src/state/container/stream.h"
#include "src/state/load_plan.h"
#include "src/state/scaler_table.h"
#include "src/state/schedule_tables.h"

namespace libopt {

class Load {
 public:
  // `args` must outlive the load.
  Load(Optimizer* optimizer, const opt_load_args& args);

  // Reads and verifies all of it. Throws Error; the optimizer is as it was.
  void ReadFrom(Source* source);
  // Puts what was read in place.
  void Commit() noexcept;

 private:
  // What is read for one tensor.
  struct Fresh {
    TensorState state;
    Block param;
    int64_t group = -1;
    TensorAttributes attributes;
  };

  void CheckRule(const Header& header) const;
  void CheckParams() const;
  void Allocate();
  void* MemoryFor(const LoadPlan::Place& place, const HeaderEntry& entry);
  void ReadData(const Header& header, uint32_t header_crc, Source* source);
  void CheckNumbers(const Header& header) const;
  void CheckGroup(int64_t index, const char* name) const;
  void CheckAttribute(const LoadPlan::Place& place, int64_t byte,
                      std::string_view name) const;
  void TakeOptions(const Header& header);
  void TakeAverage(const Header& header);
  void CommitAverage(Tensor* tensor, TensorAverage* fresh) const noexcept;

  Optimizer* const optimizer_;
  const opt_load_args& args_;
  std::pmr::memory_resource* const memory_;
  LoadPlan plan_;
  std::pmr::vector<Fresh> fresh_;     // by tensor index
  std::pmr::vector<double> options_;  // rows by columns
  ScheduleTables schedules_;
  int64_t counters_[2] = {};
  ScalerTable scaler_;
  AverageTable average_;
  Optimizer::Restored restored_;
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_LOAD_H_
