// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The attributes of a tensor: named numbers like options, but of a single
// tensor.

#ifndef OPT_SRC_OPTIMIZER_ATTRIBUTES_H_
#define OPT_SRC_OPTIMIZER_ATTRIBUTES_H_

#include <string_view>

#include "src/rules/descriptor.h"

namespace libopt {

enum Attribute {
  kLrFactor = 0,
  kWeightDecayFactor = 1,
  kTensorFrozen = 2,
  kAttributeCount = 3,
};

// Their descriptors, in the order of the enumeration.
extern const OptionDescriptor kAttributes[kAttributeCount];

struct TensorAttributes {
  double values[kAttributeCount] = {1, 1, 0};

  bool frozen() const { return values[kTensorFrozen] != 0; }
};

// The attribute with a name, or -1.
int TryFindAttribute(std::string_view name);
// The same, but throws OPT_ERR_NAME with a hint at the nearest name.
int FindAttribute(std::string_view name);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_ATTRIBUTES_H_
