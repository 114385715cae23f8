// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_CPU_H_
#define OPT_SRC_OS_CPU_H_

namespace libopt::os {

// The groups of instructions for which kernels are compiled. A member is true
// if this CPU has the whole group and the operating system saves its registers.
struct Cpu {
  // x86-64; each group includes those before it.
  bool ssse3 = false;
  bool sse4 = false;       // SSE4.1, SSE4.2, AES, PCLMULQDQ
  bool avx2 = false;       // AVX2, BMI, BMI2, F16C, FMA, LZCNT
  bool avx512 = false;     // AVX512F, BW, DQ, VL
  bool avx512_dl = false;  // Ice Lake's: BITALG, VAES, VBMI, VNNI and others

  // x86-64: the square roots of a vector take little longer than one root, as
  // on AMD's CPUs.
  bool fast_roots = false;

  // aarch64.
  bool sve = false;
  bool sve2 = false;
  int sve_bytes = 0;  // of a vector
};

// Each call asks the CPU, which takes tens of microseconds on a virtual
// machine.
Cpu ThisCpu();

// Tells the CPU that this thread is spinning, and waits a few cycles.
void Pause();

}  // namespace libopt::os

#endif  // OPT_SRC_OS_CPU_H_
