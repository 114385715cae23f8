// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The functions of one rule on numbers. This file is compiled once for each
// line of rules.inc, with OPT_RULE_NAME, OPT_RULE_CLASS and OPT_RULE_HEADER
// defined.

#include "src/rules/registry.h"
#include OPT_RULE_HEADER

namespace libopt {

const Rule OPT_RULE_OBJECT(OPT_RULE_NAME) = {
    &OPT_RULE_CLASS::kDescriptor,
    &OPT_RULE_CLASS::Prepare,
    &OPT_RULE_CLASS::Reference,
    OPT_RULE_INDEX(OPT_RULE_NAME),
};

}  // namespace libopt
