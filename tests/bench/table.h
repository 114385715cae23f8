// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Tables on the standard output, aligned for a reader or as Markdown.

#ifndef OPT_TESTS_BENCH_TABLE_H_
#define OPT_TESTS_BENCH_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

class Table {
 public:
  Table(std::string title, std::vector<std::string> header);
  void AddRow(std::vector<std::string> cells);
  void Print(bool markdown) const;

 private:
  std::string title_;
  std::vector<std::vector<std::string>> rows_;  // the first is the header
};

// A number with so many digits after the point.
std::string Format(double value, int digits);

// "1.02 (1.03)": of the fastest rounds and of the median ones.
std::string FormatRatio(double of_min, double of_median);

// Counts, as 10,000.
std::string FormatCount(int64_t count);

}  // namespace bench

#endif  // OPT_TESTS_BENCH_TABLE_H_
