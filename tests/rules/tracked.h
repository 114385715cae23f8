// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A number together with how exactly arithmetic of limited precision can know
// it.

#ifndef OPT_TESTS_RULES_TRACKED_H_
#define OPT_TESTS_RULES_TRACKED_H_

#include <algorithm>
#include <cmath>
#include <limits>

namespace opt_test {

// Rounding errors are counted in units in the last place ("ulp"). Where a sum
// cancels, an error of half an ulp in a term is many ulp of the small result,
// and no arithmetic in the parameter's type can do better. So errors are
// measured in ulp of `scale`: |value| as long as nothing cancels, and otherwise
// the size that the largest term of the sum has in the result.
//
// `inherited` is how far the value moves because of what was rounded before
// the formula at hand: see Rounded(). In units of the dtype's unit roundoff,
// the largest relative error of one rounding.
struct Tracked {
  long double value = 0;
  long double scale = 0;
  long double inherited = 0;

  Tracked() = default;
  // An input: exact. Implicit, so that formulas read as printed.
  Tracked(long double exact) : value(exact), scale(std::fabs(exact)) {}
  Tracked(long double v, long double s, long double i)
      : value(v), scale(s), inherited(i) {}
};

// The same number after `times` roundings to the dtype.
inline Tracked Rounded(const Tracked& x, int times = 1) {
  return {x.value, x.scale, x.inherited + times * x.scale};
}

inline Tracked operator-(const Tracked& a) {
  return {-a.value, a.scale, a.inherited};
}

inline Tracked operator+(const Tracked& a, const Tracked& b) {
  const long double sum = a.value + b.value;
  return {sum, std::max({a.scale, b.scale, std::fabs(sum)}),
          a.inherited + b.inherited};
}

inline Tracked operator-(const Tracked& a, const Tracked& b) { return a + -b; }

inline Tracked operator*(const Tracked& a, const Tracked& b) {
  const long double size_a = std::fabs(a.value);
  const long double size_b = std::fabs(b.value);
  return {a.value * b.value, std::max(a.scale * size_b, size_a * b.scale),
          a.inherited * size_b + size_a * b.inherited};
}

inline Tracked operator/(const Tracked& a, const Tracked& b) {
  const long double quotient = a.value / b.value;
  const long double size = std::fabs(quotient);
  const long double divisor = std::fabs(b.value);
  return {quotient, std::max(a.scale, size * b.scale) / divisor,
          (a.inherited + size * b.inherited) / divisor};
}

// In the place of a bound where there is none: no result is larger.
constexpr long double kUnbounded = std::numeric_limits<double>::max();

// An error of x is half as large, relatively, in the root. Next to zero there
// is no bound.
inline Tracked Sqrt(const Tracked& x) {
  const long double root = std::sqrt(x.value);
  if (root == 0) return {0, x.scale == 0 ? 0 : kUnbounded, 0};
  return {root, std::max(root, x.scale / (2 * root)), x.inherited / (2 * root)};
}

// The larger one; NaN if either is, as torch.maximum.
inline Tracked Max(const Tracked& a, const Tracked& b) {
  return a.value > b.value || std::isnan(a.value) ? a : b;
}

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_TRACKED_H_
