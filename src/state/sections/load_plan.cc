// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/sections/load_plan.h"

#include "src/base/error.h"

namespace libopt {

LoadRequest::LoadRequest(const Optimizer& optimizer, const opt_load_args& args)
    : optimizer_(optimizer),
      args_(args),
      lent_(ReadLent(args.lent, optimizer.tensors().index_count())),
      selected_(optimizer.memory()) {
  const TensorList& tensors = optimizer.tensors();
  selected_.resize(static_cast<size_t>(tensors.index_count()));
  if (whole()) {
    for (int64_t i = 0; i < tensors.index_count(); ++i) {
      selected_[static_cast<size_t>(i)] = tensors.Get(i) != nullptr;
    }
    return;
  }
  for (int64_t i = 0; i < args.name_count; ++i) {
    if (args.names[i] == nullptr) {
      Fail(OPT_ERR_ARGUMENT, "opt_load_args.names[", i, "] is NULL");
    }
    selected_[static_cast<size_t>(tensors.Find(args.names[i]))] = true;
  }
}

}  // namespace libopt
