// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/determinism/guarded.h"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

namespace opt_test {

Guarded::Guarded(size_t size, Side side) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t inner = (size + page - 1) / page * page;
  mapping_size_ = inner + 2 * page;
  void* const mapping = mmap(nullptr, mapping_size_, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::runtime_error("mmap failed");
  mapping_ = static_cast<unsigned char*>(mapping);
  if (inner > 0 && mprotect(mapping_ + page, inner, PROT_READ | PROT_WRITE)) {
    throw std::runtime_error("mprotect failed");
  }
  data_ =
      side == Side::kBefore ? mapping_ + page : mapping_ + page + inner - size;
}

Guarded::~Guarded() { munmap(mapping_, mapping_size_); }

void GuardedAllocator::Install(opt_context_config* config) {
  config->user = this;
  config->allocate = Allocate;
  config->release = Release;
}

void* GuardedAllocator::Allocate(void* user, int64_t size, int64_t alignment) {
  auto* self = static_cast<GuardedAllocator*>(user);
  const int64_t aligned = (size + alignment - 1) / alignment * alignment;
  auto memory =
      std::make_unique<Guarded>(static_cast<size_t>(aligned), self->side_);
  void* const data = memory->data();
  self->live_[data] = std::move(memory);
  return data;
}

void GuardedAllocator::Release(void* user, void* memory, int64_t /*size*/,
                               int64_t /*alignment*/) {
  static_cast<GuardedAllocator*>(user)->live_.erase(memory);
}

}  // namespace opt_test
