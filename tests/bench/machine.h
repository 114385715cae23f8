// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The machine that the numbers belong to.

#ifndef OPT_TESTS_BENCH_MACHINE_H_
#define OPT_TESTS_BENCH_MACHINE_H_

#include <cstdint>
#include <string>

namespace bench {

// CPU model, CPUs, caches, memory: one line.
std::string DescribeMachine();

// Whether the first two CPUs are two cores, not two threads of one.
bool TwoCores();

// The number of CPUs that this process may run on.
int CpuCount();

// Bytes that can be allocated without swapping.
int64_t AvailableMemory();

// Bytes of this process that are in memory: now, and at most since the latest
// ForgetPeakMemory().
int64_t ResidentMemory();
int64_t PeakMemory();
void ForgetPeakMemory();

}  // namespace bench

#endif  // OPT_TESTS_BENCH_MACHINE_H_
