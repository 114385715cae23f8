// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/container/header.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/base/text.h"
#include "src/base/work_count.h"
#include "src/state/container/checksum.h"
#include "src/state/container/json.h"

namespace libopt {
namespace {

struct Dtype {
  const char* name;
  int64_t bits;
  opt_dtype own = -1;  // libopt's number, if it has the type
};

// The element types of safetensors.
constexpr Dtype kDtypes[] = {{"BOOL", 8},          {"F4", 4},
                             {"F6_E2M3", 6},       {"F6_E3M2", 6},
                             {"U8", 8, OPT_U8},    {"I8", 8},
                             {"F8_E5M2", 8},       {"F8_E4M3", 8},
                             {"F8_E8M0", 8},       {"F8_E4M3FNUZ", 8},
                             {"I16", 16},          {"U16", 16},
                             {"F8_E5M2FNUZ", 8},   {"F16", 16},
                             {"BF16", 16},         {"I32", 32},
                             {"U32", 32},          {"F32", 32, OPT_F32},
                             {"C64", 64},          {"F64", 64, OPT_F64},
                             {"I64", 64, OPT_I64}, {"U64", 64}};

// A header gets this much memory at first, whatever its length is said to be,
// and more as its bytes arrive.
constexpr int64_t kPiece = 1 << 20;

// The type with a name, or nullptr.
const Dtype* FindDtype(std::string_view name) {
  for (const Dtype& dtype : kDtypes) {
    if (name == dtype.name) return &dtype;
  }
  return nullptr;
}

// The type that has a number in libopt, or nullptr.
const Dtype* FindDtype(opt_dtype own) {
  for (const Dtype& dtype : kDtypes) {
    if (dtype.own == own && own >= 0) return &dtype;
  }
  return nullptr;
}

// a * b of numbers that are not negative, or -1 if it is above INT64_MAX.
int64_t Product(int64_t a, int64_t b) {
  return b != 0 && a > INT64_MAX / b ? -1 : a * b;
}

// Makes a Header from the JSON text. Checks everything that needs only the
// text: syntax, keys, names, and that the data of the entries follow one
// another.
class HeaderParser {
 public:
  HeaderParser(std::string_view json, pmr::MemoryResource* memory)
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

  // Calls value(byte) for each key of an object: the key is in key_, and `byte`
  // is where it stands in the file.
  template <typename Value>
  void ReadObject(const Value& value);
  void ReadMetadata();
  void ReadEntry(HeaderEntry* entry);
  Field FieldOfKey(int64_t byte) const;
  void ReadField(Field field, HeaderEntry* entry);
  void CheckEntry(const int64_t* value_bytes, HeaderEntry* entry) const;
  template <typename Item, typename Name>
  void CheckUnique(const pmr::Vector<Item>& items, const Name& name) const;
  void CheckOrder();

  pmr::MemoryResource* const memory_;
  JsonScanner scanner_;
  pmr::String key_;
  pmr::String value_;
  Header header_;

  // Of the entry that is being read.
  int64_t bits_ = 0;  // of an element
  pmr::Vector<int64_t> offsets_;
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
    OPT_COUNT(1);
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
  const Dtype* dtype = FindDtype(std::string_view(value_));
  if (dtype == nullptr) {
    FailAt(byte, "the dtype of '", std::string_view(entry->name),
           "' is not one of safetensors'");
  }
  entry->dtype = dtype->name;
  bits_ = dtype->bits;
}

// Checks the values of an entry, which stand at these bytes, against each
// other.
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
           "' does not make a whole number of bytes");
  }
  if (offsets_.size() != 2 || offsets_[0] > offsets_[1] ||
      offsets_[1] > INT64_MAX - header_.data_start) {
    FailAt(value_bytes[kOffsets], "the data_offsets of '", name,
           "' are not the beginning and the end of bytes in a file");
  }
  entry->begin = offsets_[0];
  entry->end = offsets_[1];
  if (entry->size() != bits / 8) {
    FailAt(value_bytes[kOffsets], "the data_offsets of '", name, "' span ",
           entry->size(), " bytes, but its dtype and shape make ", bits / 8);
  }
}

