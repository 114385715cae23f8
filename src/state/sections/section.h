// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The sections of a checkpoint. Each is a file of this folder, which alone
// knows the names and the meaning of its entries, and a line of sections.inc;
// save.cc and load.cc call them in that order.

#ifndef OPT_SRC_STATE_SECTIONS_SECTION_H_
#define OPT_SRC_STATE_SECTIONS_SECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "opt/opt_state.h"
#include "src/base/pmr.h"
#include "src/base/text.h"
#include "src/optimizer/optimizer.h"
#include "src/state/container/contents.h"
#include "src/state/container/header.h"
#include "src/state/sections/load_plan.h"

namespace libopt {

// Names with this prefix belong to the format; a load ignores those that it
// does not know.
constexpr std::string_view kReservedPrefix = "__";
// The prefix of the names of the caller's own entries.
constexpr std::string_view kOwnPrefix = "__own__.";

// The key of the metadata whose value names the columns of the options' table,
// which the schedules refer to.
constexpr std::string_view kOptionsKey = "options";

// One section of one save or one load. A save calls Write; a load calls Claim,
// Verify and Apply, each only once the one before has succeeded for all
// sections. Sections have no effect on the optimizer before Apply.
class Section {
 public:
  virtual ~Section() = default;

  // Adds the section's metadata and entries to a file. Throws Error; see
  // opt_save_file.
  virtual void Write(const Optimizer& optimizer, const opt_save_args& args,
                     Contents* contents) const = 0;

  // Finds the section's entries in the header, checks their dtypes and shapes,
  // and plans to read them into memory of the section's own. Throws
  // OPT_ERR_FORMAT for what no checkpoint can hold, OPT_ERR_MISMATCH for what
  // does not fit this optimizer.
  virtual void Claim(LoadPlan* plan) = 0;

  // Checks what was read, once all checksums have been found right. Throws what
  // Claim throws.
  virtual void Verify(const LoadPlan& plan) = 0;

  // Puts what was read into the optimizer, which is the plan's.
  virtual void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept = 0;
};

// All sections, in the order of sections.inc.
pmr::Vector<std::shared_ptr<Section>> MakeSections(pmr::MemoryResource* memory);

// Makes a section of a class T for that list.
template <typename T>
std::shared_ptr<Section> NewSection(pmr::MemoryResource* memory) {
  return std::allocate_shared<T>(pmr::Allocator<T>(memory), memory);
}

#define OPT_SECTION(name) \
  std::shared_ptr<Section> Make##name##Section(pmr::MemoryResource*);
#include "src/state/sections/sections.inc"
#undef OPT_SECTION

// Throws OPT_ERR_NAME: a checkpoint would have two entries of that name.
[[noreturn]] void FailSameName(std::string_view name);

// Throws OPT_ERR_MISMATCH: the checkpoint has another number of groups than the
// optimizer. `name` says of what, and `way_out` what else can be done.
[[noreturn]] void FailGroups(const char* name, int64_t in_file,
                             int64_t in_optimizer, const char* way_out);

// Throws OPT_ERR_FORMAT unless the number at a byte of the file can be that of
// a counter: 0 to kMaxCounter.
void CheckCounter(int64_t number, int64_t byte, std::string_view name);

// The kind of the averages in a file: OPT_AVERAGE_*, or 0 if there are none.
// Throws OPT_ERR_FORMAT for an unknown kind.
int32_t AverageKindOf(const Header& header);

// Whether a file was saved while the evaluation weights were in the parameters'
// place. Throws OPT_ERR_FORMAT if it tells of other weights.
bool EvaluatesIn(const Header& header);

// The entry with a name, or nullptr if there is none. Throws OPT_ERR_FORMAT if
// it has another dtype or shape.
const HeaderEntry* FindOptional(const Header& header, std::string_view name,
                                std::string_view dtype, size_t rank,
                                int64_t count);
// The entry with a name. Throws OPT_ERR_FORMAT if it is missing as well.
const HeaderEntry& FindRequired(const Header& header, std::string_view name,
                                std::string_view dtype, size_t rank,
                                int64_t count);

// Calls body(index, name) for each of the names between separators; returns
// how many there are.
template <typename Body>
int64_t ForEachName(std::string_view names, char separator, const Body& body) {
  int64_t count = 0;
  while (!names.empty()) body(count++, TakeItem(&names, separator));
  return count;
}

}  // namespace libopt

#endif  // OPT_SRC_STATE_SECTIONS_SECTION_H_
