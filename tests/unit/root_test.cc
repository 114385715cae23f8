// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The square root of every SIMD target has the bits of the C library's, which
// is correctly rounded. AdaGrad divides by it, and is asked to divide numbers
// that no wrong root could give the right quotients of.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "src/kernel/kernels.h"
#include "src/rules/adagrad.h"
#include "src/rules/registry.h"

namespace libopt {
namespace {

// Small enough for its square to be 0: it leaves AdaGrad's sum as it is.
constexpr double kGrad = 0x1p-540;
constexpr double kNumerators[] = {1, 3, 5, 7};

constexpr size_t kRandom = 200'000;

// The square roots of c modulo 2^bits, where c is 1 modulo 8.
std::vector<uint64_t> RootsModulo(int bits, int64_t c) {
  uint64_t root = 1;
  for (int k = 3; k < bits; ++k) {
    const uint64_t wrong = root * root - static_cast<uint64_t>(c);
    if ((wrong >> k & 1) != 0) root += uint64_t{1} << (k - 1);
  }
  const uint64_t half = uint64_t{1} << (bits - 1);
  const uint64_t mask = 2 * half - 1;
  return {root & mask, (half + root) & mask, (0 - root) & mask,
          (half - root) & mask};
}

// Arguments whose roots are all but halfway between two numbers. Halfway is m /
// 2 with an odd m of 54 bits, and m * m - c is the argument times a power of
// two: the smaller c is, the closer is the root.
std::vector<double> HardArguments() {
  std::vector<double> arguments;
  for (const int bits : {54, 55}) {
    for (int64_t c = -1023; c < 1024; c += 8) {
      for (const uint64_t root : RootsModulo(bits, c)) {
        for (uint64_t m = root; m >> 54 == 0; m += uint64_t{1} << bits) {
          if (m >> 53 == 0) continue;
          const auto k = static_cast<double>(m / 2);  // m * m = 4 k (k + 1) + 1
          const double product = k * (k + 1);
          const double rest =
              std::fma(k, k + 1, -product) + static_cast<double>((1 - c) / 4);
          arguments.push_back(std::ldexp(product + rest, bits % 2));
        }
      }
    }
  }
  return arguments;
}

std::vector<double> Arguments() {
  using Limits = std::numeric_limits<double>;
  std::vector<double> arguments = HardArguments();
  EXPECT_GT(arguments.size(), 500U);
  std::mt19937_64 bits(1);
  for (size_t i = 0; i < kRandom; ++i) {
    const uint64_t any = bits() >> 1;  // of any size, none negative
    double argument = 0;
    std::memcpy(&argument, &any, sizeof(argument));
    if (std::isnan(argument)) argument = 1;
    arguments.push_back(argument);
  }
  for (const double special :
       {0.0, Limits::denorm_min(), Limits::min(), Limits::max(),
        Limits::infinity(), std::nextafter(0x1p-960, 0.0), 0x1p-960}) {
    arguments.push_back(special);
  }
  arguments.resize(arguments.size() / 64 * 64 + 64, 1);
  return arguments;
}

// numerator / sqrt(argument) of each, made by AdaGrad.
std::vector<double> Quotients(int target, double numerator,
                              std::vector<double> arguments) {
  Scalars scalars = {};
  scalars.grad_scale = 1;
  scalars.is_usual = true;
  scalars.rule[AdaGrad::kRate] = numerator / kGrad;
  std::vector<double> param(arguments.size(), 0);
  std::vector<double> grad(arguments.size(), kGrad);
  Chunk chunk = {};
  chunk.param = param.data();
  chunk.grad = grad.data();
  chunk.slots[0] = arguments.data();
  chunk.count = static_cast<int64_t>(arguments.size());
  chunk.scalars = &scalars;
  chunk.grad_dtype = OPT_F64;
  FindStep(FindRule("adagrad").rule->index, target, OPT_F64, 1)(chunk);
  return param;
}

// The argument: whether roots are made by the instruction.
class Root : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    TargetSupported(0);
    g_root_by_instruction = GetParam();
  }
};

TEST_P(Root, IsCorrectlyRoundedOnEveryTarget) {
  const std::vector<double> arguments = Arguments();
  for (int target = 0; target < TargetCount(); ++target) {
    if (!TargetSupported(target)) continue;
    for (const double numerator : kNumerators) {
      const std::vector<double> quotients =
          Quotients(target, numerator, arguments);
      for (size_t i = 0; i < arguments.size(); ++i) {
        ASSERT_EQ(quotients[i], 0 - numerator / std::sqrt(arguments[i]))
            << TargetName(target) << ", " << arguments[i];
      }
    }
  }
}

TEST_P(Root, OfANegativeNumberOrNanIsNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (int target = 0; target < TargetCount(); ++target) {
    if (!TargetSupported(target)) continue;
    for (const double argument :
         {-1.0, -0x1p-1000, -std::numeric_limits<double>::infinity(), nan}) {
      for (const double quotient :
           Quotients(target, 1, std::vector<double>(64, argument))) {
        EXPECT_TRUE(std::isnan(quotient)) << TargetName(target);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BothWays, Root, testing::Bool());

}  // namespace
}  // namespace libopt
