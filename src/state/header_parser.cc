// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/header_parser.h"

#include <algorithm>
#include <tuple>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/state/json_text.h"

namespace libopt {
namespace {

struct Dtype {
  std::string_view name;
  int64_t bits;
};

constexpr Dtype kDtypes[] = {
    {"BOOL", 8},        {"F4", 4},          {"F6_E2M3", 6}, {"F6_E3M2", 6},
    {"U8", 8},          {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8},     {"F8_E4M3FNUZ", 8}, {"I16", 16},    {"U16", 16},
    {"F8_E5M2FNUZ", 8}, {"F16", 16},        {"BF16", 16},   {"I32", 32},
    {"U32", 32},        {"F32", 32},        {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64}};

// a * b of numbers that are not negative, or -1 if it is above INT64_MAX.
int64_t Product(int64_t a, int64_t b) {
  return b != 0 && a > INT64_MAX / b ? -1 : a * b;
}

class HeaderParser {
 public:
  HeaderParser(std::string_view json, std::pmr::memory_resource* memory)
      : memory_(memory),
        scanner_(json, kLengthSize),
        key_(memory),
        value_(memory),
        header_(memory),
        offsets_(memory) {
    header_.data_start = kLengthSize + static_cast<int64_t>(json.size());
  }

  Header Parse();

 private:
  enum Field { kDtype, kShape, kOffsets, kFields };
  static constexpr std::string_view kFieldNames[kFields] = {"dtype", "shape",
                                                            "data_offsets"};

  // Calls value(byte) for each key of an object: the key is in key_, and the
  // byte of the file where it stands.
  template <typename Value>
  void ReadObject(const Value& value);
  void ReadMetadata();
  void ReadEntry(HeaderEntry* entry);
  Field FieldOfKey(int64_t byte) const;
  void ReadField(Field field, HeaderEntry* entry);
  void CheckEntry(const int64_t* value_bytes, HeaderEntry* entry) const;
  template <typename Item, typename Name>
  void CheckUnique(const std::pmr::vector<Item>& items, const Name& name) const;
  void CheckOrder();

  std::pmr::memory_resource* const memory_;
  JsonScanner scanner_;
  std::pmr::string key_;
  std::pmr::string value_;
  Header header_;

