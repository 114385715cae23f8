// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/checkpoint_mutator.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <iterator>
#include <limits>

#include "src/base/error.h"
#include "src/state/container/header.h"
#include "tests/fuzz/header_repair.h"

namespace opt_test {
namespace {

constexpr size_t kMaxText = 1 << 16;

struct Parts {
  std::string text;  // of the header
  std::string data;
};

Parts PartsOf(std::string_view checkpoint) {
  uint64_t length = 0;
  if (checkpoint.size() < sizeof(length)) return {};
  std::memcpy(&length, checkpoint.data(), sizeof(length));
  const std::string_view rest = checkpoint.substr(sizeof(length));
  const auto size = static_cast<size_t>(std::min(length, rest.size()));
  return {std::string(rest.substr(0, size)), std::string(rest.substr(size))};
}

template <typename T>
void AppendBits(T number, std::vector<uint64_t>* bits) {
  static_assert(sizeof(T) == 8);
  std::memcpy(&bits->emplace_back(), &number, sizeof(T));
}

// Bits of numbers that are at some border.
const std::vector<uint64_t>& Numbers() {
  static const std::vector<uint64_t> numbers = [] {
    std::vector<uint64_t> bits;
    for (const int64_t number :
         {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{-1}, int64_t{1} << 31,
          int64_t{1} << 53, INT64_MAX / 2, INT64_MAX / 2 + 1, INT64_MAX,
          INT64_MIN}) {
      AppendBits(number, &bits);
    }
    for (const double number :
         {1.0, 0.5, -0.0, -1.0, 2.0, 1 - 0x1p-53, 1e308,
          std::numeric_limits<double>::denorm_min(),
          std::numeric_limits<double>::infinity(), std::nan("")}) {
      AppendBits(number, &bits);
    }
    return bits;
  }();
  return numbers;
}

constexpr const char* kDtypes[] = {"F32", "F64", "I64", "U8", "U32", "F16"};
constexpr int64_t kExtents[] = {0, 1, 2, 3, 4, 5, 7, 17, 19, 100};
constexpr const char* kNames[] = {
    "w", "b",           "float", "double",       "empty",       "late",
    "x", "__options__", "__x__", "__counters__", "__own__.",    "__own__.x",
    "/", "w/",          "w//",   "w/w",          "w/step/step", "\xC3\xA9/x/y"};
constexpr const char* kSuffixes[] = {"/step",
                                     "/group",
                                     "/grad_accumulator",
                                     "/momentum_buffer",
                                     "/exp_avg",
                                     "/exp_avg_sq",
                                     "/max_exp_avg_sq",
                                     "/sum",
                                     "/square_avg",
                                     "/grad_avg",
                                     "/x",
                                     "/"};
constexpr const char* kValues[] = {
    "",      "1",  "2",          "libopt", "sgd", "adam",
    "adamw", "lr", "lr,lr,lr",   ",",      ",,",  "steps,pending_samples",
    "steps", "w",  "lr,momentum"};

template <typename T, size_t size>
const T& One(const T (&list)[size], size_t random) {
  return list[random % size];
}

}  // namespace

std::string CheckpointMutator::Mutate(std::string_view checkpoint) {
  const size_t kind = Pick(8);
  if (kind == 0) return mutate_(std::string(checkpoint), kMaxText);
  if (kind <= 2) return MutateText(checkpoint);
  try {
    Edited edited(checkpoint);
    for (size_t edits = 1 + Pick(2); edits > 0; --edits) Edit(&edited);
    return edited.Build();
  } catch (const libopt::Error&) {
    return MutateText(checkpoint);
  } catch (const std::exception&) {  // such as a dtype without a number
    return MutateText(checkpoint);
  }
}

// The header as text: what the parser makes of it.
std::string CheckpointMutator::MutateText(std::string_view checkpoint) {
  Parts parts = PartsOf(checkpoint);
  const size_t end = parts.text.find_last_not_of(' ');
  parts.text.resize(end == std::string::npos ? 0 : end + 1);
  parts.text = mutate_(parts.text, kMaxText);
  if (Pick(2) == 0) parts.text = WithRightOffsets(parts.text);
  return Repaired(parts.text, parts.data);
}

// Built again from what the reader finds, if it finds something; else, or
// sometimes, with the header as it is.
std::string CheckpointMutator::Repaired(const std::string& text,
                                        const std::string& data) {
  const std::string file = WithRightSums(text, data);
  if (Pick(2) == 0) return file;
  try {
    return Edited(file).Build();
  } catch (const libopt::Error&) {
    return file;
  }
}

void CheckpointMutator::Edit(Edited* edited) {
  std::vector<Edited::Entry>& entries = edited->entries;
  const size_t kind = Pick(8);
  if (kind == 0 || entries.empty()) {
    const std::string name = Name(*edited);
    edited->Add(name, "U8", {0}, "");
    Reshape(&edited->At(name));
    return;
  }
  if (kind == 1) return EditMetadata(edited);
  Edited::Entry& entry = entries[Pick(entries.size())];
  switch (kind) {
    case 2:
      std::swap(entry, entries[Pick(entries.size())]);
      return;
    case 3:
      edited->Remove(std::string(entry.name));
      return;
    case 4:
      entry.name = Name(*edited);
      return;
    case 5:
      return Reshape(&entry);
    default:
      return EditNumber(&entry);
  }
}

void CheckpointMutator::EditMetadata(Edited* edited) {
  auto item = edited->metadata.begin();
  std::advance(item, Pick(edited->metadata.size()));
  std::string& value = item->second;
  const size_t comma = value.rfind(',');
  switch (Pick(4)) {
    case 0:
      value = One(kValues, random_());
      return;
    case 1:
      value.resize(comma == std::string::npos ? 0 : comma);
      return;
    case 2:
      value += std::string(",") + One(kValues, random_());
      return;
    default:
      if (edited->metadata.size() > 1) edited->metadata.erase(item);
  }
}

void CheckpointMutator::EditNumber(Edited::Entry* entry) {
  const size_t count = entry->data.size() / sizeof(uint64_t);
  if (count == 0 || Pick(4) == 0) {
    const size_t size = entry->data.size();
    if (size == 0) return;
    entry->data = mutate_(entry->data, size);
    entry->data.resize(size);
    return;
  }
  const uint64_t number = Numbers()[Pick(Numbers().size())];
  std::memcpy(entry->data.data() + Pick(count) * sizeof(number), &number,
              sizeof(number));
}

void CheckpointMutator::Reshape(Edited::Entry* entry) {
  if (Pick(2) == 0) entry->dtype = One(kDtypes, random_());
  const size_t rank = Pick(4);
  entry->shape.clear();
  int64_t bytes = std::stoll(entry->dtype.substr(1)) / 8;
  for (size_t i = 0; i < rank; ++i) {
    entry->shape.push_back(One(kExtents, random_()));
    bytes *= entry->shape.back();
  }
  if (bytes > static_cast<int64_t>(kMaxText)) {
    entry->shape = {1, 0};
    bytes = 0;
  }
  entry->bytes = bytes;
  entry->data.resize(static_cast<size_t>(bytes));
}

// One that no entry has yet.
std::string CheckpointMutator::Name(const Edited& edited) {
  std::string name = One(kNames, random_());
  if (Pick(2) == 0) name += One(kSuffixes, random_());
  while (std::any_of(edited.entries.begin(), edited.entries.end(),
                     [&](const auto& entry) { return entry.name == name; })) {
    name += 'x';
  }
  return name;
}

}  // namespace opt_test
