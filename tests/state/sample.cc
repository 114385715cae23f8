// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/sample.h"

#include <zlib.h>

#include <cstdint>
#include <string_view>

#include "src/base/memory.h"

namespace opt_test {
namespace {

void AppendCrc(std::string_view bytes, std::string* checksums) {
  const auto crc = static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  for (int i = 0; i < 4; ++i) {
    *checksums += static_cast<char>(crc >> 8 * i & 0xFF);
  }
}

}  // namespace

// No escape of it has a hexadecimal letter, which could be of either case.
libopt::HeaderWriter SampleHeader() {
  libopt::HeaderWriter writer(libopt::ProcessMemory());
  writer.AddMetadata("format", libopt::kFormat);
  writer.AddMetadata("format_version", libopt::kFormatVersion);
  writer.AddMetadata("note", "a \"tab\":\t\\");
  writer.AddEntry("fc1.weight", "F32", {4, 8}, 128);
  writer.AddEntry("fc1.weight/exp_avg", "F64", {3}, 24);
  writer.AddEntry("fc1.weight/step", "I64", {}, 8);
  writer.AddEntry("b\u00EFas \"\\ \U0001F600", "F32", {0}, 0);
  writer.AddEntry("__own__.epoch", "U8", {65}, 65);
  writer.Finish();
  return writer;
}

std::string SampleFile() {
  const libopt::HeaderWriter writer = SampleHeader();
  std::string file(writer.text());
  std::string checksums;
  AppendCrc(file, &checksums);
  for (const auto& tensor : writer.tensors()) {
    if (tensor.is_checksum) {
      file += checksums;
      continue;
    }
    std::string data;
    for (int64_t i = 0; i < tensor.size; ++i) {
      data += static_cast<char>(tensor.is_pad ? 0 : i);
    }
    AppendCrc(data, &checksums);
    file += data;
  }
  return file;
}

}  // namespace opt_test
