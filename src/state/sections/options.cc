// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Hyper-parameters: a table with a row for the optimizer-wide values and one
// for each group, and a column for each name in the metadata.

#include <algorithm>
#include <string>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/rules/registry.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kTableName = "__options__";

class OptionsSection : public Section {
 public:
  explicit OptionsSection(pmr::MemoryResource* memory)
      : values_(memory), groups_(memory) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override;
  void Claim(LoadPlan* plan) override;
  void Verify(const LoadPlan& plan) override;

  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override {
    if (!plan.request().options()) return;
    optimizer->groups().RestoreValues(defaults_, groups_);
  }

 private:
  void TakeValues(const LoadPlan& plan);

  pmr::Vector<double> values_;  // rows by columns, as they were read
  int64_t byte_ = 0;            // of the file, where they begin
  Group defaults_;
  pmr::Vector<Group> groups_;
};

void OptionsSection::Write(const Optimizer& optimizer, const opt_save_args&,
                           Contents* contents) const {
  const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
  pmr::String names(optimizer.memory());
  for (int i = 0; i < rule.option_count; ++i) {
    if (i > 0) names += ',';
    names += rule.options[i].name;
  }
  contents->AddMetadata(kOptionsKey, names);

  pmr::Vector<double> values(optimizer.memory());
  const auto add_row = [&](const Group& group) {
    values.insert(values.end(), group.values, group.values + rule.option_count);
  };
  add_row(optimizer.defaults());
  for (const Group& group : optimizer.groups()) add_row(group);
  const int64_t rows = int64_t{optimizer.groups().count()} + 1;
  contents->AddTable(kTableName, {rows, rule.option_count}, values.data());
}

void OptionsSection::Claim(LoadPlan* plan) {
  const Header& header = plan->header();
  const HeaderEntry* table = header.Find(kTableName);
  const int64_t columns = ForEachName(header.Metadata(kOptionsKey), ',',
                                      [](int64_t, std::string_view) {});
  if (table == nullptr || table->dtype != "F64" || table->shape.size() != 2 ||
      table->shape[1] != columns || table->shape[0] < 2) {
    FailAt(table == nullptr ? kLengthSize : table->named_at, "'", kTableName,
           "' is missing or is not F64 [groups + 1, ", columns, "]");
  }
  if (!plan->request().options()) return;
  const int64_t groups = plan->request().optimizer().groups().count();
  if (table->shape[0] != groups + 1) {
    FailGroups("parameter groups", table->shape[0] - 1, groups,
               ", or load with OPT_LOAD_KEEP_OPTIONS");
  }
  values_.resize(static_cast<size_t>(table->count));
  plan->Read(*table, values_.data());
  byte_ = header.ByteOf(*table);
}

void OptionsSection::Verify(const LoadPlan& plan) {
  if (!plan.request().options()) return;
  try {
    TakeValues(plan);
  } catch (const Error& error) {
    if (error.status != OPT_ERR_STATE) {
      FailAt(byte_, "in '", kTableName, "': ", error.message);
    }
    Fail(OPT_ERR_MISMATCH, "in the checkpoint's '", kTableName,
         "': ", error.message);
  }
}

// Makes groups from the table. Throws Error if a value is out of its range, or
// would change the layout of state.
void OptionsSection::TakeValues(const LoadPlan& plan) {
  const Optimizer& optimizer = plan.request().optimizer();
  const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
  defaults_ = optimizer.defaults();
  groups_.assign(optimizer.groups().begin(), optimizer.groups().end());
  const size_t rows = groups_.size() + 1;
  const size_t columns = values_.size() / rows;
  const auto group_of = [&](size_t row) -> Group& {
    return row == 0 ? defaults_ : groups_[row - 1];
  };
  // If the library that wrote the file did not have an option yet, it behaved
  // as it does with the default.
  for (size_t row = 0; row < rows; ++row) {
    for (int i = 0; i < rule.option_count; ++i) {
      group_of(row).values[i] = rule.options[i].default_value;
    }
  }
  ForEachName(plan.header().Metadata(kOptionsKey), ',',
              [&](int64_t column, std::string_view name) {
                const int option = FindOption(rule, name);
                for (size_t row = 0; row < rows; ++row) {
                  const double value =
                      values_[row * columns + static_cast<size_t>(column)];
                  CheckValue(rule.options[option], value);
                  group_of(row).values[option] = value;
                }
              });
  for (size_t i = 0; i < groups_.size(); ++i) {
    CheckLayoutKept(rule, optimizer.groups()[static_cast<int64_t>(i)],
                    groups_[i]);
  }
}

}  // namespace

std::shared_ptr<Section> MakeOptionsSection(pmr::MemoryResource* memory) {
  return NewSection<OptionsSection>(memory);
}

}  // namespace libopt
