// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/oracle.h"

#include <jansson.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace opt_test {
namespace {

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

}  // namespace

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

}  // namespace opt_test
