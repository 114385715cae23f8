// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/update_rooms.h"

#include <cstddef>

namespace libopt {

UpdateRooms::UpdateRooms(pmr::MemoryResource* memory, int count)
    : memory_(memory),
      taken_(static_cast<size_t>(count),
             pmr::Allocator<std::atomic<uint32_t>>(memory)) {}

void UpdateRooms::Reserve(int64_t bytes) {
  if (bytes <= bytes_) return;
  constexpr auto kLine = static_cast<int64_t>(Block::kAlignment);
  const int64_t lines = (bytes + kLine - 1) / kLine * kLine;
  block_ = Block(memory_, taken_.size() * static_cast<size_t>(lines));
  bytes_ = lines;
}

UpdateRooms::Taken::Taken(UpdateRooms* rooms, int64_t bytes) {
  if (rooms == nullptr || bytes > rooms->bytes_) return;
  for (size_t i = 0; i < rooms->taken_.size(); ++i) {
    if (rooms->taken_[i].exchange(1, std::memory_order_acquire) != 0) continue;
    taken_ = &rooms->taken_[i];
    data_ = rooms->block_.data() + i * static_cast<size_t>(rooms->bytes_);
    return;
  }
}

UpdateRooms::Taken::~Taken() {
  if (taken_ != nullptr) taken_->store(0, std::memory_order_release);
}

}  // namespace libopt
