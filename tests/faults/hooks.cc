// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/faults/hooks.h"

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

// The linker's option --wrap=f makes references to f mean __wrap_f, and
// references to __real_f mean f. The names are its own.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* memory, size_t size);
void* __real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void* memory);
int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*start)(void*), void* data);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace libopt::faults {
namespace {

std::atomic<int> g_watching{0};
std::atomic<int64_t> g_callbacks{0};
std::atomic<int64_t> g_mallocs{0};
std::atomic<int64_t> g_live{0};
std::atomic<int64_t> g_refused{0};

std::atomic<Through> g_through{Through::kMalloc};
std::atomic<int64_t> g_until_failure{0};
std::atomic<bool> g_persistent{false};

std::atomic<int64_t> g_threads_allowed{-1};

// Counts an allocation; returns whether it is to be refused.
bool Refuse(Through through) {
  if (g_watching == 0) return false;
  ++(through == Through::kCallbacks ? g_callbacks : g_mallocs);
  if (through == g_through && g_until_failure > 0) {
    const bool due = g_until_failure == 1;
    if (!due || !g_persistent) --g_until_failure;
    if (due) {
      ++g_refused;
      return true;
    }
  }
  ++g_live;
  return false;
}

void CountRelease(const void* memory) {
  if (g_watching != 0 && memory != nullptr) --g_live;
}

}  // namespace

Watch::Watch() { ++g_watching; }
Watch::~Watch() { --g_watching; }

void Reset() {
  FailAllocation(Through::kMalloc, 0, false);
  g_callbacks = 0;
  g_mallocs = 0;
  g_live = 0;
  g_refused = 0;
  g_threads_allowed = -1;
}

Counts Seen() { return {g_callbacks, g_mallocs, g_live, g_refused}; }

void FailAllocation(Through through, int64_t n, bool persistent) {
  g_through = through;
  g_until_failure = n;
  g_persistent = persistent;
}

void UseCallbacks(opt_context_config* config) {
  config->allocate = [](void*, int64_t size, int64_t alignment) -> void* {
    if (Refuse(Through::kCallbacks)) return nullptr;
    const int64_t whole = (size + alignment - 1) / alignment * alignment;
    return __real_aligned_alloc(static_cast<size_t>(alignment),
                                static_cast<size_t>(whole));
  };
  config->release = [](void*, void* memory, int64_t, int64_t) {
    CountRelease(memory);
    __real_free(memory);
  };
}

void AllowThreads(int64_t count) { g_threads_allowed = count; }

}  // namespace libopt::faults

using libopt::faults::CountRelease;
using libopt::faults::g_threads_allowed;
using libopt::faults::Refuse;
using libopt::faults::Through;

// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

void* __wrap_malloc(size_t size) {
  return Refuse(Through::kMalloc) ? nullptr : __real_malloc(size);
}

void* __wrap_calloc(size_t count, size_t size) {
  return Refuse(Through::kMalloc) ? nullptr : __real_calloc(count, size);
}

void* __wrap_realloc(void* memory, size_t size) {
  if (Refuse(Through::kMalloc)) return nullptr;
  CountRelease(memory);
  return __real_realloc(memory, size);
}

void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  return Refuse(Through::kMalloc) ? nullptr
                                  : __real_aligned_alloc(alignment, size);
}

void __wrap_free(void* memory) {
  CountRelease(memory);
  __real_free(memory);
}

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*start)(void*), void* data) {
  if (g_threads_allowed == 0) return EAGAIN;
  if (g_threads_allowed > 0) --g_threads_allowed;
  return __real_pthread_create(thread, attributes, start, data);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)

void* operator new(size_t size) {
  void* memory = Refuse(Through::kMalloc) ? nullptr : __real_malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<size_t>(alignment);
  const size_t whole = (size + unit - 1) / unit * unit;
  void* memory =
      Refuse(Through::kMalloc) ? nullptr : __real_aligned_alloc(unit, whole);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  CountRelease(memory);
  __real_free(memory);
}

void operator delete(void* memory, size_t) noexcept { operator delete(memory); }

void operator delete(void* memory, std::align_val_t) noexcept {
  operator delete(memory);
}

void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  operator delete(memory);
}
