// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The error that a call of opt.hpp fails with.

#ifndef OPT_TESTS_BINDINGS_CPP_FAILURE_H_
#define OPT_TESTS_BINDINGS_CPP_FAILURE_H_

#include <gtest/gtest.h>

#include <string>

#include "opt/opt.hpp"

namespace opt_test {

// The status of what `call` throws, and part of its message.
template <typename Call>
void ExpectError(opt_status status, const std::string& part, const Call& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const opt::Error& error) {
    EXPECT_EQ(error.status(), status) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
        << error.what();
  }
}

}  // namespace opt_test

#endif  // OPT_TESTS_BINDINGS_CPP_FAILURE_H_
