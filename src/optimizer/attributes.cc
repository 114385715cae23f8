// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/attributes.h"

#include "src/base/error.h"
#include "src/base/text.h"

namespace libopt {
namespace {

constexpr OptionDescriptor FactorAttribute(const char* name, const char* doc) {
  return {name, nullptr, 1, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr, doc};
}

}  // namespace

const OptionDescriptor kAttributes[kAttributeCount] = {
    FactorAttribute("lr_factor", "factor of the learning rate for this tensor"),
    FactorAttribute(
        "weight_decay_factor",
        "factor of the weight decay for this tensor; often 0 for biases and "
        "normalization weights"),
    BoolOption("frozen", false,
               "frozen: steps leave the tensor's parameters, state and step "
               "count unchanged"),
};

int TryFindAttribute(std::string_view name) {
  for (int i = 0; i < kAttributeCount; ++i) {
    if (name == kAttributes[i].name) return i;
  }
  return -1;
}

int FindAttribute(std::string_view name) {
  const int found = TryFindAttribute(name);
  if (found >= 0) return found;
  NearestName nearest(name);
  for (const OptionDescriptor& attribute : kAttributes) {
    nearest.Offer(attribute.name);
  }
  Fail(OPT_ERR_NAME, "a tensor has no attribute '", name, "'",
       nearest.Hint().view(), " (opt_attribute_at lists them)");
}

}  // namespace libopt
