// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/rules/slot.h"

#include <algorithm>
#include <limits>

namespace libopt {

int32_t SlotExtents(opt_shape slot, const TensorShape& tensor,
                    int64_t* extents) {
  const int32_t rank = tensor.rank;
  switch (slot) {
    case OPT_SHAPE_NUMBER:
    case OPT_SHAPE_GROUP_NUMBER:
      return 0;
    case OPT_SHAPE_ROWS:
      if (rank > 0) extents[0] = tensor.extents[0];
      return std::min(rank, 1);
    case OPT_SHAPE_BLOCKS:
      // A tensor of rank 0 has one element, and so one block.
      if (rank > 0) extents[0] = (tensor.count + kSlotBlock - 1) / kSlotBlock;
      return std::min(rank, 1);
    default:
      break;
  }
  std::copy_n(tensor.extents, rank, extents);
  if (rank < 2) return rank;
  int64_t& rows = extents[rank - 2];
  int64_t& columns = extents[rank - 1];
  if (slot == OPT_SHAPE_ROW_FACTOR) columns = 1;
  if (slot == OPT_SHAPE_COLUMN_FACTOR) rows = 1;
  if (slot == OPT_SHAPE_ROW_SQUARE) columns = rows;
  if (slot == OPT_SHAPE_COLUMN_SQUARE) rows = columns;
  return rank;
}

int64_t SlotElements(opt_shape slot, const TensorShape& tensor) {
  if (slot == OPT_SHAPE_PARAM) return tensor.count;
  int64_t extents[kMaxRank];
  const int32_t rank = SlotExtents(slot, tensor, extents);
  if (std::find(extents, extents + rank, 0) != extents + rank) return 0;
  int64_t elements = 1;
  for (int32_t i = 0; i < rank; ++i) {
    if (elements > std::numeric_limits<int64_t>::max() / extents[i]) return -1;
    elements *= extents[i];
  }
  return elements;
}

}  // namespace libopt
