// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/counters.h"

#include "src/optimizer/tensor.h"
#include "src/state/container/header.h"
#include "src/state/container/json.h"
#include "src/state/contents.h"

namespace libopt {

void CheckCounterTable(const Header& header) {
  const HeaderEntry* table = header.Find(kCountersName);
  if (table == nullptr || table->dtype != "I64" || table->shape.size() != 1 ||
      table->count != kCounters ||
      header.Metadata("counters") != kCounterNames) {
    FailAt(table == nullptr ? kLengthSize : table->named_at, "'", kCountersName,
           "' is missing or is not I64 [", kCounters, "] of ", kCounterNames);
  }
}

void CheckCounter(int64_t number, int64_t byte, std::string_view name) {
  if (number < 0 || number > kMaxCounter) {
    FailAt(byte, "'", name, "' is ", number, ": it is 0 to ", kMaxCounter);
  }
}

}  // namespace libopt
