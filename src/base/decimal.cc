// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/decimal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace libopt {
namespace {

constexpr int kMostDigits = 17;  // of any double

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Decimal::Decimal(double value, Notation notation) {
  if (std::signbit(value)) Add("-");
  if (!std::isfinite(value)) {
    Add(std::isnan(value) ? "nan" : "inf");
    return;
  }
  FindDigits(std::abs(value));
  if (notation == Notation::kShorter) {
    notation = FixedSize() <= ScientificSize() ? Notation::kFixed
                                               : Notation::kScientific;
  }
  if (notation == Notation::kFixed) {
    AddFixed(std::abs(value));
  } else {
    AddScientific();
  }
}

void Decimal::Add(std::string_view part) {
  const size_t size = std::min(part.size(), sizeof(text_) - size_);
  std::memcpy(text_ + size_, part.data(), size);
  size_ += size;
}

void Decimal::AddZeros(int count) {
  for (int i = 0; i < count; ++i) Add("0");
}

// Whatever stands between the digits is the locale's decimal point, which
// strtod expects.
void Decimal::FindDigits(double value) {
  char text[40];
  const auto print = [&](int digits) {
    std::snprintf(text, sizeof(text), "%.*e", digits - 1, value);
  };
  const auto reads_back = [&] { return std::strtod(text, nullptr) == value; };
  int digits = 1;
  for (print(digits); digits < kMostDigits && !reads_back();) print(++digits);
  if (digits == kMostDigits) {
    // Beside a power of two, the doubles below it lie closer than those above:
    // one digit less, rounded up, may do although it is not the nearest.
    print(kMostDigits - 1);
    char* last = std::strchr(text, 'e') - 1;
    if (*last < '9') ++*last;
    if (!reads_back()) print(kMostDigits);
  }
  const char* from = text;
  for (; *from != 'e'; ++from) {
    if (IsDigit(*from)) digits_[count_++] = *from;
  }
  exponent_ = std::atoi(from + 1);
}

std::string_view Decimal::Digits(int from) const {
  return {digits_ + from, static_cast<size_t>(count_ - from)};
}

int Decimal::FixedSize() const {
  if (exponent_ < 0) return 1 - exponent_ + count_;
  return exponent_ < count_ - 1 ? count_ + 1 : exponent_ + 1;
}

int Decimal::ScientificSize() const {
  return count_ + (count_ > 1 ? 1 : 0) + (std::abs(exponent_) < 100 ? 4 : 5);
}

void Decimal::AddFixed(double value) {
  if (exponent_ < 0) {
    Add("0.");
    AddZeros(-exponent_ - 1);
    Add(Digits(0));
  } else if (exponent_ < count_ - 1) {
    Add({digits_, static_cast<size_t>(exponent_ + 1)});
    Add(".");
    Add(Digits(exponent_ + 1));
  } else {
    char text[40];  // an integer, with all its digits
    std::snprintf(text, sizeof(text), "%.0f", value);
    Add(text);
  }
}

void Decimal::AddScientific() {
  Add({digits_, 1});
  if (count_ > 1) Add(".");
  Add(Digits(1));
  char text[16];
  std::snprintf(text, sizeof(text), "e%c%02d", exponent_ < 0 ? '-' : '+',
                std::abs(exponent_));
  Add(text);
}

}  // namespace libopt
