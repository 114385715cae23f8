// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The numbers that some rules keep for each group: a table with a row for each
// group and a column for each name in the metadata.

#include <cmath>
#include <string>

#include "src/base/error.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kTableName = "__group_numbers__";
constexpr std::string_view kNamesKey = "group_numbers";

// Calls body(slot) for each slot that is a number of a group; returns how many
// there are.
template <typename Body>
int64_t ForEachNumber(const RuleDescriptor& rule, const Body& body) {
  int64_t count = 0;
  for (int i = 0; i < rule.slot_count; ++i) {
    if (!rule.slots[i].is_group_number()) continue;
    body(i);
    ++count;
  }
  return count;
}

pmr::String NamesOf(const RuleDescriptor& rule, pmr::MemoryResource* memory) {
  pmr::String names(memory);
  ForEachNumber(rule, [&](int slot) {
    if (!names.empty()) names += ',';
    names += rule.slots[slot].name;
  });
  return names;
}

class GroupNumbersSection : public Section {
 public:
  explicit GroupNumbersSection(pmr::MemoryResource* memory)
      : numbers_(memory) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override {
    const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
    pmr::Vector<double> numbers(optimizer.memory());
    int64_t columns = 0;
    for (const Group& group : optimizer.groups()) {
      columns = ForEachNumber(
          rule, [&](int slot) { numbers.push_back(group.numbers[slot]); });
    }
    if (columns == 0) return;
    contents->AddMetadata(kNamesKey, NamesOf(rule, optimizer.memory()));
    contents->AddTable(kTableName, {optimizer.groups().count(), columns},
                       numbers.data());
  }

  void Claim(LoadPlan* plan) override {
    const Optimizer& optimizer = plan->request().optimizer();
    const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
    const pmr::String names = NamesOf(rule, plan->request().memory());
    if (names.empty() || !plan->request().whole()) return;
    const Header& header = plan->header();
    const HeaderEntry* table = header.Find(kTableName);
    if (table == nullptr || table->dtype != "F64" || table->shape.size() != 2 ||
        header.Metadata(kNamesKey) != names) {
      FailAt(table == nullptr ? kLengthSize : table->named_at, "'", kTableName,
             "' is missing or is not F64 [groups, numbers] of ",
             std::string_view(names));
    }
    const int64_t groups = optimizer.groups().count();
    if (table->shape[0] != groups) {
      FailGroups("groups of numbers", table->shape[0], groups, "");
    }
    numbers_.resize(static_cast<size_t>(table->count));
    plan->Read(*table, numbers_.data());
    byte_ = header.ByteOf(*table);
  }

  void Verify(const LoadPlan&) override {
    for (const double number : numbers_) {
      if (std::isfinite(number)) continue;
      FailAt(byte_, "in '", kTableName, "' a number is Inf or NaN");
    }
  }

  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override {
    if (numbers_.empty()) return;
    const double* next = numbers_.data();
    for (int32_t group = 0; group < optimizer->groups().count(); ++group) {
      double* numbers = optimizer->groups().NumbersOf(group);
      ForEachNumber(*plan.request().optimizer().named().rule->descriptor,
                    [&](int slot) { numbers[slot] = *next++; });
    }
  }

 private:
  pmr::Vector<double> numbers_;  // rows by columns
  int64_t byte_ = 0;             // of the file, where they begin
};

}  // namespace

std::shared_ptr<Section> MakeGroupNumbersSection(pmr::MemoryResource* memory) {
  return NewSection<GroupNumbersSection>(memory);
}

}  // namespace libopt
