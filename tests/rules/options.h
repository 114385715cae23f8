// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_TESTS_RULES_OPTIONS_H_
#define OPT_TESTS_RULES_OPTIONS_H_

#include <map>
#include <string>

namespace opt_test {

// Values of a rule's options by name.
using Options = std::map<std::string, double>;

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_OPTIONS_H_
