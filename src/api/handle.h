// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The table behind the handles. A handle's bits are a mark, a type, an index
// and a generation, so that a stale or foreign one is recognized without ever
// being dereferenced. Each entry also carries the lock of its object. Only
// LockHandleSoon and RemoveHandle wait, and nothing holds a mutex that a fork
// could leave locked.

#ifndef OPT_SRC_API_HANDLE_H_
#define OPT_SRC_API_HANDLE_H_

#include <cstdint>

namespace libopt {

enum class HandleType : uint32_t {
  kContext = 1,
  kOptimizer = 2,
  kCheckpoint = 3,
  kSchedule = 4,
};

constexpr uint32_t kMaxHandles = 65535;

// Enters an object and returns its handle. Throws OPT_ERR_LIMIT when the table
// is full.
uintptr_t InsertHandle(HandleType type, void* object);

// Locks an object for this thread, without waiting. Throws OPT_ERR_HANDLE, or
// OPT_ERR_BUSY if it is locked.
void* LockHandle(HandleType type, uintptr_t handle);

// As LockHandle, but waits for the other thread: for objects that are locked
// only for a moment.
void* LockHandleSoon(HandleType type, uintptr_t handle);

void UnlockHandle(uintptr_t handle);

// Waits until no other thread has the object locked, makes the handle stale and
// returns the object. Throws OPT_ERR_HANDLE, or OPT_ERR_BUSY if this thread
// itself has it locked.
void* RemoveHandle(HandleType type, uintptr_t handle);

// The number of live handles of all types.
int64_t LiveHandles();

// Keeps an object locked for the length of a scope.
template <typename T>
class Locked {
 public:
  Locked(HandleType type, uintptr_t handle)
      : handle_(handle), object_(static_cast<T*>(LockHandle(type, handle))) {}
  ~Locked() { UnlockHandle(handle_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  T& operator*() const { return *object_; }

 private:
  uintptr_t handle_;
  T* object_;
};

}  // namespace libopt

#endif  // OPT_SRC_API_HANDLE_H_
