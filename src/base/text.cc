// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "src/base/decimal.h"

namespace libopt {
namespace {

constexpr size_t kLongestName = 64;
constexpr std::string_view kGap = "...";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// A name as it is compared with others.
struct PlainName {
  explicit PlainName(std::string_view name) {
    for (const char c : name.substr(0, kLongestName)) {
      if (c == '_' || c == '-' || c == ' ') continue;
      letters[size++] = 'A' <= c && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
  }
  char letters[kLongestName];
  int size = 0;
};

// How many edits of a name leave it recognizable. A name of one or two letters
// is near to every other.
int MostEdits(int size) {
  if (size <= 2) return 0;
  return size <= 4 ? 1 : std::max(2, size / 3);
}

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

void Text::Append(std::string_view part) {
  if (part.size() <= kLongestPart) {
    AppendPrintable(part);
    return;
  }
  size_t head = (kLongestPart - kGap.size()) / 2;
  size_t tail = part.size() - head;
  while (head > 0 && IsContinuation(part[head])) --head;
  while (tail < part.size() && IsContinuation(part[tail])) ++tail;
  AppendPrintable(part.substr(0, head));
  AppendPrintable(kGap);
  AppendPrintable(part.substr(tail));
}

void Text::AppendPrintable(std::string_view part) {
  while (!part.empty() && !is_cut_) {
    const size_t size = std::max<size_t>(CharacterSize(part), 1);
    std::string_view shown = part.substr(0, size);
    if (!IsPrintableUtf8(shown)) shown = kReplacement;
    is_cut_ = shown.size() > kCapacity - 1 - size_;
    if (is_cut_) return;
    std::memcpy(bytes_ + size_, shown.data(), shown.size());
    size_ += shown.size();
    part.remove_prefix(size);
  }
}

void Text::Append(double number) { Append(Decimal(number).view()); }

void Text::Append(int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  Append(std::string_view(digits, static_cast<size_t>(end - digits)));
}

int EditDistance(std::string_view a_name, std::string_view b_name) {
  const PlainName a(a_name);
  const PlainName b(b_name);
  // rows[i][j]: the distance of the first i letters of a from the first j of b.
  int rows[kLongestName + 1][kLongestName + 1];
  for (int j = 0; j <= b.size; ++j) rows[0][j] = j;
  for (int i = 1; i <= a.size; ++i) {
    rows[i][0] = i;
    for (int j = 1; j <= b.size; ++j) {
      const bool same = a.letters[i - 1] == b.letters[j - 1];
      const bool swapped = i > 1 && j > 1 &&
                           a.letters[i - 1] == b.letters[j - 2] &&
                           a.letters[i - 2] == b.letters[j - 1];
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1,
                             rows[i - 1][j - 1] + (same ? 0 : 1)});
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size][b.size];
}

void NearestName::Offer(std::string_view known, std::string_view name) {
  const int wanted_size = PlainName(wanted_).size;
  const int difference = std::abs(wanted_size - PlainName(known).size);
  if (difference > MostEdits(wanted_size)) return;  // nor can it be near
  const int distance = EditDistance(wanted_, known);
  if (std::pair(distance, difference) < std::pair(distance_, difference_)) {
    distance_ = distance;
    difference_ = difference;
    nearest_ = name;
  }
}

Text NearestName::Hint() const {
  if (distance_ > MostEdits(PlainName(wanted_).size)) return Text();
  return Text("; did you mean '", nearest_, "'?");
}

size_t CharacterSize(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const bool wrong_second =
      (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
  return wrong_second ? 0 : size;
}

bool IsPrintableUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    if (size == 0 || lead < 0x20 || lead == 0x7F) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace libopt
