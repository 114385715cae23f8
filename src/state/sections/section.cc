// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/sections/section.h"

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/optimizer/tensor.h"

namespace libopt {

pmr::Vector<std::shared_ptr<Section>> MakeSections(
    pmr::MemoryResource* memory) {
  pmr::Vector<std::shared_ptr<Section>> sections(memory);
#define OPT_SECTION(name) sections.push_back(Make##name##Section(memory));
#include "src/state/sections/sections.inc"
#undef OPT_SECTION
  return sections;
}

void FailSameName(std::string_view name) {
  Fail(OPT_ERR_NAME, "the checkpoint would have two entries named '", name,
       "': rename one tensor or entry");
}

void FailGroups(const char* name, int64_t in_file, int64_t in_optimizer,
                const char* way_out) {
  Fail(OPT_ERR_MISMATCH, "number of ", name, ": ", in_file,
       " in the checkpoint, but ", in_optimizer, " in the optimizer: ",
       in_file > in_optimizer ? "add groups with opt_add_group"
                              : "create an optimizer with fewer groups",
       way_out);
}

const HeaderEntry* FindOptional(const Header& header, std::string_view name,
                                std::string_view dtype, size_t rank,
                                int64_t count) {
  const HeaderEntry* entry = header.Find(name);
  if (entry == nullptr) return nullptr;
  if (entry->dtype != dtype || entry->shape.size() != rank ||
      entry->count != count) {
    FailAt(entry->named_at, "'", name, "' is not ", dtype,
           rank == 0 ? Text(" []").view() : Text(" [", count, "]").view());
  }
  return entry;
}

const HeaderEntry& FindRequired(const Header& header, std::string_view name,
                                std::string_view dtype, size_t rank,
                                int64_t count) {
  const HeaderEntry* entry = FindOptional(header, name, dtype, rank, count);
  if (entry == nullptr) FailAt(kLengthSize, "'", name, "' is missing");
  return *entry;
}

void CheckCounter(int64_t number, int64_t byte, std::string_view name) {
  if (number < 0 || number > kMaxCounter) {
    FailAt(byte, "'", name, "' is ", number, ": it must be 0 to ", kMaxCounter);
  }
}

}  // namespace libopt
