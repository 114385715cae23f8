// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/save.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "src/base/error.h"
#include "src/kernel/kernels.h"
#include "src/state/average_table.h"
#include "src/state/container/checksum.h"
#include "src/state/option_table.h"
#include "src/state/schedule_tables.h"

namespace libopt {
namespace {

// Throws unless every name is one part's alone, and, so that a load can tell
// them apart, no part of one tensor is called as another tensor.
void CheckNames(const Optimizer& optimizer, const Contents& contents) {
  std::pmr::unordered_set<std::string_view> names(optimizer.memory());
  for (const Part& part : contents.parts()) {
    const std::string_view name = part.name;
    const bool is_tensor = part.tensor >= 0;
    const int64_t other = optimizer.tensors().TryFind(name);
    if (!names.insert(name).second ||
        (is_tensor && other >= 0 && other != part.tensor)) {
      Fail(OPT_ERR_NAME, "the checkpoint would have two entries named '", name,
           "': rename one tensor or entry");
    }
  }
}

}  // namespace

Save::Save(const Optimizer& optimizer, const opt_save_args& args)
    : memory_(optimizer.memory()),
      contents_(optimizer, args, memory_),
      header_(memory_) {
  optimizer.progress().CheckNotSwapped("a save");
  CheckNames(optimizer, contents_);
  const RuleDescriptor& rule = *optimizer.named().rule->descriptor;
  header_.AddMetadata("format", "libopt");
  header_.AddMetadata("format_version", "1");
  header_.AddMetadata("libopt_version", kVersion);
  header_.AddMetadata("rule", rule.name);
  header_.AddMetadata("options", OptionNames(rule, memory_));
  header_.AddMetadata("counters", kCounterNames);
  if (optimizer.averaging().kind != 0) {
    header_.AddMetadata(kAverageKey,
                        AverageKindName(optimizer.averaging().kind));
  }
  if (!optimizer.schedules().empty()) {
    header_.AddMetadata("schedule_kinds",
                        ScheduleKindNames(optimizer.schedules(), memory_));
  }
  for (const Part& part : contents_.parts()) {
    header_.AddEntry(part.name, part.dtype, part.shape, part.bytes);
  }
  header_.Finish();
}

void Save::WriteTo(Sink* sink) const {
  static constexpr char kZeros[kDataAlignment] = {};
  ChecksummedWriter writer(sink, memory_);
  writer.Write(header_.text().data(),
               static_cast<int64_t>(header_.text().size()));
  size_t next = 0;
  for (const HeaderWriter::Tensor& tensor : header_.tensors()) {
    if (tensor.is_checksum) {
      writer.WriteChecksums();
    } else if (tensor.is_pad) {
      writer.Write(kZeros, tensor.size);
    } else {
      writer.Write(contents_.DataOf(contents_.parts()[next++]), tensor.size);
    }
  }
}

}  // namespace libopt
