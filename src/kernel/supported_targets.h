// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The shared library asks Highway's library, in supported_targets_highway.cc.
// The static one finds the answer itself, in supported_targets_cpu.cc: Debian
// has no static library of Highway, and a program must not need the shared one.

#ifndef OPT_SRC_KERNEL_SUPPORTED_TARGETS_H_
#define OPT_SRC_KERNEL_SUPPORTED_TARGETS_H_

#include <cstdint>

namespace libopt {

// Highway's bits of the SIMD targets that this CPU can run, whether or not they
// were compiled in.
int64_t SupportedTargets();

}  // namespace libopt

#endif  // OPT_SRC_KERNEL_SUPPORTED_TARGETS_H_
