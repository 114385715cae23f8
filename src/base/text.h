// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Text for messages, in a fixed buffer: no allocation, no locale; and lists of
// names in one text.

#ifndef OPT_SRC_BASE_TEXT_H_
#define OPT_SRC_BASE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace libopt {

// One message: well-formed UTF-8 of one line, cut at its capacity (never inside
// a character). Bytes that are not UTF-8 and control characters are shown as
// U+FFFD. A long part, such as a name or a path, is shortened in its middle, so
// that there is room for the text after it.
class Text {
 public:
  static constexpr size_t kCapacity = 1024;  // the final NUL included
  static constexpr size_t kLongestPart = 256;

  template <typename... Parts>
  explicit Text(const Parts&... parts) {
    (Append(parts), ...);
  }

  void Append(std::string_view part);
  void Append(const Text& text) { AppendPrintable(text.view()); }
  void Append(const char* part) { Append(std::string_view(part)); }
  void Append(double number);  // the shortest that reads back the same
  void Append(int64_t number);
  void Append(int32_t number) { Append(static_cast<int64_t>(number)); }
  void Append(uint32_t number) { Append(static_cast<int64_t>(number)); }

  const char* c_str() const { return bytes_; }
  std::string_view view() const { return {bytes_, size_}; }

 private:
  void AppendPrintable(std::string_view part);

  char bytes_[kCapacity] = {};
  size_t size_ = 0;
  bool is_cut_ = false;
};

// The number of single-character edits between two words; two neighbours that
// have changed places are one. Case and '_', '-' and ' ' do not count: "T_max"
// and "tMax" are the same.
int EditDistance(std::string_view a, std::string_view b);

// Finds which of a list of names is the nearest to a misspelt one.
class NearestName {
 public:
  explicit NearestName(std::string_view wanted) : wanted_(wanted) {}
  void Offer(std::string_view name) { Offer(name, name); }
  // The hint for a name near `known`, a word of other libraries, is `name`.
  void Offer(std::string_view known, std::string_view name);

  // "; did you mean 'lr'?", or nothing if no name is near.
  Text Hint() const;

 private:
  std::string_view wanted_;
  std::string_view nearest_;
  int distance_ = 1 << 20;
  int difference_ = 0;  // of the lengths
};

// Takes the first item off a list that is not empty, and the separator behind
// it.
constexpr std::string_view TakeItem(std::string_view* list, char separator) {
  const size_t end = list->find(separator);
  const std::string_view item = list->substr(0, end);
  list->remove_prefix(end == std::string_view::npos ? list->size() : end + 1);
  return item;
}

// The length in bytes of the UTF-8 character that starts a text, or 0 if it is
// malformed: too short, overlong, a surrogate, or beyond U+10FFFF.
size_t CharacterSize(std::string_view text);

// Whether the bytes are well-formed UTF-8 without control characters.
bool IsPrintableUtf8(std::string_view text);

}  // namespace libopt

#endif  // OPT_SRC_BASE_TEXT_H_
