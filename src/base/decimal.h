// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_BASE_DECIMAL_H_
#define OPT_SRC_BASE_DECIMAL_H_

#include <cstddef>
#include <string_view>

namespace libopt {

// The shortest decimal number that reads back as the same double, in any
// locale: what std::to_chars gives where the C++ library has it for doubles,
// which not all that we build with do.
class Decimal {
 public:
  enum class Notation {
    kShorter,     // fixed or scientific; fixed if both are of one length
    kFixed,       // 0.0001; the number must be between 1e-23 and 1e23, or 0
    kScientific,  // 1e-04
  };

  explicit Decimal(double value, Notation notation = Notation::kShorter);

  std::string_view view() const { return {text_, size_}; }

 private:
  void Add(std::string_view part);
  void AddZeros(int count);
  void FindDigits(double value);
  int FixedSize() const;
  int ScientificSize() const;
  void AddFixed(double value);
  void AddScientific();
  std::string_view Digits(int from) const;

  // The number is digits_[0].digits_[1]digits_[2]... times 10 to the exponent.
  char digits_[18] = {};
  int count_ = 0;
  int exponent_ = 0;
  char text_[48] = {};
  size_t size_ = 0;
};

}  // namespace libopt

#endif  // OPT_SRC_BASE_DECIMAL_H_
