// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/table.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace bench {

Table::Table(std::string title, std::vector<std::string> header)
    : title_(std::move(title)), rows_{std::move(header)} {}

void Table::AddRow(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

void Table::Print(bool markdown) const {
  std::vector<size_t> widths(rows_.front().size(), 3);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::printf(markdown ? "\n### %s\n\n" : "\n%s\n", title_.c_str());
  for (size_t k = 0; k < rows_.size(); ++k) {
    for (size_t i = 0; i < widths.size(); ++i) {
      const std::string cell = i < rows_[k].size() ? rows_[k][i] : "";
      // Words stand left, numbers right.
      const int width = static_cast<int>(widths[i]) * (i == 0 ? -1 : 1);
      std::printf(markdown ? "| %*s " : "  %*s", width, cell.c_str());
    }
    std::printf(markdown ? "|\n" : "\n");
    if (k == 0) {
      for (size_t i = 0; i < widths.size(); ++i) {
        const std::string rule(widths[i] - (markdown && i > 0 ? 1 : 0), '-');
        std::printf(markdown ? "| %s%s " : "  %s%s", rule.c_str(),
                    markdown && i > 0 ? ":" : "");
      }
      std::printf(markdown ? "|\n" : "\n");
    }
  }
  std::fflush(stdout);
}

std::string Format(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

std::string FormatRatio(double of_min, double of_median) {
  return Format(of_min, 2) + " (" + Format(of_median, 2) + ")";
}

std::string FormatCount(int64_t count) {
  std::string digits = std::to_string(count);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return digits;
}

}  // namespace bench
