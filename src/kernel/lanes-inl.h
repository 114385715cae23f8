// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The lane-wise vocabulary of the rules' vector parts, compiled once per SIMD
// target. It consists only of IEEE-754 operations, each of which rounds
// correctly and once, so that every target gives the same bits.

#include "hwy/highway.h"

#if defined(OPT_SRC_KERNEL_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_LANES_INL_H_
#undef OPT_SRC_KERNEL_LANES_INL_H_
#else
#define OPT_SRC_KERNEL_LANES_INL_H_
#endif

#include "src/kernel/root-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// They are named here because a vector may be a built-in type, which has no
// namespace in which the compiler would look for them.
using hn::Abs;
using hn::Add;
using hn::CopySign;
using hn::Div;
using hn::IfThenElse;
using hn::IfThenZeroElse;
using hn::Le;
using hn::LoadU;
using hn::Lt;
using hn::Mul;
using hn::Set;
using hn::StoreU;
using hn::Sub;
using hn::Zero;

// The moving average of AverageOf(), written as one expression for both of its
// forms. `average` points to the two scalars that PutAverage() makes. kUsual
// means that they are known to start from the old value.
template <bool kUsual = false, class D, class V = hn::Vec<D>,
          typename T = hn::TFromD<D>>
HWY_INLINE V MovingAverage(D d, V old, V fresh, const T* average) {
  V base = old;
  if constexpr (!kUsual) {
    base = IfThenElse(Lt(Zero(d), Set(d, average[1])), old, fresh);
  }
  return Add(base, Mul(Set(d, average[0]), Sub(fresh, old)));
}

// max(x, 0); NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ZeroIfNegative(D d, V x) {
  return IfThenZeroElse(Lt(x, Zero(d)), x);
}

// State as it is stored: subnormal numbers become zero, since arithmetic on
// them is many times slower on most CPUs.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V FlushSubnormal(D d, V x) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  // One test of the exponent's bits, which are all 0 only in subnormal numbers
  // and in zero.
  if constexpr (sizeof(V) == 64) {
    using T = hn::TFromD<D>;
    const hn::RebindToSigned<D> di;
    const auto exponent =
        Set(di, static_cast<hn::TFromD<decltype(di)>>(hwy::ExponentMask<T>()));
    const auto bits = hn::BitCast(di, x);
    if constexpr (sizeof(T) == 4) {
      return hn::IfThenElseZero(
          hn::Mask<D>{_mm512_test_epi32_mask(bits.raw, exponent.raw)}, x);
    } else {
      return hn::IfThenElseZero(
          hn::Mask<D>{_mm512_test_epi64_mask(bits.raw, exponent.raw)}, x);
    }
  }
#endif
  const V smallest = Set(d, std::numeric_limits<hn::TFromD<D>>::min());
  return IfThenZeroElse(Lt(Abs(x), smallest), x);
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_LANES_INL_H_
