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
void SetFpBits(uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }
#else
constexpr uint64_t kFlush = uint64_t{1} << 24;  // FZ
void SetFpBits(uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
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
  std::fesetround(state.rounding);
  if (state.flush_subnormal) SetFpBits(FpBits() | kFlush);
}

FpScope::~FpScope() { std::fesetenv(FE_DFL_ENV); }

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
