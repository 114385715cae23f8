// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The text of a number is that of std::to_chars.

#include "src/base/decimal.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace libopt {
namespace {

std::string Expected(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

std::string Expected(double value, std::chars_format format) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof(text), value, format).ptr};
}

void ExpectSame(double value) {
  EXPECT_EQ(Decimal(value).view(), Expected(value));
  EXPECT_EQ(Decimal(value, Decimal::Notation::kScientific).view(),
            Expected(value, std::chars_format::scientific));
  const double size = std::abs(value);
  if (size == 0 || (size > 1e-23 && size < 1e23)) {
    EXPECT_EQ(Decimal(value, Decimal::Notation::kFixed).view(),
              Expected(value, std::chars_format::fixed));
  }
}

// Below them, doubles lie closer than above.
TEST(DecimalTest, PowersOfTwo) {
  for (int exponent = -1074; exponent < 1024; ++exponent) {
    ExpectSame(std::ldexp(1.0, exponent));
  }
}

TEST(DecimalTest, ShortNumbers) {
  for (int exponent = -25; exponent <= 25; ++exponent) {
    for (int digits = 1; digits < 1000; digits += 7) {
      ExpectSame(-digits * std::pow(10.0, exponent));
    }
  }
}

TEST(DecimalTest, Limits) {
  using Limits = std::numeric_limits<double>;
  for (const double value :
       {0.0, Limits::max(), Limits::min(), Limits::denorm_min(),
        Limits::epsilon(), 9007199254740991.0, 9007199254740994.0, 1e22}) {
    ExpectSame(value);
    ExpectSame(-value);
  }
  EXPECT_EQ(Decimal(Limits::infinity()).view(), "inf");
  EXPECT_EQ(Decimal(-Limits::infinity()).view(), "-inf");
  EXPECT_EQ(Decimal(std::abs(Limits::quiet_NaN())).view(), "nan");
}

TEST(DecimalTest, AnyBits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    if (std::isfinite(value)) ExpectSame(value);
    ExpectSame(static_cast<double>(static_cast<int64_t>(bits) >> (i % 60)));
  }
}

}  // namespace
}  // namespace libopt
