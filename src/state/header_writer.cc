// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/header_writer.h"

#include <cstddef>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/state/json_text.h"

namespace libopt {

HeaderWriter::HeaderWriter(std::pmr::memory_resource* memory)
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
                            const std::pmr::vector<int64_t>& shape,
                            int64_t bytes) {
  CloseMetadata();
  Align();
  AddTensor(name, dtype, shape.data(), shape.size(), {bytes, false, false});
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
         " bytes, the most are ", kMaxHeaderLength,
         ": use fewer tensors, or shorter names");
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
  // What remains is enough for the longest header and the checksums of all
  // that it can name.
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
