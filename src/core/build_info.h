// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_CORE_BUILD_INFO_H_
#define OPT_SRC_CORE_BUILD_INFO_H_

namespace opt {

extern const char* const kVersion;

// One line: version, compiler, Highway, SIMD targets. Defined by the kernel
// layer, which knows them.
const char* BuildInfo();

}  // namespace opt

#endif  // OPT_SRC_CORE_BUILD_INFO_H_
