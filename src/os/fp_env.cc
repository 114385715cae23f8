// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/fp_env.h"

#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64)
#include <xmmintrin.h>
#elif defined(__powerpc64__)
#include <cstring>
#endif

namespace libopt::os {
namespace {

#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64)

// Every exception masked, round to nearest, neither FTZ nor DAZ.
constexpr uint64_t kDefault = 0x1F80;
constexpr uint64_t kExceptionFlags = 0x3F;
uint64_t Read() { return _mm_getcsr(); }
void Write(uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits)); }

#elif defined(__aarch64__)

constexpr uint64_t kDefault = 0;
constexpr uint64_t kExceptionFlags = 0;  // in a register of their own
uint64_t Read() {
  uint64_t bits = 0;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return bits;
}
void Write(uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }

#elif defined(__riscv)

// It has no traps and keeps subnormal numbers: there is only the rounding.
constexpr uint64_t kDefault = 0;
constexpr uint64_t kExceptionFlags = 0x1F;
uint64_t Read() {
  uint64_t bits = 0;
  asm volatile("frcsr %0" : "=r"(bits));
  return bits;
}
void Write(uint64_t bits) { asm volatile("fscsr %0" : : "r"(bits)); }

#elif defined(__powerpc64__)

// The last eight bits enable traps, flush subnormal numbers and choose the
// rounding; those before them are flags.
constexpr uint64_t kDefault = 0;
constexpr uint64_t kExceptionFlags = ~uint64_t{0xFF};
uint64_t Read() {
  double found = 0;
  asm volatile("mffs %0" : "=d"(found));
  uint64_t bits = 0;
  std::memcpy(&bits, &found, sizeof(bits));
  return bits;
}
void Write(uint64_t bits) {
  double written = 0;
  std::memcpy(&written, &bits, sizeof(bits));
  asm volatile("mtfsf 255, %0" : : "d"(written));
}

#elif defined(__wasm__)

// It has neither traps nor other ways to round, and keeps subnormal numbers.
constexpr uint64_t kDefault = 0;
constexpr uint64_t kExceptionFlags = 0;
uint64_t Read() { return kDefault; }
void Write(uint64_t) {}

#else
#error "Port os/fp_env.cc: read and write the floating-point control register."
#endif

}  // namespace

DefaultFpEnv::DefaultFpEnv() : found_(Read()) {
  if ((found_ & ~kExceptionFlags) != kDefault) Write(kDefault);
}

DefaultFpEnv::~DefaultFpEnv() {
  if ((found_ & ~kExceptionFlags) != kDefault) Write(found_);
}

}  // namespace libopt::os
