// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/determinism/fp_state.h"

#include <cfenv>

#if defined(__x86_64__)
#include <xmmintrin.h>
#elif !defined(__aarch64__)
#error "add this CPU's floating-point control register"
#endif

namespace opt_test {
namespace {

#if defined(__x86_64__)
constexpr uint64_t kFlush = 0x8040;  // FTZ, DAZ
constexpr uint64_t kUsual = 0x1f80;  // all exceptions masked
void SetFpBits(uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }
// The C library of Windows may set the x87's mode alone.
void Round(int rounding) {
  std::fesetround(rounding);
  SetFpBits((FpBits() & ~uint64_t{0x6000}) | static_cast<unsigned>(rounding)
                                                 << 3);
}
#else
constexpr uint64_t kFlush = uint64_t{1} << 24;  // FZ
constexpr uint64_t kUsual = 0;
void SetFpBits(uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
void Round(int rounding) { std::fesetround(rounding); }
#endif

}  // namespace

std::vector<FpState> UnusualFpStates() {
  return {{"upward", FE_UPWARD, false},
          {"downward", FE_DOWNWARD, false},
          {"toward_zero", FE_TOWARDZERO, false},
          {"flush_subnormal", FE_TONEAREST, true},
          {"upward_flush_subnormal", FE_UPWARD, true}};
}

FpScope::FpScope(const FpState& state) {
  Round(state.rounding);
  if (state.flush_subnormal) SetFpBits(FpBits() | kFlush);
}

FpScope::~FpScope() {
  std::fesetenv(FE_DFL_ENV);
  SetFpBits(kUsual);
}

uint64_t FpBits() {
#if defined(__x86_64__)
  return _mm_getcsr();
#else
  uint64_t bits = 0;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
#endif
}

}  // namespace opt_test
