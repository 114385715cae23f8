// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/worklist.h"

#include "src/base/memory.h"

namespace libopt {

void Worklist::Reserve(int64_t index_count) {
  ReserveRoom(index_count, &items_);
  partition_.Reserve(index_count);
  lent_.Reserve(index_count);
}

void Worklist::Clear() {
  items_.clear();
  partition_.Clear();
}

void Worklist::Add(const WorkItem& item, int64_t cut) {
  items_.push_back(item);
  partition_.Add(item.tensor->count, SizeOf(item.tensor->param_dtype), cut);
}

void Worklist::ZeroPass() {
  ForEachPiece([](const WorkItem& item, int64_t begin, int64_t count) {
    ZeroPiece(item, begin, count);
  });
}

}  // namespace libopt
