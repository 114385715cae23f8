// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/scaler_table.h"

#include "src/base/error.h"
#include "src/state/container/header.h"
#include "src/state/container/json.h"

namespace libopt {
namespace {

// No training counts further; a number below it may be added to.
constexpr int64_t kMaxSkipped = INT64_MAX / 2;

// Whether it is there.
bool CheckEntry(const Header& header, std::string_view name,
                std::string_view dtype, size_t rank, int64_t count) {
  const HeaderEntry* entry = header.Find(name);
  if (entry == nullptr) return false;
  if (entry->dtype != dtype || entry->shape.size() != rank ||
      entry->count != count) {
    FailAt(entry->named_at, "'", name, "' is not ", dtype, " of ", count,
           count == 1 ? " element" : " elements");
  }
  return true;
}

}  // namespace

ScalerTable ScalerTableOf(const Optimizer& optimizer) {
  const opt_scaler_info& info = optimizer.scaler().info();
  return {{info.scale, info.growth_factor, info.backoff_factor},
          {info.growth_interval, info.good_steps, info.skipped},
          optimizer.skipped()};
}

void CheckScalerTable(const Header& header) {
  const bool numbers =
      CheckEntry(header, kScalerName, "F64", 1, kScalerColumns);
  const bool counters =
      CheckEntry(header, kScalerCountersName, "I64", 1, kScalerColumns);
  CheckEntry(header, kSkippedName, "I64", 0, 1);
  if (numbers != counters) {
    const HeaderEntry* entry =
        header.Find(numbers ? kScalerName : kScalerCountersName);
    FailAt(entry->named_at, "'", std::string_view(entry->name),
           "' is without '", numbers ? kScalerCountersName : kScalerName, "'");
  }
}

void ReadScalerTable(const Header& header, const ScalerTable& table,
                     Optimizer::Restored* restored) {
  restored->progress.skipped = table.skipped;
  const HeaderEntry* skipped = header.Find(kSkippedName);
  if (table.skipped < 0 || table.skipped > kMaxSkipped) {
    FailAt(header.data_start + skipped->begin, "'", kSkippedName, "' is ",
           table.skipped, ": it is 0 to ", kMaxSkipped);
  }
  const HeaderEntry* entry = header.Find(kScalerName);
  if (entry == nullptr) return;
  opt_scaler_info info = {};
  info.scale = table.numbers[0];
  info.growth_factor = table.numbers[1];
  info.backoff_factor = table.numbers[2];
  info.growth_interval = table.counters[0];
  info.good_steps = table.counters[1];
  info.skipped = table.counters[2];
  try {
    restored->progress.scaler.Restore(info);
  } catch (const Error& error) {
    FailAt(header.data_start + entry->begin, "in '", kScalerName,
           "': ", error.message);
  }
}

}  // namespace libopt
