// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/arena.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace libopt {
namespace {

// From here on a larger chunk would not make a walk any faster.
constexpr size_t kMaxChunk = 4 * 1024 * 1024;

// A sanitizer watches over the ends of what it allocates itself.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kHasPieces = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kHasPieces = false;
#else
constexpr bool kHasPieces = true;
#endif
#else
constexpr bool kHasPieces = true;
#endif

}  // namespace

bool Arena::IsSmall(size_t size, size_t alignment) {
  return kHasPieces && size <= kLargest && alignment <= Block::kAlignment;
}

size_t Arena::RoundUp(size_t size) {
  const size_t unit = size <= kFine ? Block::kAlignment : kCoarse;
  return std::max<size_t>(1, (size + unit - 1) / unit) * unit;
}

size_t Arena::IndexOf(size_t rounded) {
  return rounded <= kFine
             ? rounded / Block::kAlignment - 1
             : kFine / Block::kAlignment - 1 + (rounded - kFine) / kCoarse;
}

void* Arena::DoAllocate(size_t size, size_t alignment) {
  if (!IsSmall(size, alignment)) return memory_->Allocate(size, alignment);
  const size_t rounded = RoundUp(size);
  void*& free = free_[IndexOf(rounded)];
  void* piece = free;
  if (piece != nullptr) {
    std::memcpy(&free, piece, sizeof(free));
  } else {
    if (chunks_.empty() || chunks_.back().size() - used_ < rounded) {
      AddChunk(rounded);
    }
    piece = chunks_.back().data() + used_;
    used_ += rounded;
  }
  ++live_;
  return piece;
}

void Arena::AddChunk(size_t size) {
  ReserveRoom(static_cast<int64_t>(chunks_.size()) + 1, &chunks_);
  const size_t quarter =
      chunk_bytes_ / 4 / Block::kAlignment * Block::kAlignment;
  chunks_.emplace_back(memory_, std::max(size, std::min(quarter, kMaxChunk)));
  chunk_bytes_ += chunks_.back().size();
  used_ = 0;
}

void Arena::DoDeallocate(void* memory, size_t size, size_t alignment) {
  if (!IsSmall(size, alignment)) {
    memory_->Deallocate(memory, size, alignment);
    return;
  }
  void*& free = free_[IndexOf(RoundUp(size))];
  std::memcpy(memory, &free, sizeof(free));
  free = memory;
  if (--live_ > 0) return;
  pmr::Vector<Block>(memory_).swap(chunks_);
  chunk_bytes_ = used_ = 0;
  std::fill(std::begin(free_), std::end(free_), nullptr);
}

}  // namespace libopt
