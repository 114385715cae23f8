// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/sections/section.h"

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/optimizer/tensor.h"

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

pmr::Vector<std::shared_ptr<Section>> MakeSections(
    pmr::MemoryResource* memory) {
  pmr::Vector<std::shared_ptr<Section>> sections(memory);
#define OPT_SECTION(name) sections.push_back(Make##name##Section(memory));
#include "src/state/sections/sections.inc"
#undef OPT_SECTION
  return sections;
}

void FailSameName(std::string_view name) {
  Fail(OPT_ERR_NAME, "the checkpoint would have two entries named '", name,
       "': rename one tensor or entry");
}

void CheckCounter(int64_t number, int64_t byte, std::string_view name) {
  if (number < 0 || number > kMaxCounter) {
    FailAt(byte, "'", name, "' is ", number, ": it must be 0 to ", kMaxCounter);
  }
}

}  // namespace libopt
