// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Writing a checkpoint.

#ifndef OPT_SRC_STATE_SAVE_H_
#define OPT_SRC_STATE_SAVE_H_

#include <cstdint>

#include "opt/opt_state.h"
#include "src/base/pmr.h"
#include "src/optimizer/optimizer.h"
#include "src/state/container/contents.h"
#include "src/state/container/header.h"
#include "src/state/container/stream.h"

namespace libopt {

// A checkpoint that is ready to be written: its size is known.
class Save {
 public:
  // Throws Error; see opt_save_file.
  Save(const Optimizer& optimizer, const opt_save_args& args);

  int64_t size() const { return header_.file_size(); }
  // Throws OPT_ERR_IO.
  void WriteTo(Sink* sink) const;

 private:
  pmr::MemoryResource* const memory_;
  Contents contents_;
  HeaderWriter header_;
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_SAVE_H_
