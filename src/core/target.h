// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The SIMD targets that were compiled in, by index, best first. Defined by the
// kernel layer.

#ifndef OPT_SRC_CORE_TARGET_H_
#define OPT_SRC_CORE_TARGET_H_

namespace opt {

int TargetCount();

// Highway's name of a target, such as "AVX2".
const char* TargetName(int target);

// Whether this CPU can run it.
bool TargetSupported(int target);

// The best supported target. There is always one.
int BestTarget();

}  // namespace opt

#endif  // OPT_SRC_CORE_TARGET_H_
