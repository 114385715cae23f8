// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A load: the parts of a checkpoint that its caller wants, and the places that
// the sections have for them.

#ifndef OPT_SRC_STATE_SECTIONS_LOAD_PLAN_H_
#define OPT_SRC_STATE_SECTIONS_LOAD_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "opt/opt_state.h"
#include "src/base/pmr.h"
#include "src/optimizer/optimizer.h"
#include "src/state/container/header.h"

namespace libopt {

// The parts of a checkpoint that the caller of a load wants.
class LoadRequest {
 public:
  // `args` must outlive the request. Throws OPT_ERR_ARGUMENT or OPT_ERR_NAME if
  // a selected name is NULL or no attached tensor has it.
  LoadRequest(const Optimizer& optimizer, const opt_load_args& args);

  const Optimizer& optimizer() const { return optimizer_; }
  const opt_load_args& args() const { return args_; }
  const opt_lent& lent() const { return lent_; }
  pmr::MemoryResource* memory() const { return optimizer_.memory(); }

  // Whether this is a load of everything, options and counters included, rather
  // than of a selection of tensors.
  bool whole() const { return args_.names == nullptr; }
  bool options() const {
    return whole() && (args_.flags & OPT_LOAD_KEEP_OPTIONS) == 0;
  }
  bool params() const { return (args_.flags & OPT_LOAD_PARAMS) != 0; }
  // Whether the state of an attached tensor is to be loaded.
  bool IsSelected(int64_t tensor) const {
    return selected_[static_cast<size_t>(tensor)];
  }

 private:
  const Optimizer& optimizer_;
  const opt_load_args& args_;
  const opt_lent lent_;
  pmr::Vector<bool> selected_;  // by tensor index
};

// Where the data of a checkpoint are read to.
class LoadPlan {
 public:
  // Both must outlive the plan.
  LoadPlan(const LoadRequest& request, const Header& header)
      : request_(request),
        header_(header),
        memory_(header.entries.size(), nullptr, request.memory()) {}

  const LoadRequest& request() const { return request_; }
  const Header& header() const { return header_; }

  // Plans to read the data of an entry of the header to `memory`, which has
  // room for them. Data that no section claims are read only for their
  // checksums.
  void Read(const HeaderEntry& entry, void* memory) {
    memory_[static_cast<size_t>(&entry - header_.entries.data())] = memory;
  }
  // Where the data of the entry at an index are to be read to, or nullptr.
  void* MemoryOf(size_t index) const { return memory_[index]; }

  // The first accumulator that is to be loaded, or nullptr. If there is one,
  // the counters must count the samples in it.
  const HeaderEntry* first_accumulator = nullptr;

 private:
  const LoadRequest& request_;
  const Header& header_;
  pmr::Vector<void*> memory_;  // by index in the header
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_SECTIONS_LOAD_PLAN_H_