  // Of the entry that is being read.
  int64_t bits_ = 0;  // of an element
  std::pmr::vector<int64_t> offsets_;
};

Header HeaderParser::Parse() {
  bool has_metadata = false;
  ReadObject([&](int64_t byte) {
    if (key_ == kMetadataName) {
      if (has_metadata) FailAt(byte, "'", kMetadataName, "' is given twice");
      has_metadata = true;
      ReadMetadata();
      return;
    }
    if (!IsPrintableUtf8(key_)) {
      FailAt(byte, "the name of a tensor holds a control character");
    }
    HeaderEntry& entry = header_.entries.emplace_back(memory_);
    entry.name = key_;
    entry.named_at = byte;
    ReadEntry(&entry);
  });
  scanner_.ExpectEnd();
  CheckUnique(header_.metadata,
              [&](const HeaderMetadata& item) { return header_.KeyOf(item); });
  CheckUnique(header_.entries, [](const HeaderEntry& entry) {
    return std::string_view(entry.name);
  });
  CheckOrder();
  return std::move(header_);
}

template <typename Value>
void HeaderParser::ReadObject(const Value& value) {
  scanner_.ReadList('{', '}', [&] {
    const int64_t byte = scanner_.NextByte();
    scanner_.ReadString(&key_);
    scanner_.Expect(':');
    value(byte);
  });
}

void HeaderParser::ReadMetadata() {
  ReadObject([&](int64_t byte) {
    scanner_.ReadString(&value_);
    HeaderMetadata& item = header_.metadata.emplace_back();
    item.begin = static_cast<uint32_t>(header_.metadata_text.size());
    item.key_size = static_cast<uint32_t>(key_.size());
    item.value_size = static_cast<uint32_t>(value_.size());
    item.named_at = static_cast<uint32_t>(byte);
    header_.metadata_text += key_;
    header_.metadata_text += value_;
  });
}

void HeaderParser::ReadEntry(HeaderEntry* entry) {
  int64_t value_bytes[kFields] = {};  // 0: not given yet
  ReadObject([&](int64_t byte) {
    const Field field = FieldOfKey(byte);
    if (value_bytes[field] != 0) {
      FailAt(byte, "'", kFieldNames[field], "' is given twice");
    }
    value_bytes[field] = scanner_.NextByte();
    ReadField(field, entry);
  });
  for (int i = 0; i < kFields; ++i) {
    if (value_bytes[i] == 0) {
      FailAt(entry->named_at, "tensor '", std::string_view(entry->name),
             "' has no '", kFieldNames[i], "'");
    }
  }
  CheckEntry(value_bytes, entry);
}

HeaderParser::Field HeaderParser::FieldOfKey(int64_t byte) const {
  for (int i = 0; i < kFields; ++i) {
    if (key_ == kFieldNames[i]) return static_cast<Field>(i);
  }
  FailAt(byte, "a tensor has a key other than dtype, shape and data_offsets");
}

void HeaderParser::ReadField(Field field, HeaderEntry* entry) {
  if (field == kShape) return scanner_.ReadIntegers(&entry->shape);
  if (field == kOffsets) return scanner_.ReadIntegers(&offsets_);
  const int64_t byte = scanner_.NextByte();
  scanner_.ReadString(&value_);
  for (const Dtype& dtype : kDtypes) {
    if (value_ == dtype.name) {
      entry->dtype = dtype.name;
      bits_ = dtype.bits;
      return;
    }
  }
  FailAt(byte, "the dtype of '", std::string_view(entry->name),
         "' is none of safetensors'");
}

// Checks the values of an entry against each other; they stand at these bytes.
void HeaderParser::CheckEntry(const int64_t* value_bytes,
                              HeaderEntry* entry) const {
  const std::string_view name = entry->name;
  entry->count = 1;
  for (const int64_t extent : entry->shape) {
    entry->count = Product(entry->count, extent);
    if (entry->count < 0) break;
  }
  const int64_t bits = entry->count < 0 ? -1 : Product(entry->count, bits_);
  if (bits < 0) {
    FailAt(value_bytes[kShape], "the shape of '", name,
           "' makes more bytes than a file can have");
  }
  if (bits % 8 != 0) {
    FailAt(value_bytes[kShape], "the shape of '", name,
           "' makes no whole number of bytes");
  }
  if (offsets_.size() != 2 || offsets_[0] > offsets_[1] ||
      offsets_[1] > INT64_MAX - header_.data_start) {
    FailAt(value_bytes[kOffsets], "the data_offsets of '", name,
           "' are not the begin and the end of bytes of a file");
  }
  entry->begin = offsets_[0];
  entry->end = offsets_[1];
  if (entry->size() != bits / 8) {
    FailAt(value_bytes[kOffsets], "the data_offsets of '", name, "' are of ",
           entry->size(), " bytes, but its dtype and shape make ", bits / 8);
  }
}

// Checks that no two items have the name that name(item) returns.
template <typename Item, typename Name>
void HeaderParser::CheckUnique(const std::pmr::vector<Item>& items,
                               const Name& name) const {
  std::pmr::vector<const Item*> sorted(memory_);
  sorted.reserve(items.size());
  for (const Item& item : items) sorted.push_back(&item);
  std::sort(sorted.begin(), sorted.end(), [&](const Item* a, const Item* b) {
    const int order = name(*a).compare(name(*b));
    return order != 0 ? order < 0 : a->named_at < b->named_at;
  });
  const auto twice = std::adjacent_find(
      sorted.begin(), sorted.end(),
      [&](const Item* a, const Item* b) { return name(*a) == name(*b); });
  if (twice != sorted.end()) {
    FailAt(twice[1]->named_at, "a name is given that was given before");
  }
}

// Sorts the entries by their data, and checks that nothing lies between two or
// belongs to both.
void HeaderParser::CheckOrder() {
  const auto order = [](const HeaderEntry& entry) {
    return std::tie(entry.begin, entry.end, entry.named_at);
  };
  std::sort(header_.entries.begin(), header_.entries.end(),
            [&](const HeaderEntry& a, const HeaderEntry& b) {
              return order(a) < order(b);
            });
  int64_t end = 0;
  for (const HeaderEntry& entry : header_.entries) {
    if (entry.begin != end) {
      FailAt(entry.named_at, "the data of '", std::string_view(entry.name),
             "' begin at offset ", entry.begin, ", but those before end at ",
             end, ": safetensors may have neither holes nor overlaps");
    }
    end = entry.end;
  }
}

}  // namespace

Header ParseHeader(std::string_view json, std::pmr::memory_resource* memory) {
  if (json.substr(0, 1) != "{") FailAt(kLengthSize, "expected '{'");
  return HeaderParser(json, memory).Parse();
}

}  // namespace libopt
