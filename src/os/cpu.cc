// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>

#include <cstdint>
#include <initializer_list>

#elif defined(__aarch64__) && defined(__linux__)

#include <asm/hwcap.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#endif

namespace libopt::os {

#if defined(__x86_64__)

namespace {

// The registers that the instruction cpuid fills; all are 0 for a leaf that the
// CPU does not have. The bits are numbered as in Intel's manual, volume 2A,
// CPUID.
struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;

  explicit Leaf(unsigned leaf) {
    __get_cpuid_count(leaf, 0, &eax, &ebx, &ecx, &edx);
  }
};

bool HasAll(unsigned value, std::initializer_list<int> bits) {
  for (const int bit : bits) {
    if ((value >> bit & 1) == 0) return false;
  }
  return true;
}

// The registers that the operating system saves: bits 1 and 2 are those of SSE
// and AVX, 5 to 7 those of AVX-512.
unsigned SavedRegisters() {
  unsigned low, high;
  asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

Cpu ThisCpu() {
  const Leaf vendor(0), basic(1), structured(7), extended(0x80000001);
  Cpu cpu;
  constexpr unsigned kAuth = 0x68747541;  // "Auth", of "AuthenticAMD"
  cpu.fast_roots = vendor.ebx == kAuth;
  // SSE, SSE2; SSE3, SSSE3
  cpu.ssse3 = HasAll(basic.edx, {25, 26}) && HasAll(basic.ecx, {0, 9});
  // PCLMULQDQ, SSE4.1, SSE4.2, AES
  cpu.sse4 = cpu.ssse3 && HasAll(basic.ecx, {1, 19, 20, 25});
  // OSXSAVE: the instruction xgetbv may be used.
  const unsigned saved = HasAll(basic.ecx, {27}) ? SavedRegisters() : 0;
  // FMA, AVX, F16C; BMI, AVX2, BMI2; LZCNT
  cpu.avx2 = cpu.sse4 && HasAll(saved, {1, 2}) &&
             HasAll(basic.ecx, {12, 28, 29}) &&
             HasAll(structured.ebx, {3, 5, 8}) && HasAll(extended.ecx, {5});
  // AVX512F, DQ, BW, VL
  cpu.avx512 = cpu.avx2 && HasAll(saved, {5, 6, 7}) &&
               HasAll(structured.ebx, {16, 17, 30, 31});
  // VBMI, VBMI2, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ
  cpu.avx512_dl =
      cpu.avx512 && HasAll(structured.ecx, {1, 6, 9, 10, 11, 12, 14});
  return cpu;
}

#elif defined(__aarch64__) && defined(__linux__)

Cpu ThisCpu() {
  Cpu cpu;
  cpu.sve = (getauxval(AT_HWCAP) & HWCAP_SVE) != 0;
  cpu.sve2 = (getauxval(AT_HWCAP2) & HWCAP2_SVE2) != 0;
  if (cpu.sve) cpu.sve_bytes = prctl(PR_SVE_GET_VL) & PR_SVE_VL_LEN_MASK;
  return cpu;
}

#else

Cpu ThisCpu() { return {}; }

#endif

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace libopt::os
