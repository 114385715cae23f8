// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/edited.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/state/container/checksum.h"
#include "src/state/container/header.h"

namespace opt_test {
namespace {

libopt::pmr::MemoryResource* Memory() { return libopt::ProcessMemory(); }

uint32_t ChecksumOf(std::string_view bytes) {
  return libopt::Crc32(0, bytes.data(), static_cast<int64_t>(bytes.size()));
}

// "F32" and the like end in the bits of an element.
int64_t BytesOf(const std::string& dtype, const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(),
                         std::stoll(dtype.substr(1)) / 8, std::multiplies<>());
}

}  // namespace

Edited::Edited(std::string_view checkpoint) {
  const auto size = static_cast<int64_t>(checkpoint.size());
  const int64_t length =
      libopt::ReadHeaderLength(checkpoint.substr(0, libopt::kLengthSize), size);
  const libopt::Header header =
      libopt::ReadHeader(checkpoint.substr(libopt::kLengthSize, length),
                         size - libopt::kLengthSize - length, Memory());
  for (const char* key : {"format", "format_version", "libopt_version", "rule",
                          "options", "counters"}) {
    metadata[key] = header.Metadata(key);
  }
  for (const char* key :
       {"average", "group_numbers", "schedule_kinds", "weights"}) {
    const std::string value(header.Metadata(key));
    if (!value.empty()) metadata[key] = value;
  }
  for (const libopt::HeaderEntry& entry : header.entries) {
    if (entry.is_pad() || entry.is_checksum()) continue;
    Add(std::string(entry.name), std::string(entry.dtype),
        {entry.shape.begin(), entry.shape.end()},
        std::string(checkpoint.substr(
            static_cast<size_t>(header.data_start + entry.begin),
            static_cast<size_t>(entry.size()))));
  }
}

Edited::Entry& Edited::At(std::string_view name) {
  for (Entry& entry : entries) {
    if (entry.name == name) return entry;
  }
  throw std::logic_error("no entry " + std::string(name));
}

void Edited::Add(const std::string& name, const std::string& dtype,
                 const std::vector<int64_t>& shape, const std::string& data) {
  entries.push_back(
      {name, dtype, shape, static_cast<int64_t>(data.size()), data});
}

void Edited::Remove(std::string_view name) {
  entries.erase(entries.begin() + (&At(name) - entries.data()));
}

void Edited::Reshape(std::string_view name, const std::string& dtype,
                     const std::vector<int64_t>& shape) {
  Entry& entry = At(name);
  entry.dtype = dtype;
  entry.shape = shape;
  entry.bytes = BytesOf(dtype, shape);
  entry.data.resize(static_cast<size_t>(entry.bytes));
}

void Edited::Promise(const std::string& name, const std::string& dtype,
                     const std::vector<int64_t>& shape) {
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [&](const Entry& e) { return e.name == name; }),
                entries.end());
  entries.push_back({name, dtype, shape, BytesOf(dtype, shape), ""});
}

std::string Edited::Build() const {
  libopt::HeaderWriter header(Memory());
  for (const auto& [key, value] : metadata) header.AddMetadata(key, value);
  for (const Entry& entry : entries) {
    header.AddEntry(entry.name, entry.dtype, entry.shape.data(),
                    entry.shape.size(), entry.bytes);
  }
  header.Finish();
  std::string file(header.text());
  std::vector<uint32_t> checksums = {ChecksumOf(file)};
  size_t next = 0;
  for (const libopt::HeaderWriter::Tensor& tensor : header.tensors()) {
    if (tensor.is_checksum) break;
    const std::string data =
        tensor.is_pad ? std::string(static_cast<size_t>(tensor.size), '\0')
                      : entries[next++].data;
    checksums.push_back(ChecksumOf(data));
    file += data;
  }
  return file.append(reinterpret_cast<const char*>(checksums.data()),
                     checksums.size() * sizeof(uint32_t));
}

}  // namespace opt_test
