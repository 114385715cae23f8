// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The reader and an oracle agree on generated headers: which are valid, and
// what they say. The oracle is a second opinion: jansson reads the JSON, and a
// few lines check the result.

#include <jansson.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "src/base/memory.h"
#include "src/state/container/header.h"
#include "tests/state/hostile.h"

namespace opt_test {
namespace {

struct Content {
  // dtype, shape, begin and end by name.
  using Tensor =
      std::tuple<std::string, std::vector<int64_t>, int64_t, int64_t>;
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  bool operator==(const Content& other) const {
    return tensors == other.tensors && metadata == other.metadata;
  }
};

struct Invalid : std::runtime_error {
  Invalid() : std::runtime_error("not a header") {}
};

void Require(bool condition) {
  if (!condition) throw Invalid();
}

std::string String(const json_t* value) {
  Require(json_is_string(value));
  return {json_string_value(value), json_string_length(value)};
}

std::vector<int64_t> Integers(const json_t* value) {
  Require(json_is_array(value));
  std::vector<int64_t> integers;
  for (size_t i = 0; i < json_array_size(value); ++i) {
    const json_t* item = json_array_get(value, i);
    Require(json_is_integer(item) && json_integer_value(item) >= 0);
    integers.push_back(json_integer_value(item));
  }
  return integers;
}

int BitsOf(const std::string& dtype) {
  if (dtype == "F4") return 4;
  if (dtype == "F6_E2M3" || dtype == "F6_E3M2") return 6;
  for (const char* name : {"BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0",
                           "F8_E4M3FNUZ", "F8_E5M2FNUZ"}) {
    if (dtype == name) return 8;
  }
  for (const char* name : {"U16", "I16", "F16", "BF16"}) {
    if (dtype == name) return 16;
  }
  for (const char* name : {"U32", "I32", "F32"}) {
    if (dtype == name) return 32;
  }
  for (const char* name : {"U64", "I64", "F64", "C64"}) {
    if (dtype == name) return 64;
  }
  throw Invalid();
}

Content::Tensor ReadTensor(const json_t* value) {
  Require(json_is_object(value) && json_object_size(value) == 3);
  const std::string dtype = String(json_object_get(value, "dtype"));
  const auto shape = Integers(json_object_get(value, "shape"));
  const auto offsets = Integers(json_object_get(value, "data_offsets"));
  int64_t bits = 1;
  for (const int64_t extent : shape) {
    Require(!__builtin_mul_overflow(bits, extent, &bits));
  }
  Require(!__builtin_mul_overflow(bits, BitsOf(dtype), &bits));
  Require(bits % 8 == 0 && offsets.size() == 2);
  Require(offsets[1] - offsets[0] == bits / 8);
  return {dtype, shape, offsets[0], offsets[1]};
}

Content ReadContent(json_t* root) {
  Require(json_is_object(root));
  Content content;
  std::vector<std::pair<int64_t, int64_t>> ranges;
  const char* key = nullptr;
  json_t* value = nullptr;
  json_object_foreach(root, key, value) {
    if (std::string(key) == "__metadata__") {
      Require(json_is_object(value));
      const char* name = nullptr;
      json_t* text = nullptr;
      json_object_foreach(value, name, text) {
        content.metadata[name] = String(text);
      }
      continue;
    }
    for (const char* byte = key; *byte != '\0'; ++byte) {
      Require(static_cast<unsigned char>(*byte) >= 0x20 && *byte != 0x7F);
    }
    const Content::Tensor tensor = ReadTensor(value);
    content.tensors[key] = tensor;
    ranges.emplace_back(std::get<2>(tensor), std::get<3>(tensor));
  }
  std::sort(ranges.begin(), ranges.end());
  int64_t end = 0;
  for (const auto& range : ranges) {
    Require(range.first == end);
    end = range.second;
  }
  return content;
}

std::optional<Content> ReadByOracle(const std::string& text) {
  // JSON lets any white space stand before and after the object.
  if (text.empty() || text.front() != '{') return std::nullopt;
  const size_t last = text.find_last_not_of(' ');
  if (text[last] != '}') return std::nullopt;
  const std::unique_ptr<json_t, void (*)(json_t*)> root(
      json_loadb(text.data(), text.size(),
                 JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, nullptr),
      json_decref);
  if (!root) return std::nullopt;
  try {
    return ReadContent(root.get());
  } catch (const Invalid&) {
    return std::nullopt;
  }
}

Content ContentOf(const libopt::Header& header) {
  Content content;
  for (const libopt::HeaderEntry& entry : header.entries) {
    content.tensors[std::string(entry.name)] = {
        std::string(entry.dtype),
        {entry.shape.begin(), entry.shape.end()},
        entry.begin,
        entry.end};
  }
  for (const libopt::HeaderMetadata& item : header.metadata) {
    content.metadata[std::string(header.KeyOf(item))] = header.ValueOf(item);
  }
  return content;
}

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
    content = ContentOf(libopt::ReadHeader(text, -1, libopt::ProcessMemory()));
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
