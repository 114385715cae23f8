// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/container/json.h"

#include <algorithm>
#include <charconv>

#include "src/base/pmr.h"
#include "src/base/text.h"

namespace libopt {
namespace {

// The escapes of one letter, and what they stand for.
constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

bool IsControl(char byte) { return static_cast<unsigned char>(byte) < 0x20; }

bool MustBeEscaped(char byte) {
  return byte == '"' || byte == '\\' || IsControl(byte);
}

bool IsHighSurrogate(uint32_t unit) { return unit >> 10 == 0xD800 >> 10; }

bool IsLowSurrogate(uint32_t unit) { return unit >> 10 == 0xDC00 >> 10; }

void AppendUtf8(uint32_t character, pmr::String* out) {
  const auto continuation = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | (character >> shift & 0x3F)));
  };
  if (character < 0x80) {
    out->push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    out->push_back(static_cast<char>(0xC0 | character >> 6));
    continuation(0);
  } else if (character < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | character >> 12));
    continuation(6);
    continuation(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | character >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace

int64_t JsonScanner::NextByte() {
  at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size());
  return ByteOf(at_);
}

bool JsonScanner::Take(char wanted) {
  NextByte();
  if (Peek() != wanted) return false;
  ++at_;
  return true;
}

void JsonScanner::Expect(char wanted) {
  if (Take(wanted)) return;
  FailAt(NextByte(), "expected '", std::string_view(&wanted, 1), "'");
}

void JsonScanner::ReadString(pmr::String* out) {
  out->clear();
  Expect('"');
  while (Peek() != '"') {
    if (at_ == text_.size()) FailAt(ByteOf(at_), "a string does not end");
    if (IsControl(Peek())) {
      FailAt(ByteOf(at_), "a control character in a string");
    }
    if (Peek() == '\\') {
      ReadEscape(out);
      continue;
    }
    const size_t size = CharacterSize(text_.substr(at_));
    if (size == 0) FailAt(ByteOf(at_), "a string is not UTF-8");
    out->append(text_, at_, size);
    at_ += size;
  }
  ++at_;
}

void JsonScanner::ReadEscape(pmr::String* out) {
  const size_t escape = at_++;
  const size_t letter = kEscapes.find(Peek());
  if (letter != std::string_view::npos) {
    out->push_back(kEscaped[letter]);
    ++at_;
    return;
  }
  if (Peek() != 'u') FailAt(ByteOf(escape), "an unknown escape");
  ++at_;
  uint32_t character = ReadUnit(escape);
  if (IsHighSurrogate(character) && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    const uint32_t low = ReadUnit(escape);
    if (!IsLowSurrogate(low)) FailAt(ByteOf(escape), "half a surrogate pair");
    character = 0x10000 + ((character & 0x3FF) << 10 | (low & 0x3FF));
  } else if (IsHighSurrogate(character) || IsLowSurrogate(character)) {
    FailAt(ByteOf(escape), "half a surrogate pair");
  }
  AppendUtf8(character, out);
}

// The four hexadecimal digits of the \u that starts at `escape`.
uint32_t JsonScanner::ReadUnit(size_t escape) {
  const std::string_view digits = text_.substr(at_, 4);
  uint32_t unit = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  if (error != std::errc() || end != digits.data() + 4) {
    FailAt(ByteOf(escape), "\\u without four hexadecimal digits");
  }
  at_ += 4;
  return unit;
}

int64_t JsonScanner::ReadInteger() {
  const int64_t byte = NextByte();
  if (!IsDigit(Peek())) FailAt(byte, "expected a number of digits alone");
  // A leading zero is a number of its own.
  const std::string_view digits =
      text_.substr(at_, Peek() == '0' ? 1 : std::string_view::npos);
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc()) FailAt(byte, "a number above ", INT64_MAX);
  at_ += static_cast<size_t>(end - digits.data());
  return number;
}

void JsonScanner::ReadIntegers(pmr::Vector<int64_t>* out) {
  // Makes room for as many as there can be, since growing step by step would
  // take more.
  const size_t end = std::min(text_.find(']', at_), text_.size());
  out->clear();
  out->reserve((end - at_) / 2);
  ReadList('[', ']', [&] { out->push_back(ReadInteger()); });
}

void JsonScanner::ExpectEnd() {
  const size_t end = text_.find_first_not_of(' ', at_);
  if (end != std::string_view::npos) {
    FailAt(ByteOf(end), "only spaces may follow the object");
  }
}

void AppendJsonString(std::string_view text, pmr::String* json) {
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  *json += '"';
  while (!text.empty()) {
    const char byte = text[0];
    size_t size = 1;
    if (byte == '"' || byte == '\\') {
      json->append({'\\', byte});
    } else if (IsControl(byte)) {
      const auto code = static_cast<unsigned char>(byte);
      json->append("\\u00");
      json->append({kHexadecimal[code >> 4], kHexadecimal[code & 15]});
    } else {
      size = static_cast<size_t>(
          std::find_if(text.begin(), text.end(), MustBeEscaped) - text.begin());
      json->append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  *json += '"';
}

void AppendJsonInteger(int64_t number, pmr::String* json) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  json->append(digits, end);
}

}  // namespace libopt
