// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/api/handle.h"

#include <atomic>

#include "src/base/error.h"
#include "src/os/cpu.h"
#include "src/os/thread.h"

namespace libopt {
namespace {

// An entry's word: [forks | generation | index | type | flags]. Generation,
// index and type are its identity, the bits of its handle without the mark.
// While the entry is locked, forks is the os::ForkCount() at which it was
// locked; otherwise it is 0.
constexpr uint64_t kLive = 1;
constexpr uint64_t kBusy = 2;  // locked
constexpr uint64_t kFlags = 7;

// A handle's lowest bits: an odd number, which no object's address is.
constexpr uint64_t kMark = 5;
constexpr int kTypeShift = 3;
constexpr int kIndexShift = 6;
constexpr int kGenerationShift = 22;
constexpr int kForksShift = 48;
constexpr uint64_t kForks = ~uint64_t{0} << kForksShift;

struct Entry {
  std::atomic<uint64_t> word;
  void* object;
  std::atomic<const void*> owner;  // the thread that has it locked
};

Entry g_entries[kMaxHandles];
std::atomic<uint32_t> g_next;
std::atomic<int64_t> g_live;

// How many times RemoveHandle tries to lock an entry before it begins to sleep
// between attempts.
constexpr int kSpins = 1000;

const char* TypeName(HandleType type) {
  switch (type) {
    case HandleType::kContext:
      return "context";
    case HandleType::kOptimizer:
      return "optimizer";
    case HandleType::kSchedule:
      return "schedule";
    default:
      return "checkpoint";
  }
}

[[noreturn]] void FailStale(HandleType type) {
  Fail(OPT_ERR_HANDLE, "not a live ", TypeName(type),
       " handle: it was destroyed, never created, or is of another type");
}

uint64_t IdentityOf(uintptr_t handle) { return handle & ~kFlags; }

Entry& EntryOf(HandleType type, uintptr_t handle) {
  if (handle == 0) {
    Fail(OPT_ERR_HANDLE, "the ", TypeName(type),
         " handle is NULL: create one first");
  }
  const uint64_t index = (handle >> kIndexShift) & 0xFFFF;
  const uint64_t has_type = (handle >> kTypeShift) & 7;
  if ((handle & kFlags) != kMark || index >= kMaxHandles ||
      has_type != static_cast<uint64_t>(type)) {
    FailStale(type);
  }
  return g_entries[index];
}

uint64_t BusyBits() {
  return kBusy | static_cast<uint64_t>(os::ForkCount()) << kForksShift;
}

// Locks an entry if it is live, idle and has that identity. Otherwise returns
// false, and `word` receives the word that was found.
bool TryLock(Entry& entry, uint64_t identity, uint64_t* word) {
  *word = identity | kLive;
  if (!entry.word.compare_exchange_strong(*word, *word | BusyBits(),
                                          std::memory_order_acquire)) {
    return false;
  }
  entry.owner.store(&ThisThread(), std::memory_order_relaxed);
  return true;
}

// Whether an entry was locked when this process was forked. The thread that
// locked it is not in this process and will never unlock it.
bool WasLeftLocked(uint64_t word) {
  return (word & kBusy) != 0 && (word & kForks) != (BusyBits() & kForks);
}

// Takes over the lock of an entry that was left locked. Returns false if
// another thread of this process has done so.
bool TakeOver(Entry& entry, uint64_t word) {
  if (!entry.word.compare_exchange_strong(word, (word & ~kForks) | BusyBits(),
                                          std::memory_order_acquire)) {
    return false;
  }
  entry.owner.store(&ThisThread(), std::memory_order_relaxed);
  return true;
}

[[noreturn]] void FailLeftLocked(HandleType type) {
  Fail(OPT_ERR_BUSY, "this ", TypeName(type),
       " was in use by another thread when this process was forked, and may be "
       "half changed: leave it alone here and create another");
}

bool IsLive(uint64_t word, uint64_t identity) {
  return (word & ~(kFlags | kForks)) == identity && (word & kLive) != 0;
}

// Claims a free entry, whose word still has the generation of its last object.
Entry* ClaimEntry(uint32_t* index) {
  const uint32_t start = g_next.fetch_add(1, std::memory_order_relaxed);
  for (uint32_t k = 0; k < kMaxHandles; ++k) {
    *index = (start + k) % kMaxHandles;
    Entry& entry = g_entries[*index];
    uint64_t word = entry.word.load(std::memory_order_relaxed);
    if ((word & kFlags) == 0 &&
        entry.word.compare_exchange_strong(word, word | kBusy,
                                           std::memory_order_acquire)) {
      return &entry;
    }
  }
  Fail(OPT_ERR_LIMIT, "all ", kMaxHandles,
       " handles are in use: destroy optimizers or contexts first");
}

}  // namespace

uintptr_t InsertHandle(HandleType type, void* object) {
  uint32_t index = 0;
  os::CountForks();
  Entry* entry = ClaimEntry(&index);
  const uint64_t last = entry->word.load(std::memory_order_relaxed);
  const uint64_t next = ((last >> kGenerationShift) + 1) << kGenerationShift;
  const auto generation = static_cast<uintptr_t>(next & ~kForks);
  const uintptr_t identity = generation |
                             static_cast<uintptr_t>(index) << kIndexShift |
                             static_cast<uintptr_t>(type) << kTypeShift;
  entry->object = object;
  entry->word.store(identity | kLive, std::memory_order_release);
  g_live.fetch_add(1, std::memory_order_relaxed);
  return identity | kMark;
}

void* LockHandle(HandleType type, uintptr_t handle) {
  Entry& entry = EntryOf(type, handle);
  uint64_t word = 0;
  if (TryLock(entry, IdentityOf(handle), &word)) return entry.object;
  if (!IsLive(word, IdentityOf(handle))) FailStale(type);
  if (entry.owner.load(std::memory_order_relaxed) == &ThisThread()) {
    Fail(OPT_ERR_BUSY, "this thread is inside a call with this ",
         TypeName(type), ": a callback must not use it");
  }
  if (WasLeftLocked(word)) FailLeftLocked(type);
  Fail(OPT_ERR_BUSY, "another thread is using this ", TypeName(type),
       ": use it from one thread at a time, or create one for each thread");
}

void* LockHandleSoon(HandleType type, uintptr_t handle) {
  Entry& entry = EntryOf(type, handle);
  uint64_t word = 0;
  while (!TryLock(entry, IdentityOf(handle), &word)) {
    if (!IsLive(word, IdentityOf(handle))) FailStale(type);
    if (WasLeftLocked(word) && TakeOver(entry, word)) break;
    os::Pause();
  }
  return entry.object;
}

void UnlockHandle(uintptr_t handle) {
  Entry& entry = g_entries[(handle >> kIndexShift) & 0xFFFF];
  entry.owner.store(nullptr, std::memory_order_relaxed);
  entry.word.store(IdentityOf(handle) | kLive, std::memory_order_release);
}

void* RemoveHandle(HandleType type, uintptr_t handle) {
  Entry& entry = EntryOf(type, handle);
  const uint64_t identity = IdentityOf(handle);
  uint64_t word = 0;
  for (int tries = 0; !TryLock(entry, identity, &word); ++tries) {
    if (!IsLive(word, identity)) FailStale(type);
    if (entry.owner.load(std::memory_order_relaxed) == &ThisThread()) {
      Fail(OPT_ERR_BUSY, "this ", TypeName(type),
           " cannot be destroyed from a callback of a call with it: destroy "
           "it after the call");
    }
    if (WasLeftLocked(word)) {
      // A context is locked only while a reference to it is being counted, so
      // that it cannot be half changed.
      if (type != HandleType::kContext) FailLeftLocked(type);
      if (TakeOver(entry, word)) break;
    }
    // There is no mutex to sleep on, since a fork could leave it locked.
    tries < kSpins ? os::Pause() : os::SleepBriefly();
  }
  void* object = entry.object;
  g_live.fetch_sub(1, std::memory_order_relaxed);
  entry.owner.store(nullptr, std::memory_order_relaxed);
  // An identity without flags marks the entry as free and remembers its
  // generation. Other threads that wait to remove the object find it gone.
  entry.word.store(identity, std::memory_order_release);
  return object;
}

int64_t LiveHandles() { return g_live.load(std::memory_order_relaxed); }

}  // namespace libopt
