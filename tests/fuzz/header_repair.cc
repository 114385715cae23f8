// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/header_repair.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <regex>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/state/container/checksum.h"
#include "src/state/container/header.h"

namespace opt_test {
namespace {

// A file stays this small.
constexpr int64_t kMaxData = 1 << 16;

// Bytes of an array, or none if they are too many.
std::optional<int64_t> SizeOf(const std::string& dtype_bits,
                              const std::string& shape) {
  static const std::regex number("[0-9]+");
  int64_t size = std::stoll(dtype_bits);
  for (std::sregex_iterator it(shape.begin(), shape.end(), number), end;
       it != end; ++it) {
    const std::string digits = it->str();
    if (digits.size() > 6) return std::nullopt;
    size *= std::stoll(digits);
    if (size > 8 * kMaxData) return std::nullopt;
  }
  return size / 8;
}

void WriteSum(int64_t index, uint32_t sum, std::string* sums, int64_t begin) {
  std::memcpy(sums->data() + begin + index * 4, &sum, sizeof(sum));
}

}  // namespace

std::string WithRightOffsets(const std::string& text) {
  // Without limits std::regex would go too deep into what goes on for long.
  static const std::regex entry(
      "\"dtype\":\"[A-Z]{1,2}([0-9]{1,2})\",\"shape\":\\[([0-9,]{0,80})\\],"
      "\"data_offsets\":\\[[^\\]]{0,80}\\]");
  std::string result;
  int64_t end_of_data = 0;
  size_t copied = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), entry), end; it != end;
       ++it) {
    const std::optional<int64_t> size = SizeOf(it->str(1), it->str(2));
    if (!size) continue;
    const std::string all = it->str();
    const size_t offsets = all.rfind('[');
    const auto at = static_cast<size_t>(it->position());
    result += text.substr(copied, at - copied) + all.substr(0, offsets) + "[" +
              std::to_string(end_of_data) + ",";
    end_of_data += *size;
    result += std::to_string(end_of_data) + "]";
    copied = at + all.size();
  }
  return result + text.substr(copied);
}

std::string WithRightSums(std::string text, std::string data) {
  while ((text.size() + libopt::kLengthSize) % libopt::kDataAlignment != 0) {
    text += ' ';
  }
  const uint64_t length = text.size();
  std::string start(sizeof(length), '\0');
  std::memcpy(start.data(), &length, sizeof(length));
  start += text;
  try {
    const libopt::Header header =
        libopt::ReadHeader(text, -1, libopt::ProcessMemory());
    if (header.entries.empty()) return start;
    const libopt::HeaderEntry& sums = header.entries.back();
    if (sums.end > kMaxData) return start + data;
    data.resize(static_cast<size_t>(sums.end));
    const auto count =
        std::min(sums.size() / 4, static_cast<int64_t>(header.entries.size()));
    if (!sums.is_checksum() || count == 0) return start + data;
    WriteSum(0,
             libopt::Crc32(0, start.data(), static_cast<int64_t>(start.size())),
             &data, sums.begin);
    for (int64_t i = 1; i < count; ++i) {
      const libopt::HeaderEntry& entry =
          header.entries[static_cast<size_t>(i - 1)];
      WriteSum(i, libopt::Crc32(0, data.data() + entry.begin, entry.size()),
               &data, sums.begin);
    }
  } catch (const libopt::Error&) {
    // No header: its length is all that can be right.
  }
  return start + data;
}

}  // namespace opt_test
