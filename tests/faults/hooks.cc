// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/faults/hooks.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <initializer_list>
#include <new>

#if defined(_WIN32)
#include <process.h>
#else
#include <pthread.h>
#endif

// The linker's option --wrap=f makes references to f mean __wrap_f, and
// references to __real_f mean f. The names are its own. faults.cmake has the
// list of functions.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* memory, size_t size);
void __real_free(void* memory);
#if defined(_WIN32)
void* __real__aligned_malloc(size_t size, size_t alignment);
void __real__aligned_free(void* memory);
decltype(_beginthreadex) __real__beginthreadex;
#else
void* __real_aligned_alloc(size_t alignment, size_t size);
decltype(pthread_create) __real_pthread_create;
#endif
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

// Aligned memory of the system, which is not counted here.
#if defined(_WIN32)
void* AllocateAligned(size_t size, size_t alignment) {
  return __real__aligned_malloc(size, alignment);
}
void FreeAligned(void* memory) { __real__aligned_free(memory); }
#else
void* AllocateAligned(size_t size, size_t alignment) {
  const size_t whole = (size + alignment - 1) / alignment * alignment;
  return __real_aligned_alloc(alignment, whole);
}
void FreeAligned(void* memory) { __real_free(memory); }
#endif

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

// Returns whether a thread is to be refused.
bool RefuseThread() {
  if (g_threads_allowed == 0) return true;
  if (g_threads_allowed > 0) --g_threads_allowed;
  return false;
}

// Lets the C++ runtime, whose calls a static program binds to our functions,
// too, allocate what it keeps: the calling thread's variables, where the
// compiler emulates those, and the lock of the memory for exceptions that
// malloc refuses. On Windows the process ends if one of them finds no memory.
void PrepareRuntime() {
  opt_last_error();
  for (const int64_t refused : {0, 1}) {
    FailAllocation(Through::kMalloc, refused, false);
    const Watch watch;
    try {
      throw std::bad_alloc();
    } catch (const std::bad_alloc&) {
    }
  }
}

}  // namespace

Watch::Watch() { ++g_watching; }
Watch::~Watch() { --g_watching; }

void Reset() {
  PrepareRuntime();
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
    return AllocateAligned(static_cast<size_t>(size),
                           static_cast<size_t>(alignment));
  };
  config->release = [](void*, void* memory, int64_t, int64_t) {
    CountRelease(memory);
    FreeAligned(memory);
  };
}

void AllowThreads(int64_t count) { g_threads_allowed = count; }

}  // namespace libopt::faults

using libopt::faults::AllocateAligned;
using libopt::faults::CountRelease;
using libopt::faults::FreeAligned;
using libopt::faults::Refuse;
using libopt::faults::RefuseThread;
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

void __wrap_free(void* memory) {
  CountRelease(memory);
  __real_free(memory);
}

#if defined(_WIN32)

void* __wrap__aligned_malloc(size_t size, size_t alignment) {
  return Refuse(Through::kMalloc) ? nullptr
                                  : __real__aligned_malloc(size, alignment);
}

void __wrap__aligned_free(void* memory) {
  CountRelease(memory);
  __real__aligned_free(memory);
}

uintptr_t __wrap__beginthreadex(void* security, unsigned stack_size,
                                unsigned(__stdcall* start)(void*), void* data,
                                unsigned flags, unsigned* id) {
  if (!RefuseThread()) {
    return __real__beginthreadex(security, stack_size, start, data, flags, id);
  }
  errno = EAGAIN;
  return 0;
}

// A call of a function that a header declares as one of a DLL goes through a
// pointer, which the linker names __imp_ and the function.
#define WRAP_IMPORT(function)                                        \
  extern decltype(&__wrap_##function) const __wrap___imp_##function; \
  decltype(&__wrap_##function) const __wrap___imp_##function = __wrap_##function
WRAP_IMPORT(malloc);
WRAP_IMPORT(calloc);
WRAP_IMPORT(realloc);
WRAP_IMPORT(free);
WRAP_IMPORT(_aligned_malloc);
WRAP_IMPORT(_aligned_free);
WRAP_IMPORT(_beginthreadex);
#undef WRAP_IMPORT

#else

void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  return Refuse(Through::kMalloc) ? nullptr
                                  : __real_aligned_alloc(alignment, size);
}

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*start)(void*), void* data) {
  if (RefuseThread()) return EAGAIN;
  return __real_pthread_create(thread, attributes, start, data);
}

#endif

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)

void* operator new(size_t size) {
  void* memory = Refuse(Through::kMalloc) ? nullptr : __real_malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(size_t size, std::align_val_t alignment) {
  void* memory = Refuse(Through::kMalloc)
                     ? nullptr
                     : AllocateAligned(size, static_cast<size_t>(alignment));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  CountRelease(memory);
  __real_free(memory);
}

void operator delete(void* memory, size_t) noexcept { operator delete(memory); }

void operator delete(void* memory, std::align_val_t) noexcept {
  CountRelease(memory);
  FreeAligned(memory);
}

void operator delete(void* memory, size_t,
                     std::align_val_t alignment) noexcept {
  operator delete(memory, alignment);
}
