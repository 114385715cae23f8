// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The caller's own entries, which a save writes beside the state.
// opt_checkpoint_read reads them; a load ignores them.

#include <string>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/base/struct_size.h"
#include "src/base/text.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

// The sum of the bytes of a few such arrays does not overflow.
constexpr int64_t kMaxCount = INT64_MAX / 64;

void CheckEntry(const opt_entry& entry) {
  if (entry.name == nullptr || *entry.name == '\0' ||
      !IsPrintableUtf8(entry.name)) {
    Fail(OPT_ERR_NAME,
         "an entry's name is NULL, empty, not UTF-8 or holds a control "
         "character: give one that can be printed");
  }
  if (DtypeSize(entry.dtype) == 0) {
    Fail(OPT_ERR_DTYPE, "entry '", entry.name, "': dtype is ", entry.dtype,
         ": use OPT_U8, OPT_I64, OPT_F32 or OPT_F64");
  }
  if (entry.count < 0 || entry.count > kMaxCount ||
      (entry.data == nullptr && entry.count > 0)) {
    Fail(OPT_ERR_ARGUMENT, "entry '", entry.name, "': ", entry.count,
         entry.data == nullptr ? " elements at NULL" : " elements",
         ": give data and a count of 0 to ", kMaxCount);
  }
}

class OwnEntriesSection : public Section {
 public:
  explicit OwnEntriesSection(pmr::MemoryResource*) {}

  void Write(const Optimizer& optimizer, const opt_save_args& args,
             Contents* contents) const override {
    for (int64_t i = 0; i < args.entry_count; ++i) {
      const opt_entry entry = ReadElement(args.entries, i, "opt_entry");
      CheckEntry(entry);
      pmr::String name(kOwnPrefix, optimizer.memory());
      name += entry.name;
      const pmr::Vector<int64_t> shape(1, entry.count, optimizer.memory());
      contents->AddArray(name, entry.dtype, shape, entry.count, entry.data);
    }
  }

  void Claim(LoadPlan*) override {}
  void Verify(const LoadPlan&) override {}
  void Apply(const LoadPlan&, Optimizer*) noexcept override {}
};

}  // namespace

std::shared_ptr<Section> MakeOwnEntriesSection(pmr::MemoryResource* memory) {
  return NewSection<OwnEntriesSection>(memory);
}

}  // namespace libopt
