// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How a checkpoint and an optimizer differ: every name is told to the caller's
// report, and the error counts them and shows the first.

#ifndef OPT_SRC_STATE_MISMATCH_H_
#define OPT_SRC_STATE_MISMATCH_H_

#include <cstdint>

#include "opt/opt_state.h"
#include "src/base/text.h"

namespace libopt {

class Mismatches {
 public:
  explicit Mismatches(const opt_load_args& args) : args_(args) {}

  // `kind` is OPT_LOAD_*. `name` must end in a NUL.
  void Report(int32_t kind, const char* name, const Text& detail);

  // Throws OPT_ERR_MISMATCH if anything was reported that is not allowed.
  void Check() const;

 private:
  bool Allowed(int32_t kind) const;

  const opt_load_args& args_;
  int64_t counts_[4] = {};
  Text first_;  // of those that are not allowed
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_MISMATCH_H_
