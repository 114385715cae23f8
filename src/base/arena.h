// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Small pieces of memory, one behind another, so that a walk over them in the
// order in which they were allocated is a walk through memory.

#ifndef OPT_SRC_BASE_ARENA_H_
#define OPT_SRC_BASE_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace libopt {

// It takes chunks from another resource, each a quarter of all that it has, and
// gives a chunk back when no piece of it is left. Until then a freed piece
// waits for the next of its size. Larger pieces go straight to the other
// resource.
class Arena final : public pmr::MemoryResource {
 public:
  // `memory` must outlive the arena, and the arena its pieces.
  explicit Arena(pmr::MemoryResource* memory)
      : memory_(memory), chunks_(memory) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // The largest piece that is taken from a chunk.
  static constexpr size_t kLargest = 64 * 1024;

 private:
  // Sizes are multiples of a line up to kFine, and of kCoarse from there on.
  static constexpr size_t kFine = 4 * 1024;
  static constexpr size_t kCoarse = 1024;
  static constexpr size_t kSizes =
      kFine / Block::kAlignment + (kLargest - kFine) / kCoarse;

  struct Chunk {
    Block block;
    size_t used = 0;  // bytes from its start that were ever a piece
    size_t live = 0;  // pieces
  };
  // Stands at the start of a free piece: a list for each size.
  struct FreePiece {
    FreePiece* before;
    FreePiece* after;
    size_t size;
  };

  static bool IsSmall(size_t size, size_t alignment);
  static size_t RoundUp(size_t size);
  FreePiece** ListOf(size_t rounded);

  void* DoAllocate(size_t size, size_t alignment) override;
  void DoDeallocate(void* memory, size_t size, size_t alignment) override;
  // A piece that has never been one.
  void* TakeFresh(size_t rounded);
  Chunk& ChunkOf(const void* piece);
  void Push(FreePiece* piece);
  void Unlink(FreePiece* piece);
  void Remove(Chunk* chunk);

  pmr::MemoryResource* const memory_;
  pmr::Map<uintptr_t, Chunk> chunks_;  // by address
  size_t chunk_bytes_ = 0;             // of all chunks
  Chunk* newest_ = nullptr;            // gives fresh pieces
  FreePiece* free_[kSizes] = {};
};

}  // namespace libopt

#endif  // OPT_SRC_BASE_ARENA_H_
