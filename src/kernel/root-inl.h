// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The square root of a vector, correctly rounded, compiled once per SIMD
// target. In f64, the instruction for it occupies the divider of CPUs with
// AVX-512 for longer than the division that usually follows. There, the root is
// made of an estimate and of fused multiplications and additions, which run
// beside the divider, and it has the same bits.

#include <cstdint>

#include "hwy/highway.h"
#include "src/kernel/kernels.h"

#if defined(OPT_SRC_KERNEL_ROOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_ROOT_INL_H_
#undef OPT_SRC_KERNEL_ROOT_INL_H_
#else
#define OPT_SRC_KERNEL_ROOT_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3

// Each fused operation names its rounding, which a compiler never does on its
// own: tests/lint/no_fma.py tells these from what a compiler has fused.
#define OPT_ROUND(mode) ((mode) | _MM_FROUND_NO_EXC)
constexpr int kRoundNearest = OPT_ROUND(_MM_FROUND_TO_NEAREST_INT);
constexpr int kRoundUp = OPT_ROUND(_MM_FROUND_TO_POS_INF);
#undef OPT_ROUND

// The root where it is no positive number, by classes of the argument, 4
// bits for each: NaN stays NaN, zeros and +inf stay as they are, and negative
// numbers give NaN.
constexpr int kRootOfSpecials = 0x03130122;

// With the estimate y of 1 / sqrt(x), g approaches sqrt(x) and h approaches
// 1 / (2 sqrt(x)); d is the exact x - g * g. Smaller arguments would make d
// inexact: they are scaled by an even power of two. In the last step but one, g
// and h are rounded up: to nearest, a few roots that are all but halfway
// between two numbers could be rounded to the wrong one.
// tests/unit/root_test.cc shows that no root is.
HWY_INLINE __m512d RootOf(__m512d argument) {
  const __mmask8 small =
      _mm512_cmp_pd_mask(argument, _mm512_set1_pd(0x1p-960), _CMP_LT_OQ);
  const __m512d x =
      _mm512_mask_mul_pd(argument, small, argument, _mm512_set1_pd(0x1p256));
  const __m512d y = _mm512_rsqrt14_pd(x);
  const __m512d half = _mm512_set1_pd(0.5);
  __m512d g = _mm512_mul_pd(x, y);
  __m512d h = _mm512_mul_pd(half, y);
  __m512d r = _mm512_fnmadd_round_pd(g, h, half, kRoundNearest);
  g = _mm512_fmadd_round_pd(g, r, g, kRoundNearest);
  h = _mm512_fmadd_round_pd(h, r, h, kRoundNearest);
  r = _mm512_fnmadd_round_pd(g, h, half, kRoundNearest);
  h = _mm512_fmadd_round_pd(h, r, h, kRoundUp);
  __m512d d = _mm512_fnmadd_round_pd(g, g, x, kRoundNearest);
  g = _mm512_fmadd_round_pd(d, h, g, kRoundUp);
  d = _mm512_fnmadd_round_pd(g, g, x, kRoundNearest);
  g = _mm512_fmadd_round_pd(d, h, g, kRoundNearest);
  g = _mm512_mask_mul_pd(g, small, g, _mm512_set1_pd(0x1p-128));
  return _mm512_fixupimm_pd(g, argument, _mm512_set1_epi64(kRootOfSpecials), 0);
}

#endif

// sqrt(x), rounded once.
template <class V>
HWY_INLINE V Root(V x) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if constexpr (hwy::IsSame<V, hwy::HWY_NAMESPACE::Vec512<double>>()) {
    if (!g_root_by_instruction) return V{RootOf(x.raw)};
  }
#endif
  return hwy::HWY_NAMESPACE::Sqrt(x);
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_ROOT_INL_H_
