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

// Bytes that can be allocated without swapping.
int64_t AvailableMemory();

}  // namespace bench

#endif  // OPT_TESTS_BENCH_MACHINE_H_
