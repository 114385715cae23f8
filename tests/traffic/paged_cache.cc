// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/traffic/paged_cache.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace opt_test {
namespace {

constexpr size_t kReach = 16;    // pages
constexpr size_t kRegions = 32;  // allocations at a time

// A fixed place for all that the signal handler works on.
struct Region {
  char* begin;
  size_t size;
  Transfers transfers;
};
Region regions[kRegions];
char* reach[kReach];  // pages; nullptr: none yet
size_t oldest = 0;
size_t page_size = 0;
int64_t watched_from = 0;
struct sigaction former;

Region* Find(const void* address) {
  const char* const at = static_cast<const char*>(address);
  for (Region& region : regions) {
    if (region.begin != nullptr && at >= region.begin &&
        at < region.begin + region.size) {
      return &region;
    }
  }
  return nullptr;
}

// A first touch lets the page be read; another, which is a write, lets it be
// written.
void Touch(int /*signal*/, siginfo_t* info, void* /*context*/) {
  Region* const region = Find(info->si_addr);
  if (region == nullptr) {  // a fault of its own: happens again, and is fatal
    sigaction(SIGSEGV, &former, nullptr);
    return;
  }
  const size_t offset =
      static_cast<size_t>(static_cast<char*>(info->si_addr) - region->begin);
  char* const begin = region->begin + offset / page_size * page_size;
  for (const char* page : reach) {
    if (page != begin) continue;
    ++region->transfers.writes;
    mprotect(begin, page_size, PROT_READ | PROT_WRITE);
    return;
  }
  if (reach[oldest] != nullptr) mprotect(reach[oldest], page_size, PROT_NONE);
  reach[oldest] = begin;
  oldest = (oldest + 1) % kReach;
  ++region->transfers.reads;
  mprotect(begin, page_size, PROT_READ);
}

void ProtectAll(int protection) {
  for (const Region& region : regions) {
    if (region.begin != nullptr) {
      mprotect(region.begin, region.size, protection);
    }
  }
}

}  // namespace

PagedCache::PagedCache() {
  page_size = static_cast<size_t>(PageSize());
  struct sigaction action = {};
  action.sa_sigaction = Touch;
  action.sa_flags = SA_SIGINFO;
  if (sigaction(SIGSEGV, &action, &former) != 0) {
    throw std::runtime_error("sigaction failed");
  }
}

PagedCache::~PagedCache() {
  Stop();
  for (Region& region : regions) {
    if (region.begin != nullptr) Release(region.begin);
  }
  sigaction(SIGSEGV, &former, nullptr);
}

int64_t PagedCache::PageSize() { return sysconf(_SC_PAGESIZE); }

void* PagedCache::Allocate(size_t size) {
  const size_t whole = (size + page_size - 1) / page_size * page_size;
  for (Region& region : regions) {
    if (region.begin != nullptr) continue;
    void* const memory = mmap(nullptr, whole, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap failed");
    region = {static_cast<char*>(memory), whole, {}};
    return memory;
  }
  throw std::runtime_error("more than 32 allocations");
}

void PagedCache::Release(void* memory) {
  Region* const region = Find(memory);
  munmap(region->begin, region->size);
  *region = {};
}

void PagedCache::Install(int64_t from, opt_context_config* config) {
  watched_from = from;
  config->user = this;
  config->allocate = [](void* user, int64_t size, int64_t alignment) {
    if (size >= watched_from) {
      return static_cast<PagedCache*>(user)->Allocate(
          static_cast<size_t>(size));
    }
    return std::aligned_alloc(
        static_cast<size_t>(alignment),
        static_cast<size_t>((size + alignment - 1) / alignment * alignment));
  };
  config->release = [](void* user, void* memory, int64_t size,
                       int64_t /*alignment*/) {
    if (size >= watched_from) {
      static_cast<PagedCache*>(user)->Release(memory);
    } else {
      std::free(memory);
    }
  };
}

void PagedCache::Start() {
  for (Region& region : regions) region.transfers = {};
  for (char*& page : reach) page = nullptr;
  ProtectAll(PROT_NONE);
}

void PagedCache::Stop() { ProtectAll(PROT_READ | PROT_WRITE); }

Transfers PagedCache::Of(const void* memory) const {
  return Find(memory)->transfers;
}

Transfers PagedCache::Total() const {
  Transfers total;
  for (const Region& region : regions) {
    total.reads += region.transfers.reads;
    total.writes += region.transfers.writes;
  }
  return total;
}

}  // namespace opt_test
