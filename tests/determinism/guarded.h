// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Memory beside pages that cannot be touched.

#ifndef OPT_TESTS_DETERMINISM_GUARDED_H_
#define OPT_TESTS_DETERMINISM_GUARDED_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "opt/opt.h"

namespace opt_test {

// On which side of the memory the guard page follows at once.
enum class Side { kBefore, kAfter };

class Guarded {
 public:
  Guarded(size_t size, Side side);
  ~Guarded();
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  void* data() const { return data_; }

 private:
  unsigned char* mapping_;
  size_t mapping_size_;
  void* data_;
};

// The allocator of a context whose memory is guarded throughout. Behind the
// memory, alignment may leave a gap before the guard page.
class GuardedAllocator {
 public:
  explicit GuardedAllocator(Side side) : side_(side) {}
  // Makes `config` use this allocator, as its user.
  void Install(opt_context_config* config);

 private:
  static void* Allocate(void* user, int64_t size, int64_t alignment);
  static void Release(void* user, void* memory, int64_t size,
                      int64_t alignment);

  Side side_;
  std::map<void*, std::unique_ptr<Guarded>> live_;
};

}  // namespace opt_test

#endif  // OPT_TESTS_DETERMINISM_GUARDED_H_
