// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A load: parse, claim, fill, verify, apply.

#include "src/state/load.h"

#include <cstdint>
#include <string_view>

#include "src/base/error.h"
#include "src/base/work_count.h"
#include "src/state/container/checksum.h"
#include "src/state/container/header.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

// Throws OPT_ERR_MISMATCH unless the checkpoint is of the optimizer's rule.
void CheckRule(const Header& header, const Optimizer& optimizer) {
  const std::string_view rule = header.Metadata("rule");
  const char* own = optimizer.named().rule->descriptor->name;
  if (rule != own) {
    Fail(OPT_ERR_MISMATCH, "the checkpoint is for rule '", rule,
         "', but the optimizer's rule is '", own,
         "': create an optimizer of rule '", rule, "'");
  }
}

// Reads all data into the memory that the sections have planned for, and
// compares the checksums. Throws OPT_ERR_IO, or OPT_ERR_FORMAT if the source is
// too short or too long, or a checksum is wrong.
void Fill(const LoadPlan& plan, Source* source) {
  const Header& header = plan.header();
  ChecksummedReader reader(header, plan.request().memory());
  for (size_t i = 0; i < header.entries.size(); ++i) {
    OPT_COUNT(1);
    reader.Read(i, plan.MemoryOf(i), source);
  }
  reader.VerifyChecksums();
  source->ExpectEnd();
}

}  // namespace

void Load(Source* source, const opt_load_args& args, Optimizer* optimizer) {
  const LoadRequest request(*optimizer, args);  // OPT_ERR_ARGUMENT, _NAME
  optimizer->progress().CheckNotSwapped("cannot load");  // OPT_ERR_STATE

  // Parse: OPT_ERR_IO, OPT_ERR_FORMAT; OPT_ERR_MISMATCH for another rule.
  const Header header = ReadOwnHeader(source, request.memory());
  CheckRule(header, *optimizer);

  // Claim: OPT_ERR_FORMAT, OPT_ERR_MISMATCH; OPT_ERR_STATE if there is no place
  // for parameters.
  LoadPlan plan(request, header);
  const auto sections = MakeSections(request.memory());
  for (const auto& section : sections) section->Claim(&plan);

  // Fill: OPT_ERR_IO, OPT_ERR_FORMAT.
  Fill(plan, source);

  // Verify: OPT_ERR_FORMAT, OPT_ERR_MISMATCH.
  for (const auto& section : sections) section->Verify(plan);

  // Apply: nothing can fail from here on.
  optimizer->stepper().DropPlan();
  for (const auto& section : sections) section->Apply(plan, optimizer);
}

}  // namespace libopt
