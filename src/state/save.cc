// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A save: every section adds what it has to the contents; the header describes
// them; both are written.

#include "src/state/save.h"

#include <string_view>
#include <unordered_set>

#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/state/container/checksum.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

// Throws OPT_ERR_NAME if two entries have the same name.
void CheckNames(const Contents& contents, pmr::MemoryResource* memory) {
  pmr::UnorderedSet<std::string_view> names(memory);
  for (const Contents::Entry& entry : contents.entries()) {
    if (!names.insert(entry.name).second) FailSameName(entry.name);
  }
}

}  // namespace

Save::Save(const Optimizer& optimizer, const opt_save_args& args)
    : memory_(optimizer.memory()), contents_(memory_), header_(memory_) {
  contents_.AddMetadata("format", kFormat);
  contents_.AddMetadata("format_version", kFormatVersion);
  contents_.AddMetadata("libopt_version", kVersion);
  contents_.AddMetadata("rule", optimizer.named().rule->descriptor->name);
  for (const auto& section : MakeSections(memory_)) {
    section->Write(optimizer, args, &contents_);
  }
  CheckNames(contents_, memory_);

  contents_.ForEachMetadata([&](std::string_view key, std::string_view value) {
    header_.AddMetadata(key, value);
  });
  for (const Contents::Entry& entry : contents_.entries()) {
    header_.AddEntry(entry.name, entry.dtype, entry.shape.data(),
                     entry.shape.size(), entry.bytes);
  }
  header_.Finish();
}

void Save::WriteTo(Sink* sink) const {
  static constexpr char kZeros[kDataAlignment] = {};
  ChecksummedWriter writer(sink, memory_);
  writer.Write(header_.text().data(),
               static_cast<int64_t>(header_.text().size()));
  auto entry = contents_.entries().begin();
  for (const HeaderWriter::Tensor& tensor : header_.tensors()) {
    if (tensor.is_checksum) {
      writer.WriteChecksums();
    } else if (tensor.is_pad) {
      writer.Write(kZeros, tensor.size);
    } else {
      writer.Write(contents_.DataOf(*entry++), tensor.size);
    }
  }
}

}  // namespace libopt
