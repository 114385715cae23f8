// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "hwy/targets.h"
#include "src/kernel/supported_targets.h"
#include "src/os/cpu.h"

namespace libopt {

int64_t SupportedTargets() {
  static const int64_t supported = [] {
    [[maybe_unused]] const os::Cpu cpu = os::ThisCpu();
    int64_t targets = HWY_SCALAR | HWY_EMU128;
#if HWY_ARCH_X86
    if (cpu.ssse3) targets |= HWY_SSSE3;
    if (cpu.sse4) targets |= HWY_SSE4;
    if (cpu.avx2) targets |= HWY_AVX2;
    if (cpu.avx512) targets |= HWY_AVX3;
    if (cpu.avx512_dl) targets |= HWY_AVX3_DL;
#elif HWY_ARCH_ARM_A64
    targets |= HWY_NEON;
    if (cpu.sve) targets |= HWY_SVE;
    if (cpu.sve && cpu.sve_bytes == 32) targets |= HWY_SVE_256;
    if (cpu.sve2) targets |= HWY_SVE2;
    if (cpu.sve2 && cpu.sve_bytes == 16) targets |= HWY_SVE2_128;
#endif
    return targets;
  }();
  return supported;
}

}  // namespace libopt
