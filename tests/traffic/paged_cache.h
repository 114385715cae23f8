// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How often memory is read and written, as a small cache would see it: 16 pages
// are within reach, and a page that is touched beyond them takes the place of
// the one that came first. What is out of reach cannot be touched (mprotect),
// so that every transfer is a fault, and is counted.

#ifndef OPT_TESTS_TRAFFIC_PAGED_CACHE_H_
#define OPT_TESTS_TRAFFIC_PAGED_CACHE_H_

#include <cstddef>
#include <cstdint>

#include "opt/opt.h"

namespace opt_test {

// Pages fetched, and pages written to while they were within reach. Whoever
// writes without reading fetches too, as on a CPU.
struct Transfers {
  int64_t reads = 0;
  int64_t writes = 0;
};

// There is one at a time, used by one thread.
class PagedCache {
 public:
  PagedCache();
  ~PagedCache();
  PagedCache(const PagedCache&) = delete;
  PagedCache& operator=(const PagedCache&) = delete;

  // Watched memory of whole pages, which are zero.
  void* Allocate(size_t size);
  void Release(void* memory);
  // Makes a context take blocks of at least `from` bytes from here.
  void Install(int64_t from, opt_context_config* config);

  // Empties the cache and counts from here on.
  void Start();
  // Lets all memory be touched again.
  void Stop();

  // Of the memory at an address, between Start() and Stop().
  Transfers Of(const void* memory) const;
  // Of all memory.
  Transfers Total() const;

  static int64_t PageSize();
};

}  // namespace opt_test

#endif  // OPT_TESTS_TRAFFIC_PAGED_CACHE_H_
