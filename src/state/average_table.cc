// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/average_table.h"

#include <algorithm>
#include <cstdint>

#include "src/base/error.h"
#include "src/optimizer/tensor.h"
#include "src/state/container/header.h"
#include "src/state/container/json.h"

namespace libopt {
namespace {

constexpr int32_t kKinds[] = {OPT_AVERAGE_EMA, OPT_AVERAGE_SWA};

void CheckEntry(const Header& header, std::string_view name, const char* dtype,
                int64_t rank, int64_t count) {
  const HeaderEntry* entry = header.Find(name);
  if (entry == nullptr || entry->dtype != dtype ||
      static_cast<int64_t>(entry->shape.size()) != rank ||
      entry->count != count) {
    FailAt(entry == nullptr ? kLengthSize : entry->named_at, "'", name,
           "' is missing or is not ", dtype, " of ", count, " elements");
  }
}

}  // namespace

AverageTable TableOf(const Averaging& averaging) {
  return {{averaging.start, averaging.period, int64_t{averaging.flags},
           averaging.updates},
          averaging.decay};
}

const char* AverageKindName(int32_t kind) {
  return kind == OPT_AVERAGE_EMA ? "ema" : "swa";
}

int32_t AverageKindOf(const Header& header) {
  const std::string_view name = header.Metadata(kAverageKey);
  if (name.empty()) return 0;
  for (const int32_t kind : kKinds) {
    if (name == AverageKindName(kind)) return kind;
  }
  FailAt(kLengthSize, "the metadata's '", kAverageKey, "' is '", name,
         "': this version knows ema and swa");
}

void CheckAverageTable(const Header& header) {
  if (AverageKindOf(header) == 0) return;
  CheckEntry(header, kAverageName, "I64", 1, AverageTable::kIntegers);
  CheckEntry(header, kAverageDecayName, "F64", 0, 1);
}

Averaging ReadAverageTable(const Header& header, const AverageTable& table) {
  const int64_t* integers = table.integers;
  const int64_t byte = header.data_start + header.Find(kAverageName)->begin;
  if (integers[AverageTable::kPeriod] == 0 ||
      *std::min_element(integers, integers + AverageTable::kIntegers) < 0 ||
      integers[AverageTable::kUpdates] > kMaxCounter ||
      integers[AverageTable::kFlags] > UINT32_MAX) {
    FailAt(byte, "in '", kAverageName, "' a number is out of its range");
  }
  Averaging averaging;
  averaging.kind = AverageKindOf(header);
  averaging.flags = static_cast<uint32_t>(integers[AverageTable::kFlags]);
  averaging.decay = table.decay;
  averaging.start = integers[AverageTable::kStart];
  averaging.period = integers[AverageTable::kPeriod];
  averaging.updates = integers[AverageTable::kUpdates];
  try {
    CheckAveraging(averaging);
  } catch (const Error& error) {
    FailAt(byte, "in '", kAverageName, "': ", error.message);
  }
  return averaging;
}

}  // namespace libopt