// Checks that no two items have the name that name(item) returns.
template <typename Item, typename Name>
void HeaderParser::CheckUnique(const pmr::Vector<Item>& items,
                               const Name& name) const {
  pmr::Vector<const Item*> sorted(memory_);
  sorted.reserve(items.size());
  for (const Item& item : items) {
    OPT_COUNT(1);
    sorted.push_back(&item);
  }
  std::sort(sorted.begin(), sorted.end(), [&](const Item* a, const Item* b) {
    const int order = name(*a).compare(name(*b));
    return order != 0 ? order < 0 : a->named_at < b->named_at;
  });
  const auto twice = std::adjacent_find(
      sorted.begin(), sorted.end(),
      [&](const Item* a, const Item* b) { return name(*a) == name(*b); });
  if (twice != sorted.end()) {
    FailAt(twice[1]->named_at, "a name is given twice");
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
    OPT_COUNT(1);
    if (entry.begin != end) {
      FailAt(entry.named_at, "the data of '", std::string_view(entry.name),
             "' begin at offset ", entry.begin, ", but those before end at ",
             end, ": safetensors may have neither holes nor overlaps");
    }
    end = entry.end;
  }
}

}  // namespace

int64_t DtypeSize(opt_dtype dtype) {
  const Dtype* found = FindDtype(dtype);
  return found == nullptr ? 0 : found->bits / 8;
}

const char* FormatDtype(opt_dtype dtype) { return FindDtype(dtype)->name; }

opt_dtype ParseDtype(std::string_view name) {
  const Dtype* found = FindDtype(name);
  return found == nullptr ? -1 : found->own;
}

std::string_view Header::Metadata(std::string_view key) const {
  for (const HeaderMetadata& item : metadata) {
    if (KeyOf(item) == key) return ValueOf(item);
  }
  return "";
}

