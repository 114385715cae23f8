// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/arena.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

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

Arena::FreePiece** Arena::ListOf(size_t rounded) {
  const size_t index = rounded <= kFine ? rounded / Block::kAlignment - 1
                                        : kFine / Block::kAlignment - 1 +
                                              (rounded - kFine) / kCoarse;
  return &free_[index];
}

void* Arena::DoAllocate(size_t size, size_t alignment) {
  if (!IsSmall(size, alignment)) return memory_->Allocate(size, alignment);
  const size_t rounded = RoundUp(size);
  FreePiece* const free = *ListOf(rounded);
  if (free == nullptr) return TakeFresh(rounded);
  Unlink(free);
  ++ChunkOf(free).live;
  return free;
}

void* Arena::TakeFresh(size_t rounded) {
  if (newest_ == nullptr || newest_->block.size() - newest_->used < rounded) {
    const size_t quarter =
        chunk_bytes_ / 4 / Block::kAlignment * Block::kAlignment;
    Chunk chunk;
    chunk.block =
        Block(memory_, std::max(rounded, std::min(quarter, kMaxChunk)));
    const auto address = reinterpret_cast<uintptr_t>(chunk.block.data());
    newest_ = &chunks_.emplace(address, std::move(chunk)).first->second;
    chunk_bytes_ += newest_->block.size();
  }
  char* const piece = newest_->block.data() + newest_->used;
  newest_->used += rounded;
  ++newest_->live;
  return piece;
}

void Arena::DoDeallocate(void* memory, size_t size, size_t alignment) {
  if (!IsSmall(size, alignment)) {
    memory_->Deallocate(memory, size, alignment);
    return;
  }
  Push(new (memory) FreePiece{nullptr, nullptr, RoundUp(size)});
  Chunk& chunk = ChunkOf(memory);
  if (--chunk.live == 0) Remove(&chunk);
}

Arena::Chunk& Arena::ChunkOf(const void* piece) {
  return std::prev(chunks_.upper_bound(reinterpret_cast<uintptr_t>(piece)))
      ->second;
}

void Arena::Push(FreePiece* piece) {
  FreePiece** const list = ListOf(piece->size);
  piece->after = *list;
  if (*list != nullptr) (*list)->before = piece;
  *list = piece;
}

void Arena::Unlink(FreePiece* piece) {
  if (piece->before != nullptr) {
    piece->before->after = piece->after;
  } else {
    *ListOf(piece->size) = piece->after;
  }
  if (piece->after != nullptr) piece->after->before = piece->before;
}

// Gives back a chunk, all pieces of which are free.
void Arena::Remove(Chunk* chunk) {
  char* const data = chunk->block.data();
  for (size_t at = 0; at < chunk->used;) {
    auto* const piece = static_cast<FreePiece*>(static_cast<void*>(data + at));
    at += piece->size;
    Unlink(piece);
  }
  if (newest_ == chunk) newest_ = nullptr;
  chunk_bytes_ -= chunk->block.size();
  chunks_.erase(reinterpret_cast<uintptr_t>(data));
}

}  // namespace libopt
