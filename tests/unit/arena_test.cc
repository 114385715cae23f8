// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <new>
#include <vector>

namespace libopt {
namespace {

#if defined(__SANITIZE_ADDRESS__)
#define OPT_NO_PIECES
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OPT_NO_PIECES
#endif
#endif

// Counts what it has given.
class Source final : public pmr::MemoryResource {
 public:
  size_t bytes() const { return bytes_; }
  int64_t pieces() const { return pieces_; }
  void FailFrom(int64_t allocation) { left_ = allocation; }

 private:
  void* DoAllocate(size_t size, size_t alignment) override {
    if (left_ == 0) throw std::bad_alloc();
    --left_;
    bytes_ += size;
    ++pieces_;
    return ProcessMemory()->Allocate(size, alignment);
  }
  void DoDeallocate(void* memory, size_t size, size_t alignment) override {
    bytes_ -= size;
    --pieces_;
    ProcessMemory()->Deallocate(memory, size, alignment);
  }

  size_t bytes_ = 0;
  int64_t pieces_ = 0;
  int64_t left_ = INT64_MAX;
};

constexpr size_t kLine = Block::kAlignment;

TEST(ArenaTest, PiecesOfAllSizesAreLinesOfTheirOwn) {
  Source source;
  std::map<char*, size_t> pieces;
  {
    Arena arena(&source);
    std::vector<Block> blocks;
    for (size_t size = 1; size < 2 * Arena::kLargest; size += 1 + size / 9) {
      blocks.emplace_back(&arena, size);
      char* const data = blocks.back().data();
      EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % kLine, 0U);
      std::memset(data, static_cast<int>(size), size);
      pieces[data] = size;
    }
    for (auto at = pieces.begin(); std::next(at) != pieces.end(); ++at) {
      EXPECT_LE(at->first + at->second, std::next(at)->first);
    }
    for (const auto& [data, size] : pieces) {
      EXPECT_EQ(data[size - 1], static_cast<char>(size));
    }
  }
  EXPECT_EQ(source.pieces(), 0);
}

#ifndef OPT_NO_PIECES
TEST(ArenaTest, ManySmallPiecesLieOneBehindAnother) {
  Source source;
  Arena arena(&source);
  constexpr size_t kCount = 10000;
  std::vector<Block> blocks;
  size_t gaps = 0;
  for (size_t i = 0; i < kCount; ++i) {
    blocks.emplace_back(&arena, 3 * kLine);
    gaps += i > 0 && blocks[i - 1].data() + 3 * kLine != blocks[i].data();
  }
  EXPECT_LT(gaps, kCount / 100);
  EXPECT_LE(source.bytes(), kCount * 3 * kLine * 5 / 4 + 4096);
}

TEST(ArenaTest, AFreedPieceIsTakenAgain) {
  Source source;
  Arena arena(&source);
  const Block keeps_the_chunks(&arena, kLine);
  std::vector<Block> blocks(100);
  for (Block& block : blocks) block = Block(&arena, 500);
  const size_t before = source.bytes();
  for (int round = 0; round < 10; ++round) {
    for (Block& block : blocks) block = Block();
    for (Block& block : blocks) block = Block(&arena, 480);  // as many lines
  }
  EXPECT_EQ(source.bytes(), before);
}
#endif

TEST(ArenaTest, AChunkIsGivenBackWithItsLastPiece) {
  Source source;
  Arena arena(&source);
  const Block stays(&arena, 5 * kLine);
  const size_t before = source.bytes();
  std::vector<Block> blocks;
  for (int i = 0; i < 1000; ++i) {
    blocks.emplace_back(&arena, static_cast<size_t>(1 + i % 5) * kLine);
  }
  for (size_t i = 0; i < blocks.size(); i += 2) blocks[i] = Block();
  for (int i = 0; i < 100; ++i) blocks.emplace_back(&arena, 2 * kLine);
  EXPECT_GT(source.bytes(), before);
  blocks.clear();
  EXPECT_EQ(source.bytes(), before);
}

TEST(ArenaTest, TheLastPieceFreesEverything) {
  Source source;
  Arena arena(&source);
  for (int round = 0; round < 3; ++round) {
    std::vector<Block> blocks;
    for (int i = 0; i < 1000; ++i) blocks.emplace_back(&arena, 200);
    EXPECT_GT(source.pieces(), 0);
    blocks.clear();
    EXPECT_EQ(source.bytes(), 0U);
  }
}

TEST(ArenaTest, APieceThatCannotBeHadChangesNothing) {
  for (int64_t failing = 0; failing < 20; ++failing) {
    Source source;
    {
      Arena arena(&source);
      std::vector<Block> blocks;
      source.FailFrom(failing);
      EXPECT_THROW(
          for (;;) { blocks.emplace_back(&arena, 64 * kLine); },
          std::bad_alloc);
      source.FailFrom(INT64_MAX);
      blocks.emplace_back(&arena, 64 * kLine);
      std::memset(blocks.back().data(), 1, 64 * kLine);
    }
    EXPECT_EQ(source.pieces(), 0);
  }
}

}  // namespace
}  // namespace libopt