const HeaderEntry* Header::Find(std::string_view name) const {
  for (const HeaderEntry& entry : entries) {
    OPT_COUNT(1);
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

int64_t ReadHeaderLength(std::string_view start, int64_t file_size) {
  const auto available = static_cast<int64_t>(start.size());
  if (available < kLengthSize) {
    FailAt(available, "it ends, but the length of its header takes ",
           kLengthSize, " bytes");
  }
  uint64_t length = 0;
  for (int64_t i = kLengthSize; i-- > 0;) {
    const auto byte = static_cast<unsigned char>(start[static_cast<size_t>(i)]);
    length = length << 8 | byte;
  }
  if (length > static_cast<uint64_t>(kMaxHeaderLength)) {
    FailAt(0, "the length of its header is more than ", kMaxHeaderLength,
           " bytes");
  }
  const auto size = static_cast<int64_t>(length);
  if (file_size >= 0 && size > file_size - kLengthSize) {
    FailAt(file_size, "it ends, but its header reaches to byte ",
           kLengthSize + size);
  }
  return size;
}

Header ReadHeader(std::string_view json, int64_t data_size,
                  pmr::MemoryResource* memory) {
  if (json.substr(0, 1) != "{") FailAt(kLengthSize, "expected '{'");
  Header header = HeaderParser(json, memory).Parse();
  const int64_t described =
      header.entries.empty() ? 0 : header.entries.back().end;
  if (data_size >= 0 && data_size < described) {
    FailAt(header.data_start + data_size,
           "it ends, but its data reach to byte ",
           header.data_start + described);
  }
  if (data_size > described) {
    FailAt(header.data_start + described, "its data end, but ",
           data_size - described,
           data_size - described == 1 ? " more byte follows"
                                      : " more bytes follow");
  }
  return header;
}

void CheckOwnHeader(const Header& header) {
  if (header.Metadata("format") != kFormat) {
    Fail(OPT_ERR_FORMAT, "not a checkpoint of libopt: the metadata at byte ",
         kLengthSize, " has no format '", kFormat, "'");
  }
  if (header.Metadata("format_version") != kFormatVersion) {
    Fail(OPT_ERR_FORMAT, "the metadata at byte ", kLengthSize,
         " has a format_version other than ", kFormatVersion,
         ": load it with a newer libopt");
  }
  if (header.data_start % kDataAlignment != 0) {
    FailAt(0, "its data start at ", header.data_start,
           ", which is not a multiple of ", kDataAlignment);
  }
  for (const HeaderEntry& entry : header.entries) {
    if (!entry.is_pad() && entry.begin % kDataAlignment != 0) {
      FailAt(entry.named_at, "the data of '", std::string_view(entry.name),
             "' begin at offset ", entry.begin, ", which is not a multiple of ",
             kDataAlignment);
    }
  }
  const auto count = static_cast<int64_t>(header.entries.size());
  if (count == 0 || !header.entries.back().is_checksum()) {
    FailAt(kLengthSize, "the last tensor is not '", kChecksumName, "'");
  }
  const HeaderEntry& checksums = header.entries.back();
  if (checksums.dtype != "U32" || checksums.shape.size() != 1 ||
      checksums.count != count) {
    FailAt(checksums.named_at, "'", kChecksumName, "' is not U32 [", count,
           "], for the header and each other tensor");
  }
}

Header ReadOwnHeader(Source* source, pmr::MemoryResource* memory) {
  char start[kLengthSize];
  source->Read(start, kLengthSize);
  const int64_t length =
      ReadHeaderLength({start, sizeof(start)}, source->size());
  pmr::Vector<char> json(memory);
  while (static_cast<int64_t>(json.size()) < length) {
    const auto have = static_cast<int64_t>(json.size());
    const int64_t piece = std::min(length - have, std::max(kPiece, have));
    json.resize(static_cast<size_t>(have + piece));
    source->Read(json.data() + have, piece);
  }
  const int64_t data_size =
      source->size() < 0 ? -1 : source->size() - kLengthSize - length;
  Header header = ReadHeader({json.data(), json.size()}, data_size, memory);
  CheckOwnHeader(header);
  header.crc = Crc32(Crc32(0, start, kLengthSize), json.data(), length);
  return header;
}

HeaderWriter::HeaderWriter(pmr::MemoryResource* memory)
    : text_(static_cast<size_t>(kLengthSize), '\0', memory), tensors_(memory) {
  text_ += '{';
}

// Separates an item from the one before it in the same object.
void HeaderWriter::StartItem() {
  if (text_.back() != '{') text_ += ',';
}

void HeaderWriter::AddMetadata(std::string_view key, std::string_view value) {
  if (!in_metadata_) {
    AppendJsonString(kMetadataName, &text_);
    text_ += ":{";
    in_metadata_ = true;
  }
  StartItem();
  AppendJsonString(key, &text_);
  text_ += ':';
  AppendJsonString(value, &text_);
}

void HeaderWriter::CloseMetadata() {
  if (in_metadata_) text_ += '}';
  in_metadata_ = false;
}

void HeaderWriter::AddEntry(std::string_view name, std::string_view dtype,
                            const int64_t* shape, size_t rank, int64_t bytes) {
  CloseMetadata();
  Align();
  AddTensor(name, dtype, shape, rank, {bytes, false, false});
}

void HeaderWriter::Finish() {
  CloseMetadata();
  Align();
  const auto count = static_cast<int64_t>(tensors_.size()) + 1;
  AddTensor(kChecksumName, "U32", &count, 1,
            {count * static_cast<int64_t>(sizeof(uint32_t)), false, true});
  text_ += '}';
  while (text_.size() % kDataAlignment != 0) text_ += ' ';
  const auto length = static_cast<int64_t>(text_.size()) - kLengthSize;
  if (length > kMaxHeaderLength) {
    Fail(OPT_ERR_LIMIT, "the header of the checkpoint would have ", length,
         " bytes, but at most ", kMaxHeaderLength,
         " are allowed: use fewer tensors, or shorter names");
  }
  for (int64_t i = 0; i < kLengthSize; ++i) {
    text_[static_cast<size_t>(i)] = static_cast<char>(length >> 8 * i & 0xFF);
  }
}

int64_t HeaderWriter::file_size() const {
  return static_cast<int64_t>(text_.size()) + end_;
}

void HeaderWriter::AddTensor(std::string_view name, std::string_view dtype,
                             const int64_t* shape, size_t rank, Tensor tensor) {
  // The rest is enough for the longest header and the checksums of all that it
  // can name.
  if (tensor.size > INT64_MAX - end_ - 2 * kMaxHeaderLength) {
    Fail(OPT_ERR_LIMIT, "with '", name,
         "' the checkpoint would have more than ", INT64_MAX,
         " bytes: save less");
  }
  StartItem();
  AppendJsonString(name, &text_);
  text_ += ":{\"dtype\":";
  AppendJsonString(dtype, &text_);
  text_ += ",\"shape\":[";
  for (size_t i = 0; i < rank; ++i) {
    if (i > 0) text_ += ',';
    AppendJsonInteger(shape[i], &text_);
  }
  text_ += "],\"data_offsets\":[";
  AppendJsonInteger(end_, &text_);
  text_ += ',';
  AppendJsonInteger(end_ + tensor.size, &text_);
  text_ += "]}";
  end_ += tensor.size;
  tensors_.push_back(tensor);
}

// Fills the gap up to where the next data may start.
void HeaderWriter::Align() {
  const int64_t gap = -end_ & (kDataAlignment - 1);
  if (gap == 0) return;
  const Text name(kPadPrefix, pads_++);
  AddTensor(name.view(), "U8", &gap, 1, {gap, true, false});
}

}  // namespace libopt
