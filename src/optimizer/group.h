// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A parameter group's option values, and what follows from them.

#ifndef OPT_SRC_OPTIMIZER_GROUP_H_
#define OPT_SRC_OPTIMIZER_GROUP_H_

#include <cstdint>

#include "src/rules/descriptor.h"
#include "src/rules/registry.h"

namespace libopt {

struct Group {
  double values[kMaxOptions] = {};
  int64_t tensor_count = 0;
};

// A group with a preset's values, or the defaults if that is nullptr.
Group MakeGroup(const NamedRule& named, const NamedValues* preset,
                int64_t tensor_count);

// Which slots exist with these values.
Layout LayoutOf(const RuleDescriptor& rule, const Group& group);

// Throws OPT_ERR_STATE if `after` has another layout than `before`, and that
// has tensors.
void CheckLayoutKept(const RuleDescriptor& rule, const Group& before,
                     const Group& after);

// A step's constants.
void PrepareScalars(const Rule& rule, const Group& group, int64_t step,
                    Scalars* scalars);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_GROUP_H_
