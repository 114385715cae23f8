// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Where one double is not precise enough, a number is kept as the sum of two,
// by Knuth's error-free sum and Dekker's error-free product (T. J. Dekker 1971,
// "A floating-point technique for extending the available precision").

#include "src/base/math.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace libopt {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// hi + lo, with |lo| at most half an ulp of hi.
struct Pair {
  double hi;
  double lo;
};

constexpr Pair kOne = {1, 0};
constexpr Pair kThird = {1.0 / 3, 0x1.5555555555555p-56};
constexpr Pair kFifth = {1.0 / 5, -0x1.999999999999ap-57};
constexpr Pair kLn2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
constexpr Pair kPi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};

// a + b where |a| >= |b| or a is 0.
Pair SumOrdered(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

Pair Sum(double a, double b) {
  const double sum = a + b;
  const double of_b = sum - a;
  return {sum, (a - (sum - of_b)) + (b - of_b)};
}

Pair Sum(Pair a, Pair b) {
  const Pair sum = Sum(a.hi, b.hi);
  return SumOrdered(sum.hi, sum.lo + (a.lo + b.lo));
}

Pair Product(double a, double b) {
  // Halves of 26 bits, whose products are exact.
  constexpr double kSplit = 134217729;  // 2^27 + 1
  const double a_high = kSplit * a - (kSplit * a - a);
  const double b_high = kSplit * b - (kSplit * b - b);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  const double product = a * b;
  const double error =
      ((a_high * b_high - product) + a_high * b_low + a_low * b_high) +
      a_low * b_low;
  return {product, error};
}

Pair Product(Pair a, Pair b) {
  const Pair product = Product(a.hi, b.hi);
  return SumOrdered(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

Pair Quotient(double a, Pair b) {
  const double quotient = a / b.hi;
  const Pair back = Product(quotient, b.hi);
  const double rest = ((a - back.hi) - back.lo) - quotient * b.lo;
  return SumOrdered(quotient, rest / b.hi);
}

// x = mantissa * 2^exponent, the mantissa in [sqrt(1/2), sqrt(2)). x is normal
// or subnormal, and positive.
double Mantissa(double x, int* exponent) {
  *exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    *exponent = -54;
  }
  uint64_t bits = 0;
  std::memcpy(&bits, &x, sizeof(bits));
  *exponent += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFFU) | 0x3FF0000000000000U;
  double mantissa = 0;
  std::memcpy(&mantissa, &bits, sizeof(mantissa));
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    ++*exponent;
  }
  return mantissa;
}

// log m = 2 artanh s = 2 (s + s^3 / 3 + s^5 / 5 + ...), s = (m - 1) / (m + 1);
// |s| < 0.172, so that the terms beyond s^27 add less than 2^-70 of the sum.
Pair LogPair(double x) {
  int exponent = 0;
  const double mantissa = Mantissa(x, &exponent);
  const Pair s = Quotient(mantissa - 1, Sum(mantissa, 1));
  const Pair square = Product(s, s);
  double tail = 1.0 / 27;
  for (int k = 25; k >= 7; k -= 2) tail = 1.0 / k + square.hi * tail;
  Pair series = Sum(kFifth, Product(square.hi, tail));
  series = Sum(kThird, Product(square, series));
  series = Sum(kOne, Product(square, series));
  const Pair half = Product(s, series);
  return Sum(Product({static_cast<double>(exponent), 0}, kLn2),
             {2 * half.hi, 2 * half.lo});
}

// 2^n, n in [-1022, 1023].
double PowerOfTwo(int n) {
  const uint64_t bits = static_cast<uint64_t>(n + 1023) << 52;
  double power = 0;
  std::memcpy(&power, &bits, sizeof(power));
  return power;
}

// x * 2^n, n in [-1076, 1024]; a subnormal result is rounded once.
double Scale(double x, int n) {
  if (n > 1023) return 2 * x * PowerOfTwo(n - 1);
  if (n < -1022) return x * PowerOfTwo(n + 64) * 0x1p-64;
  return x * PowerOfTwo(n);
}

// exp(x) = 2^n exp(r), |r| <= ln(2) / 2, by the Taylor series up to r^15.
double ExpOf(Pair x) {
  if (x.hi > 710) return kInf;
  if (x.hi < -746) return 0;
  const double n = std::floor(x.hi / kLn2.hi + 0.5);
  const Pair r = Sum(x, Product({-n, 0}, kLn2));
  constexpr double kFactorials[] = {1.0 / 2,           1.0 / 6,
                                    1.0 / 24,          1.0 / 120,
                                    1.0 / 720,         1.0 / 5040,
                                    1.0 / 40320,       1.0 / 362880,
                                    1.0 / 3628800,     1.0 / 39916800,
                                    1.0 / 479001600,   1.0 / 6227020800,
                                    1.0 / 87178291200, 1.0 / 1307674368000};
  double series = 0;
  for (int k = 13; k >= 0; --k) series = kFactorials[k] + r.hi * series;
  const Pair sum = Sum(1, r.hi);
  const double power = sum.hi + (sum.lo + (r.lo + r.hi * r.hi * series));
  return Scale(power, static_cast<int>(n));
}

// The sine and the cosine of pi * y for y in [0, 1/4], by their Taylor series.
double SinPiOf(double y) {
  Pair z = Product(kPi.hi, y);
  z.lo += kPi.lo * y;
  const double w = z.hi * z.hi;
  double series = 0;
  for (int k = 18; k >= 2; k -= 2) series = (1 - w * series) / (k * (k + 1));
  return z.hi + (z.lo - z.hi * w * series);
}

double CosPiOf(double y) {
  Pair z = Product(kPi.hi, y);
  z.lo += kPi.lo * y;
  const Pair w = Product(z.hi, z.hi);
  double series = 0;
  for (int k = 17; k >= 3; k -= 2) series = (1 - w.hi * series) / (k * (k + 1));
  const Pair sum = Sum(1, -0.5 * w.hi);
  const double rest = 0.5 * w.hi * w.hi * series;
  return sum.hi + (sum.lo + (rest - 0.5 * w.lo - z.hi * z.lo));
}

}  // namespace

double Exp(double x) { return x != x ? x : ExpOf({x, 0}); }

double Log(double x) {
  if (x == 0) return -kInf;
  if (!(x > 0)) return kNan;
  if (x == kInf) return kInf;
  const Pair log = LogPair(x);
  return log.hi + log.lo;
}

double Pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (!(x >= 0) || y != y) return kNan;
  if (x == 0) return y > 0 ? 0 : kInf;
  if (x == kInf) return y > 0 ? kInf : 0;
  const Pair log = LogPair(x);
  const double rough = y * log.hi;
  if (rough > 710) return kInf;
  if (rough < -746) return 0;
  return ExpOf(Product({y, 0}, log));
}

double CosPi(double x) {
  if (!(x - x == 0)) return kNan;
  double turn = x < 0 ? -x : x;
  turn -= 2 * std::floor(turn / 2);
  if (turn > 1) turn = 2 - turn;
  if (turn > 0.5) return -CosPi(1 - turn);
  return turn <= 0.25 ? CosPiOf(turn) : SinPiOf(0.5 - turn);
}

}  // namespace libopt
