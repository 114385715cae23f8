// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What libopt calls of Highway's library, for aarch64.

#include <asm/hwcap.h>
#include <hwy/targets.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include <cstdint>

namespace hwy {

int64_t SupportedTargets() {
  const int vector_bytes = prctl(PR_SVE_GET_VL) & PR_SVE_VL_LEN_MASK;
  int64_t targets = HWY_NEON | HWY_SCALAR;
  if ((getauxval(AT_HWCAP) & HWCAP_SVE) != 0) {
    targets |= HWY_SVE | (vector_bytes == 32 ? HWY_SVE_256 : 0);
  }
  if ((getauxval(AT_HWCAP2) & HWCAP2_SVE2) != 0) {
    targets |= HWY_SVE2 | (vector_bytes == 16 ? HWY_SVE2_128 : 0);
  }
  return targets;
}

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
