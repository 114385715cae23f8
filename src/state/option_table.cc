// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/option_table.h"

#include <string_view>

#include "src/base/error.h"
#include "src/state/container/header.h"
#include "src/state/container/json.h"
#include "src/state/contents.h"
#include "src/state/name_list.h"

namespace libopt {
std::pmr::string OptionNames(const RuleDescriptor& rule,
                             std::pmr::memory_resource* memory) {
  std::pmr::string names(memory);
  for (int i = 0; i < rule.option_count; ++i) {
    if (i > 0) names += ',';
    names += rule.options[i].name;
  }
  return names;
}

size_t OptionTableSize(const Header& header) {
  const HeaderEntry* table = header.Find(kOptionsName);
  return table == nullptr ? 0 : static_cast<size_t>(table->size() / 8);
}

void CheckOptionTable(const Header& header, const Optimizer& optimizer,
                      bool taken) {
  const HeaderEntry* table = header.Find(kOptionsName);
  const int64_t columns = ForEachName(header.Metadata("options"), ',',
                                      [](int64_t, std::string_view) {});
  if (table == nullptr || table->dtype != "F64" || table->shape.size() != 2 ||
      table->shape[1] != columns || table->shape[0] < 2) {
    FailAt(table == nullptr ? kLengthSize : table->named_at, "'", kOptionsName,
           "' is missing or is not F64 [groups + 1, ", columns, "]");
  }
  const auto groups = int64_t{optimizer.groups().count()};
  if (taken && table->shape[0] != groups + 1) {
    Fail(OPT_ERR_MISMATCH, "the checkpoint has ", table->shape[0] - 1,
         " groups and the optimizer ", groups,
         ": make as many with opt_add_group, or load with "
         "OPT_LOAD_KEEP_OPTIONS");
  }
}

void ReadOptionTable(const Header& header, const Optimizer& optimizer,
                     const std::pmr::vector<double>& values,
                     Optimizer::Restored* restored) {
  const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
  const std::string_view names = header.Metadata("options");
  const size_t rows = restored->groups.size() + 1;
  const size_t columns = values.size() / rows;
  const auto group_of = [&](size_t row) -> Group& {
    return row == 0 ? restored->defaults : restored->groups[row - 1];
  };
  // What an older version did not know was as it is by default.
  for (size_t row = 0; row < rows; ++row) {
    for (int i = 0; i < rule.option_count; ++i) {
      group_of(row).values[i] = rule.options[i].default_value;
    }
  }
  ForEachName(names, ',', [&](int64_t column, std::string_view name) {
    const int option = FindOption(rule, name);
    for (size_t row = 0; row < rows; ++row) {
      const double value = values[row * columns + static_cast<size_t>(column)];
      CheckValue(rule.options[option], value);
      group_of(row).values[option] = value;
    }
  });
  for (size_t i = 0; i < restored->groups.size(); ++i) {
    CheckLayoutKept(rule, optimizer.groups()[i], restored->groups[i]);
  }
}

}  // namespace libopt
