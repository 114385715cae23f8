// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The resources of the system that the library takes, refused on demand: its
// references to malloc and its relatives, operator new, and the function that
// starts a thread are bound to functions of ours when this program is linked.

#ifndef OPT_TESTS_FAULTS_HOOKS_H_
#define OPT_TESTS_FAULTS_HOOKS_H_

#include <cstdint>

#include "opt/opt.h"

namespace libopt::faults {

// Where allocations are made to fail.
enum class Through { kCallbacks, kMalloc };

struct Counts {
  int64_t callbacks = 0;  // calls of opt_context_config.allocate
  int64_t mallocs = 0;    // allocations through malloc and operator new
  int64_t live = 0;       // of both, allocated less released
  int64_t refused = 0;    // allocations that were made to fail
};

// While one of these lives, allocations are counted; outside, where the test
// itself allocates, they are not.
class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
};

// Starts counting again from 0, with nothing made to fail.
void Reset();
Counts Seen();

// Makes the n-th watched allocation from now on fail, 1 being the next; all
// that follow, too, if `persistent`. 0: none.
void FailAllocation(Through through, int64_t n, bool persistent);

// Sets the callbacks of a configuration.
void UseCallbacks(opt_context_config* config);

// Lets so many threads start from now on and no more; -1: no limit.
void AllowThreads(int64_t count);

}  // namespace libopt::faults

#endif  // OPT_TESTS_FAULTS_HOOKS_H_
