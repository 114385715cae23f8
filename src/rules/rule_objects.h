// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The Rule objects of rules.inc. They are kept apart from the registry so that
// adding a rule does not recompile the sources that look rules up by name.

#ifndef OPT_SRC_RULES_RULE_OBJECTS_H_
#define OPT_SRC_RULES_RULE_OBJECTS_H_

#include "src/rules/descriptor.h"

namespace libopt {

// The object of a rule, and its index, by its name in rules.inc.
#define OPT_RULE_CONCAT(prefix, name) prefix##name
#define OPT_RULE_OBJECT(name) OPT_RULE_CONCAT(kRule_, name)
#define OPT_RULE_INDEX(name) OPT_RULE_CONCAT(kIndex_, name)

enum RuleIndex {
#define OPT_RULE(name, class, kernel) OPT_RULE_INDEX(name),
#include "src/rules/rules.inc"
#undef OPT_RULE
};

#define OPT_RULE(name, class, kernel) extern const Rule OPT_RULE_OBJECT(name);
#include "src/rules/rules.inc"
#undef OPT_RULE

}  // namespace libopt

#endif  // OPT_SRC_RULES_RULE_OBJECTS_H_
