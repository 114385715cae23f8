// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/work_count.h"
#include "src/state/container/checksum.h"
#include "src/state/container/header.h"
#include "src/state/container/stream.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsOwn(const HeaderEntry& entry) {
  return StartsWith(entry.name, kOwnPrefix);
}

// The name of an entry as its owner knows it; it ends in a NUL.
std::string_view ShownName(const HeaderEntry& entry) {
  return std::string_view(entry.name)
      .substr(IsOwn(entry) ? kOwnPrefix.size() : 0);
}

}  // namespace

Checkpoint::Checkpoint(Context* context, const char* path, const void* data,
                       int64_t size)
    : context_(context),
      data_(static_cast<const char*>(data)),
      size_(size),
      header_(context->memory()),
      crcs_(context->memory()),
      shown_(context->memory()),
      by_name_(context->memory()) {
  if (path != nullptr) {
    file_.emplace(path);
    FileSource source(&*file_);
    header_ = ReadOwnHeader(&source, context->memory());
  } else {
    MemorySource source(data, size);
    header_ = ReadOwnHeader(&source, context->memory());
  }
  crcs_.resize(header_.entries.size());
  const HeaderEntry& sums = header_.entries.back();
  ReadAt(header_.data_start + sums.begin, crcs_.data(), sums.size());
  if (crcs_[0] != header_.crc) {
    Fail(OPT_ERR_FORMAT,
         "the checksum of the header, from byte 0 on, is wrong: the "
         "checkpoint is damaged; load another copy");
  }
  for (size_t i = 0; i < header_.entries.size(); ++i) {
    const HeaderEntry& entry = header_.entries[i];
    if (!entry.is_checksum() && !entry.is_pad()) shown_.push_back(i);
  }
  SortNames();
  context->Ref();
}

void Checkpoint::SortNames() {
  by_name_.resize(shown_.size());
  std::iota(by_name_.begin(), by_name_.end(), size_t{0});
  std::sort(by_name_.begin(), by_name_.end(), [&](size_t a, size_t b) {
    const HeaderEntry& left = header_.entries[shown_[a]];
    const HeaderEntry& right = header_.entries[shown_[b]];
    const int order = ShownName(left).compare(ShownName(right));
    return order != 0 ? order < 0 : IsOwn(left) && !IsOwn(right);
  });
}

void Checkpoint::Destroy(Checkpoint* checkpoint) {
  Context* context = checkpoint->context_;
  context->Ref();  // its memory must outlive the checkpoint
  Delete(context->memory(), checkpoint);
  context->Unref();
}

const HeaderEntry& Checkpoint::At(int64_t index) const {
  if (index < 0 || index >= count()) {
    Fail(OPT_ERR_RANGE, "there is no entry ", index, ": ",
         count() == 0 ? Text("there are none").view()
                      : Text("indices are 0 to ", count() - 1).view());
  }
  return header_.entries[shown_[static_cast<size_t>(index)]];
}

opt_entry_info Checkpoint::Info(int64_t index) const {
  const HeaderEntry& entry = At(index);
  opt_entry_info info = {};
  info.rank = static_cast<int32_t>(entry.shape.size());
  info.dtype = ParseDtype(entry.dtype);
  info.own = IsOwn(entry) ? 1 : 0;
  info.count = entry.count;
  info.bytes = entry.size();
  info.shape = entry.shape.data();
  info.name = ShownName(entry).data();
  return info;
}

int64_t Checkpoint::Find(std::string_view name) const {
  const auto name_of = [&](size_t index) {
    OPT_COUNT(1);
    return ShownName(header_.entries[shown_[index]]);
  };
  const auto found = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [&](size_t index, std::string_view key) { return name_of(index) < key; });
  if (found != by_name_.end() && name_of(*found) == name) {
    return static_cast<int64_t>(*found);
  }
  NearestName nearest(name);
  for (int64_t i = 0; i < count(); ++i) nearest.Offer(ShownName(At(i)));
  Fail(OPT_ERR_NAME, "the checkpoint has no entry '", name, "'",
       nearest.Hint().view(), " (opt_checkpoint_at lists them)");
}

int64_t Checkpoint::ReadSomeAt(int64_t offset, void* data, int64_t size) {
  if (!file_) {
    const int64_t got = std::min(size, std::max<int64_t>(0, size_ - offset));
    if (got > 0) std::memcpy(data, data_ + offset, static_cast<size_t>(got));
    return got;
  }
  int64_t got = 0;
  WithFileErrors([&] {
    got = static_cast<int64_t>(
        file_->ReadAt(offset, data, static_cast<size_t>(size)));
  });
  return got;
}

void Checkpoint::ReadAt(int64_t offset, void* data, int64_t size) {
  const int64_t got = ReadSomeAt(offset, data, size);
  if (got != size) {
    Fail(OPT_ERR_FORMAT, "the checkpoint ends at byte ", offset + got, ", but ",
         offset + size,
         " bytes belong to it: it was cut short; load another copy");
  }
}

void Checkpoint::Read(int64_t index, void* data, int64_t size) {
  const HeaderEntry& entry = At(index);
  if (size != entry.size()) {
    Fail(OPT_ERR_ARGUMENT, "entry '", ShownName(entry), "' has ", entry.size(),
         " bytes, but size is ", size);
  }
  const int64_t offset = header_.data_start + entry.begin;
  ReadAt(offset, data, size);
  if (Crc32(0, data, size) != crcs_[shown_[static_cast<size_t>(index)] + 1]) {
    Fail(OPT_ERR_FORMAT, "the checksum of '", ShownName(entry), "', from byte ",
         offset, " on, is wrong: the checkpoint is damaged; load another copy");
  }
}

}  // namespace libopt
