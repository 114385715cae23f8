// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The reader and the oracle agree on generated headers: which are valid, and
// what they say.

#include <memory_resource>
#include <random>

#include "src/state/header_reader.h"
#include "tests/state/hostile.h"
#include "tests/state/oracle.h"

namespace opt_test {
namespace {

// Makes headers: valid ones, in all the ways that JSON allows to write them.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  unsigned Below(unsigned limit) { return random_() % limit; }

  template <size_t kCount>
  std::string Any(const char* const (&choices)[kCount]) {
    return choices[Below(kCount)];
  }

  std::string Header() {
    std::vector<std::string> items;
    int64_t end = 0;
    for (unsigned i = Below(4); i > 0; --i) items.push_back(Tensor(&end));
    if (Below(2) == 0) {
      std::string pairs;
      for (unsigned i = Below(3); i > 0; --i) {
        pairs += String() + Colon() + String() + (i > 1 ? Comma() : "");
      }
      items.push_back("\"__metadata__\"" + Colon() + "{" + Space() + pairs +
                      Space() + "}");
    }
    return "{" + Space() + Joined(&items) + Space() + "}" +
           std::string(Below(4), ' ');
  }

  // The text with some of its bytes removed, repeated, replaced or added.
  std::string Mutated(std::string text) {
    static constexpr const char* kParts[] = {
        "\"",      "\\",      "{",       "}",
        "[",       "]",       ",",       ":",
        "0",       "1",       "8",       "-",
        ".",       "e",       " ",       "\n",
        "\t",      "a",       "u",       "\x80",
        "\xC3",    "\xFF",    "\x01",    "null",
        "true",    "\"\"",    "{}",      "[]",
        "\"w\":1", "\\u0041", "\\ud800", "\"dtype\":\"U8\","};
    const size_t at = Below(static_cast<unsigned>(text.size()) + 1);
    const size_t size = Below(3);
    switch (Below(3)) {
      case 0:
        return text.erase(at, size);
      case 1:
        return text.insert(at, text.substr(at, size * size * 8));
      default:
        return text.replace(at, size, Any(kParts));
    }
  }

 private:
  std::string Space() {
    static constexpr const char* kSpaces[] = {"", "", "", " ", "\n", "\t\r "};
    return Any(kSpaces);
  }
  std::string Colon() { return Space() + ":" + Space(); }
  std::string Comma() { return Space() + "," + Space(); }

  std::string String() {
    static constexpr const char* kParts[] = {
        "a",    "b/",      "0.w",  "\u00E9", "\U0001F600",     "\\\"",
        "\\\\", "\\u0041", "\\/",  "\\n",    "\\ud83d\\ude00", "\\u00E9",
        "\x7F", "__",      "dtype"};
    std::string string = "\"";
    for (unsigned i = Below(4); i > 0; --i) string += Any(kParts);
    return string + "\"";
  }

  std::string Tensor(int64_t* end) {
    static constexpr const char* kDtypes[] = {"U8", "F32", "I64", "F4"};
    static constexpr int64_t kBits[] = {8, 32, 64, 4};
    const unsigned dtype = Below(4);
    std::string shape;
    int64_t bits = kBits[dtype];
    for (unsigned i = Below(3); i > 0; --i) {
      const int64_t extent = 2 * Below(3);
      bits *= extent;
      shape += std::to_string(extent) + (i > 1 ? Comma() : "");
    }
    const int64_t begin = *end;
    *end += bits / 8;
    std::vector<std::string> fields = {
        "\"dtype\"" + Colon() + "\"" + kDtypes[dtype] + "\"",
        "\"sh\\u0061pe\"" + Colon() + "[" + Space() + shape + "]",
        "\"data_offsets\"" + Colon() + "[" + std::to_string(begin) + Comma() +
            std::to_string(*end) + Space() + "]"};
    return String() + Colon() + "{" + Space() + Joined(&fields) + "}";
  }

  std::string Joined(std::vector<std::string>* parts) {
    std::shuffle(parts->begin(), parts->end(), random_);
    std::string joined;
    for (const std::string& part : *parts) {
      joined += (joined.empty() ? "" : Comma()) + part;
    }
    return joined;
  }

  std::mt19937 random_;
};

// Where the two are known to differ: jansson takes -0 as an integer, and no key
// with a NUL.
bool IsKnownDifference(const std::string& text) {
  return text.find("-0") != std::string::npos ||
         text.find("\\u0000") != std::string::npos;
}

// Compares the two on one text; returns whether they take it.
bool Compare(const std::string& text) {
  std::optional<Content> content;
  const std::optional<libopt::Error> error = ErrorOf([&] {
    content = ContentOf(
        libopt::ReadHeader(text, -1, std::pmr::new_delete_resource()));
  });
  EXPECT_EQ(content, ReadByOracle(text))
      << text << "\n"
      << (error ? error->message.c_str() : "taken");
  return content.has_value();
}

TEST(HeaderOracle, AgreesOnGeneratedHeaders) {
  int taken = 0, refused = 0;
  for (uint32_t seed = 0; seed < 5000 && !testing::Test::HasFailure(); ++seed) {
    ++(Compare(Generator(seed).Header()) ? taken : refused);
  }
  // Names and keys are drawn so that some are given twice.
  EXPECT_GT(taken, 2000);
  EXPECT_GT(refused, 100);
}

TEST(HeaderOracle, AgreesOnDamagedHeaders) {
  int taken = 0, refused = 0;
  for (uint32_t seed = 0; seed < 30000 && !testing::Test::HasFailure();
       ++seed) {
    Generator generator(seed);
    std::string text = generator.Header();
    for (unsigned i = generator.Below(3) + 1; i > 0; --i) {
      text = generator.Mutated(text);
    }
    if (IsKnownDifference(text)) continue;
    ++(Compare(text) ? taken : refused);
  }
  EXPECT_GT(taken, 2000);
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace opt_test
