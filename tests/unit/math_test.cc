// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The elementary functions are within 2 ulp of the C library's in long double,
// which has 11 bits more at least.

#include "src/base/math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "src/rules/descriptor.h"

namespace libopt {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int kSamples = 50000;

// The distance from the true value, in units in the last place of it.
double Ulps(double value, long double truth) {
  int exponent = 0;
  std::frexp(static_cast<double>(truth), &exponent);
  const long double ulp = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs((value - truth) / ulp));
}

class Numbers {
 public:
  double Between(double low, double high) {
    return low +
           (high - low) * std::ldexp(static_cast<double>(bits_() >> 11), -53);
  }
  // Of any size.
  double Positive() {
    return std::ldexp(Between(1, 2), static_cast<int>(Between(-1074, 1023)));
  }

 private:
  std::mt19937_64 bits_;
};

TEST(MathTest, ExpIsWithinTwoUlp) {
  Numbers numbers;
  double worst = 0;
  for (int i = 0; i < kSamples; ++i) {
    for (const double x :
         {numbers.Between(-745, 709), numbers.Between(-1, 1)}) {
      worst = std::max(worst, Ulps(Exp(x), std::exp(1.0L * x)));
    }
  }
  EXPECT_LT(worst, 2);
}

TEST(MathTest, LogIsWithinTwoUlp) {
  Numbers numbers;
  double worst = 0;
  for (int i = 0; i < kSamples; ++i) {
    for (const double x : {numbers.Positive(), numbers.Between(0.5, 2),
                           1 + numbers.Between(-1e-9, 1e-9)}) {
      worst = std::max(worst, Ulps(Log(x), std::log(1.0L * x)));
    }
  }
  EXPECT_LT(worst, 2);
}

TEST(MathTest, PowIsWithinTwoUlp) {
  Numbers numbers;
  double worst = 0;
  const auto measure = [&](double x, double y) {
    worst = std::max(worst, Ulps(Pow(x, y), std::pow(1.0L * x, 1.0L * y)));
  };
  for (int i = 0; i < kSamples; ++i) {
    measure(numbers.Between(0, 1), numbers.Between(0, 20));
    measure(numbers.Positive(), numbers.Between(-0.9, 0.9));
    measure(1 + numbers.Between(-1e-6, 1e-6), numbers.Between(-1e8, 1e8));
  }
  EXPECT_LT(worst, 2);
}

TEST(MathTest, CosPiIsWithinTwoUlp) {
  constexpr long double kPi = 3.14159265358979323846264338327950288L;
  Numbers numbers;
  double worst = 0;
  for (int i = 0; i < kSamples; ++i) {
    const double x = numbers.Between(0, 0.25);
    worst = std::max(worst, Ulps(CosPi(x), std::cos(kPi * x)));
    const double y = numbers.Between(0.25, 0.5);
    worst = std::max(worst, Ulps(CosPi(y), std::sin(kPi * (0.5 - y))));
    EXPECT_EQ(CosPi(1 - y), -CosPi(1 - (1 - y))) << y;
    EXPECT_EQ(CosPi(y + 1024), CosPi((y + 1024) - 1024));
    EXPECT_EQ(CosPi(-y), CosPi(y));
  }
  EXPECT_LT(worst, 2);
}

TEST(MathTest, BordersAreExact) {
  EXPECT_EQ(Exp(0), 1);
  EXPECT_EQ(Exp(-0x1p-60), 1);
  EXPECT_EQ(Exp(1000), kInf);
  EXPECT_EQ(Exp(kInf), kInf);
  EXPECT_EQ(Exp(-1000), 0);
  EXPECT_EQ(Exp(-kInf), 0);
  EXPECT_EQ(Log(1), 0);
  EXPECT_EQ(Log(0), -kInf);
  EXPECT_EQ(Log(kInf), kInf);
  EXPECT_TRUE(std::isnan(Log(-1)));
  for (const double x : {0.0, 1e-300, 0.5, 1.0, 7.0, kInf}) {
    EXPECT_EQ(Pow(x, 0), 1);
    EXPECT_EQ(Pow(x, 1), x);
    EXPECT_EQ(Pow(1, x), 1);
  }
  EXPECT_EQ(Pow(0, 0.5), 0);
  EXPECT_EQ(Pow(0, -0.5), kInf);
  EXPECT_EQ(Pow(0.5, 1e300), 0);
  EXPECT_EQ(Pow(2, 1e300), kInf);
  EXPECT_TRUE(std::isnan(Pow(-1, 2)));
  EXPECT_EQ(CosPi(0), 1);
  EXPECT_EQ(CosPi(0.5), 0);
  EXPECT_EQ(CosPi(1), -1);
  EXPECT_EQ(CosPi(1.5), 0);
  EXPECT_EQ(CosPi(0x1p60), 1);
  for (const double x : {kInf, -kInf, std::nan("")}) {
    EXPECT_TRUE(std::isnan(CosPi(x)));
  }
  EXPECT_TRUE(std::isnan(Exp(std::nan(""))));
}

TEST(PowerOfStepTest, OneMinusPowerHasTheBitsOfTheDifference) {
  for (const double base :
       {0.0, 1e-300, 0x1p-61, 0x1p-60, 0x1p-59, 1e-9, 0.1, 0.5, 0.9, 0.95, 0.99,
        0.999, 0.9999, 0.999999, 1.0}) {
    for (int64_t step = 1; step < (int64_t{1} << 40); step += 1 + step / 7) {
      EXPECT_EQ(OneMinusPower(base, step), 1 - PowerOfStep(base, step))
          << base << " to the power of " << step;
    }
  }
}

}  // namespace
}  // namespace libopt
