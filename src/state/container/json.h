// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259) as far as a header needs it: punctuation, strings, and
// integers that are not negative. Strict, and without recursion.

#ifndef OPT_SRC_STATE_CONTAINER_JSON_H_
#define OPT_SRC_STATE_CONTAINER_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/pmr.h"
#include "src/state/container/stream.h"

namespace libopt {

// Reads a text from its first token to its last. Where the text is not what a
// function expects, it throws OPT_ERR_FORMAT and names the byte.
class JsonScanner {
 public:
  // `start`: the byte of the file where the text starts.
  JsonScanner(std::string_view text, int64_t start)
      : text_(text), start_(start) {}

  // The byte of the file where the next token starts.
  int64_t NextByte();

  // Whether the next token is this character; if so, consumes it.
  bool Take(char wanted);
  void Expect(char wanted);

  // Reads what stands between two brackets: item() reads one of the parts that
  // commas separate.
  template <typename Item>
  void ReadList(char open, char close, const Item& item) {
    Expect(open);
    if (Take(close)) return;
    do {
      item();
    } while (Take(','));
    if (Take(close)) return;
    FailAt(NextByte(), "expected ',' or '", std::string_view(&close, 1), "'");
  }

  // Replaces `out` by a string's characters, as UTF-8.
  void ReadString(pmr::String* out);
  int64_t ReadInteger();
  void ReadIntegers(pmr::Vector<int64_t>* out);

  // Throws unless nothing but spaces is left.
  void ExpectEnd();

 private:
  // The next byte of the text, or 0 at its end, which no token holds.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  int64_t ByteOf(size_t at) const { return start_ + static_cast<int64_t>(at); }
  void ReadEscape(pmr::String* out);
  uint32_t ReadUnit(size_t escape);

  const std::string_view text_;
  const int64_t start_;
  size_t at_ = 0;
};

// Appends a string in quotes. `text` is valid UTF-8.
void AppendJsonString(std::string_view text, pmr::String* json);
void AppendJsonInteger(int64_t number, pmr::String* json);

}  // namespace libopt

#endif  // OPT_SRC_STATE_CONTAINER_JSON_H_
