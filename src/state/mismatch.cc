// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/mismatch.h"

#include "src/base/error.h"

namespace libopt {

bool Mismatches::Allowed(int32_t kind) const {
  switch (kind) {
    case OPT_LOAD_MISSING:
      return (args_.flags & OPT_LOAD_ALLOW_MISSING) != 0;
    case OPT_LOAD_UNEXPECTED:
      return (args_.flags & OPT_LOAD_ALLOW_UNEXPECTED) != 0;
    default:
      return false;
  }
}

void Mismatches::Report(int32_t kind, const char* name, const Text& detail) {
  ++counts_[kind];
  if (!Allowed(kind) && first_.view().empty()) {
    first_ = Text("'", name, "': ", detail);
  }
  if (args_.report != nullptr) {
    args_.report(args_.user, kind, name, detail.c_str());
  }
}

void Mismatches::Check() const {
  if (first_.view().empty()) return;
  Fail(OPT_ERR_MISMATCH,
       "the checkpoint does not fit: ", counts_[OPT_LOAD_MISSING], " missing, ",
       counts_[OPT_LOAD_UNEXPECTED], " unexpected, ",
       counts_[OPT_LOAD_MISMATCHED], " mismatched; first ", first_,
       " (opt_load_args.report is told all)");
}

}  // namespace libopt
